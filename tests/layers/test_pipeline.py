"""Pipeline: layers one after the other."""

import numpy as np

from specmodel import layers
from specmodel.types.tensor import TensorType
from tests.layers.alone import output, refusal, shape
from tests.layers.harness import graph_of, run


def test_each_layer_reads_the_one_before_it() -> None:
    x = np.array([[1, 2]], np.float32)
    result = output("Pipeline", {"layers": [{"Rescaling": 2}, {"Rescaling": {"scale": 1, "offset": 3}}]}, x)
    assert result.tolist() == [[5, 7]]


def test_layers_of_one_name_are_numbered() -> None:
    layer = layers.find("Pipeline").declare({"layers": [{"Dense": 2}, {"Dense": 3}]})  # type: ignore[union-attr]
    graph, _ = graph_of(layer, [TensorType((1, 2), "float32")])
    paths = [spec.path for spec in graph.weights()]
    assert paths == ["layer/dense/kernel", "layer/dense/bias", "layer/dense_1/kernel", "layer/dense_1/bias"]
    weights = {spec.path: np.ones(spec.shape, np.float32) for spec in graph.weights()}
    (result,) = run(graph, weights, [np.ones((1, 2), np.float32)])
    assert result.tolist() == [[7, 7, 7]]


def test_a_mask_reaches_the_layers_that_read_it() -> None:
    x = np.array([[[1.0], [0.0], [3.0]]], np.float32)
    result = output("Pipeline", {"layers": ["Masking", "GlobalAveragePooling1D"]}, x)
    assert result.tolist() == [[2]]


def test_shapes_pass_through() -> None:
    given = {"layers": ["RandomFlip", {"Resizing": {"height": 2, "width": 3}}]}
    assert shape("Pipeline", given, "h", "w", 3) == (2, 3, 3)


def test_refusals() -> None:
    assert refusal("Pipeline", {"layers": ["Subtract"]}) == (
        "`layers[0]` of Pipeline must be a layer of one input, found Subtract"
    )
    assert refusal("Pipeline", {"layers": [{"Dense": {"unit": 2}}]}) == "unknown argument `unit` of Dense"
    message = refusal("Pipeline", {"layers": [{"LSTM": {"units": 2, "return_state": True}}, "Flatten"]}, 4, 3)
    assert "makes 3 outputs" in message
