"""Conv1D, Conv2D, Conv3D: small numbers by hand, the definition as an oracle, and what is refused."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specmodel import layers
from specmodel.kernels import depthwise, gathered
from specmodel.layers.validation import ArgumentError
from specmodel.plan.compile import compile_graph
from specmodel.types.dim import symbol, unknown
from specmodel.types.tensor import TensorType
from tests.layers.convolved import convolved, line, taps
from tests.layers.harness import graph_of, outputs_of
from tests.layers.naive_convolution import convolve_in_groups


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({}, [321, 432, 543]),
        ({"padding": "same"}, [210, 321, 432, 543, 54]),
        ({"padding": "causal"}, [100, 210, 321, 432, 543]),
        ({"strides": 2}, [321, 543]),
        ({"strides": 2, "padding": "same"}, [210, 432, 54]),
        ({"strides": 3, "padding": "same"}, [321, 54]),
        ({"strides": 2, "padding": "causal"}, [100, 321, 543]),
        ({"dilation_rate": 2}, [531]),
        ({"dilation_rate": 2, "padding": "same"}, [310, 420, 531, 42, 53]),
        ({"dilation_rate": 2, "padding": "CAUSAL"}, [100, 200, 310, 420, 531]),
    ],
)
def test_one_filter_over_1_to_5(arguments: dict[str, Any], expected: list[int]) -> None:
    result = convolved(
        "Conv1D", line(1, 2, 3, 4, 5), taps(1, 10, 100), filters=1, kernel_size=3, use_bias=False, **arguments
    )
    assert result.ravel().tolist() == expected


def test_an_even_window_has_its_odd_zero_behind() -> None:
    result = convolved("Conv1D", line(1, 2), taps(1, 10), filters=1, kernel_size=2, padding="same", use_bias=False)
    assert result.ravel().tolist() == [21, 2]


def test_bias_and_activation_come_after_the_sum() -> None:
    bias = np.array([-25], "float32")
    result = convolved("Conv1D", line(1, 2, 3), taps(1, 10), bias, filters=1, kernel_size=2, activation="relu")
    assert result.ravel().tolist() == [0, 7]


def test_integers_are_taken_as_floats() -> None:
    x = np.array([[[1], [2]]], "int32")
    assert convolved("Conv1D", x, taps(0.5), filters=1, kernel_size=1, use_bias=False).ravel().tolist() == [0.5, 1.0]


@pytest.mark.parametrize(
    ("dtype", "kept", "tolerance"),
    [
        ("float64", "float64", 1e-14),
        ("float16", "float16", 2e-3),
        ("mixed_float16", "float32", 2e-3),
        ("mixed_bfloat16", "float32", 2e-2),
    ],
)
def test_every_dtype_policy(dtype: str, kept: str, tolerance: float) -> None:
    generator = np.random.default_rng(1)
    x, kernel = generator.uniform(size=(2, 5, 4)), generator.uniform(size=(3, 4, 2)).astype(kept)
    result = convolved("Conv1D", x, kernel, filters=2, kernel_size=3, use_bias=False, dtype=dtype)
    expected = convolve_in_groups(x, kernel, 1, (1,), (1,), "valid")
    assert np.abs(result.astype(float) / expected - 1).max() < tolerance


@st.composite
def uses(draw: st.DrawFn) -> tuple[str, dict[str, Any], tuple[int, ...], int]:
    """A layer's name, its arguments, an input's shape with the channels last, and the groups."""
    rank = draw(st.integers(1, 3))
    sizes = draw(st.lists(st.integers(1, 6 if rank < 3 else 3), min_size=rank, max_size=rank))
    padding = draw(st.sampled_from(["valid", "same", "causal"][: 3 if rank == 1 else 2]))
    window = [draw(st.integers(1, min(size, 3) if padding == "valid" else 3)) for size in sizes]
    spread_out = padding != "valid" and draw(st.booleans())
    stretch = draw(st.lists(st.integers(1, 3), min_size=rank, max_size=rank))
    groups = draw(st.integers(1, 3))
    arguments = {
        "filters": groups * draw(st.integers(1, 2)),
        "kernel_size": window,
        "dilation_rate" if spread_out else "strides": stretch,
        "padding": padding,
        "groups": groups,
        "use_bias": False,
    }
    channels = groups * draw(st.integers(1, 2))
    return f"Conv{rank}D", arguments, (draw(st.integers(1, 3)), *sizes, channels), groups


@settings(max_examples=60, deadline=None)
@given(use=uses(), first=st.booleans(), tiny=st.booleans(), seed=st.integers(0, 99))
def test_any_use_is_as_defined(use: Any, first: bool, tiny: bool, seed: int) -> None:
    name, arguments, shape, groups = use
    generator = np.random.default_rng(seed)
    x = generator.normal(size=shape).astype("float32")
    kernel = generator.normal(size=(*arguments["kernel_size"], shape[-1] // groups, arguments["filters"])).astype(
        "float32"
    )
    rank = len(shape) - 2
    expected = convolve_in_groups(
        x,
        kernel,
        groups,
        arguments.get("strides", (1,) * rank),
        arguments.get("dilation_rate", (1,) * rank),
        arguments["padding"],
    )
    with pytest.MonkeyPatch.context() as patch:
        if tiny:  # blocks of a few elements
            patch.setattr(gathered, "GATHERED_BYTES", 200)
            patch.setattr(gathered, "RESULT_BYTES", 100)
            patch.setattr(gathered, "FEWEST_ROWS", 2)
            patch.setattr(depthwise, "TILE_BYTES", 100)
            patch.setattr(depthwise, "KERNEL_BYTES", 100)
        if first:
            moved = np.ascontiguousarray(np.moveaxis(x, -1, 1))
            result = np.moveaxis(convolved(name, moved, kernel, data_format="channels_first", **arguments), 1, -1)
        else:
            result = convolved(name, x, kernel, **arguments)
    np.testing.assert_allclose(result, expected, rtol=1e-5, atol=1e-5)


def test_a_large_image_is_worked_through_in_little_memory() -> None:
    layer = layers.Conv2D.declare({"filters": 16, "kernel_size": 3, "padding": "same"})
    graph, _ = graph_of(layer, [TensorType((1, 512, 512, 16), "float32")])
    weights = {spec.path: np.ones(spec.shape, "float32") for spec in graph.weights()}
    assert compile_graph(graph, weights, outputs_of(graph)).scratch_bytes < 4 * 2**20


@pytest.mark.parametrize(
    ("arguments", "input_shape", "output"),
    [
        ({"padding": "same", "strides": 2}, ("h", "w"), ("(h - 1)//2 + 1", "(w - 1)//2 + 1")),
        ({}, ("h", "w"), ("h - 2", "w - 2")),
        ({"dilation_rate": [2, 1]}, ("h", 9), ("h - 4", 7)),
    ],
)
def test_sizes_that_only_data_will_tell(arguments: dict[str, Any], input_shape: Any, output: Any) -> None:
    layer = layers.Conv2D.declare({"filters": 5, "kernel_size": 3, **arguments})
    sizes = tuple(symbol(size) if isinstance(size, str) else size for size in input_shape)
    graph, _ = graph_of(layer, [TensorType((unknown("batch"), *sizes, 3), "float32")])
    assert outputs_of(graph)[0].type.shown_shape == [None, *output, 5]


def test_a_window_must_fit_into_a_size_that_only_data_will_tell() -> None:
    layer = layers.Conv1D.declare({"filters": 5, "kernel_size": 3})
    graph, _ = graph_of(layer, [TensorType((unknown("batch"), symbol("seq"), 3), "float32")])
    assert [found.constraint.text for found in graph.requirements] == ["`seq` is at least 3"]


def test_channels_first_names_its_own_axis() -> None:
    layer = layers.Conv2D.declare({"filters": 5, "kernel_size": 3, "data_format": "channels_first"})
    _, diagnostics = graph_of(layer, [TensorType((unknown("batch"), 3, 8, 2), "float32")])
    assert [found.message for found in diagnostics] == [
        "Conv2D `layer`: a window of 3 does not fit into axis 3, which has the size 2"
    ]


@pytest.mark.parametrize(
    ("arguments", "place", "message"),
    [
        ({"filters": 0}, ("filters",), "must be greater than 0, found 0"),
        ({"kernel_size": [3]}, ("kernel_size",), "must be an integer or a list of 2, found a list of 1"),
        ({"strides": [1, 0]}, ("strides", 1), "must be greater than 0, found 0"),
        ({"groups": 3}, ("groups",), "`filters` of Conv2D must be a multiple of `groups`, 3, found 4"),
        (
            {"strides": 2, "dilation_rate": [1, 2]},
            ("dilation_rate",),
            "cannot both be above 1, found [2, 2] and [1, 2]",
        ),
        ({"padding": "full"}, ("padding",), "must be `valid` or `same`"),
        ({"data_format": "NHWC"}, ("data_format",), "must be `channels_last` or `channels_first`"),
        ({"lora_rank": 0}, ("lora_rank",), "must be greater than 0, found 0"),
    ],
)
def test_arguments_that_are_refused(arguments: dict[str, Any], place: tuple[Any, ...], message: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        layers.Conv2D.declare({"filters": 4, "kernel_size": 3, **arguments})
    (fault,) = caught.value.faults
    assert fault.location == place
    assert message in fault.message


def test_the_work_is_two_for_each_multiply_add() -> None:
    layer = layers.Conv2D.declare({"filters": 6, "kernel_size": [3, 2], "groups": 2, "use_bias": False})
    graph, _ = graph_of(layer, [TensorType((1, 5, 5, 4), "float32")])
    assert sum(call.flops() for call in graph.nodes[0].calls) == 2 * (3 * 4 * 6) * (3 * 2 * 2)
