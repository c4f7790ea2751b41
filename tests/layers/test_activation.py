"""The activation layers: what their arguments mean, weights, masks."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specmodel import layers
from specmodel.types.dim import symbol, unknown
from specmodel.types.tensor import TensorType
from tests.layers.harness import graph_of, outputs_of, random_weights, run
from tests.layers.masked import call_masked

BATCH = unknown("batch")


def made(name: str, arguments: dict[str, Any]) -> Any:
    return layers.find(name).declare(arguments)  # type: ignore[union-attr]


def applied(name: str, arguments: dict[str, Any], *arrays: Any, weights: dict[str, Any] | None = None) -> Any:
    graph, diagnostics = graph_of(made(name, arguments), [TensorType(x.shape, x.dtype.name) for x in arrays])
    assert [found.message for found in diagnostics] == []
    return run(graph, weights or {}, arrays)[0]


X = np.array([[-2, -1, 0, 1, 2, 3]], np.float32)


@pytest.mark.parametrize(
    ("name", "arguments", "wanted"),
    [
        ("ReLU", {}, [0, 0, 0, 1, 2, 3]),
        ("ReLU", {"max_value": 2}, [0, 0, 0, 1, 2, 2]),
        ("ReLU", {"negative_slope": 0.5}, [-1, -0.5, 0, 1, 2, 3]),
        ("ReLU", {"threshold": 1, "negative_slope": 0.5, "max_value": 2}, [-1.5, -1, -0.5, 0, 2, 2]),
        ("LeakyReLU", {}, [-0.6, -0.3, 0, 1, 2, 3]),
        ("LeakyReLU", {"negative_slope": 2}, [-4, -2, 0, 1, 2, 3]),
        ("ELU", {"alpha": 2}, [2 * np.expm1(-2), 2 * np.expm1(-1), 0, 1, 2, 3]),
        ("Activation", {"activation": None}, [-2, -1, 0, 1, 2, 3]),
        ("Activation", {"activation": {"relu": {"max_value": 1}}}, [0, 0, 0, 1, 1, 1]),
    ],
)
def test_outputs_worked_out_by_hand(name: str, arguments: dict[str, Any], wanted: list[float]) -> None:
    np.testing.assert_allclose(applied(name, arguments, X), [wanted], rtol=1e-6)


def test_prelu_has_a_slope_for_each_element() -> None:
    alpha = np.array([0.5, 0.25, 1, 1, 1, 1], np.float32)
    np.testing.assert_array_equal(applied("PReLU", {}, X, weights={"layer/alpha": alpha}), [[-1, -0.25, 0, 1, 2, 3]])


def test_prelu_shares_slopes_along_axes() -> None:
    x = -np.ones((2, 3, 4, 5), np.float32)
    graph, _ = graph_of(made("PReLU", {"shared_axes": [1, 2]}), [TensorType(x.shape, "float32")])
    assert [spec.shape for spec in graph.weights()] == [(1, 1, 5)]
    alpha = np.arange(5, dtype=np.float32).reshape(1, 1, 5)
    np.testing.assert_array_equal(run(graph, {"layer/alpha": alpha}, [x])[0], np.broadcast_to(-alpha, x.shape))


@pytest.mark.parametrize("axis", [[1, 2], [2, 1], [-1, -2], [0, 2]])
def test_softmax_over_several_axes_sums_to_one_over_them_together(axis: list[int]) -> None:
    x = np.random.default_rng(0).normal(size=(2, 3, 4)).astype(np.float32) + 100
    powers = np.exp(x.astype(np.float64) - 100)
    wanted = powers / powers.sum(tuple(axis), keepdims=True)
    np.testing.assert_allclose(applied("Softmax", {"axis": axis}, x), wanted, rtol=2e-5)


@pytest.mark.parametrize("mask", [[[True, False, True]], [[1.0, 0.5, 0.6]]])
def test_softmax_leaves_out_what_the_mask_hides(mask: list[list[float]]) -> None:
    x = np.array([[0, 50, 0], [1, 2, 1]], np.float32)
    found = applied("Softmax", {}, x, np.array(mask, np.bool_ if mask[0][0] is True else np.float32))
    np.testing.assert_allclose(found, [[0.5, 0, 0.5], [0.5, 0, 0.5]], rtol=1e-6)


def test_softmax_of_nothing_but_masked_elements_is_zero() -> None:
    found = applied("Softmax", {}, np.ones((1, 2), np.float32), np.zeros((1, 2), np.bool_))
    np.testing.assert_array_equal(found, [[0, 0]])


def test_softmax_takes_the_mask_that_travels() -> None:
    x, mask = np.zeros((1, 4), np.float32), np.array([[True, True, False, False]])
    found, passed = call_masked(made("Softmax", {}), [x], [mask])
    np.testing.assert_array_equal(found, [[0.5, 0.5, 0, 0]])
    np.testing.assert_array_equal(passed, mask)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [("ReLU", {}), ("LeakyReLU", {}), ("ELU", {}), ("Activation", {"activation": "tanh"})],
)
def test_a_mask_passes_through(name: str, arguments: dict[str, Any]) -> None:
    mask = np.array([[True, False]])
    _, passed = call_masked(made(name, arguments), [np.ones((1, 2, 3), np.float32)], [mask])
    np.testing.assert_array_equal(passed, mask)


def test_float16_rounds_to_float16() -> None:
    layer = layers.find("ELU").declare({}, dtype="float16")  # type: ignore[union-attr]
    graph, _ = graph_of(layer, [TensorType((1, 6), "float32")])
    (found,) = run(graph, {}, [X])
    assert found.dtype == np.float16
    np.testing.assert_allclose(found, np.where(X > 0, X, np.expm1(X)), rtol=2e-3)


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_the_executed_shape_is_the_inferred_one(data: st.DataObject) -> None:
    shape = tuple(data.draw(st.lists(st.integers(1, 4), min_size=2, max_size=4)))
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    shared = data.draw(st.lists(st.integers(1, len(shape) - 1), unique=True))
    choices: list[tuple[str, dict[str, Any]]] = [
        ("Softmax", {"axis": axis}),
        ("PReLU", {"shared_axes": shared}),
        ("ReLU", {"threshold": 0.5}),
    ]
    name, arguments = data.draw(st.sampled_from(choices))
    generator = np.random.default_rng(0)
    graph, diagnostics = graph_of(made(name, arguments), [TensorType(shape, "float32")])
    assert not diagnostics.failed
    (found,) = run(graph, random_weights(graph, generator), [generator.normal(size=shape).astype(np.float32)])
    assert found.shape == outputs_of(graph)[0].shape == shape


def test_sizes_without_numbers_pass_through() -> None:
    graph, _ = graph_of(made("Softmax", {"axis": 1}), [TensorType((BATCH, symbol("seq"), 3), "float32")])
    assert outputs_of(graph)[0].type.shown_shape == [None, "seq", 3]
