"""The normalization layers against plain NumPy statistics and numbers worked out by hand."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specmodel import layers
from specmodel.graph.graph import Graph
from specmodel.plan.compile import compile_graph
from specmodel.types.dim import symbol, unknown
from specmodel.types.tensor import TensorType
from tests.layers.harness import graph_of, outputs_of, random_weights, run

GENERATOR = np.random.default_rng(7)


def built(name: str, arguments: dict[str, Any], shape: tuple[Any, ...], dtype: str = "float32", **own: Any) -> Graph:
    layer = layers.find(name).declare(arguments, **own)  # type: ignore[union-attr]
    graph, diagnostics = graph_of(layer, [TensorType(shape, dtype)])
    assert [found.message for found in diagnostics] == []
    return graph


def applied(name: str, arguments: dict[str, Any], x: Any, weights: dict[str, Any]) -> Any:
    graph = built(name, arguments, x.shape)
    return run(graph, {f"layer/{key}": np.asarray(value, np.float32) for key, value in weights.items()}, [x])[0]


def normalized(x: Any, axes: tuple[int, ...], epsilon: float) -> Any:
    wide = x.astype(np.float64)
    return (wide - wide.mean(axes, keepdims=True)) / np.sqrt(wide.var(axes, keepdims=True) + epsilon)


def test_batch_normalization_by_hand() -> None:
    weights = {"gamma": [2, 1], "beta": [1, 0], "moving_mean": [1, 0], "moving_variance": [4, 1]}
    found = applied("BatchNormalization", {"epsilon": 0}, np.array([[3, 5], [1, -1]], np.float32), weights)
    np.testing.assert_allclose(found, [[3, 5], [1, -1]])


@pytest.mark.parametrize("axis", [1, 2, -1, -2])
@pytest.mark.parametrize(("center", "scale"), [(True, True), (True, False), (False, True), (False, False)])
def test_batch_normalization_uses_the_weights_along_its_axis(axis: int, center: bool, scale: bool) -> None:
    x = GENERATOR.normal(size=(2, 3, 4, 5)).astype(np.float32)
    graph = built("BatchNormalization", {"axis": axis, "center": center, "scale": scale}, x.shape)
    weights = random_weights(graph, GENERATOR)
    names = [spec.path.removeprefix("layer/") for spec in graph.weights()]
    assert names == [*["gamma"] * scale, *["beta"] * center, "moving_mean", "moving_variance"]
    form = [-1 if at == axis % 4 else 1 for at in range(4)]
    value = {key.removeprefix("layer/"): w.reshape(form).astype(np.float64) for key, w in weights.items()}
    wanted = (x - value["moving_mean"]) / np.sqrt(value["moving_variance"] + 1e-3)
    wanted = wanted * value.get("gamma", 1) + value.get("beta", 0)
    np.testing.assert_allclose(run(graph, weights, [x])[0], wanted, rtol=1e-5, atol=1e-5)


def test_batch_normalization_computes_one_product_and_one_sum_per_run() -> None:
    graph = built("BatchNormalization", {}, (2, 3))
    plan = compile_graph(graph, random_weights(graph, GENERATOR), outputs_of(graph))
    assert len(plan.calls) == 2


def test_moving_statistics_are_not_trained() -> None:
    graph = built("BatchNormalization", {"renorm": True}, (2, 3))
    assert [(spec.path.removeprefix("layer/"), spec.trainable) for spec in graph.weights()] == [
        ("gamma", True),
        ("beta", True),
        ("moving_mean", False),
        ("moving_variance", False),
        ("moving_stddev", False),
        ("renorm_mean", False),
        ("renorm_stddev", False),
    ]


def test_channels_first_is_the_transposed_channels_last() -> None:
    x = GENERATOR.normal(size=(2, 3, 3, 3)).astype(np.float32)
    first = x.transpose(0, 3, 1, 2)
    cases: list[tuple[str, dict[str, Any]]] = [
        ("BatchNormalization", {}),
        ("LayerNormalization", {}),
        ("GroupNormalization", {"groups": 3}),
    ]
    for name, arguments in cases:
        weights = random_weights(built(name, arguments, x.shape), GENERATOR)
        last = run(built(name, arguments, x.shape), weights, [x])[0]
        found = run(built(name, {**arguments, "axis": 1}, x.shape), weights, [np.ascontiguousarray(first)])[0]
        np.testing.assert_allclose(found, last.transpose(0, 3, 1, 2), rtol=1e-5, atol=1e-6)


def test_layer_normalization_by_hand() -> None:
    weights = {"gamma": [2, 1], "beta": [0, 5]}
    found = applied("LayerNormalization", {"epsilon": 0}, np.array([[1, 3]], np.float32), weights)
    np.testing.assert_allclose(found, [[-2, 6]])


@pytest.mark.parametrize("axis", [-1, 1, [1, 2], [-1, -2], [1, 3], [-3, -1], [1, 2, 3], 0])
def test_layer_normalization_over_axes(axis: Any) -> None:
    x = (GENERATOR.normal(size=(2, 3, 4, 5)) * 3 + 10).astype(np.float32)
    axes = tuple(sorted(at % 4 for at in ([axis] if isinstance(axis, int) else axis)))
    graph = built("LayerNormalization", {"axis": axis, "epsilon": 1e-5}, x.shape)
    assert [spec.shape for spec in graph.weights()] == [tuple(x.shape[at] for at in axes)] * 2
    weights = random_weights(graph, GENERATOR)
    form = [x.shape[at] if at in axes else 1 for at in range(4)]
    wanted = normalized(x, axes, 1e-5) * weights["layer/gamma"].reshape(form) + weights["layer/beta"].reshape(form)
    np.testing.assert_allclose(run(graph, weights, [x])[0], wanted, rtol=1e-4, atol=1e-4)


def test_weights_of_axes_of_mixed_sign_are_laid_out_as_in_keras() -> None:
    graph = built("LayerNormalization", {"axis": [1, -1]}, (2, 3, 4))
    assert [spec.shape for spec in graph.weights()] == [(4, 3), (4, 3)]


def test_rms_scaling_divides_by_the_deviation_and_keeps_the_mean() -> None:
    x = np.array([[1, 3]], np.float32)
    found = applied("LayerNormalization", {"rms_scaling": True, "epsilon": 3}, x, {"gamma": [1, 4]})
    np.testing.assert_allclose(found, [[0.5, 6]])


def test_group_normalization_by_hand() -> None:
    x = np.array([[1, 3, 10, 30]], np.float32)
    found = applied("GroupNormalization", {"groups": 2, "epsilon": 0}, x, {"gamma": [1, 1, 1, 2], "beta": [0, 0, 5, 5]})
    np.testing.assert_allclose(found, [[-1, 1, 4, 7]], rtol=1e-6)


@pytest.mark.parametrize(("groups", "axis"), [(1, -1), (2, 3), (4, -1), (-1, -1), (3, 1), (-1, 1), (5, 2), (1, -2)])
def test_group_normalization_takes_statistics_group_by_group(groups: int, axis: int) -> None:
    x = (GENERATOR.normal(size=(2, 3, 5, 4)) + 3).astype(np.float32)
    graph = built("GroupNormalization", {"groups": groups, "axis": axis}, x.shape)
    weights = random_weights(graph, GENERATOR)
    moved = np.moveaxis(x, axis, -1)
    parts = np.split(moved, moved.shape[-1] if groups == -1 else groups, -1)
    wanted = np.concatenate([normalized(part, (1, 2, 3), 1e-3) for part in parts], -1)
    wanted = np.moveaxis(wanted * weights["layer/gamma"] + weights["layer/beta"], -1, axis)
    np.testing.assert_allclose(run(graph, weights, [x])[0], wanted, rtol=1e-5, atol=1e-5)


def test_rms_normalization_by_hand() -> None:
    found = applied("RMSNormalization", {"epsilon": 0}, np.array([[3, 3], [0, 2]], np.float32), {"scale": [1, 5]})
    np.testing.assert_allclose(found, [[1, 5], [0, 5 * np.sqrt(2)]], rtol=1e-6)


def test_rms_normalization_over_several_axes() -> None:
    x = GENERATOR.normal(size=(2, 3, 4)).astype(np.float32)
    scale = GENERATOR.normal(size=(3, 4))
    wanted = x / np.sqrt((x.astype(np.float64) ** 2).mean((1, 2), keepdims=True) + 1e-6) * scale
    np.testing.assert_allclose(applied("RMSNormalization", {"axis": [2, 1]}, x, {"scale": scale}), wanted, rtol=1e-5)


@pytest.mark.parametrize(
    ("axis", "x", "wanted"),
    [
        (-1, [[3, 4], [0, 0]], [[0.6, 0.8], [0, 0]]),
        (1, [[[3, 1], [4, 0]]], [[[0.6, 1], [0.8, 0]]]),
        ([1, 2], [[[1, 1], [1, 1]]], [[[0.5, 0.5], [0.5, 0.5]]]),
    ],
)
def test_unit_normalization_by_hand(axis: Any, x: list[Any], wanted: list[Any]) -> None:
    found = applied("UnitNormalization", {"axis": axis}, np.array(x, np.float32), {})
    np.testing.assert_allclose(found, wanted, rtol=1e-6)


@pytest.mark.parametrize("name", ["LayerNormalization", "GroupNormalization", "BatchNormalization", "RMSNormalization"])
@pytest.mark.parametrize("policy", ["float16", "mixed_float16"])
def test_statistics_of_float16_do_not_overflow(name: str, policy: str) -> None:
    x = np.array([[60000, 59968, -60000, -59968]], np.float32)
    arguments = {"groups": 1} if name == "GroupNormalization" else {}
    layer = layers.find(name).declare(arguments, dtype=policy)  # type: ignore[union-attr]
    graph, _ = graph_of(layer, [TensorType(x.shape, "float32")])
    ones = {spec.path: np.ones(spec.shape, spec.dtype) for spec in graph.weights()}
    if name == "BatchNormalization":
        ones["layer/moving_variance"] = np.full(4, 3e4, ones["layer/moving_variance"].dtype)
    (found,) = run(graph, ones, [x])
    assert found.dtype == np.float16
    assert np.isfinite(found).all()
    assert (np.abs(found) > 0).all()


def test_weights_of_a_mixed_policy_keep_their_precision() -> None:
    layer = layers.find("LayerNormalization").declare({"scale": False}, dtype="mixed_float16")  # type: ignore[union-attr]
    graph, _ = graph_of(layer, [TensorType((1, 2), "float32")])
    found = run(graph, {"layer/beta": np.array([-1, 1 + 2**-12], np.float32)}, [np.array([[3, 1]], np.float32)])[0]
    gain = 1 / np.sqrt(1.001)
    np.testing.assert_allclose(found, [[gain - 1, 1 + 2**-12 - gain]], atol=2e-7)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_the_executed_shape_is_the_inferred_one(data: st.DataObject) -> None:
    shape = tuple(data.draw(st.lists(st.integers(1, 4), min_size=2, max_size=4)))
    rank = len(shape)
    axis = data.draw(st.integers(-rank, rank - 1).filter(lambda axis: axis % rank != 0))
    axes = data.draw(st.lists(st.integers(1, rank - 1), unique=True, min_size=1))
    flags = {"center": data.draw(st.booleans()), "scale": data.draw(st.booleans())}
    last = list(range(data.draw(st.integers(1, rank - 1)), rank))
    choices: list[tuple[str, dict[str, Any]]] = [
        ("BatchNormalization", {"axis": axis, **flags}),
        ("LayerNormalization", {"axis": axes, **flags}),
        ("GroupNormalization", {"axis": axis, "groups": -1, **flags}),
        ("RMSNormalization", {"axis": last}),
        ("UnitNormalization", {"axis": axes}),
    ]
    name, arguments = data.draw(st.sampled_from(choices))
    graph = built(name, arguments, shape)
    (found,) = run(graph, random_weights(graph, GENERATOR), [GENERATOR.normal(size=shape).astype(np.float32)])
    assert found.shape == outputs_of(graph)[0].shape == shape


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("BatchNormalization", {}),
        ("LayerNormalization", {}),
        ("GroupNormalization", {"groups": 2}),
        ("RMSNormalization", {}),
    ],
)
def test_other_sizes_may_be_unknown(name: str, arguments: dict[str, Any]) -> None:
    graph = built(name, arguments, (unknown("batch"), symbol("h"), symbol("w"), 4))
    assert outputs_of(graph)[0].type.shown_shape == [None, "h", "w", 4]


@pytest.mark.parametrize(
    ("name", "arguments", "shape", "message"),
    [
        ("BatchNormalization", {"axis": -3}, (2, 3), "`axis` -3 is no axis of an input of rank 2"),
        ("BatchNormalization", {}, (2, symbol("c")), "axis 1 of the input must be known"),
        ("LayerNormalization", {"axis": []}, (2, 3), "`axis` names no axis"),
        ("LayerNormalization", {"axis": [1, -1]}, (2, 3), "`axis` names axis 1 twice"),
        ("GroupNormalization", {"groups": 3}, (2, 4), "4 features cannot be split into 3 groups"),
        ("GroupNormalization", {}, (2, symbol("c")), "axis 1 of the input must be known"),
        ("RMSNormalization", {"axis": 1}, (2, 3, 3), "`axis` [1] must be the last axes"),
        ("UnitNormalization", {"axis": [1, 2]}, (2, 3), "`axis` 2 is no axis of an input of rank 2"),
    ],
)
def test_what_cannot_be_is_refused(name: str, arguments: dict[str, Any], shape: tuple[Any, ...], message: str) -> None:
    layer = layers.find(name).declare(arguments)  # type: ignore[union-attr]
    _, diagnostics = graph_of(layer, [TensorType(shape, "float32")])
    assert [message in found.message for found in diagnostics] == [True]
