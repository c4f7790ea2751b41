"""LSTM and GRU weights in cuDNN's layout, as CuDNNLSTM and CuDNNGRU of Keras 2 saved them, in Keras' own.

The gates stand in the same order. Each gate's block of the kernel is transposed and then read in column order, each
block of the recurrent kernel is transposed; there are two biases: an LSTM adds them, a GRU (`reset_after`) keeps both.
"""

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


def from_cudnn(array: Array, part: str, gates: int) -> Array:
    """A weight of Keras: `part` is kernel, recurrent_kernel or bias."""
    if part == "bias":
        pair = array.reshape(2, -1)
        return pair.sum(axis=0) if gates == 4 else pair
    blocks = np.split(array, gates, axis=1)
    if part == "kernel":
        return np.concatenate([block.T.reshape(block.shape, order="F") for block in blocks], axis=1)
    return np.concatenate([block.T for block in blocks], axis=1)
