"""Small models in ONNX's own reference evaluator, which shares no code with specmodel or onnxruntime."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx.reference import ReferenceEvaluator

from specmodel.execute import execute
from specmodel.model.opening import open_mapping
from specmodel.plan.compile import compile_graph
from tests.onnx.exported import bound, exported, graph_of, shaken

CONV = {"filters": 4, "kernel_size": 3, "padding": "same"}
MODELS: dict[str, tuple[Any, list[Any]]] = {
    "dense": ([4], [{"Dense": {"units": 3, "activation": "gelu"}}, {"BatchNormalization": {}}, {"Softmax": {}}]),
    "images": (["h", "w", 2], [{"Conv2D": {**CONV, "strides": 2}}, {"BatchNormalization": {}}, {"MaxPooling2D": 2}]),
    "classifier": ([6, 6, 2], [{"Conv2D": CONV}, {"ReLU": {}}, {"Flatten": {}}, {"Dense": 3}]),
    "depthwise": ([6, 5, 2], [{"DepthwiseConv2D": {"kernel_size": 3, "depth_multiplier": 2}}]),
    "causal": (["t", 3], [{"Conv1D": {"filters": 2, "kernel_size": 3, "padding": "causal", "dilation_rate": 2}}]),
    "transposed": ([4, 5, 2], [{"Conv2DTranspose": {**CONV, "strides": 2}}]),
    "groups": ([4, 4, 6], [{"Conv2D": {"filters": 6, "kernel_size": 1}}, {"GroupNormalization": 3}]),
    "sequence": (["t", 3], [{"LayerNormalization": {}}, {"Dense": 2}, {"GlobalAveragePooling1D": {}}]),
    "lstm": (["t", 3], [{"LSTM": {"units": 2, "return_sequences": True}}]),
    "gru": ([4, 3], [{"GRU": 2}]),
    "attention": (["t", 4], [{"inputs": ["_", "_"], "MultiHeadAttention": {"num_heads": 2, "key_dim": 3}}]),
    "causal attention": (
        [5, 4],
        [{"inputs": ["_", "_"], "MultiHeadAttention": {"num_heads": 1, "key_dim": 3, "use_causal_mask": True}}],
    ),
    "cropped": (["t", 4], [{"GetItem": ":, 1:-1, ::-1"}]),
    "open slice": (["t", 2], [{"Slice": {"axis": 1, "stop": 4}}, {"Dense": 3}]),
    "sorted": ([5], [{"Sort": {}}, {"Cumsum": {"axis": 1}}]),
}


@pytest.mark.parametrize("name", MODELS)
def test_a_model(name: str, tmp_path: Path) -> None:
    inputs, layers = MODELS[name]
    opened = open_mapping({"inputs": {"input": inputs}, "layers": [_named(one) for one in layers]}, Path())
    graph, known = graph_of(opened), bound(opened)
    weights, generator = shaken(list(graph.weights())), np.random.default_rng(0)
    x = generator.normal(size=tuple(int(str(size)) for size in known.inputs[0].value.shape)).astype(np.float32)
    (wanted,) = execute(compile_graph(known, weights), [x])
    (found,) = ReferenceEvaluator(exported(graph, tmp_path, weights)).run(None, {"input": x})
    assert found.dtype == wanted.dtype
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-5)


def _named(layer: Any) -> Any:
    """The layer, reading the model's input where it names its inputs."""
    return {**layer, "inputs": ["input", "input"]} if "inputs" in layer else layer
