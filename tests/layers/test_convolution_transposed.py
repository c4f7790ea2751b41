"""Conv1DTranspose, Conv2DTranspose, Conv3DTranspose: the adjoint of convolution, and Keras' lengths."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specmodel import layers
from specmodel.kernels import conv_transpose as kernels
from specmodel.layers.validation import ArgumentError
from specmodel.types.dim import symbol, unknown
from specmodel.types.tensor import TensorType
from tests.layers.convolved import convolved, line, taps
from tests.layers.harness import graph_of, outputs_of
from tests.layers.naive_convolution import spread, window_count


@pytest.mark.parametrize(
    ("size", "arguments", "expected"),
    [
        (3, {"strides": 2}, [1, 10, 102, 20, 203, 30, 300]),
        (3, {"strides": 2, "padding": "same"}, [1, 10, 102, 20, 203, 30]),
        (3, {"strides": 2, "padding": "same", "output_padding": 0}, [10, 102, 20, 203, 30]),
        (3, {"strides": 2, "padding": "same", "output_padding": 1}, [1, 10, 102, 20, 203, 30]),
        (4, {"strides": 3, "padding": "same", "output_padding": 2}, [10, 100, 1002, 20, 200, 2003, 30, 300]),
        (2, {"strides": 3}, [1, 10, 0, 2, 20, 0, 3, 30, 0]),
        (2, {"strides": 3, "output_padding": 2}, [1, 10, 0, 2, 20, 0, 3, 30, 0, 0]),
        (2, {"dilation_rate": 2}, [1, 2, 13, 20, 30]),
    ],
)
def test_what_keras_makes_of_1_2_3(size: int, arguments: dict[str, Any], expected: list[int]) -> None:
    """Recorded from Keras 3.15.1 on JAX."""
    kernel = taps(*(10**tap for tap in range(size)))
    result = convolved(
        "Conv1DTranspose", line(1, 2, 3), kernel, filters=1, kernel_size=size, use_bias=False, **arguments
    )
    assert result.ravel().tolist() == expected


def test_the_kernel_holds_filters_before_channels() -> None:
    x = np.array([[[1, 10]]], "float32")
    kernel = np.array([[[1, 2], [3, 4], [5, 6]]], "float32")  # (tap, filter, channel)
    bias = np.array([0, 0, -66], "float32")
    result = convolved("Conv1DTranspose", x, kernel, bias, filters=3, kernel_size=1, activation="relu")
    assert result.tolist() == [[[21, 43, 0]]]


@st.composite
def uses(draw: st.DrawFn) -> tuple[tuple[int, ...], dict[str, Any]]:
    """An input's shape with the channels last, and arguments."""
    rank = draw(st.integers(1, 3))
    sizes = draw(st.lists(st.integers(1, 5 if rank < 3 else 3), min_size=rank, max_size=rank))
    stretch = draw(st.lists(st.integers(1, 3), min_size=rank, max_size=rank))
    arguments = {
        "filters": draw(st.integers(1, 3)),
        "kernel_size": draw(st.lists(st.integers(1, 4), min_size=rank, max_size=rank)),
        draw(st.sampled_from(["strides", "dilation_rate"])): stretch,
        "padding": draw(st.sampled_from(["valid", "same"])),
        "use_bias": False,
    }
    return (draw(st.integers(1, 2)), *sizes, draw(st.integers(1, 3))), arguments


@settings(max_examples=60, deadline=None)
@given(use=uses(), first=st.booleans(), tiny=st.booleans(), seed=st.integers(0, 99))
def test_any_use_is_the_adjoint_of_a_convolution(use: Any, first: bool, tiny: bool, seed: int) -> None:
    shape, arguments = use
    generator = np.random.default_rng(seed)
    rank = len(shape) - 2
    x = generator.normal(size=shape).astype("float32")
    kernel = generator.normal(size=(*arguments["kernel_size"], arguments["filters"], shape[-1])).astype("float32")
    name = f"Conv{rank}DTranspose"
    with pytest.MonkeyPatch.context() as patch:
        if tiny:  # blocks of a few elements
            patch.setattr(kernels, "PRODUCT_BYTES", 100)
            patch.setattr(kernels, "FEWEST_ROWS", 1)
        if first:
            moved = np.ascontiguousarray(np.moveaxis(x, -1, 1))
            result = np.moveaxis(convolved(name, moved, kernel, data_format="channels_first", **arguments), 1, -1)
        else:
            result = convolved(name, x, kernel, **arguments)
    lengths = result.shape[1:-1]
    strides, dilation = arguments.get("strides", (1,) * rank), arguments.get("dilation_rate", (1,) * rank)
    lines = zip(lengths, arguments["kernel_size"], strides, dilation, strict=True)
    assert tuple(window_count(*axis, arguments["padding"]) for axis in lines) == shape[1:-1]
    np.testing.assert_allclose(
        result, spread(x, kernel, lengths, strides, dilation, arguments["padding"]), rtol=1e-5, atol=1e-5
    )


