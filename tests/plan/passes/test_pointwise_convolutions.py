"""Convolutions of one tap are matrix products."""

import pytest

from specmodel.ops.conv import Conv
from specmodel.ops.value import Value
from specmodel.plan.passes.pointwise_convolutions import pointwise_convolutions
from tests.plan.programs import given, program, text, weight

X = given("x", 1, 7, 6, 4)


def test_a_single_tap_is_a_product() -> None:
    made = Conv((1, 1), "same", (1, 1))(X, weight("k", 1, 1, 4, 5))
    assert text(pointwise_convolutions(program([X], [made]))) == "%0 = Reshape(k)\n%1 = MatMul(x, %0)\nreturn %1"


def test_strides_leave_a_part_of_the_input() -> None:
    made = Conv((2, 1), "same", (1, 1))(X, weight("k", 1, 1, 4, 5))
    found = pointwise_convolutions(program([X], [made]))
    assert text(found) == "%0 = Slice(x)\n%1 = Reshape(k)\n%2 = MatMul(%0, %1)\nreturn %2"
    assert found.outputs[0].shape == (1, 4, 6, 5)


@pytest.mark.parametrize(
    "made",
    [
        Conv((1, 1), "same", (1, 1))(X, weight("k", 1, 2, 4, 5)),
        Conv((1, 1), "same", (1, 1), 1, 2)(X, weight("k", 1, 1, 2, 6)),
    ],
)
def test_these_stay(made: Value) -> None:
    whole = program([X], [made])
    assert pointwise_convolutions(whole) is whole
