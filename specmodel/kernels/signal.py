"""Frames are views; frequencies come from NumPy's fast transform."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np

from specmodel.kernels import Array, Bound, Scratch, View
from specmodel.ops import signal as ops


def _frames_view(op: ops.Frames, x: Array) -> Array:
    windows: Array = np.lib.stride_tricks.sliding_window_view(x, op.length, axis=-1)
    return windows[..., :: op.step, :]


VIEWS: dict[Any, View] = {ops.Frames: _frames_view}


def rfft(op: ops.Rfft, inputs: Sequence[Array], outputs: Sequence[Array], scratch: Scratch) -> Iterator[Bound]:
    """One transform into scratch, whose parts are copied out."""
    (x,), (real, imag) = inputs, outputs
    whole = scratch(real.shape, np.result_type(x.dtype, np.complex64))
    yield partial(np.fft.rfft, x, out=whole)
    yield partial(np.copyto, real, whole.real)
    yield partial(np.copyto, imag, whole.imag)


def dft(op: ops.Dft, inputs: Sequence[Array], outputs: Sequence[Array], scratch: Scratch) -> Iterator[Bound]:
    """One transform of complex numbers."""
    yield partial(_dft, np.fft.ifft if op.inverse else np.fft.fft, *inputs, *outputs)


def _dft(function: Any, real: Array, imaginary: Array, out: Array, out_imaginary: Array) -> None:
    whole = function(real + 1j * imaginary)
    np.copyto(out, whole.real, casting="same_kind")
    np.copyto(out_imaginary, whole.imag, casting="same_kind")
