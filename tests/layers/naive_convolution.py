"""Convolutions as their definition reads, one window at a time: the oracle of the convolution tests."""

from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np


def zeros_in_front(size: int, taps: int, stride: int, dilation: int, padding: str) -> int:
    """How many zeros stand before an axis."""
    extent = dilation * (taps - 1) + 1
    if padding == "same":
        return max((-(-size // stride) - 1) * stride + extent - size, 0) // 2
    return extent - 1 if padding == "causal" else 0


def window_count(size: int, taps: int, stride: int, dilation: int, padding: str) -> int:
    """How many windows begin inside the padded axis and end there."""
    extent = dilation * (taps - 1) + 1
    return len(range(0, size - extent + 1, stride)) if padding == "valid" else -(-size // stride)


def convolve(x: Any, kernel: Any, strides: Sequence[int], dilation: Sequence[int], padding: str) -> Any:
    """Convolve (batch, …, channels) with a kernel (…, channels, filters) in float64."""
    taps, sizes = kernel.shape[:-2], x.shape[1:-1]
    settings = list(zip(sizes, taps, strides, dilation, strict=True))
    front = [zeros_in_front(*setting, padding) for setting in settings]
    counts = [window_count(*setting, padding) for setting in settings]
    result = np.zeros((x.shape[0], *counts, kernel.shape[-1]))
    for place, seen, tap in _meetings(counts, taps, strides, dilation, front, sizes):
        result[(slice(None), *place)] += x[(slice(None), *seen)].astype(float) @ kernel[tap].astype(float)
    return result


def convolve_in_groups(x: Any, kernel: Any, groups: int, *settings: Any) -> Any:
    """Convolve each group of channels by itself."""
    parts = zip(np.split(x, groups, axis=-1), np.split(kernel, groups, axis=-1), strict=True)
    return np.concatenate([convolve(part, filters, *settings) for part, filters in parts], axis=-1)


def convolve_each_channel(x: Any, kernel: Any, *settings: Any) -> Any:
    """Convolve each channel with its own filters, of a kernel (…, channels, multiplier)."""
    channels = range(x.shape[-1])
    parts = [convolve(x[..., c : c + 1], kernel[..., c : c + 1, :], *settings) for c in channels]
    return np.concatenate(parts, axis=-1)


def spread(
    x: Any, kernel: Any, lengths: Sequence[int], strides: Sequence[int], dilation: Sequence[int], padding: str
) -> Any:
    """The adjoint of convolving an array of these lengths: each window gives back what it would have taken."""
    taps, counts = kernel.shape[:-2], x.shape[1:-1]
    settings = zip(lengths, taps, strides, dilation, strict=True)
    front = [zeros_in_front(*setting, padding) for setting in settings]
    result = np.zeros((x.shape[0], *lengths, kernel.shape[-2]))
    for place, seen, tap in _meetings(counts, taps, strides, dilation, front, lengths):
        result[(slice(None), *seen)] += x[(slice(None), *place)].astype(float) @ kernel[tap].T.astype(float)
    return result


def _meetings(counts: Any, taps: Any, strides: Any, dilation: Any, front: Any, sizes: Any) -> Any:
    """Every window and tap that sees an element, and that element."""
    for place in product(*map(range, counts)):
        for tap in product(*map(range, taps)):
            lines = zip(place, strides, tap, dilation, front, strict=True)
            seen = tuple(p * stride + t * step - zeros for p, stride, t, step, zeros in lines)
            if all(0 <= at < size for at, size in zip(seen, sizes, strict=True)):
                yield place, seen, tap
