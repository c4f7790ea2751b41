"""Attention, AdditiveAttention and GroupedQueryAttention, one query at a time."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specmodel import layers
from specmodel.layers.call import call_layer
from specmodel.layers.scope import POLICIES, Masked, Scope
from specmodel.ops.source import Input
from specmodel.types.tensor import TensorType
from tests.layers.harness import graph_of
from tests.layers.test_rnn import called, uniform


def softmax(x: Any) -> Any:
    shares = np.exp(x - x.max())
    return shares / shares.sum()


def score(name: str, arguments: Mapping[str, Any], weights: Mapping[str, Any], query: Any, key: Any) -> Any:
    """How well one key fits one query."""
    scale = weights.get("scale", 1.0)
    if name == "AdditiveAttention":
        return (scale * np.tanh(query + key)).sum()
    if arguments.get("score_mode") == "concat":
        return weights["concat_score_weight"] * np.tanh(scale * (query + key)).sum()
    return scale * (query @ key)


ARGUMENTS = [
    ("Attention", {}),
    ("Attention", {"use_scale": True, "dropout": 0.5}),
    ("Attention", {"score_mode": "concat"}),
    ("Attention", {"score_mode": "concat", "use_scale": True}),
    ("AdditiveAttention", {}),
    ("AdditiveAttention", {"use_scale": False}),
]


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(ARGUMENTS), st.tuples(*[st.integers(1, 4)] * 5), st.booleans(), st.booleans(), st.booleans())
def test_each_query_takes_its_share_of_the_values(
    case: tuple[str, dict[str, Any]], sizes: tuple[int, ...], causal: bool, masked: bool, with_key: bool
) -> None:
    name, arguments = case
    batch, to, of, features, width = sizes
    query, value, key = uniform(batch, to, features), uniform(batch, of, width, seed=2), uniform(batch, of, features)
    inputs = [query, value, key] if with_key else [query, key]
    masks = [np.random.default_rng(seed).integers(0, 2, (batch, n)).astype(bool) for seed, n in ((1, to), (2, of))]
    masks[1][:, 0] = True  # what a query gets that sees nothing depends on rounding
    arrays, call = [*inputs, *(masks if masked else [])], ["inputs"] * len(inputs) + ["mask"] * 2
    given_arguments = {**arguments, "use_causal_mask": causal, "return_attention_scores": True}
    (found, shares), weights = called(name, given_arguments, arrays, call[: len(arrays)])
    for b, q in np.ndindex(batch, to):
        seen = [k for k in range(of) if (k <= q or not causal) and (not masked or masks[1][b, k])]
        fits = np.array([score(name, arguments, weights, query[b, q], key[b, k]) for k in seen])
        wanted = np.zeros(of)
        wanted[seen] = softmax(fits)
        np.testing.assert_allclose(shares[b, q], wanted, rtol=1e-4, atol=1e-5)
        mixed = wanted @ inputs[1][b] * (masks[0][b, q] if masked else 1)
        np.testing.assert_allclose(found[b, q], mixed, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", ["Attention", "AdditiveAttention"])
def test_the_querys_mask_travels_on(name: str) -> None:
    layer = layers.find(name).declare({"return_attention_scores": True})  # type: ignore[union-attr]
    x, y = (Input("x", TensorType((2, size, 4), "float32"))() for size in (3, 5))
    mask = Input("m", TensorType((2, 3), "bool"))()
    first, second = call_layer(Scope("layer", POLICIES["float32"], {}), layer, {"inputs": [Masked(x, mask), Masked(y)]})
    assert first.mask is mask
    assert second.mask is None


@pytest.mark.parametrize(
    ("name", "call", "shapes", "wanted"),
    [
        ("Attention", "i", [(2, 3, 4)], "called with a list, [query, value] or [query, value, key], found 1"),
        ("Attention", "ii", [(2, 3, 4), (2, 3, 5)], "must have as many features as each other"),
        ("Attention", "ii", [(2, 3, 4), (3, 3, 4)], "query and value must have the same batch"),
        ("Attention", "ii", [(2, 4), (2, 4)], "the query must have at least 3 axes"),
        ("Attention", "iim", [(2, 3, 4), (2, 3, 4), (2, 3)], "`mask` must be a list as the inputs are"),
        ("AdditiveAttention", "iimm", [(2, 3, 4), (2, 5, 4), (2, 3), (5,)], "the value's mask (5,) does not fit"),
        ("AdditiveAttention", "iii", [(2, 3, 4), (2, 5, 4), (2, 6, 4)], "as many positions as each other"),
    ],
)
def test_inputs_that_do_not_meet_are_refused(
    name: str, call: str, shapes: Sequence[tuple[int, ...]], wanted: str
) -> None:
    names = [{"i": "inputs", "m": "mask"}[letter] for letter in call]
    types = [TensorType(sizes, "float32") for sizes in shapes]
    _, diagnostics = graph_of(layers.find(name).declare({}), types, names)  # type: ignore[union-attr]
    (found,) = diagnostics
    assert wanted in found.message


@settings(max_examples=40, deadline=None)
@given(st.tuples(*[st.integers(1, 3)] * 4), st.booleans(), st.booleans(), st.none() | st.integers(1, 3))
def test_grouped_heads_are_heads_with_repeated_keys(
    sizes: tuple[int, ...], gate: bool, causal: bool, window: int | None
) -> None:
    groups, share, size, positions = sizes
    query, value = uniform(2, positions, 4), uniform(2, 3, 4, seed=1)
    more = {"use_gate": gate, "use_causal_mask": causal, "sliding_window": window, "return_attention_scores": True}
    arguments = {"head_dim": size, "num_query_heads": groups * share, "num_key_value_heads": groups, **more}
    (found, shares), weights = called("GroupedQueryAttention", arguments, [query, value])
    for name in ("key", "value"):
        for part in ("kernel", "bias"):
            weights[f"{name}/{part}"] = np.repeat(weights[f"{name}/{part}"], share, -2)
    wanted, probabilities = _heads(weights, query, value, size, causal, window)
    np.testing.assert_allclose(shares, probabilities, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-4)


def _heads(
    weights: Mapping[str, Any], query: Any, value: Any, size: int, causal: bool, window: int | None
) -> tuple[Any, Any]:
    """Attention in heads, each with a key and a value of its own."""
    made = {
        name: np.tensordot(query if name in ("query", "gate") else value, weights[f"{name}/kernel"], 1)
        + weights[f"{name}/bias"]
        for name in ("query", "key", "value", "gate")
        if f"{name}/kernel" in weights
    }
    batch, to, heads = made["query"].shape[:3]
    shares = np.zeros((batch, heads, to, value.shape[1]))
    for b, h, q in np.ndindex(batch, heads, to):
        seen = [k for k in range(value.shape[1]) if (k <= q or not causal) and (window is None or abs(q - k) < window)]
        if seen:
            shares[b, h, q, seen] = softmax(made["key"][b, seen, h] @ made["query"][b, q, h] / np.sqrt(size))
    mixed = np.einsum("bhqk,bkhd->bqhd", shares, made["value"])
    if "gate" in made:
        mixed = mixed / (1 + np.exp(-made["gate"]))
    return np.tensordot(mixed, weights["attention_output/kernel"], 2) + weights["attention_output/bias"], shares


def test_both_names_mean_grouped_attention() -> None:
    assert layers.find("GroupQueryAttention") is layers.find("GroupedQueryAttention")
