"""Factors and summands in front of a linear op become its weights and a bias."""

import pytest

from specmodel.ops.conv import Conv, DepthwiseConv
from specmodel.ops.elementwise import exp
from specmodel.ops.value import Value
from specmodel.plan.passes.dead_code import dead_code
from specmodel.plan.passes.scales_before import scales_before
from tests.plan.programs import given, program, text, weight

X = given("x", 2, 6, 4)


def conv(x: Value, padding: str = "valid") -> Value:
    return Conv((1,), padding, (1,))(x, weight("k", 3, 4, 5))  # type: ignore[arg-type]


def after(*outputs: Value) -> str:
    return text(dead_code(scales_before(program([X], outputs))))


def test_a_normalised_input_goes_into_weights_and_bias() -> None:
    assert after((X * weight("s", 4) + weight("t", 4)) @ weight("k", 4, 5)) == (
        "%0 = Reshape(s)\n%1 = Mul(k, %0)\n%2 = MatMul(x, %1)\n%3 = Reshape(t)\n%4 = Mul(k, %3)\n%5 = Sum(%4)\n"
        "%6 = Add(%2, %5)\nreturn %6"
    )


def test_a_rescaled_image_goes_into_a_padded_convolution() -> None:
    assert after(conv(X / 255.0, "same")) == "%0 = Div(1, 255.0)\n%1 = Mul(k, %0)\n%2 = Conv(x, %1)\nreturn %2"


def test_a_summand_in_front_of_padding_stays() -> None:
    assert after(conv((X + 1.0) * 2.0, "same")) == ("%0 = Add(x, 1.0)\n%1 = Mul(k, 2.0)\n%2 = Conv(%0, %1)\nreturn %2")


def test_a_depthwise_kernel_takes_both() -> None:
    made = DepthwiseConv((1,), "valid", (1,))(X * weight("s", 4) - weight("t", 4), weight("k", 3, 4, 2))
    assert after(made).endswith("%6 = Sum(%5)\n%7 = Reshape(%6)\n%8 = Add(%2, %7)\nreturn %8")


def test_several_products_take_the_scale_if_all_do() -> None:
    scaled = X * weight("s", 4)
    products = [scaled @ weight("a", 4, 5), scaled @ weight("b", 4, 5)]
    assert after(*products) == (
        "%0 = Reshape(s)\n%1 = Mul(a, %0)\n%2 = MatMul(x, %1)\n"
        "%3 = Reshape(s)\n%4 = Mul(b, %3)\n%5 = MatMul(x, %4)\nreturn %2, %5"
    )
    whole = program([X], [*products, exp(scaled)])
    assert scales_before(whole) is whole


SCALED = X * weight("s", 4)


@pytest.mark.parametrize(
    "outputs",
    [
        [SCALED, SCALED @ weight("k", 4, 5)],  # the scaled value is watched
        [Conv((1,), "valid", (1,), 1, 2)(SCALED, weight("k", 3, 2, 6))],  # groups have kernels of their own
        [(X * weight("s", 6, 1)) @ weight("k", 4, 5)],  # the scale is not one of features
    ],
)
def test_these_stay(outputs: list[Value]) -> None:
    whole = program([X], outputs)
    assert scales_before(whole) is whole
