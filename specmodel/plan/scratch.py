"""Working memory that the steps of a plan share, one after the other."""

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np

from specmodel.kernels import Array
from specmodel.plan.arena import ALIGNMENT, aligned

HUGE = 1 << 21
"""The size of a huge page. NumPy asks the system for such pages where an array has two or more."""
LARGE = 1 << 18
"""A block of so many bytes is worth one: its addresses need not be looked up for each 4 KiB, which saves 5 per cent."""


def aligned_block(size: int) -> Array:
    """Uninitialised bytes that start with a cache line; many of them with a huge page, where the system has them."""
    alignment, least = (ALIGNMENT, 0) if size < LARGE else (HUGE, 2 * HUGE)
    block = np.empty(max(size + alignment, least), np.uint8)
    start = -block.ctypes.data % alignment
    return block[start : start + size]


class Pool:
    """Hands out scratch arrays of one step; `reset` begins the next, which may use the same bytes again."""

    def __init__(self) -> None:
        self._block: Array = np.empty(0, np.uint8)
        self._used = 0
        self.total = 0

    def reset(self) -> None:
        """Begin another step."""
        self._used = 0

    def part(self) -> Callable[[], None]:
        """What begins another part of the step: it may use the bytes that are handed out from now on again."""
        block, used = self._block, self._used

        def begin() -> None:
            self._used = used if self._block is block else 0

        return begin

    def __call__(self, shape: tuple[int, ...], dtype: Any) -> Array:
        """An uninitialised, contiguous array."""
        kind = np.dtype(dtype)
        size = kind.itemsize
        for axis in shape:
            size *= axis
        rounded = aligned(size)
        if self._used + rounded > len(self._block):
            self._block = aligned_block(max(rounded, 2 * len(self._block)))
            self.total += len(self._block)
            self._used = 0
        found = self._block[self._used : self._used + size]
        self._used += rounded
        made: Array = found.view(kind).reshape(shape)
        return made


class Store:
    """Arrays that stay, one behind the other in a block of `size` bytes."""

    def __init__(self, size: int) -> None:
        self._block = aligned_block(size)
        self._used = 0

    def __call__(self, shape: tuple[int, ...], dtype: "np.dtype[Any]") -> Array:
        """An uninitialised, contiguous array."""
        start = self._used
        end = start + dtype.itemsize * prod(shape)
        self._used = aligned(end)
        made: Array = self._block[start:end].view(dtype).reshape(shape)
        return made
