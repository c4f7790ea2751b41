"""MultiHeadAttention against one query position after the other."""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specmodel import layers
from specmodel.graph.graph import Graph
from specmodel.layers.call import call_layer
from specmodel.layers.scope import POLICIES, Masked, Scope
from specmodel.layers.validation import ArgumentError
from specmodel.ops.source import Input
from specmodel.types.dim import symbol, unknown
from specmodel.types.tensor import TensorType
from tests.layers.harness import graph_of, outputs_of, random_weights, run

NAME = "MultiHeadAttention"


def built(arguments: Mapping[str, Any], types: Mapping[str, TensorType], dtype: str = "float32") -> Graph:
    layer = layers.find(NAME).declare(arguments, dtype=dtype)  # type: ignore[union-attr]
    graph, diagnostics = graph_of(layer, list(types.values()), list(types))
    assert [found.message for found in diagnostics] == []
    return graph


def called(arguments: Mapping[str, Any], arrays: Mapping[str, Any], dtype: str = "float32") -> tuple[list[Any], Any]:
    """The outputs for arrays by call argument, and the weights, which are random."""
    types = {name: TensorType(array.shape, array.dtype.name) for name, array in arrays.items()}
    graph = built(arguments, types, dtype)
    weights = random_weights(graph, np.random.default_rng(3))
    results = run(graph, weights, list(arrays.values()))
    assert [result.shape for result in results] == [value.shape for value in outputs_of(graph)]
    return results, {path.removeprefix("layer/"): array for path, array in weights.items()}


def uniform(*sizes: int, seed: int = 5) -> Any:
    return np.random.default_rng(seed).uniform(-2, 2, sizes).astype(np.float32)


def projected(weights: Mapping[str, Any], name: str, x: Any) -> Any:
    return np.tensordot(x, weights[f"{name}/kernel"], 1) + weights.get(f"{name}/bias", 0)


def twin(weights: Mapping[str, Any], query: Any, value: Any, key: Any, sees: Any) -> Any:
    """Attention along axis 1 of (batch, positions, features); `sees[b, q]` lists the keys that a query sees."""
    queries, keys = projected(weights, "query", query), projected(weights, "key", key)
    values = projected(weights, "value", value)
    batch, steps, heads = queries.shape[:3]
    mixed = np.zeros((batch, steps, heads, values.shape[-1]))
    for b, q, h in product(range(batch), range(steps), range(heads)):
        seen = sees(b, q)
        if seen:
            fits = np.array([queries[b, q, h] @ keys[b, k, h] for k in seen]) / np.sqrt(queries.shape[-1])
            shares = np.exp(fits - fits.max())
            mixed[b, q, h] = shares / shares.sum() @ values[b, seen, h]
    if "gate/kernel" in weights:
        mixed = mixed / (1 + np.exp(-projected(weights, "gate", query)))
    return np.tensordot(mixed, weights["attention_output/kernel"], 2) + weights.get("attention_output/bias", 0)


@st.composite
def attentions(draw: st.DrawFn) -> tuple[dict[str, Any], tuple[int, ...]]:
    small = st.integers(1, 4)
    arguments = {
        "num_heads": draw(small),
        "key_dim": draw(small),
        "value_dim": draw(st.none() | small),
        "use_bias": draw(st.booleans()),
        "output_shape": draw(st.none() | small | st.lists(small, min_size=1, max_size=2)),
        "sliding_window": draw(st.none() | small),
        "use_causal_mask": draw(st.booleans()),
        "use_gate": draw(st.booleans()),
        "dropout": draw(st.sampled_from([0.0, 0.5])),
    }
    return arguments, tuple(draw(st.integers(1, 5)) for _ in range(6))


@settings(max_examples=80, deadline=None)
@given(attentions())
def test_each_query_takes_its_share_of_the_values_it_sees(case: tuple[dict[str, Any], tuple[int, ...]]) -> None:
    arguments, (batch, to, of, *features) = case
    query, value, key = (uniform(batch, n, size) for n, size in zip((to, of, of), features, strict=True))
    (found,), weights = called(arguments, {"query": query, "value": value, "key": key})

    def sees(_: int, q: int) -> list[int]:
        window = arguments["sliding_window"] or 99
        return [k for k in range(of) if abs(q - k) < window and (k <= q or not arguments["use_causal_mask"])]

    wanted = twin(weights, query, value, key, sees)
    # A query that sees nothing is a case of its own, below.
    lit = [q for q in range(to) if sees(0, q)]
    np.testing.assert_allclose(found[:, lit], wanted[:, lit], rtol=1e-5, atol=1e-5)


