"""A pattern fits what is made as it is."""

import pytest

from specmodel.ops.elementwise import exp, tanh
from specmodel.ops.value import Value
from specmodel.plan.patterns import Bindings, made_as
from specmodel.plan.program import Instruction
from tests.plan.programs import given

A, B, X = given("a", 2), given("b", 2), given("x", 2)


def matches(pattern: Value, found: Value, bound: Bindings) -> bool:
    return made_as(
        pattern, found, bound, lambda value: Instruction(value.call.op, value.call.inputs, value.call.outputs)
    )


def test_inputs_of_the_pattern_stand_for_what_is_found() -> None:
    bound: Bindings = {}
    found = tanh(X) * exp(X) + tanh(X)
    assert matches(A * B + A, found, bound) is False  # two calls of tanh are two values
    bound = {}
    once = tanh(X)
    assert matches(A * B + A, once * exp(X) + once, bound)
    assert bound == {A: once, B: bound[B]}


@pytest.mark.parametrize(
    ("pattern", "found", "fits"),
    [
        (exp(A), exp(X), True),
        (exp(A), tanh(X), False),
        (A * 2, X * 2, True),
        (A * 2, X * 3, False),
        (A + A, X + X, True),
        (A + A, X + B, False),
        (exp(A) + exp(A), exp(X) + exp(X), True),
        (exp(A), exp(given("wide", 3)), False),
    ],
)
def test_ops_and_constants_must_be_equal(pattern: Value, found: Value, fits: bool) -> None:
    assert matches(pattern, found, {}) is fits


def test_a_value_may_be_told_beforehand() -> None:
    assert matches(exp(A), exp(X), {A: X})
    assert not matches(exp(A), exp(X), {A: B})
