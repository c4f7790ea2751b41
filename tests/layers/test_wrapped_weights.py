"""ReversibleEmbedding and SpectralNormalization: tables and kernels that are used in more than one way."""

from typing import Any

import numpy as np
import pytest

from specmodel import layers
from specmodel.layers.call import call_layer
from specmodel.layers.scope import POLICIES, Masked, Scope
from specmodel.layers.written import unknown_layer
from specmodel.ops.source import Input
from specmodel.types.tensor import TensorType
from tests.layers.alone import refusal, shape
from tests.layers.test_rnn import built, called, uniform

TABLE = {"input_dim": 5, "output_dim": 3}


def test_an_index_becomes_its_row() -> None:
    (found,), weights = called("ReversibleEmbedding", TABLE, [np.array([[0, 4], [2, 2]], np.int32)])
    np.testing.assert_array_equal(found, weights["embeddings"][[[0, 4], [2, 2]]])


@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("cap", [None, 2, 0.5])
def test_reverse_scores_every_row(tied: bool, cap: float | None) -> None:
    x = uniform(2, 4, 3)
    arguments = {**TABLE, "tie_weights": tied, "logit_soft_cap": cap, "reverse": True}
    (found,), weights = called("ReversibleEmbedding", arguments, [x])
    wanted = x @ (weights["embeddings"].T if tied else weights["reverse_embeddings"])
    wanted = wanted if cap is None else np.tanh(wanted / cap) * cap
    np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-6)


def test_reverse_computes_in_its_own_dtype() -> None:
    (found,), weights = called(
        "ReversibleEmbedding", {**TABLE, "reverse": True, "reverse_dtype": "float16"}, [uniform(2, 3)]
    )
    assert found.dtype == np.float16
    np.testing.assert_allclose(found, uniform(2, 3) @ weights["embeddings"].T, rtol=2e-2, atol=2e-3)


@pytest.mark.parametrize(("reverse", "travels"), [(False, True), (True, False)])
def test_padding_is_marked_on_the_way_in_alone(reverse: bool, travels: bool) -> None:
    layer = layers.find("ReversibleEmbedding").declare({**TABLE, "mask_zero": True, "reverse": reverse})  # type: ignore[union-attr]
    kind = TensorType((2, 3), "float32" if reverse else "int32")
    (output,) = call_layer(Scope("layer", POLICIES["float32"], {}), layer, {"inputs": Masked(Input("x", kind)())})
    assert (output.mask is not None) == travels


def test_large_indices_stay_exact_in_16_bits() -> None:
    layer = {"input_dim": 4000, "output_dim": 1}
    for name in ("ReversibleEmbedding", "Embedding"):
        kind = layers.find(name).declare(layer, dtype="float16")  # type: ignore[union-attr]
        scope = Scope("layer", POLICIES["float16"], {})
        (output,) = call_layer(scope, kind, {"inputs": Masked(Input("x", TensorType((1, 1), "float32"))())})
        read = output.value.call.inputs[1].call
        assert read.inputs[0].dtype == "float32"


@pytest.mark.parametrize(
    ("layer", "x", "names"),
    [
        ({"Dense": 2}, uniform(2, 3), ["dense/kernel", "vector_u", "dense/bias"]),
        (
            {"Conv2D": {"filters": 2, "kernel_size": 2}, "name": "c"},
            uniform(1, 3, 3, 2),
            ["c/kernel", "vector_u", "c/bias"],
        ),
        ({"Embedding": [5]}, None, None),
    ],
)
def test_the_layer_runs_as_it_is(layer: dict[str, Any], x: Any, names: list[str] | None) -> None:
    if names is None:
        layer, x, names = {"Embedding": TABLE}, np.array([[1.0, 4.0]], np.float32), ["embedding/embeddings", "vector_u"]
    (found,), weights = called("SpectralNormalization", {"layer": layer, "power_iterations": 2}, [x])
    assert list(weights) == names
    kernel = weights[names[0]]
    assert weights["vector_u"].shape == (1, kernel.shape[-1])
    if names[0].startswith("dense"):
        np.testing.assert_allclose(found, x @ kernel + weights["dense/bias"], rtol=1e-5)
    elif names[0].startswith("embedding"):
        np.testing.assert_array_equal(found, kernel[[[1, 4]]])
    else:
        assert found.shape == (1, 2, 2, 2)


def test_the_vector_is_not_trained() -> None:
    graph = built("SpectralNormalization", {"layer": {"Dense": 2}}, [TensorType((1, 3), "float32")])
    assert [spec.trainable for spec in graph.weights()] == [True, False, True]


def test_the_mask_goes_through_the_layer_inside() -> None:
    layer = layers.find("SpectralNormalization").declare({"layer": {"Dense": 2}})  # type: ignore[union-attr]
    x, mask = Input("x", TensorType((2, 3, 4), "float32"))(), Input("m", TensorType((2, 3), "bool"))()
    (output,) = call_layer(Scope("layer", POLICIES["float32"], {}), layer, {"inputs": Masked(x, mask)})
    assert output.mask is mask


def test_sizes_may_be_names() -> None:
    assert shape("ReversibleEmbedding", {**TABLE, "reverse": True}, "seq", 3) == ("seq", 5)
    assert shape("SpectralNormalization", {"layer": {"Dense": 4}}, "seq", 3) == ("seq", 4)


@pytest.mark.parametrize(
    ("name", "arguments", "sizes", "wanted"),
    [
        ("ReversibleEmbedding", {"input_dim": 5}, (), "ReversibleEmbedding needs the argument `output_dim`"),
        (
            "ReversibleEmbedding",
            {**TABLE, "reverse_dtype": "int8"},
            (),
            "`reverse_dtype` of ReversibleEmbedding must be",
        ),
        ("ReversibleEmbedding", {**TABLE, "reverse": True}, (4,), "`reverse` takes rows of `output_dim`, 3, numbers"),
        (
            "SpectralNormalization",
            {"layer": {"LSTM": 2}},
            (4, 3),
            "must have a `kernel` or `embeddings`, LSTM has none",
        ),
        ("SpectralNormalization", {"layer": {"Dense": 2}}, (None,), "in Dense: the input's last axis must be known"),
        ("SpectralNormalization", {"layer": {"MultiHeadAttention": [1, 2]}}, (4, 3), "must"),
    ],
)
def test_wrong_uses_are_refused(name: str, arguments: dict[str, Any], sizes: tuple[Any, ...], wanted: str) -> None:
    assert wanted in refusal(name, arguments, *sizes)


def test_the_base_of_wrappers_is_refused_with_its_reason() -> None:
    assert "write Bidirectional, SpectralNormalization or TimeDistributed" in str(unknown_layer("Wrapper").help)
