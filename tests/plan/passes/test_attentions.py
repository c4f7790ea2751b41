"""Attention is one op, whatever its masks, and gives what its products and the softmax gave."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from specmodel.execute import execute
from specmodel.graph.bind import build_bound
from specmodel.graph.graph import Graph
from specmodel.kernels import attention
from specmodel.model.opening import open_mapping
from specmodel.ops.linear import einsum
from specmodel.ops.reduce import softmax
from specmodel.plan.compile import compile_graph
from specmodel.plan.passes.attentions import attentions
from specmodel.plan.program import lowered
from tests.layers.harness import random_weights, sample
from tests.plan.programs import given, program, text

Case = dict[str, Any]
HEADS: Case = {"MultiHeadAttention": {"num_heads": 2, "key_dim": 4, "value_dim": 3}}
ATTEND: dict[str, Case] = {
    "heads": HEADS,
    "causal": {"MultiHeadAttention": {"num_heads": 2, "key_dim": 4, "use_causal_mask": True}},
    "zeroed": {"MultiHeadAttention": {"num_heads": 2, "key_dim": 4, "dropout": 0.1, "use_causal_mask": True}},
    "gated": {"MultiHeadAttention": {"num_heads": 3, "key_dim": 2, "use_gate": True}},
    "grouped": {"GroupQueryAttention": {"num_query_heads": 4, "num_key_value_heads": 2, "head_dim": 3}},
}
STAY: dict[str, Case] = {
    "looked at": {"MultiHeadAttention": {"num_heads": 2, "key_dim": 4, "return_attention_scores": True}},
    "along two axes": {"MultiHeadAttention": {"num_heads": 2, "key_dim": 4}},
}


def graph_of(case: Case, queries: int, keys: int, *, rank: int = 3, dtype: str = "float32") -> Graph:
    shapes = {"query": [queries, 8], "value": [keys, 8]}
    if rank == 4:
        shapes = {name: [3, *shape] for name, shape in shapes.items()}
    entry = {"name": "attention", "inputs": {"query": "query", "value": "value"}, **case}
    outputs = ["attention", "attention/1"] if "return_attention_scores" in str(case) else ["attention"]
    spec = {"dtype": dtype, "inputs": shapes, "layers": [entry], "outputs": outputs}
    model, graph = open_mapping(spec, Path()).sound()
    return build_bound(model, {name: (2, *shape) for name, shape in shapes.items()}, graph)[1]


def optimised(graph: Graph) -> str:
    return text(attentions(lowered(graph, [output.value for output in graph.outputs])))


@pytest.mark.parametrize("name", ATTEND)
def test_these_become_one_op(name: str) -> None:
    assert optimised(graph_of(ATTEND[name], 5, 5)).count("Attend(") == 1


@pytest.mark.parametrize("name", STAY)
@pytest.mark.parametrize("dtype", ["float32", "mixed_float16"])
def test_these_stay(name: str, dtype: str) -> None:
    rank = 4 if name == "along two axes" else 3
    assert "Attend(" not in optimised(graph_of(STAY[name], 5, 5, rank=rank, dtype=dtype))


def test_what_is_rounded_after_each_op_stays() -> None:
    assert "Attend(" not in optimised(graph_of(HEADS, 5, 5, dtype="float16"))


def test_the_indices_of_the_second_product_may_have_other_names() -> None:
    q, k, v = given("q", 2, 3, 4), given("k", 2, 5, 4), given("v", 2, 5, 6)
    whole = program([q, k, v], [einsum("xij,xjw->xiw", softmax(einsum("bqd,bkd->bqk", q, k)), v)])
    assert text(attentions(whole)).endswith("%2 = Attend(q, k, v)\nreturn %2")


def test_a_product_that_sums_over_queries_stays() -> None:
    q, k, v = given("q", 2, 3, 4), given("k", 2, 5, 4), given("v", 2, 3, 6)
    whole = program([q, k, v], [einsum("bqk,bqd->bkd", softmax(einsum("bqd,bkd->bqk", q, k)), v)])
    assert attentions(whole) is whole


def runs(graph: Graph, seed: int) -> tuple[list[Any], list[Any]]:
    generator = np.random.default_rng(seed)
    weights = random_weights(graph, generator)
    arrays = [sample(one.value.type, generator) for one in graph.inputs]
    with_passes, plain = (execute(compile_graph(graph, weights, plain=plain), arrays) for plain in (False, True))
    return with_passes, plain


@pytest.mark.parametrize("small", [False, True])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("queries", "keys"), [(1, 1), (5, 5), (7, 33), (70, 18)])
@pytest.mark.parametrize("name", ATTEND)
def test_attention_gives_what_it_gives_without_passes(
    name: str, queries: int, keys: int, dtype: str, small: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if small:  # tiles of few scores
        for size, number in (("TILE_BYTES", 4000), ("HEAD_BYTES", 2000), ("AT_ONCE", 900)):
            monkeypatch.setattr(attention, size, number)
    for found, plain in zip(*runs(graph_of(ATTEND[name], queries, keys, dtype=dtype), queries), strict=True):
        np.testing.assert_allclose(found, plain, rtol=0, atol=2e-6 * np.abs(plain).max())


@pytest.mark.parametrize("dropout", [0.0, 0.5])
def test_masks_of_padding_and_positions_are_kept_also_where_a_query_sees_nothing(dropout: float) -> None:
    spec = {
        "inputs": {"x": [6, 4], "seen": {"shape": [6, 6], "dtype": "bool"}},
        "layers": [
            {"name": "kept", "inputs": "x", "Masking": {"mask_value": 0.0}},
            {
                "name": "attention",
                "inputs": {"query": "kept", "value": "kept", "attention_mask": "seen"},
                "MultiHeadAttention": {"num_heads": 2, "key_dim": 4, "dropout": dropout},
            },
        ],
    }
    model, graph = open_mapping(spec, Path()).sound()
    bound = build_bound(model, {"x": (3, 6, 4), "seen": (3, 6, 6)}, graph)[1]
    assert "Attend(" in optimised(bound)
    generator = np.random.default_rng(0)
    x = generator.standard_normal((3, 6, 4)).astype("float32")
    x[:, 4:] = 0
    seen = generator.random((3, 6, 6)) < 0.5
    seen[1, 2] = False
    weights = random_weights(bound, generator)
    found, plain = (execute(compile_graph(bound, weights, plain=plain), [x, seen])[0] for plain in (False, True))
    np.testing.assert_allclose(found, plain, rtol=0, atol=2e-6 * np.abs(plain).max())
