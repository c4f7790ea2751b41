"""Factors and summands behind a linear op become its weights and one bias."""

import pytest

from specmodel.layers.normalization import BatchNormalization
from specmodel.layers.scope import POLICIES, Scope
from specmodel.ops.conv import Conv, DepthwiseConv
from specmodel.ops.conv_transpose import ConvTranspose
from specmodel.ops.elementwise import maximum
from specmodel.ops.source import Input
from specmodel.ops.value import Value
from specmodel.plan.passes.dead_code import dead_code
from specmodel.plan.passes.scales_after import scales_after
from specmodel.plan.schedule import schedule
from tests.plan.programs import given, program, text, weight

X = given("x", 1, 6, 4)
CONV = Conv((1,), "same", (1,))


def normalised(x: Value) -> Value:
    """Batch normalisation as the layer writes it."""
    return BatchNormalization.declare({}).build(Scope("bn", POLICIES["float32"], {}), x)


def test_batch_normalisation_becomes_weights_and_a_bias() -> None:
    whole = program([X], [maximum(normalised(CONV(X, weight("k", 3, 4, 5)) + weight("b", 5)), 0)])
    running = [type(one.op).__name__ for one in schedule(dead_code(scales_after(whole))).running]
    assert running == ["Conv", "Binary", "Binary"]


KERNELS = {
    "Conv": CONV(X, weight("k", 3, 4, 5)),
    "DepthwiseConv": DepthwiseConv((1,), "same", (1,))(X, weight("k", 3, 4, 2)),
    "ConvTranspose": ConvTranspose((2,), "same", None, (1,))(X, weight("k", 3, 5, 4)),
    "MatMul": X @ weight("k", 4, 5),
}


@pytest.mark.parametrize("name", KERNELS)
def test_a_scale_goes_into_the_kernel(name: str) -> None:
    made = KERNELS[name]
    found = text(dead_code(scales_after(program([X], [made * weight("s", made.type.shape[-1]) + weight("t", 1)]))))
    kernel = {"DepthwiseConv": "%0 = Reshape(s)\n%1 = Mul(k, %0)", "ConvTranspose": "%0 = Reshape(s)\n%1 = Mul(k, %0)"}
    first = kernel.get(name, "%0 = Mul(k, s)")
    *_, last = first.split("\n")
    assert found.startswith(f"{first}\n")
    assert f"{name}(x, {last.split(' ')[0]})" in found


def test_summands_are_added_up_once() -> None:
    whole = program([X], [(X @ weight("k", 4, 5) - weight("a", 5)) / 2.0 + weight("b", 5)])
    assert text(dead_code(scales_after(whole))) == (
        "%0 = Div(1, 2.0)\n%1 = Mul(k, %0)\n%2 = MatMul(x, %1)\n%3 = Neg(a)\n%4 = Div(%3, 2.0)\n%5 = Add(%4, b)\n"
        "%6 = Add(%2, %5)\nreturn %6"
    )


MADE = CONV(X, weight("k", 3, 4, 5))


@pytest.mark.parametrize(
    "outputs",
    [
        [MADE * weight("s", 5), MADE + 1.0],  # two read the result
        [MADE, MADE * weight("s", 5)],  # it is watched
        [MADE + weight("b", 5)],  # a bias alone is what it should be
        [MADE * weight("s", 6, 1)],  # the scale is not one of features
        [MADE * given("x", 1, 6, 5)],  # the scale is not fixed
    ],
)
def test_these_stay(outputs: list[Value]) -> None:
    inputs = {value for one in outputs for value in one.call.inputs if isinstance(value.call.op, Input)}
    whole = program([X, *inputs], outputs)
    assert scales_after(whole) is whole


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "int32"])
def test_what_is_rounded_after_each_op_stays(dtype: str) -> None:
    x = given("x", 1, 4, dtype=dtype)
    whole = program([x], [x @ weight("k", 4, 5, dtype=dtype) * weight("s", 5, dtype=dtype)])
    assert scales_after(whole) is whole
