"""Working memory that the steps of a plan share, one after the other."""

from collections.abc import Callable
from typing import Any

import numpy as np

from specmodel.kernels import Array


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
        rounded = -(-size // 64) * 64
        if self._used + rounded > len(self._block):
            self._block = np.empty(max(rounded, 2 * len(self._block)), np.uint8)
            self.total += len(self._block)
            self._used = 0
        found = self._block[self._used : self._used + size]
        self._used += rounded
        made: Array = found.view(kind).reshape(shape)
        return made
