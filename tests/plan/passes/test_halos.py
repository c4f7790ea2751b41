"""Padding becomes a halo of the input."""

from specmodel.ops.conv import Conv, DepthwiseConv
from specmodel.ops.shape import Pad, pad
from specmodel.ops.value import Value
from specmodel.plan.passes.dead_code import dead_code
from specmodel.plan.passes.halos import halos
from specmodel.plan.program import Program
from tests.plan.programs import given, program, text, weight

X = given("x", 1, 7, 6, 2)
KERNEL = weight("k", 3, 3, 2, 2)


def conv(x: Value, padding: str = "same", stride: int = 1) -> Value:
    return Conv((stride, stride), padding, (1, 1))(x, KERNEL)  # type: ignore[arg-type]


def pads(found: Program) -> list[tuple[tuple[int, int], ...]]:
    return [one.op.pads[1:-1] for one in found.instructions if isinstance(one.op, Pad)]


def after(value: Value) -> Program:
    return dead_code(halos(program([X], [value])))


def test_a_padded_convolution_reads_an_input_with_a_halo() -> None:
    found = after(conv(X))
    assert text(found) == "%0 = Pad(x)\n%1 = Conv(%0, k)\nreturn %1"
    assert pads(found) == [((1, 1), (1, 1))]


def test_a_stride_may_need_less_on_one_side() -> None:
    assert pads(after(conv(X, stride=2))) == [((1, 1), (0, 1))]


def test_zeros_around_zeros_are_one_halo() -> None:
    assert pads(after(conv(pad(X, ((0, 0), (3, 0), (2, 2), (0, 0)))))) == [((4, 1), (3, 3))]


def test_a_border_of_ones_is_none() -> None:
    assert len(pads(after(conv(pad(X, ((0, 0), (1, 1), (1, 1), (0, 0)), 1.0))))) == 2


def test_causal_padding_stands_in_front() -> None:
    x = given("x", 1, 9, 4)
    made = DepthwiseConv((1,), "causal", (3,))(x, weight("k", 2, 4, 1))
    assert pads(halos(program([x], [made]))) == [((3, 0),)]


def test_what_has_no_padding_stays() -> None:
    whole = program([X], [conv(X, "valid")])
    assert halos(whole) is whole


def test_padding_of_nothing_is_left_out() -> None:
    made = Conv((1, 1), "same", (1, 1))(X, weight("k", 1, 1, 2, 2))
    assert text(after(made)) == "%0 = Conv(x, k)\nreturn %0"
