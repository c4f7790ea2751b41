"""Narrow operands of epilogues are repeated along a row."""

import pytest

from specmodel.ops.value import Value
from specmodel.plan.passes.epilogues import epilogues
from specmodel.plan.passes.wide_operands import wide_operands
from tests.plan.programs import given, program, text, weight

X = given("x", 2, 6, 4)


def test_a_bias_of_few_features_is_repeated() -> None:
    whole = epilogues(program([X], [X @ weight("k", 4, 5) + weight("b", 5)]))
    assert text(wide_operands(whole)) == "%0 = Reshape(b)\n%1 = Repeat(%0)\n%2 = Fused(x, k, %1)\nreturn %2"
    assert wide_operands(whole).instructions[-1].inputs[-1].shape == (6, 5)


@pytest.mark.parametrize(
    "value",
    [
        X @ weight("k", 4, 500) + weight("b", 500),  # wide enough
        X @ weight("k", 4, 5) + weight("b", 1),  # one number
        X @ weight("k", 4, 5) + weight("b", 6, 1),  # one for each row
    ],
)
def test_these_stay(value: Value) -> None:
    whole = epilogues(program([X], [value]))
    assert wide_operands(whole) is whole


def test_an_operand_that_is_computed_stays() -> None:
    y = given("y", 5)
    whole = epilogues(program([X, y], [X @ weight("k", 4, 5) + y]))
    assert wide_operands(whole) is whole