@settings(max_examples=40, deadline=None)
@given(
    size=st.integers(1, 6),
    window=st.integers(1, 5),
    stride=st.integers(1, 4),
    padding=st.sampled_from(["valid", "same"]),
    data=st.data(),
)
def test_output_padding_only_moves_the_ends(
    size: int, window: int, stride: int, padding: str, data: st.DataObject
) -> None:
    """The whole scattered line is cut in front and cut or filled with zeros behind."""
    more = data.draw(st.integers(0, stride - 1))
    length = (size - 1) * stride + (window if padding == "valid" else window % 2) + more
    if length == 0:
        return
    kernel = taps(*range(1, window + 1))
    x = line(*range(1, size + 1))
    arguments: dict[str, Any] = {"filters": 1, "kernel_size": window, "strides": stride, "use_bias": False}
    result = convolved("Conv1DTranspose", x, kernel, padding=padding, output_padding=more, **arguments).ravel()
    whole = spread(x, kernel, [(size - 1) * stride + window], (stride,), (1,), "valid").ravel()
    cut = 0 if padding == "valid" else max(window - 1 - -(-(window + window % 2 - 2 + more) // 2), 0)
    expected = np.concatenate([whole[cut:], np.zeros(length)])[:length]
    assert result.tolist() == expected.tolist()


def test_sizes_that_only_data_will_tell() -> None:
    layer = layers.Conv2DTranspose.declare({"filters": 5, "kernel_size": 3, "strides": [2, 1]})
    graph, _ = graph_of(layer, [TensorType((unknown("batch"), symbol("h"), symbol("w"), 3), "float32")])
    assert outputs_of(graph)[0].type.shown_shape == [None, "2*h + 1", "w + 2", 5]


def test_the_order_of_arguments_is_that_of_keras() -> None:
    two, three = layers.Conv2DTranspose.positional(), layers.Conv3DTranspose.positional()
    assert two[3:6] == ("padding", "output_padding", "data_format")
    assert three[3:6] == ("padding", "data_format", "output_padding")
    assert sorted(three) == sorted(two)


@pytest.mark.parametrize(
    ("arguments", "place", "message"),
    [
        (
            {"output_padding": 1},
            ("output_padding",),
            "must be less than `strides` along every axis, found [1, 1] and [1, 1]",
        ),
        ({"output_padding": -1}, ("output_padding",), "must be at least 0, found -1"),
        ({"output_padding": [0, -1]}, ("output_padding", 1), "must be at least 0, found -1"),
        ({"strides": 2, "dilation_rate": 2}, ("dilation_rate",), "cannot both be above 1"),
        ({"padding": "causal"}, ("padding",), "must be `valid` or `same`"),
    ],
)
def test_arguments_that_are_refused(arguments: dict[str, Any], place: tuple[Any, ...], message: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        layers.Conv2DTranspose.declare({"filters": 4, "kernel_size": 3, **arguments})
    (fault,) = caught.value.faults
    assert fault.location == place
    assert message in fault.message


def test_the_work_is_the_whole_kernel_for_each_input_element() -> None:
    layer = layers.Conv2DTranspose.declare(
        {"filters": 6, "kernel_size": 3, "strides": 2, "padding": "same", "use_bias": False}
    )
    graph, _ = graph_of(layer, [TensorType((1, 5, 5, 4), "float32")])
    assert sum(call.flops() for call in graph.nodes[0].calls) == 2 * (5 * 5 * 4) * (3 * 3 * 6)
