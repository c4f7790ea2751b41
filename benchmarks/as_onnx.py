"""A spec in onnxruntime, by way of specmodel's own export, for data of a known shape."""

import os
from collections.abc import Callable, Mapping
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import onnxruntime

from specmodel.convert.onnx.export import export_onnx
from specmodel.graph.bind import build_bound
from specmodel.spec.model import ModelSpec

Array = np.ndarray[Any, Any]


def session(spec: ModelSpec, weights: Mapping[str, Array], x: Array, threads: int) -> Callable[[], Array]:
    """A call of the network in onnxruntime on an input of the spec's."""
    (name,) = (given.name for given in spec.inputs or ())
    graph = build_bound(spec, {name: x.shape})[1]
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    with TemporaryDirectory() as folder:
        path = os.path.join(folder, "model.onnx")
        export_onnx(path, graph, weights)
        runtime = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])

    def run() -> Array:
        y: Array = runtime.run(None, {name: x})[0]
        return y

    return run
