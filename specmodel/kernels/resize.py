"""Resampling, one axis after the other: elements taken, or products with small matrices of weights.

The weights are those of `jax.image.resize`, which Keras' image operations agree on.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np

from specmodel.kernels import Array, Bound, Scratch
from specmodel.ops import resize as ops

TILE = 64  # outputs of one product: the inputs they look at are few beside a long axis


def resize(op: ops.Resize, inputs: Sequence[Array], outputs: Sequence[Array], scratch: Scratch) -> Iterator[Bound]:
    """A pass for each axis: those that shrink most first, and of equals the last, whose passes are the slower."""
    (x,), (out,) = inputs, outputs
    axes = sorted(op.axes, key=lambda axis: (out.shape[axis] / x.shape[axis], -axis))
    if not x.flags.c_contiguous:
        packed = scratch(x.shape, x.dtype)
        yield partial(np.copyto, packed, x)
        x = packed
    for axis in axes:
        shape = (*x.shape[:axis], out.shape[axis], *x.shape[axis + 1 :])
        result = out if axis == axes[-1] else scratch(shape, out.dtype)
        if op.interpolation == "nearest":
            yield partial(x.take, _nearest(x.shape[axis], shape[axis]), axis=axis, out=result, mode="clip")
        else:
            yield from _mixed(op, x, result, axis)
        x = result


def _nearest(size: int, wanted: int) -> Array:
    """The input element whose cell holds the centre of each output, rounded in float32 as Keras does."""
    centres = (np.arange(wanted, dtype=np.float32) + np.float32(0.5)) * np.float32(size) / np.float32(wanted)
    indices: Array = np.floor(centres).astype(np.intp)
    return indices


def _mixed(op: ops.Resize, x: Array, out: Array, axis: int) -> Iterator[Bound]:
    """Weighted means along an axis of contiguous arrays: products of a matrix for each tile of outputs."""
    size, wanted = x.shape[axis], out.shape[axis]
    outer, inner = int(np.prod(x.shape[:axis])), int(np.prod(x.shape[axis + 1 :]))
    x, out = x.reshape(outer, size, inner), out.reshape(outer, wanted, inner)
    for start in range(0, wanted, TILE):
        tile = range(start, min(start + TILE, wanted))
        low, block = weights(op, tile, size, wanted, x.dtype)
        yield partial(np.matmul, block, x[:, low : low + block.shape[1]], out=out[:, start : tile.stop])


def weights(op: ops.Resize, tile: range, size: int, wanted: int, dtype: "np.dtype[Any]") -> tuple[int, Array]:
    """The first input that the outputs of a tile look at, and how much it and those after it count for each (a row).

    The weights of an output sum to one, also at the border, where some inputs are missing.
    """
    step = size / wanted
    widening = max(step, 1.0) if op.antialias else 1.0
    # Step and places are rounded where XLA rounds them: in float32, a third of a large index is off by what shows.
    places = ((np.arange(tile.start, tile.stop) + 0.5) * float(dtype.type(step)) - 0.5).astype(dtype)
    reach = ops.REACH[op.interpolation] * widening
    low = max(math.floor(places[0] - reach), 0)
    high = min(math.ceil(places[-1] + reach) + 1, size)
    shares = _FUNCTIONS[op.interpolation](np.abs(places[:, np.newaxis] - np.arange(low, high)) / widening)
    return low, (shares / shares.sum(axis=1, keepdims=True)).astype(dtype)


def _triangle(x: Array) -> Array:
    return np.maximum(0.0, 1.0 - x)


def _cubic(x: Array) -> Array:
    """Cubic convolution with a = -1/2 (R. Keys, IEEE Trans. ASSP 29(6), 1981)."""
    near = (1.5 * x - 2.5) * x * x + 1.0
    far = ((-0.5 * x + 2.5) * x - 4.0) * x + 2.0
    return np.where(x < 1.0, near, np.where(x < 2.0, far, 0.0))


def _lanczos(radius: int, x: Array) -> Array:
    """`sinc(x) * sinc(x / radius)` within the radius."""
    return np.where(x <= radius, np.sinc(x) * np.sinc(x / radius), 0.0)


_FUNCTIONS: dict[str, Callable[[Array], Array]] = {
    "bilinear": _triangle,
    "bicubic": _cubic,
    "lanczos3": partial(_lanczos, 3),
    "lanczos5": partial(_lanczos, 5),
}
