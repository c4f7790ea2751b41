"""Weight, the layer without inputs, and the position layers: by themselves and in specs."""

from typing import Any

import numpy as np
import pytest

import specmodel
from specmodel import layers
from specmodel.graph.rows import mixing_layer
from specmodel.layers.validation import ArgumentError
from specmodel.types.dim import symbol, unknown
from specmodel.types.tensor import TensorType
from tests.layers.harness import graph_of, outputs_of, run

TOKEN = """
inputs: [2, 3]
layers:
  - name: token
    Weight: {shape: [1, 3], initializer: ones}
  - inputs: [token, input]
    Concatenate: {axis: 1}
"""


def applied(name: str, x: Any, weights: dict[str, Any] | None = None, **arguments: Any) -> Any:
    layer = layers.find(name).declare(arguments)  # type: ignore[union-attr]
    graph, diagnostics = graph_of(layer, [TensorType(x.shape, x.dtype.name)])
    assert [found.message for found in diagnostics] == []
    return run(graph, weights or {}, [x])[0]


def codes_of(text: str) -> list[str]:
    with pytest.raises(specmodel.SpecError) as caught:
        specmodel.loads(text)
    return [found.code for found in caught.value.diagnostics if found.severity == "error"]


def test_a_weight_joins_every_sample() -> None:
    model = specmodel.loads(TOKEN)
    found = model(np.zeros((4, 2, 3)))
    assert found.tolist() == [[[1, 1, 1], [0, 0, 0], [0, 0, 0]]] * 4
    assert [weight.path for weight in model.weights] == ["token/weight"]


@pytest.mark.parametrize("kind", ["Add", "Multiply", "Maximum", "AddOp"])
def test_a_weight_merges_with_every_sample(kind: str) -> None:
    entries = ["- {name: w, Weight: {shape: [2], initializer: ones}}", f"- {{inputs: [input, w], {kind}: }}"]
    text = "\n".join(["inputs: [2]", "layers:", *entries])
    x = np.array([[2.0, 3], [4, 5], [6, 7]], np.float32)
    wanted = x + 1 if kind.startswith("Add") else x
    np.testing.assert_array_equal(specmodel.loads(text)(x), wanted)


def test_a_model_with_a_weight_keeps_samples_apart() -> None:
    text = "inputs: [2]\nlayers:\n  - {name: w, Weight: [2]}\n  - {inputs: [input, w], Concatenate: }"
    model = specmodel.loads(text)
    x = np.arange(10, dtype=np.float32).reshape(5, 2)
    np.testing.assert_array_equal(model.predict(x, batch_size=2), model(x))


def test_the_entry_below_a_weight_reads_it() -> None:
    entries = ["- {Weight: [3]}", "- {name: d, Dense: 4}", "- {inputs: [d, input], Concatenate: }"]
    model = specmodel.loads("\n".join(["inputs: [2]", "layers:", *entries]))
    assert model(np.ones((5, 2))).shape == (5, 6)


@pytest.mark.parametrize("inputs", ["input", "[input]", "{}", "[]"])
def test_inputs_of_a_weight_are_refused(inputs: str) -> None:
    assert codes_of(f"inputs: [2]\nlayers:\n  - inputs: {inputs}\n    Weight: [2]") == ["E214"]


def test_a_weight_is_no_layer_to_wrap() -> None:
    with pytest.raises(ArgumentError, match="Weight takes no input and cannot stand inside another layer"):
        layers.find("TimeDistributed").declare({"layer": {"Weight": [2]}})  # type: ignore[union-attr]


def test_a_saved_weight_is_read_back(tmp_path: Any) -> None:
    model = specmodel.loads(TOKEN)
    model.save(tmp_path / "again.yaml")
    again = specmodel.load(tmp_path / "again.yaml")
    np.testing.assert_array_equal(again(np.zeros((1, 2, 3))), model(np.zeros((1, 2, 3))))


def test_a_weight_alone_has_a_batch_of_one() -> None:
    assert layers.Weight([2, 3], initializer="ones")().tolist() == [[[1, 1, 1], [1, 1, 1]]]


TABLE = np.arange(12, dtype=np.float32).reshape(4, 3)


@pytest.mark.parametrize("start", [0, 1, 2])
def test_a_position_embedding_is_the_rows_of_its_positions(start: int) -> None:
    found = applied(
        "PositionEmbedding",
        np.zeros((2, 5, 2, 3), np.float32),
        {"layer/embeddings": TABLE},
        sequence_length=4,
        start_index=start,
    )
    assert found.tolist() == [[TABLE[start : start + 2].tolist()] * 5] * 2


def test_a_sequence_longer_than_the_positions_is_asked_of_the_data() -> None:
    layer = layers.find("PositionEmbedding").declare({"sequence_length": 4})  # type: ignore[union-attr]
    graph, _ = graph_of(layer, [TensorType((unknown("batch"), symbol("seq"), 3), "float32")])
    (found,) = graph.requirements
    assert [found.constraint.holds({"seq": size}) for size in (4, 5)] == [True, False]
    assert mixing_layer(graph) is None


@pytest.mark.parametrize(("steps", "features", "wavelength", "start"), [(7, 6, 10000, 0), (5, 5, 100, 3), (1, 1, 2, 0)])
def test_sines_stand_at_even_features_and_cosines_at_odd_ones(
    steps: int, features: int, wavelength: int, start: int
) -> None:
    wanted = np.empty((steps, features))
    for t in range(steps):
        for i in range(features):
            angle = (t + start) / wavelength ** ((i - i % 2) / features)
            wanted[t, i] = np.cos(angle) if i % 2 else np.sin(angle)
    found = applied(
        "SinePositionEncoding", np.ones((2, steps, features), np.float32), max_wavelength=wavelength, start_index=start
    )
    np.testing.assert_allclose(found, np.stack([wanted] * 2), atol=1e-6)


def test_an_encoding_has_the_dtype_the_layer_computes_in() -> None:
    layer = layers.find("SinePositionEncoding").declare({}, dtype="float64")  # type: ignore[union-attr]
    graph, _ = graph_of(layer, [TensorType((2, 3, 4), "float32")])
    assert outputs_of(graph)[0].dtype == "float64"
