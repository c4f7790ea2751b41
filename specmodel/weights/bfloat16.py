"""Numbers of bfloat16, which NumPy lacks: float32 whose lower 16 bits are zero."""

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


def round_to_bfloat16(x: Array) -> None:
    """Round float32 in place to the nearest bfloat16, ties to even; NaN stays NaN."""
    bits = x.view(np.uint32)
    nan = np.isnan(x)
    bits += ((bits >> np.uint32(16)) & np.uint32(1)) + np.uint32(0x7FFF)
    bits &= np.uint32(0xFFFF0000)
    x[nan] = np.nan


def as_bfloat16(x: Array) -> Array:
    """The float32 numbers rounded to the nearest bfloat16, in an array of their own."""
    rounded = np.array(x, np.float32)
    round_to_bfloat16(rounded)
    return rounded
