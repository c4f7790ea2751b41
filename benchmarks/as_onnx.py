"""A network as an ONNX graph for onnxruntime, channels first as ONNX has them; values are the names of tensors."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from benchmarks.networks import EPSILON

Array = np.ndarray[Any, Any]
OPSET, IR_VERSION = 18, 10
ACTIVATIONS = {"relu": "Relu", "softmax": "Softmax"}


class OnnxGraph:
    """Collects nodes and weights. Zeros around an image become the padding of the next window."""

    def __init__(self, weights: Mapping[str, Array]) -> None:
        self.nodes: list[Any] = []
        self.initializers: list[Any] = []
        self._weights = weights
        self._padding: dict[str, int] = {}

    def dense(self, x: str, name: str, units: int, activation: str = "linear") -> str:
        kernel, bias = self._weight(f"{name}/kernel"), self._weight(f"{name}/bias")
        return self._activated(self._node("Gemm", name, [x, kernel, bias]), name, activation)

    def conv(
        self,
        x: str,
        name: str,
        filters: int,
        size: int,
        stride: int = 1,
        padding: str = "valid",
        activation: str = "linear",
    ) -> str:
        path = f"{name}/kernel"
        kernel = self._constant(path, np.ascontiguousarray(self._weights[path].transpose(3, 2, 0, 1)))
        width = size // 2 if padding == "same" else self._padding.get(x, 0)
        inputs = [x, kernel, self._weight(f"{name}/bias")]
        y = self._node("Conv", name, inputs, kernel_shape=[size, size], strides=[stride, stride], pads=[width] * 4)
        return self._activated(y, name, activation)

    def norm(self, x: str, name: str) -> str:
        parts = [self._weight(f"{name}/{part}") for part in ("gamma", "beta", "moving_mean", "moving_variance")]
        return self._node("BatchNormalization", name, [x, *parts], epsilon=EPSILON)

    def relu(self, x: str, name: str) -> str:
        return self._node("Relu", name, [x])

    def pad(self, x: str, name: str, width: int) -> str:
        self._padding[x] = width
        return x

    def max_pool(self, x: str, name: str, size: int, stride: int) -> str:
        width = self._padding.get(x, 0)
        return self._node("MaxPool", name, [x], kernel_shape=[size] * 2, strides=[stride] * 2, pads=[width] * 4)

    def global_average(self, x: str, name: str) -> str:
        return self._node("Flatten", name, [self._node("GlobalAveragePool", f"{name}_pool", [x])])

    def flatten(self, x: str, name: str) -> str:
        return self._node("Flatten", name, [self._node("Transpose", f"{name}_last", [x], perm=[0, 2, 3, 1])])

    def add(self, x: str, y: str, name: str) -> str:
        return self._node("Add", name, [x, y])

    def lstm(self, x: str, name: str, units: int) -> str:
        kernel, recurrent, bias = (
            self._weights[f"{name}/lstm_cell/{part}"] for part in ("kernel", "recurrent_kernel", "bias")
        )
        inputs = [
            self._node("Transpose", f"{name}_steps", [x], perm=[1, 0, 2]),
            self._constant(f"{name}/W", _gates(kernel).T[None]),
            self._constant(f"{name}/R", _gates(recurrent).T[None]),
            self._constant(f"{name}/B", np.concatenate([_gates(bias), np.zeros_like(bias)])[None]),
        ]
        self.nodes.append(helper.make_node("LSTM", inputs, ["", f"{name}_h"], hidden_size=units))
        return self._node("Squeeze", name, [f"{name}_h", self._constant(f"{name}/axis", np.array([0]))])

    def _node(self, kind: str, name: str, inputs: list[str], **attributes: Any) -> str:
        self.nodes.append(helper.make_node(kind, inputs, [name], name=name, **attributes))
        return name

    def _activated(self, x: str, name: str, activation: str) -> str:
        return x if activation == "linear" else self._node(ACTIVATIONS[activation], f"{name}_{activation}", [x])

    def _weight(self, path: str) -> str:
        return self._constant(path, self._weights[path])

    def _constant(self, name: str, array: Array) -> str:
        self.initializers.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name


def _gates(array: Array) -> Array:
    """Keras' gates (input, forget, cell, output) in ONNX's order (input, output, forget, cell)."""
    i, f, c, o = np.split(array, 4, axis=-1)
    return np.concatenate([i, o, f, c], axis=-1)


def session(
    network: Callable[[OnnxGraph, str], str], weights: Mapping[str, Array], batch: int, shape: tuple[int, ...]
) -> Callable[[Array], Array]:
    """The network in onnxruntime on one thread, for inputs that are `arranged`."""
    graph = OnnxGraph(weights)
    output = network(graph, "input")
    sizes = [batch, shape[2], *shape[:2]] if len(shape) == 3 else [batch, *shape]
    given = helper.make_tensor_value_info("input", TensorProto.FLOAT, sizes)
    result = helper.make_tensor_value_info(output, TensorProto.FLOAT, None)
    made = helper.make_graph(graph.nodes, "network", [given], [result], graph.initializers)
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    runtime = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])

    def run(x: Array) -> Array:
        return runtime.run(None, {"input": x})[0]  # type: ignore[no-any-return]

    return run


def arranged(x: Array) -> Array:
    """An input as the graph takes it: images with the channels first."""
    return np.ascontiguousarray(x.transpose(0, 3, 1, 2)) if x.ndim == 4 else x
