"""A network as an ONNX graph for onnxruntime, channels first as ONNX has them; values are the names of tensors."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from benchmarks.forms import walk
from specmodel.spec.model import ModelSpec

Array = np.ndarray[Any, Any]
OPSET, IR_VERSION = 20, 10
ACTIVATIONS = {"relu": "Relu", "sigmoid": "Sigmoid", "softmax": "Softmax", "gelu": "Gelu"}


class OnnxGraph:
    """Collects nodes and weights. Zeros around an image become the padding of the next window."""

    def __init__(self, weights: Mapping[str, Array]) -> None:
        self.nodes: list[Any] = []
        self.initializers: dict[str, Any] = {}
        self._weights = weights
        self._padding: dict[str, tuple[tuple[int, int], ...]] = {}

    def dense(self, path: str, layer: Any, x: str) -> str:
        y = self._node("MatMul", f"{path}/product", [x, self._weight(f"{path}/kernel")])
        return self._activated(path, layer, self._node("Add", f"{path}/sum", [y, self._weight(f"{path}/bias")]))

    def conv2d(self, path: str, layer: Any, x: str) -> str:
        kernel = self._weights[f"{path}/kernel"].transpose(3, 2, 0, 1)
        return self._windowed("Conv", path, layer, x, kernel, **self._pads(x, layer))

    def depthwise_conv2d(self, path: str, layer: Any, x: str) -> str:
        kernel = self._weights[f"{path}/kernel"].transpose(2, 3, 0, 1)
        kernel = kernel.reshape(-1, 1, *kernel.shape[2:])
        return self._windowed("Conv", path, layer, x, kernel, group=len(kernel), **self._pads(x, layer))

    def conv2d_transpose(self, path: str, layer: Any, x: str) -> str:
        kernel = self._weights[f"{path}/kernel"].transpose(3, 2, 0, 1)
        return self._windowed("ConvTranspose", path, layer, x, kernel)

    def batch_normalization(self, path: str, layer: Any, x: str) -> str:
        parts = [self._weight(f"{path}/{part}") for part in ("gamma", "beta", "moving_mean", "moving_variance")]
        return self._node("BatchNormalization", path, [x, *parts], epsilon=layer.epsilon)

    def layer_normalization(self, path: str, layer: Any, x: str) -> str:
        parts = [self._weight(f"{path}/{part}") for part in ("gamma", "beta")]
        return self._node("LayerNormalization", path, [x, *parts], epsilon=layer.epsilon)

    def activation(self, path: str, layer: Any, x: str) -> str:
        return self._activated(path, layer, x)

    def re_lu(self, path: str, layer: Any, x: str) -> str:
        limits = [self._constant(f"{path}/{n}", np.float32(value)) for n, value in enumerate((0, layer.max_value))]
        return self._node("Clip", path, [x, *limits])

    def zero_padding2d(self, path: str, layer: Any, x: str) -> str:
        self._padding[x] = layer.padding
        return x

    def max_pooling2d(self, path: str, layer: Any, x: str) -> str:
        strides = layer.strides if layer.strides is not None else layer.pool_size
        window = {"kernel_shape": layer.pool_size, "strides": strides, "pads": self._border(x)}
        return self._node("MaxPool", path, [x], **window)

    def global_average_pooling2d(self, path: str, layer: Any, x: str) -> str:
        return self._node("Flatten", path, [self._node("GlobalAveragePool", f"{path}/mean", [x])])

    def flatten(self, path: str, layer: Any, x: str) -> str:
        return self._node("Flatten", path, [self._node("Transpose", f"{path}/last", [x], perm=[0, 2, 3, 1])])

    def dropout(self, path: str, layer: Any, x: str) -> str:
        return x

    def add(self, path: str, layer: Any, x: str, y: str) -> str:
        return self._node("Add", path, [x, y])

    def concatenate(self, path: str, layer: Any, *values: str) -> str:
        return self._node("Concat", path, values, axis=1)

    def multi_head_attention(self, path: str, layer: Any, query: str, value: str) -> str:
        def heads(name: str, x: str, perm: list[int]) -> str:
            kernel = self._weights[f"{path}/{name}/kernel"]
            y = self._flat_product(f"{path}/{name}", x, kernel.reshape(len(kernel), -1))
            split = self._constant(f"{path}/split", np.array([0, 0, layer.num_heads, layer.key_dim]))
            y = self._node("Reshape", f"{path}/{name}/split", [y, split])
            return self._node("Transpose", f"{path}/{name}/turned", [y], perm=perm)

        q, k, v = (
            heads("query", query, [0, 2, 1, 3]),
            heads("key", value, [0, 2, 3, 1]),
            heads("value", value, [0, 2, 1, 3]),
        )
        q = self._node("Mul", f"{path}/scaled", [q, self._constant(f"{path}/scale", np.float32(layer.key_dim**-0.5))])
        scores = self._node("MatMul", f"{path}/scores", [q, k])
        weights = self._node("Softmax", f"{path}/softmax", [scores], axis=-1)
        y = self._node(
            "Transpose", f"{path}/turned", [self._node("MatMul", f"{path}/mean", [weights, v])], perm=[0, 2, 1, 3]
        )
        y = self._node("Reshape", f"{path}/joined", [y, self._constant(f"{path}/join", np.array([0, 0, -1]))])
        kernel = self._weights[f"{path}/attention_output/kernel"]
        return self._flat_product(f"{path}/attention_output", y, kernel.reshape(-1, kernel.shape[-1]))

    def lstm(self, path: str, layer: Any, x: str) -> str:
        kernel, recurrent, bias = self._gates(f"{path}/lstm_cell", 4, (0, 3, 1, 2))
        bias = np.concatenate([bias, np.zeros_like(bias)])
        return self._recurrent("LSTM", path, layer, x, kernel, recurrent, bias)

    def gru(self, path: str, layer: Any, x: str) -> str:
        kernel, recurrent, bias = self._gates(f"{path}/gru_cell", 3, (0, 1, 2))
        return self._recurrent("GRU", path, layer, x, kernel, recurrent, bias.reshape(-1), linear_before_reset=1)

    def _gates(self, path: str, count: int, order: tuple[int, ...]) -> list[Array]:
        """The three weights with their gates in ONNX's order."""
        parts = [np.split(self._weights[f"{path}/{n}"], count, -1) for n in ("kernel", "recurrent_kernel", "bias")]
        return [np.concatenate([gates[gate] for gate in order], axis=-1) for gates in parts]

    def _recurrent(
        self, kind: str, path: str, layer: Any, x: str, kernel: Array, recurrent: Array, bias: Array, **more: Any
    ) -> str:
        inputs = [
            self._node("Transpose", f"{path}/steps", [x], perm=[1, 0, 2]),
            self._constant(f"{path}/W", kernel.T[None]),
            self._constant(f"{path}/R", recurrent.T[None]),
            self._constant(f"{path}/B", bias[None]),
        ]
        self.nodes.append(helper.make_node(kind, inputs, ["", f"{path}/last"], hidden_size=layer.units, **more))
        return self._node("Squeeze", path, [f"{path}/last", self._constant(f"{path}/axis", np.array([0]))])

    def _pads(self, x: str, layer: Any) -> dict[str, Any]:
        return {"auto_pad": "SAME_UPPER"} if layer.padding == "same" else {"pads": self._border(x)}

    def _border(self, x: str) -> list[int]:
        (top, bottom), (left, right) = self._padding.get(x, ((0, 0), (0, 0)))
        return [top, left, bottom, right]

    def _windowed(self, kind: str, path: str, layer: Any, x: str, kernel: Array, **more: Any) -> str:
        inputs = [x, self._constant(f"{path}/kernel", kernel)]
        inputs += [self._weight(f"{path}/bias")] if layer.use_bias else []
        window = {"kernel_shape": kernel.shape[2:], "strides": layer.strides}
        return self._activated(path, layer, self._node(kind, f"{path}/sum", inputs, **window, **more))

    def _flat_product(self, path: str, x: str, kernel: Array) -> str:
        y = self._node("MatMul", f"{path}/product", [x, self._constant(f"{path}/kernel", kernel)])
        bias = self._constant(f"{path}/bias", self._weights[f"{path}/bias"].reshape(-1))
        return self._node("Add", f"{path}/sum", [y, bias])

    def _node(self, kind: str, name: str, inputs: Any, **attributes: Any) -> str:
        self.nodes.append(helper.make_node(kind, list(inputs), [name], name=name, **attributes))
        return name

    def _activated(self, path: str, layer: Any, x: str) -> str:
        return x if layer.activation == "linear" else self._node(ACTIVATIONS[layer.activation], path, [x])

    def _weight(self, path: str) -> str:
        return self._constant(path, self._weights[path])

    def _constant(self, name: str, array: Array) -> str:
        self.initializers[name] = numpy_helper.from_array(np.ascontiguousarray(array).reshape(np.shape(array)), name)
        return name


def session(spec: ModelSpec, weights: Mapping[str, Array], x: Array, threads: int) -> Callable[[], Array]:
    """A call of the network in onnxruntime on an input of the spec's."""
    graph = OnnxGraph(weights)
    output = walk(spec, graph, {given.name: given.name for given in spec.inputs or ()})
    x = np.ascontiguousarray(x.transpose(0, 3, 1, 2)) if x.ndim == 4 else x
    (name,) = (given.name for given in spec.inputs or ())
    given = helper.make_tensor_value_info(name, TensorProto.FLOAT, x.shape)
    result = helper.make_tensor_value_info(output, TensorProto.FLOAT, None)
    made = helper.make_graph(graph.nodes, "network", [given], [result], list(graph.initializers.values()))
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    runtime = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    images = len(runtime.get_outputs()[0].shape) == 4

    def run() -> Array:
        y: Array = runtime.run(None, {name: x})[0]
        return y.transpose(0, 2, 3, 1) if images else y

    return run
