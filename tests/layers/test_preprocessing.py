"""Scaling of numbers: Normalization, Rescaling."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specmodel import layers
from specmodel.types.tensor import TensorType
from tests.layers.alone import numbers, output, refusal, shape
from tests.layers.harness import graph_of, run


def test_each_feature_has_its_own_mean() -> None:
    x = np.array([[1, 2], [5, 8]], np.float32)
    result = output("Normalization", {"mean": [1, 2], "variance": [4, 9]}, x)
    np.testing.assert_array_equal(result, [[0, 0], [2, 2]])


def test_inverting_goes_back() -> None:
    x = numbers(2, 3, 4)
    arguments = {"mean": [1, 2, 3, 4], "variance": [4, 3, 2, 1]}
    there = output("Normalization", arguments, x)
    np.testing.assert_allclose(output("Normalization", {**arguments, "invert": True}, there), x, rtol=1e-5, atol=1e-5)


def test_a_variance_of_zero_divides_by_the_smallest_deviation() -> None:
    x = np.array([[1.5]], np.float32)
    np.testing.assert_allclose(output("Normalization", {"mean": 1, "variance": 0}, x), [[0.5e7]], rtol=1e-5)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_means_line_up_with_the_axes_that_are_kept(data: st.DataObject) -> None:
    sizes = data.draw(st.lists(st.integers(1, 4), min_size=2, max_size=4))
    axes = data.draw(st.lists(st.integers(0, len(sizes) - 1), unique=True, max_size=2))
    kept = [sizes[axis] for axis in sorted(axes)]
    mean = np.arange(np.prod(kept), dtype=np.float32).reshape(kept) + 1
    x = numbers(*sizes)
    result = output("Normalization", {"axis": axes, "mean": mean, "variance": mean * 2}, x)
    expected = np.empty_like(x)
    for place in np.ndindex(*sizes):
        m = mean[tuple(place[axis] for axis in sorted(axes))]
        expected[place] = (x[place] - m) / np.sqrt(2 * m)
    np.testing.assert_allclose(result, expected, rtol=1e-5, atol=1e-5)


def test_what_keras_has_adapted_are_weights() -> None:
    layer = layers.find("Normalization").declare({"axis": [-1]})  # type: ignore[union-attr]
    graph, _ = graph_of(layer, [TensorType((2, 3), "float32")])
    specs = [(spec.path, spec.shape, spec.dtype, spec.trainable) for spec in graph.weights()]
    assert specs == [
        ("layer/mean", (3,), "float32", False),
        ("layer/variance", (3,), "float32", False),
        ("layer/count", (), "int32", False),
    ]
    weights = {"layer/mean": np.float32([1, 2, 3]), "layer/variance": np.float32([4, 4, 4]), "layer/count": np.int32(7)}
    (result,) = run(graph, weights, [np.full((2, 3), 3, np.float32)])
    np.testing.assert_array_equal(result, [[1, 0.5, 0]] * 2)


def test_rescaling_by_numbers_and_by_lists() -> None:
    x = np.array([[0, 51, 255]], np.uint8)
    np.testing.assert_allclose(output("Rescaling", {"scale": 1 / 255, "offset": 1}, x), [[1, 1.2, 2]], rtol=1e-6)
    np.testing.assert_array_equal(output("Rescaling", {"scale": [1, 2, 0], "offset": [0, 1, 2]}, x), [[0, 103, 2]])


def test_rescaling_keeps_sizes_that_are_not_known() -> None:
    assert shape("Rescaling", {"scale": [1, 2, 3]}, "seq", None, 3) == ("seq", None, 3)


@pytest.mark.parametrize(
    ("name", "arguments", "sizes", "message"),
    [
        ("Normalization", {"variance": 1}, (), "`mean` and `variance` of Normalization must be given together"),
        (
            "Normalization",
            {"mean": [[1], [2, 3]], "variance": 1},
            (),
            "must be a number or nested lists of equal lengths",
        ),
        ("Normalization", {"mean": "1", "variance": 1}, (), "`mean` of Normalization must be a number or a list"),
        ("Normalization", {"axis": 1}, ("n",), "the size of axis 1 must be known"),
        ("Normalization", {"axis": -3}, (4,), "`axis` -3 is no axis of an input of rank 2"),
        ("Rescaling", {"scale": []}, (), "`scale` of Rescaling must not be an empty list"),
        (
            "Rescaling",
            {"scale": 1, "offset": [1, 2]},
            (3,),
            "`offset` of the sizes [2] does not line up with the input",
        ),
    ],
)
def test_refusals(name: str, arguments: dict[str, Any], sizes: tuple[Any, ...], message: str) -> None:
    assert message in refusal(name, arguments, *sizes)
