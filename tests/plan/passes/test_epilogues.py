"""Elementwise ops join what they follow."""

from typing import Any

from specmodel.ops.conv import Conv
from specmodel.ops.elementwise import exp, maximum, sigmoid
from specmodel.ops.fused import Fused
from specmodel.ops.reduce import mean
from specmodel.ops.value import Value
from specmodel.plan.passes.epilogues import CHAIN_ELEMENTS, epilogues
from specmodel.plan.program import Program
from tests.plan.programs import given, program, text, weight

X = given("x", 2, 6, 4)


def conv(x: Value, name: str = "k") -> Value:
    return Conv((1,), "valid", (1,))(x, weight(name, 1, 4, 4))


def chains(found: Program) -> list[list[Any]]:
    """The ops of each instruction, and what their operands are."""
    return [
        [type(one.op.core).__name__, *((stage.op.function, stage.operands) for stage in one.op.stages)]
        for one in found.instructions
        if isinstance(one.op, Fused)
    ]


def test_bias_shortcut_and_activation_join_a_convolution() -> None:
    whole = program([X], [maximum(conv(X) + weight("b", 4) + X, 0)])
    found = epilogues(whole)
    assert text(found) == "%0 = Fused(x, k, b, x, 0)\nreturn %0"
    assert chains(found) == [["Conv", ("Add", (0, 1)), ("Add", (4, 2)), ("Max", (5, 3))]]


def test_a_result_may_be_read_twice_within_the_chain() -> None:
    made = conv(X)
    assert chains(epilogues(program([X], [made * sigmoid(made)]))) == [
        ["Conv", ("Sigmoid", (0,)), ("Mul", (0, 1))],
    ]


def test_the_sum_of_two_products_joins_the_later() -> None:
    one, other = conv(X, "a") + weight("b", 4), conv(X, "c") + weight("d", 4)
    assert text(epilogues(program([X], [maximum(one + other, 0)]))) == (
        "%0 = Fused(x, a, b)\n%1 = Fused(x, c, d, %0, 0)\nreturn %1"
    )


def test_what_is_read_elsewhere_ends_a_chain() -> None:
    made = maximum(conv(X), 0)
    gate = sigmoid(mean(made, 1, keepdims=True))
    assert text(epilogues(program([X], [made * gate]))) == (
        "%0 = Fused(x, k, 0)\n%1 = Mean(%0)\n%2 = Sigmoid(%1)\n%3 = Mul(%0, %2)\nreturn %3"
    )


def test_what_is_watched_ends_a_chain() -> None:
    made = conv(X) + weight("b", 4)
    assert text(epilogues(program([X], [made, exp(made)]))) == "%0 = Fused(x, k, b)\n%1 = Exp(%0)\nreturn %0, %1"


def test_large_elementwise_work_is_a_chain_of_its_own() -> None:
    x = given("x", CHAIN_ELEMENTS)
    assert chains(epilogues(program([x], [exp(x) * 2]))) == [["Unary", ("Mul", (0, 1))]]
    small = program([X], [exp(X) * 2])
    assert epilogues(small) is small


def test_a_result_of_another_dtype_stays() -> None:
    whole = program([X], [conv(X) > 0])
    assert epilogues(whole) is whole


def test_what_is_rounded_after_each_op_stays() -> None:
    x = given("x", 2, 4, dtype="float16")
    whole = program([x], [maximum(x @ weight("k", 4, 4, dtype="float16"), 0)])
    assert epilogues(whole) is whole


def test_a_result_of_another_shape_stays() -> None:
    x, wider = given("x", 2, 4), given("y", 3, 2, 4)
    whole = program([x, wider], [x @ weight("k", 4, 4) * wider])
    assert epilogues(whole) is whole
