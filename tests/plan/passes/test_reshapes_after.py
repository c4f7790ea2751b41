"""Elementwise work stands before a split of the last axis."""

import pytest

from specmodel.ops.elementwise import clip, exp
from specmodel.ops.shape import reshape
from specmodel.ops.value import Value
from specmodel.plan.passes.dead_code import dead_code
from specmodel.plan.passes.reshapes_after import reshapes_after
from tests.plan.programs import given, program, text, weight

X, W = given("x", 2, 5, 12), weight("w", 3, 4)
SPLIT = reshape(X, (2, 5, 3, 4))


def moved(output: Value) -> str:
    return text(dead_code(reshapes_after(program([X], [output]))))


def test_a_bias_of_heads_is_one_of_the_whole_axis() -> None:
    assert moved(SPLIT + W) == ("%0 = Reshape(w)\n%1 = Add(x, %0)\n%2 = Reshape(%1)\nreturn %2")


def test_a_chain_moves_as_a_whole() -> None:
    assert moved(clip(exp(2 - SPLIT), 0, 1)) == (
        "%0 = Sub(2, x)\n%1 = Exp(%0)\n%2 = Clip(%1)\n%3 = Reshape(%2)\nreturn %3"
    )


def test_a_number_for_each_size_of_the_last_axis_is_repeated() -> None:
    assert moved(SPLIT * weight("v", 4)) == (
        "%0 = Expand(v)\n%1 = Reshape(%0)\n%2 = Mul(x, %1)\n%3 = Reshape(%2)\nreturn %3"
    )


@pytest.mark.parametrize(
    "output",
    [
        reshape(X, (2, 60)) + weight("b", 60),  # joined, not split
        reshape(X, (10, 3, 4)) + W,  # other axes change too
        SPLIT + weight("positions", 5, 1, 1),  # meets an axis that is not split
        SPLIT + given("y", 3, 4),  # not fixed
        SPLIT + SPLIT,
        reshape(given("one", 2, 5, 1), (2, 5, 1, 1)) + W,  # becomes larger
    ],
)
def test_these_stay(output: Value) -> None:
    whole = program([X], [output])
    assert reshapes_after(whole) is whole


def test_what_is_read_elsewhere_stays() -> None:
    whole = program([X], [SPLIT + W, SPLIT])
    assert reshapes_after(whole) is whole
