"""A network as the plain NumPy forward pass that one would write by hand: values are arrays."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

Array = np.ndarray[Any, Any]


class ByHand:
    """Computes at once; `weights` by path."""

    def __init__(self, weights: Mapping[str, Array]) -> None:
        self._weights = weights

    def _of(self, path: str, *names: str) -> list[Array]:
        return [self._weights[f"{path}/{name}"] for name in names]

    def _biased(self, path: str, layer: Any, x: Array) -> Array:
        return activated(x + self._weights[f"{path}/bias"] if layer.use_bias else x, layer.activation)

    def dense(self, path: str, layer: Any, x: Array) -> Array:
        return self._biased(path, layer, x @ self._weights[f"{path}/kernel"])

    def conv2d(self, path: str, layer: Any, x: Array) -> Array:
        kernel = self._weights[f"{path}/kernel"]
        windows = windows_of(x, layer).transpose(0, 1, 2, 4, 5, 3)
        rows = windows.reshape(-1, kernel[..., 0].size) @ kernel.reshape(-1, kernel.shape[-1])
        return self._biased(path, layer, rows.reshape(*windows.shape[:3], -1))

    def depthwise_conv2d(self, path: str, layer: Any, x: Array) -> Array:
        kernel = self._weights[f"{path}/kernel"]
        y = np.einsum("nhwcij,ijcm->nhwcm", windows_of(x, layer), kernel)
        return self._biased(path, layer, y.reshape(*y.shape[:3], -1))

    def conv2d_transpose(self, path: str, layer: Any, x: Array) -> Array:
        kernel = self._weights[f"{path}/kernel"]
        assert layer.kernel_size == layer.strides == kernel.shape[:2]  # the windows of the output do not overlap
        n, h, w, _ = x.shape
        rows = x.reshape(-1, x.shape[-1]) @ kernel.reshape(-1, kernel.shape[-1]).T
        y = rows.reshape(n, h, w, *kernel.shape[:3]).transpose(0, 1, 3, 2, 4, 5)
        return self._biased(path, layer, y.reshape(n, h * kernel.shape[0], w * kernel.shape[1], kernel.shape[2]))

    def batch_normalization(self, path: str, layer: Any, x: Array) -> Array:
        gamma, beta, mean, variance = self._of(path, "gamma", "beta", "moving_mean", "moving_variance")
        scale = gamma / np.sqrt(variance + np.float32(layer.epsilon))
        return x * scale + (beta - mean * scale)

    def layer_normalization(self, path: str, layer: Any, x: Array) -> Array:
        gamma, beta = self._of(path, "gamma", "beta")
        centred = x - x.mean(axis=-1, keepdims=True)
        return centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + np.float32(layer.epsilon)) * gamma + beta

    def activation(self, path: str, layer: Any, x: Array) -> Array:
        return activated(x, layer.activation)

    def re_lu(self, path: str, layer: Any, x: Array) -> Array:
        return np.clip(x, 0, layer.max_value)

    def zero_padding2d(self, path: str, layer: Any, x: Array) -> Array:
        return np.pad(x, ((0, 0), *layer.padding, (0, 0)))

    def max_pooling2d(self, path: str, layer: Any, x: Array) -> Array:
        height, width = layer.strides if layer.strides is not None else layer.pool_size
        return sliding_window_view(x, layer.pool_size, axis=(1, 2))[:, ::height, ::width].max(axis=(4, 5))

    def global_average_pooling2d(self, path: str, layer: Any, x: Array) -> Array:
        return x.mean(axis=(1, 2))

    def flatten(self, path: str, layer: Any, x: Array) -> Array:
        return x.reshape(len(x), -1)

    def dropout(self, path: str, layer: Any, x: Array) -> Array:
        return x

    def add(self, path: str, layer: Any, x: Array, y: Array) -> Array:
        return x + y

    def concatenate(self, path: str, layer: Any, *values: Array) -> Array:
        return np.concatenate(values, axis=layer.axis)

    def multi_head_attention(self, path: str, layer: Any, query: Array, value: Array) -> Array:
        def heads(name: str, x: Array) -> Array:
            kernel, bias = self._of(f"{path}/{name}", "kernel", "bias")
            y = x @ kernel.reshape(len(kernel), -1) + bias.reshape(-1)
            return y.reshape(*x.shape[:2], layer.num_heads, -1).transpose(0, 2, 1, 3)

        q, k, v = heads("query", query), heads("key", value), heads("value", value)
        weights = softmax(q @ k.transpose(0, 1, 3, 2) / np.float32(layer.key_dim**0.5))
        kernel, bias = self._of(f"{path}/attention_output", "kernel", "bias")
        joined = (weights @ v).transpose(0, 2, 1, 3).reshape(*query.shape[:2], -1)
        return joined @ kernel.reshape(-1, kernel.shape[-1]) + bias

    def lstm(self, path: str, layer: Any, x: Array) -> Array:
        kernel, recurrent, bias = self._of(f"{path}/lstm_cell", "kernel", "recurrent_kernel", "bias")
        h = c = np.zeros((len(x), layer.units), x.dtype)
        for step in range(x.shape[1]):
            i, f, g, o = np.split(x[:, step] @ kernel + h @ recurrent + bias, 4, axis=1)
            c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
            h = sigmoid(o) * np.tanh(c)
        return h

    def gru(self, path: str, layer: Any, x: Array) -> Array:
        kernel, recurrent, bias = self._of(f"{path}/gru_cell", "kernel", "recurrent_kernel", "bias")
        h = np.zeros((len(x), layer.units), x.dtype)
        for step in range(x.shape[1]):
            xz, xr, xh = np.split(x[:, step] @ kernel + bias[0], 3, axis=1)
            hz, hr, hh = np.split(h @ recurrent + bias[1], 3, axis=1)
            z = sigmoid(xz + hz)
            h = z * h + (1 - z) * np.tanh(xh + sigmoid(xr + hr) * hh)
        return h


def windows_of(x: Array, layer: Any) -> Array:
    """The windows that a layer slides over images: (batch, rows, columns, channels, *window)."""
    if layer.padding == "same":
        edges = zip(x.shape[1:3], layer.kernel_size, layer.strides, strict=True)
        x = np.pad(x, ((0, 0), *(_same(*edge) for edge in edges), (0, 0)))
    height, width = layer.strides
    return sliding_window_view(x, layer.kernel_size, axis=(1, 2))[:, ::height, ::width]


def _same(size: int, taps: int, stride: int) -> tuple[int, int]:
    total = max((-(-size // stride) - 1) * stride + taps - size, 0)
    return total // 2, total - total // 2


def activated(x: Array, activation: Any) -> Array:
    return {
        "linear": lambda x: x,
        "relu": lambda x: np.maximum(x, 0),
        "sigmoid": sigmoid,
        "softmax": softmax,
        "gelu": gelu,
    }[activation](x)


def sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


def softmax(x: Array) -> Array:
    powers = np.exp(x - x.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def gelu(x: Array) -> Array:
    """With the error function of M. Abramowitz and I. Stegun, Handbook of Mathematical Functions (1964), 7.1.26."""
    a = np.abs(x) * np.float32(0.5**0.5)
    t = 1 / (1 + np.float32(0.3275911) * a)
    tail = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    return x * (1 + np.copysign(1 - tail * np.exp(-a * a), x)) / 2
