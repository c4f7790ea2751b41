"""Elementwise work is done before arrays take turns."""

import numpy as np
import pytest

from specmodel.ops.elementwise import exp, maximum, sigmoid
from specmodel.ops.interleave import Interleave
from specmodel.ops.reduce import mean
from specmodel.ops.value import Value
from specmodel.plan.passes.dead_code import dead_code
from specmodel.plan.passes.interleaves_after import interleaves_after
from tests.plan.programs import given, program, results, text, weight

EVEN, ODD = given("even", 2, 3, 4), given("odd", 2, 2, 4)
TURNS = Interleave((2,), (5,))(EVEN, ODD)


def test_elements_take_turns() -> None:
    whole = program([EVEN, ODD], [TURNS, EVEN, ODD])
    turns, even, odd = results(whole)
    np.testing.assert_array_equal(turns[:, 0::2], even)
    np.testing.assert_array_equal(turns[:, 1::2], odd)


def test_bias_and_activation_come_before_the_turns() -> None:
    whole = program([EVEN, ODD], [maximum(TURNS + weight("b", 4), 0)])
    found = dead_code(interleaves_after(whole))
    assert text(found) == (
        "%0 = Add(even, b)\n%1 = Add(odd, b)\n%2 = Max(%0, 0)\n%3 = Max(%1, 0)\n%4 = Interleave(%2, %3)\nreturn %4"
    )
    np.testing.assert_array_equal(results(found)[0], results(whole)[0])


def test_what_takes_turns_may_be_read_twice_by_elementwise_work() -> None:
    whole = program([EVEN, ODD], [TURNS * sigmoid(TURNS)])
    found = dead_code(interleaves_after(whole))
    assert text(found).count("Interleave") == 1
    np.testing.assert_array_equal(results(found)[0], results(whole)[0])


WIDE = given("wide", 2, 5, 4)


@pytest.mark.parametrize(
    "outputs",
    [
        [TURNS, exp(TURNS)],  # it is watched
        [exp(TURNS) + mean(TURNS, 1, keepdims=True)],  # other work reads it
        [TURNS * WIDE],  # the other does not take turns
        [TURNS * weight("w", 5, 1)],  # the other is not the same for each place
    ],
)
def test_these_stay(outputs: list[Value]) -> None:
    whole = program([EVEN, ODD, WIDE], outputs)
    assert interleaves_after(whole) is whole
