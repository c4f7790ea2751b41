"""DepthwiseConv1D, DepthwiseConv2D, SeparableConv1D, SeparableConv2D."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specmodel import layers
from specmodel.kernels import depthwise
from specmodel.types.tensor import TensorType
from tests.layers.convolved import convolved
from tests.layers.harness import graph_of
from tests.layers.naive_convolution import convolve, convolve_each_channel


def test_each_channel_has_filters_of_its_own() -> None:
    x = np.array([[[1, 2], [3, 4]]], "float32")  # two steps of two channels
    kernel = np.array([[[1, 10], [100, 1000]], [[2, 20], [200, 2000]]], "float32")  # (tap, channel, multiplier)
    result = convolved("DepthwiseConv1D", x, kernel, kernel_size=2, depth_multiplier=2, use_bias=False)
    assert result.tolist() == [[[7, 70, 1000, 10000]]]


def test_a_separable_one_mixes_the_channels_afterwards() -> None:
    x = np.array([[[1, 2], [3, 4]]], "float32")
    depthwise = np.array([[[1], [10]], [[1], [10]]], "float32")  # sums the steps: 4 and 60
    pointwise = np.array([[[1, 2], [1, 0]]], "float32")
    bias = np.array([0.5, -9], "float32")
    result = convolved("SeparableConv1D", x, depthwise, pointwise, bias, filters=2, kernel_size=2, activation="relu")
    assert result.tolist() == [[[64.5, 0]]]


@st.composite
def settings_of_windows(draw: st.DrawFn) -> tuple[list[int], dict[str, Any], int]:
    """An input's shape with the channels last, arguments, and the multiplier."""
    rank = draw(st.integers(1, 2))
    sizes = draw(st.lists(st.integers(1, 7), min_size=rank, max_size=rank))
    padding = draw(st.sampled_from(["valid", "same"]))
    window = [draw(st.integers(1, min(size, 3) if padding == "valid" else 3)) for size in sizes]
    stretch = draw(st.lists(st.integers(1, 3), min_size=rank, max_size=rank))
    dilated = padding == "same" and draw(st.booleans())
    multiplier = draw(st.integers(1, 3))
    arguments = {
        "kernel_size": window,
        "dilation_rate" if dilated else "strides": stretch,
        "padding": padding,
        "depth_multiplier": multiplier,
        "use_bias": False,
    }
    return [draw(st.integers(1, 3)), *sizes, draw(st.integers(1, 4))], arguments, multiplier


@settings(max_examples=60, deadline=None)
@given(
    use=settings_of_windows(),
    separable=st.booleans(),
    first=st.booleans(),
    tiny=st.booleans(),
    narrow=st.booleans(),
    seed=st.integers(0, 99),
)
def test_any_use_is_as_defined(use: Any, separable: bool, first: bool, tiny: bool, narrow: bool, seed: int) -> None:
    shape, arguments, multiplier = use
    generator = np.random.default_rng(seed)
    rank = len(shape) - 2
    x = generator.normal(size=shape).astype("float32")
    weights = [generator.normal(size=(*arguments["kernel_size"], shape[-1], multiplier)).astype("float32")]
    strides, dilation = arguments.get("strides", (1,) * rank), arguments.get("dilation_rate", (1,) * rank)
    expected = convolve_each_channel(x, weights[0], strides, dilation, arguments["padding"])
    name = f"DepthwiseConv{rank}D"
    if separable:
        name = f"SeparableConv{rank}D"
        arguments = {**arguments, "filters": 3}
        weights.append(generator.normal(size=(*(1,) * rank, shape[-1] * multiplier, 3)).astype("float32"))
        expected = convolve(expected, weights[1], (1,) * rank, (1,) * rank, "valid")
    with pytest.MonkeyPatch.context() as patch:
        if tiny:  # tiles of a few elements
            patch.setattr(depthwise, "TILE_BYTES", 100)
            patch.setattr(depthwise, "KERNEL_BYTES", 1000 if narrow else 100)
        if first:
            moved = np.ascontiguousarray(np.moveaxis(x, -1, 1))
            result = np.moveaxis(convolved(name, moved, *weights, data_format="channels_first", **arguments), 1, -1)
        else:
            result = convolved(name, x, *weights, **arguments)
    np.testing.assert_allclose(result, expected, rtol=1e-5, atol=1e-5)


def test_a_single_channel_under_a_dilated_window() -> None:
    x = np.arange(1, 7, dtype="float32").reshape(1, 6, 1)
    kernel = np.array([1, 10], "float32").reshape(2, 1, 1)
    result = convolved("DepthwiseConv1D", x, kernel, kernel_size=2, dilation_rate=2, use_bias=False)
    assert result.ravel().tolist() == [31, 42, 53, 64]


def test_strides_and_dilation_together_are_taken_as_in_keras() -> None:
    x = np.arange(1, 8, dtype="float32").reshape(1, 7, 1)
    kernel = np.array([1, 10], "float32").reshape(2, 1, 1)
    result = convolved("DepthwiseConv1D", x, kernel, kernel_size=2, strides=2, dilation_rate=3, use_bias=False)
    assert result.ravel().tolist() == [41, 63]


@pytest.mark.parametrize(
    ("name", "arguments", "weights"),
    [
        ("DepthwiseConv2D", {"depth_multiplier": 2}, [("kernel", (3, 3, 4, 2)), ("bias", (8,))]),
        ("DepthwiseConv2D", {"use_bias": False}, [("kernel", (3, 3, 4, 1))]),
        (
            "SeparableConv2D",
            {"filters": 5, "depth_multiplier": 2},
            [("depthwise_kernel", (3, 3, 4, 2)), ("pointwise_kernel", (1, 1, 8, 5)), ("bias", (5,))],
        ),
    ],
)
def test_weights_are_those_of_keras(name: str, arguments: dict[str, Any], weights: list[Any]) -> None:
    graph, _ = graph_of(
        getattr(layers, name).declare({"kernel_size": 3, **arguments}), [TensorType((1, 8, 8, 4), "float32")]
    )
    assert [(spec.path.removeprefix("layer/"), spec.shape) for spec in graph.weights()] == weights


def test_the_work_is_two_for_each_multiply_add() -> None:
    layer = layers.SeparableConv2D.declare({"filters": 5, "kernel_size": 3, "use_bias": False})
    graph, _ = graph_of(layer, [TensorType((1, 6, 6, 4), "float32")])
    assert [call.flops() for call in graph.nodes[0].calls if call.flops()] == [2 * 16 * 4 * 9, 2 * 16 * 4 * 5]
