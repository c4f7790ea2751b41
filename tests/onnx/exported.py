"""Models exported for tests, checked as strictly as the onnx package can."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import onnx
from onnx import shape_inference

from specmodel.convert.onnx.export import OPSET, export_onnx
from specmodel.graph.graph import Graph
from specmodel.model.opening import open_mapping
from specmodel.weights.store import initial_weights

Spec = dict[str, Any]


def opened(spec: Spec) -> tuple[Graph, Mapping[str, Any]]:
    """The graph of a spec, and its initial weights."""
    found, graph = open_mapping(spec, Path()).sound()
    assert graph is not None
    return graph, initial_weights(list(graph.weights()), found.seed)


def exported(graph: Graph, weights: Mapping[str, Any], folder: Path, opset: int = OPSET) -> onnx.ModelProto:
    """The file that a graph becomes, read back and checked with full shape inference."""
    path = folder / "model.onnx"
    export_onnx(path, graph, weights, opset)
    onnx.checker.check_model(str(path), full_check=True)
    model = onnx.load(path)
    return shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)


def kinds(model: onnx.ModelProto) -> list[str]:
    """The operators in order."""
    return [node.op_type for node in model.graph.node]
