"""What changes nothing is left out, and what changes the last bit or the dtype stays."""

import pytest

from specmodel.ops.elementwise import Cast, binary, clip, maximum
from specmodel.ops.shape import Concat, Expand, Pad, Reshape, Slice, Transpose
from specmodel.ops.value import Value
from specmodel.plan.passes.identities import identities
from tests.plan.programs import given, program, text

X = given("x", 2, 3)


@pytest.mark.parametrize(
    "value",
    [
        X * 1,
        1 * X,
        X / 1,
        X**1,
        maximum(X, X),
        clip(X, None, None),
        Cast("float32")(X),
        Concat(1)(X),
        Expand((2, 3))(X),
        Pad(((0, 0), (0, 0)))(X),
        Reshape((2, 3))(X),
        Slice(1, 0, 3)(X),
        Transpose((0, 1))(X),
        Reshape((2, 3))(X) * 1 / 1,
    ],
)
def test_these_are_the_value_itself(value: Value) -> None:
    assert text(identities(program([X], [value]))) == "return x"


@pytest.mark.parametrize(
    "value",
    [
        X + 0,
        X - 0,
        X * 2,
        1 / X,
        binary("Pow", 1, X),
        clip(X, 0, None),
        Cast("float16")(X),
        Expand((2, 2, 3))(X),
        Slice(1, 2, 3, -1)(X),
        given("x", 3) * given("x", 1),
    ],
)
def test_these_stay(value: Value) -> None:
    whole = program([v for v in value.call.inputs if v is X or not v.call.inputs], [value])
    assert identities(whole) is whole


def test_a_factor_that_broadcasts_stays() -> None:
    x = given("x", 3)
    widened = x * Expand((2, 3))(x)
    whole = program([x], [widened])
    assert identities(whole) is whole
