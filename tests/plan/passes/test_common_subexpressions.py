"""What is the same is computed once, and only that."""

import pytest

from specmodel.ops.elementwise import clip, exp, maximum
from specmodel.ops.source import constant
from specmodel.ops.value import Value
from specmodel.plan.passes.common_subexpressions import common_subexpressions
from tests.plan.programs import given, program, text, weight


def test_equal_instructions_become_one() -> None:
    x = given("x", 2, 3)
    whole = program([x], [exp(x * 2) + maximum(exp(x * 2), 0)])
    assert text(whole).count("Exp") == 2
    assert text(common_subexpressions(whole)) == (
        "%0 = Mul(x, 2)\n%1 = Exp(%0)\n%2 = Max(%1, 0)\n%3 = Add(%1, %2)\nreturn %3"
    )


def test_a_weight_that_is_read_twice_is_one() -> None:
    x = given("x", 2, 3)
    found = common_subexpressions(program([x], [x * weight("w", 3) + weight("w", 3)]))
    assert [type(one.op).__name__ for one in found.instructions] == ["Weight", "Binary", "Binary"]


X = given("x", 2, 3)
TABLE = ((1.0, 2.0, 3.0),)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (X * 0.0, X * -0.0),
        (clip(X, 0.0, 1), clip(X, -0.0, 1)),
        (X - weight("a", 3), X - weight("b", 3)),
        (X + constant(TABLE, "float32"), X + constant(TABLE, "float32")),  # tables are not compared
    ],
)
def test_these_stay_two(one: Value, other: Value) -> None:
    whole = program([X], [one, other])
    assert text(common_subexpressions(whole)) == text(whole)


def test_an_output_may_be_the_same_as_another() -> None:
    found = common_subexpressions(program([X], [exp(X), exp(X)]))
    assert text(found) == "%0 = Exp(x)\nreturn %0, %0"
