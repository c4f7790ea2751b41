"""Exported models in onnxruntime, and how far their numbers are from the executor's."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from specmodel.convert.onnx.export import OPSET, export_onnx
from specmodel.graph.graph import Graph, GraphOutput
from specmodel.spec.model import Ref

Array = Any
TOLERANCE = 1e-4
"""The largest difference, relative to the largest number of an output."""
TOLERANCES = {"float16": 4e-3, "bfloat16": 3e-2}
"""Of 16-bit outputs, whose last digit may be another after each op."""
WITHOUT_KERNEL = frozenset(
    "Acos Acosh Asin Asinh Atan Atanh AveragePool Conv ConvTranspose Cosh Det Erf Sinh Tan".split()
)
"""Operators that ONNX has for float64 and onnxruntime has not."""


def in_onnxruntime(path: Path, arrays: Sequence[Array]) -> list[Array]:
    """The outputs of a model on one thread, for inputs in their order."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    names = [given.name for given in session.get_inputs()]
    found: list[Array] = session.run(None, dict(zip(names, arrays, strict=True)))
    return found


def assert_alike(
    graph: Graph,
    weights: Mapping[str, Any],
    arrays: Sequence[Array],
    wanted: Sequence[Array],
    folder: Path,
    opset: int = OPSET,
) -> None:
    """The exported graph gives the wanted outputs: shapes, dtypes, and numbers to the tolerance."""
    path = folder / "model.onnx"
    export_onnx(path, graph, weights, opset)
    found = in_onnxruntime(path, arrays)
    shapes = [(output.name, output.value.dtype) for output in graph.outputs]
    far = {
        name: difference(one, other)
        for (name, dtype), one, other in zip(shapes, found, wanted, strict=True)
        if difference(one, other) > TOLERANCES.get(dtype, TOLERANCE)
    }
    assert far == {}


def difference(found: Array, wanted: Array) -> float:
    """The largest difference of two arrays of one kind, relative to the largest number; texts differ by 1."""
    assert found.shape == wanted.shape
    if wanted.dtype.kind == "U":
        return float((found.astype(str) != wanted).any())
    assert found.dtype == wanted.dtype
    one, other = found.astype(np.float64), wanted.astype(np.float64)
    same = (one == other) | (np.isnan(one) & np.isnan(other))
    if same.all():
        return 0.0
    if not (np.isfinite(one[~same]).all() and np.isfinite(other[~same]).all()):
        return float("inf")
    largest = np.abs(other[np.isfinite(other)]).max()
    return float(np.abs(one[~same] - other[~same]).max() / max(largest, np.finfo(np.float32).tiny))


def with_every_layer(graph: Graph) -> Graph:
    """The graph with all that its layers give out as outputs, so that no layer's error hides in the end."""
    refs = [(node, Ref(node.path, index)) for node in graph.nodes for index in range(len(node.outputs))]
    outputs = [GraphOutput(str(ref), node.outputs[ref.index].value, ref) for node, ref in refs]
    return graph.replace(outputs=tuple(outputs))
