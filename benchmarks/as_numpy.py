"""A network as the plain NumPy forward pass that one would write by hand: values are arrays."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from benchmarks.networks import EPSILON

Array = np.ndarray[Any, Any]


class ByHand:
    """Computes at once; `weights` by path."""

    def __init__(self, weights: Mapping[str, Array]) -> None:
        self._weights = weights

    def dense(self, x: Array, name: str, units: int, activation: str = "linear") -> Array:
        return activated(x @ self._weights[f"{name}/kernel"] + self._weights[f"{name}/bias"], activation)

    def conv(
        self,
        x: Array,
        name: str,
        filters: int,
        size: int,
        stride: int = 1,
        padding: str = "valid",
        activation: str = "linear",
    ) -> Array:
        if padding == "same":
            x = self.pad(x, name, size // 2)
        kernel = self._weights[f"{name}/kernel"].reshape(-1, filters)
        if size == 1:
            patches = x[:, ::stride, ::stride]
        else:
            windows = sliding_window_view(x, (size, size), axis=(1, 2))[:, ::stride, ::stride]
            patches = windows.transpose(0, 1, 2, 4, 5, 3)
        shape = (*patches.shape[:3], filters)
        y = patches.reshape(-1, len(kernel)) @ kernel + self._weights[f"{name}/bias"]
        return activated(y.reshape(shape), activation)

    def norm(self, x: Array, name: str) -> Array:
        gamma, beta, mean, variance = (
            self._weights[f"{name}/{part}"] for part in ("gamma", "beta", "moving_mean", "moving_variance")
        )
        scale = gamma / np.sqrt(variance + np.float32(EPSILON))
        return x * scale + (beta - mean * scale)

    def relu(self, x: Array, name: str) -> Array:
        return np.maximum(x, 0)

    def pad(self, x: Array, name: str, width: int) -> Array:
        return np.pad(x, ((0, 0), (width, width), (width, width), (0, 0)))

    def max_pool(self, x: Array, name: str, size: int, stride: int) -> Array:
        return sliding_window_view(x, (size, size), axis=(1, 2))[:, ::stride, ::stride].max(axis=(4, 5))

    def global_average(self, x: Array, name: str) -> Array:
        return x.mean(axis=(1, 2))

    def flatten(self, x: Array, name: str) -> Array:
        return x.reshape(len(x), -1)

    def add(self, x: Array, y: Array, name: str) -> Array:
        return x + y

    def lstm(self, x: Array, name: str, units: int) -> Array:
        kernel, recurrent, bias = (
            self._weights[f"{name}/lstm_cell/{part}"] for part in ("kernel", "recurrent_kernel", "bias")
        )
        h = c = np.zeros((len(x), units), x.dtype)
        for step in range(x.shape[1]):
            i, f, g, o = np.split(x[:, step] @ kernel + h @ recurrent + bias, 4, axis=1)
            c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
            h = sigmoid(o) * np.tanh(c)
        return h


def sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


def activated(x: Array, activation: str) -> Array:
    if activation == "relu":
        return np.maximum(x, 0)
    if activation == "softmax":
        powers = np.exp(x - x.max(axis=-1, keepdims=True))
        return powers / powers.sum(axis=-1, keepdims=True)
    return x