def test_the_key_is_the_value_unless_it_is_given() -> None:
    x, y = uniform(2, 3, 4), uniform(2, 5, 6)
    arguments = {"num_heads": 2, "key_dim": 3}
    (left,), _ = called(arguments, {"query": x, "value": y})
    (right,), _ = called(arguments, {"query": x, "value": y, "key": y})
    np.testing.assert_array_equal(left, right)


def test_scores_are_shares_and_the_second_output() -> None:
    x = uniform(2, 3, 4)
    arguments = {"num_heads": 2, "key_dim": 3, "use_causal_mask": True}
    (alone,), _ = called(arguments, {"query": x, "value": x})
    (beside, scores), _ = called(arguments | {"return_attention_scores": True}, {"query": x, "value": x})
    np.testing.assert_allclose(alone, beside, rtol=1e-5)
    assert scores.shape == (2, 2, 3, 3)
    np.testing.assert_allclose(scores.sum(-1), np.ones((2, 2, 3)), rtol=1e-6)
    assert (scores[..., np.triu_indices(3, 1)[0], np.triu_indices(3, 1)[1]] == 0).all()


MASKS = {
    "query_mask": (np.array([[1, 1, 0], [1, 0, 1]], bool), lambda mask, b, q, k: mask[b, q]),
    "value_mask": (np.array([[1, 1, 0, 1], [1, 0, 1, 0]], bool), lambda mask, b, q, k: mask[b, k]),
    "key_mask": (np.array([[0, 1, 0, 1], [1, 0, 1, 1]], bool), lambda mask, b, q, k: mask[b, k]),
    "attention_mask": (np.tri(3, 4, 1, bool)[None].repeat(2, 0), lambda mask, b, q, k: mask[b, q, k]),
}


