"""Low-rank adaptation: the kernel that a layer computes with is the frozen one plus a scaled product."""

from typing import Any

import numpy as np
import pytest

from specmodel import layers
from specmodel.graph.graph import Graph
from specmodel.plan.compile import compile_graph
from specmodel.types.tensor import TensorType
from tests.layers.alone import refusal
from tests.layers.harness import graph_of, outputs_of, random_weights, run

TABLE = {"input_dim": 6, "output_dim": 4}
ADAPTED: list[tuple[str, dict[str, Any], tuple[int, ...], float]] = [
    ("Dense", {"units": 5}, (2, 3, 4), 1.0),
    ("Dense", {"units": 5, "use_bias": False, "lora_alpha": 9}, (2, 4), 1.0),
    ("Embedding", {**TABLE, "lora_alpha": 9}, (2, 3), 1.0),
    ("ReversibleEmbedding", TABLE, (2, 3), 1.0),
    ("ReversibleEmbedding", {**TABLE, "reverse": True}, (2, 3, 4), 1.0),
    ("EinsumDense", {"equation": "abc,cde->abde", "output_shape": [None, 2, 5], "bias_axes": "e"}, (2, 3, 4), 1.0),
    ("EinsumDense", {"equation": "ab,b->a", "output_shape": [], "lora_alpha": 3}, (2, 4), 1.5),
    ("Conv1D", {"filters": 3, "kernel_size": 2, "lora_alpha": 1}, (2, 5, 4), 0.5),
    ("Conv2D", {"filters": 6, "kernel_size": [3, 2], "groups": 2, "lora_alpha": -0.5}, (2, 5, 5, 4), -0.25),
    ("Conv3D", {"filters": 3, "kernel_size": 2, "data_format": "channels_first", "lora_alpha": 0}, (1, 2, 3, 3, 3), 0),
]
"""Layer, arguments, input sizes, and the scale of the product at rank 2; Dense and Embedding read no `lora_alpha`."""


def built(name: str, arguments: dict[str, Any], x: Any, dtype: str = "float32") -> Graph:
    layer = layers.find(name).declare(arguments, dtype=dtype)  # type: ignore[union-attr]
    graph, diagnostics = graph_of(layer, [TensorType(x.shape, x.dtype.name)])
    assert [found.message for found in diagnostics] == []
    return graph


def sample(name: str, arguments: dict[str, Any], sizes: tuple[int, ...]) -> Any:
    generator = np.random.default_rng(3)
    if "Embedding" in name and not arguments.get("reverse"):
        return generator.integers(0, arguments["input_dim"], sizes).astype(np.int32)
    return generator.normal(size=sizes).astype(np.float32)


@pytest.mark.parametrize(("name", "arguments", "sizes", "scale"), ADAPTED)
def test_the_layer_is_the_plain_one_with_another_kernel(
    name: str, arguments: dict[str, Any], sizes: tuple[int, ...], scale: float
) -> None:
    x = sample(name, arguments, sizes)
    graph = built(name, {**arguments, "lora_rank": 2}, x)
    weights = random_weights(graph, np.random.default_rng(1))
    kernel, *_, thin, wide = weights
    added = np.einsum("...r,rl->...l", weights[thin].astype(np.float64), weights[wide])
    plain = {path: array for path, array in weights.items() if path not in (thin, wide)}
    plain[kernel] = (plain[kernel] + scale * added).astype(np.float32)
    (found,) = run(graph, weights, [x])
    (wanted,) = run(built(name, arguments, x), plain, [x])
    np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(("name", "arguments", "sizes", "scale"), ADAPTED)
def test_what_the_weights_alone_tell_is_no_part_of_a_run(
    name: str, arguments: dict[str, Any], sizes: tuple[int, ...], scale: float
) -> None:
    x = sample(name, arguments, sizes)
    with_it, without = built(name, {**arguments, "lora_rank": 2}, x), built(name, arguments, x)
    counts = [
        len(compile_graph(graph, random_weights(graph, np.random.default_rng(1)), outputs_of(graph)).steps)
        for graph in (with_it, without)
    ]
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("name", "arguments", "sizes", "wanted"),
    [
        (
            "Dense",
            {"units": 5},
            (2, 4),
            [
                ("kernel", (4, 5), False),
                ("bias", (5,), True),
                ("lora_kernel_a", (4, 2), True),
                ("lora_kernel_b", (2, 5), True),
            ],
        ),
        (
            "Embedding",
            TABLE,
            (2, 3),
            [("embeddings", (6, 4), False), ("lora_embeddings_a", (6, 2), True), ("lora_embeddings_b", (2, 4), True)],
        ),
        (
            "Conv2D",
            {"filters": 6, "kernel_size": [3, 2], "groups": 2, "use_bias": False},
            (2, 5, 5, 4),
            [("kernel", (3, 2, 2, 6), False), ("lora_kernel_a", (3, 2, 2, 2), True), ("lora_kernel_b", (2, 6), True)],
        ),
    ],
)
def test_the_frozen_weight_comes_first_and_the_thin_ones_last(
    name: str, arguments: dict[str, Any], sizes: tuple[int, ...], wanted: list[Any]
) -> None:
    specs = list(built(name, {**arguments, "lora_rank": 2}, sample(name, arguments, sizes)).weights())
    assert [(spec.path.removeprefix("layer/"), tuple(spec.shape), spec.trainable) for spec in specs] == wanted


def test_the_thin_weights_are_kept_in_32_bits() -> None:
    graph = built("Dense", {"units": 5, "lora_rank": 2}, np.zeros((2, 4), np.float32), "float16")
    assert [spec.dtype for spec in graph.weights()] == ["float16", "float16", "float32", "float32"]


def test_they_start_without_effect() -> None:
    graph = built("Dense", {"units": 5, "lora_rank": 2}, np.zeros((2, 4), np.float32))
    assert [spec.initializer for spec in graph.weights()][2:] == ["he_uniform", "zeros"]


@pytest.mark.parametrize(
    ("name", "arguments", "wanted"),
    [
        ("Dense", {"units": 5, "lora_rank": 0}, "`lora_rank` of Dense must be greater than 0, found 0"),
        ("Dense", {"units": 5, "lora_rank": 2, "kernel_constraint": "non_neg"}, "`kernel_constraint` exclude each"),
        ("Conv1D", {"filters": 5, "kernel_size": 1, "lora_rank": 2, "kernel_constraint": "non_neg"}, "of Conv1D and"),
        ("Embedding", {**TABLE, "lora_rank": 2, "embeddings_constraint": "non_neg"}, "`embeddings_constraint` exclude"),
        ("ReversibleEmbedding", {**TABLE, "lora_rank": 2, "tie_weights": False}, "`tie_weights: false` gives each its"),
    ],
)
def test_what_keras_refuses_is_refused(name: str, arguments: dict[str, Any], wanted: str) -> None:
    assert wanted in refusal(name, arguments, 4)
