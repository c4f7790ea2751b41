"""How dtypes live in memory while a model runs."""

from collections.abc import Iterator
from functools import cache, partial
from typing import Any

import numpy as np

from specmodel.kernels import Array, Bound, Scratch
from specmodel.weights.bfloat16 import round_to_bfloat16


@cache
def physical(dtype: str) -> "np.dtype[Any]":
    """NumPy's dtype of a value's buffer.

    16-bit floats are computed in float32 and rounded after each op; texts, which have no common size, are Python's.
    """
    if dtype in ("float16", "bfloat16"):
        return np.dtype(np.float32)
    return np.dtype(object) if dtype == "string" else np.dtype(dtype)


@cache
def delivered(dtype: str) -> "np.dtype[Any]":
    """NumPy's dtype of a model's output: float32 for bfloat16, which NumPy lacks; texts are as wide as needed."""
    if dtype == "string":
        return np.dtype(np.str_)
    return np.dtype(np.float16) if dtype == "float16" else physical(dtype)


def rounding(dtype: str, out: Array, scratch: Scratch) -> Iterator[Bound]:
    """Round a float32 buffer to the values that a 16-bit dtype has; nothing for the others."""
    if dtype == "float16":
        half = scratch(out.shape, np.float16)
        yield partial(np.copyto, half, out, casting="same_kind")
        yield partial(np.copyto, out, half)
    elif dtype == "bfloat16":
        yield partial(round_to_bfloat16, out)