@pytest.mark.parametrize("names", [*((name,) for name in MASKS), ("value_mask", "attention_mask"), tuple(MASKS)])
def test_masks_hide_pairs_and_add_up(names: Sequence[str]) -> None:
    query, value = uniform(2, 3, 5), uniform(2, 4, 5)
    arrays = {"query": query, "value": value, "key": value} | {name: MASKS[name][0] for name in names}
    (found, _), weights = called({"num_heads": 2, "key_dim": 3, "return_attention_scores": True}, arrays)

    def sees(b: int, q: int) -> list[int]:
        return [k for k in range(4) if all(MASKS[name][1](MASKS[name][0], b, q, k) for name in names)]

    np.testing.assert_allclose(found, twin(weights, query, value, value, sees), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("dtype", ["bool", "int32", "float32"])
@pytest.mark.parametrize("shape", [(3, 4), (1, 3, 4), (2, 3, 4), (2, 1, 3, 4), (2, 2, 3, 4), (1, 1, 1, 4), (2, 3, 1)])
def test_an_attention_mask_broadcasts_over_batch_and_heads(shape: tuple[int, ...], dtype: str) -> None:
    query, value = uniform(2, 3, 5), uniform(2, 4, 5)
    mask = np.random.default_rng(2).integers(0, 2, shape).astype(dtype)
    mask[..., 0] = 1
    arrays = {"query": query, "value": value, "attention_mask": mask}
    (_, scores), _ = called({"num_heads": 2, "key_dim": 3, "return_attention_scores": True}, arrays)
    heads = mask if mask.ndim == 4 else np.broadcast_to(mask, np.broadcast_shapes(mask.shape, (1, 1, 1)))[:, None]
    np.testing.assert_array_equal(scores > 0, np.broadcast_to(heads, (2, 2, 3, 4)).astype(bool))


def test_a_query_that_sees_nothing_sees_all_alike_or_nothing() -> None:
    x = uniform(1, 3, 4)
    mask = np.array([[False, True, True]])
    arguments = {"num_heads": 2, "key_dim": 3}
    arrays = {"query": x, "value": x, "query_mask": mask}
    (alone,), weights = called(arguments, arrays)
    (beside, scores), _ = called(arguments | {"return_attention_scores": True}, arrays)
    kernel, bias = weights["attention_output/kernel"], weights["attention_output/bias"]
    mean = projected(weights, "value", x)[0].mean(0)
    np.testing.assert_allclose(alone[0, 0], np.tensordot(mean, kernel, 2) + bias, rtol=1e-5)
    np.testing.assert_allclose(beside[0, 0], bias, rtol=1e-6)
    assert (scores[0, :, 0] == 0).all()


def test_one_attended_axis_of_several_is_attention_for_each_index_of_the_others() -> None:
    query, value = uniform(2, 3, 4, 5), uniform(2, 6, 4, 5)
    arguments = {"num_heads": 2, "key_dim": 3, "use_causal_mask": True}
    (found, scores), _ = called(
        arguments | {"attention_axes": 1, "return_attention_scores": True}, {"query": query, "value": value}
    )
    assert scores.shape == (2, 4, 2, 3, 6)
    for column in range(4):
        one = {"query": query[:, :, column], "value": value[:, :, column]}
        (wanted, shares), _ = called(arguments | {"return_attention_scores": True}, one)
        np.testing.assert_allclose(found[:, :, column], wanted, rtol=1e-5)
        np.testing.assert_allclose(scores[:, column], shares, rtol=1e-5)


@pytest.mark.parametrize("axes", [None, [1, 2], [-3, -2]])
def test_several_attended_axes_are_one_long_axis(axes: list[int] | None) -> None:
    query, value = uniform(2, 3, 4, 5), uniform(2, 2, 6, 5)
    arguments = {"num_heads": 2, "key_dim": 3, "return_attention_scores": True}
    masks = {"query_mask": np.arange(24).reshape(2, 3, 4) % 3 > 0, "value_mask": np.arange(24).reshape(2, 2, 6) % 5 > 0}
    (found, scores), _ = called(arguments | {"attention_axes": axes}, {"query": query, "value": value, **masks})
    flat = {"query": query.reshape(2, 12, 5), "value": value.reshape(2, 12, 5)}
    (wanted, shares), _ = called(arguments, flat | {name: mask.reshape(2, 12) for name, mask in masks.items()})
    np.testing.assert_allclose(found, wanted.reshape(2, 3, 4, 5), rtol=1e-5)
    np.testing.assert_allclose(scores, shares.reshape(2, 2, 3, 4, 2, 6), rtol=1e-5)


def test_weights_stand_in_order_below_the_layer() -> None:
    kinds = {"query": TensorType((1, 2, 5), "float32"), "value": TensorType((1, 3, 6), "float32")}
    graph = built({"num_heads": 2, "key_dim": 3, "value_dim": 4, "use_gate": True}, kinds)
    assert [(spec.path, spec.shape) for spec in graph.weights()] == [
        ("layer/query/kernel", (5, 2, 3)),
        ("layer/query/bias", (2, 3)),
        ("layer/key/kernel", (6, 2, 3)),
        ("layer/key/bias", (2, 3)),
        ("layer/gate/kernel", (5, 2, 4)),
        ("layer/gate/bias", (2, 4)),
        ("layer/value/kernel", (6, 2, 4)),
        ("layer/value/bias", (2, 4)),
        ("layer/attention_output/kernel", (2, 4, 5)),
        ("layer/attention_output/bias", (5,)),
    ]


def test_the_query_s_mask_travels_on() -> None:
    layer = layers.find(NAME).declare({"num_heads": 1, "key_dim": 2, "return_attention_scores": True})  # type: ignore[union-attr]
    x, y = Input("x", _kind(2, 3, 4))(), Input("y", _kind(2, 5, 4))()
    mask, of_value = (Input("m", _kind(2, size, dtype="bool"))() for size in (3, 5))
    arguments = {"query": Masked(x, mask), "value": Masked(y, of_value)}
    first, second = call_layer(Scope("layer", POLICIES["float32"], {}), layer, arguments)
    assert first.mask is mask
    assert second.mask is None


def test_masks_that_travel_hide_as_masks_that_are_given() -> None:
    layer = layers.find(NAME).declare({"num_heads": 1, "key_dim": 2})  # type: ignore[union-attr]
    x, y = Input("x", _kind(2, 3, 4))(), Input("y", _kind(2, 5, 4))()
    mask = Input("m", _kind(2, 5, dtype="bool"))()
    given = {"query": Masked(x), "value": Masked(y), "value_mask": Masked(mask)}
    travelling = {"query": Masked(x), "value": Masked(y, mask)}
    for arguments in (given, travelling):
        (output,) = call_layer(Scope("layer", POLICIES["float32"], {}), layer, arguments)
        assert _depends(output.value, mask)


def test_sizes_may_be_names() -> None:
    kinds = {"query": TensorType((unknown("batch"), symbol("to"), 4), "float32")}
    kinds["value"] = TensorType((unknown("batch"), symbol("of"), 6), "float32")
    arguments = {"use_causal_mask": True, "sliding_window": 3, "return_attention_scores": True}
    graph = built(arguments | {"num_heads": 2, "key_dim": 3}, kinds)
    assert [value.type.shown_shape for value in outputs_of(graph)] == [[None, "to", 4], [None, 2, "to", "of"]]
    assert graph.requirements == ()


@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-12), ("float16", 4e-3), ("mixed_bfloat16", 3e-2)])
@pytest.mark.parametrize("scores", [False, True])
def test_other_precisions(dtype: str, tolerance: float, scores: bool) -> None:
    x = uniform(2, 4, 3).astype(np.float64)
    arguments = {"num_heads": 2, "key_dim": 3, "use_causal_mask": True, "return_attention_scores": scores}
    (found, *_), weights = called(arguments, {"query": x, "value": x}, dtype)
    exact = {path: array.astype(np.float64) for path, array in weights.items()}
    wanted = twin(exact, x, x, x, lambda b, q: list(range(q + 1)))
    np.testing.assert_allclose(found.astype(np.float64), wanted, rtol=tolerance, atol=tolerance * np.abs(wanted).max())


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        ({"num_heads": 0}, "`num_heads` of MultiHeadAttention must be greater than 0"),
        ({"value_dim": -2}, "`value_dim` of MultiHeadAttention must be greater than 0"),
        ({"sliding_window": 0}, "`sliding_window` of MultiHeadAttention must be greater than 0"),
        ({"output_shape": []}, "must be an integer, a list of integers or null"),
        ({"dropout": 1.5}, "`dropout` of MultiHeadAttention must be at most 1"),
        ({"flash_attention": True, "dropout": 0.1}, "does not go with `dropout`"),
        ({"flash_attention": True, "return_attention_scores": True}, "does not go with `return_attention_scores`"),
    ],
)
def test_arguments_that_cannot_be_are_refused(arguments: dict[str, Any], wanted: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        layers.find(NAME).declare({"num_heads": 2, "key_dim": 2, **arguments})  # type: ignore[union-attr]
    assert wanted in caught.value.faults[0].message
    assert len(caught.value.faults) == 1


@pytest.mark.parametrize(
    ("arguments", "shapes", "wanted"),
    [
        ({}, {"key": (2, 1, 7)}, "`value` and `key` must have the same sizes but for the last axis"),
        ({}, {"key": (2, 3, 1, 8)}, "`value` and `key` must have the same sizes but for the last axis"),
        ({}, {"value": (3, 2, 8)}, "must have one size along axis 0, found (2, 4, 8) and (3, 2, 8)"),
        ({}, {"query": (2, 4, 3, 8)}, "`query` and `value` must have the same number of axes"),
        ({"attention_axes": 2}, {"query": (2, 4, 3, 8), "value": (2, 5, 3, 8)}, "must have one size along axis 1"),
        ({"attention_axes": 0}, {}, "must lie between the batch and the features"),
        ({"attention_axes": -1}, {}, "must lie between the batch and the features"),
        ({"attention_axes": [1, 1]}, {}, "must name each axis once"),
        ({"attention_axes": []}, {}, "must name each axis once"),
        ({"use_causal_mask": True}, {"query": (2, 4, 3, 8), "value": (2, 4, 3, 8)}, "needs positions along one axis"),
        ({"sliding_window": 2}, {"query": (2, 4, 3, 8), "value": (2, 4, 3, 8)}, "needs positions along one axis"),
        ({}, {"attention_mask": (2, 4, 4)}, "does not fit the scores"),
        ({}, {"query": (2, 1, 8), "attention_mask": (2, 4, 3)}, "does not fit the scores"),
        ({}, {"attention_mask": (3,)}, "`attention_mask` must have 2 to 4 axes"),
        ({}, {"query_mask": (2, 4, 8)}, "`query_mask` must have fewer axes"),
        ({}, {"value_mask": (2, 4)}, "does not fit the scores"),
        ({"kernel_initializer": "identity"}, {}, "makes weights of 2 axes only"),
    ],
)
def test_inputs_that_do_not_meet_are_refused(
    arguments: dict[str, Any], shapes: dict[str, tuple[int, ...]], wanted: str
) -> None:
    layer = layers.find(NAME).declare({"num_heads": 2, "key_dim": 2, **arguments})  # type: ignore[union-attr]
    shapes = {"query": (2, 4, 8), "value": (2, 3, 8), **shapes}
    _, diagnostics = graph_of(layer, [TensorType(sizes, "float32") for sizes in shapes.values()], list(shapes))
    (found,) = diagnostics
    assert wanted in found.message


def _kind(*sizes: int, dtype: str = "float32") -> TensorType:
    return TensorType(sizes, dtype)


def _depends(value: Any, on: Any) -> bool:
    return value is on or any(_depends(before, on) for before in value.call.inputs)
