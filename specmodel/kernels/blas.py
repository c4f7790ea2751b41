"""What the library that multiplies NumPy's matrices is good at, told without trying it out."""

import os
from functools import cache
from importlib import import_module
from typing import Any

import numpy as np

_CORES = ("skylakex", "cooperlake", "sapphirerapids")
"""The kernels of OpenBLAS, as OPENBLAS_CORETYPE names them, that have a way for small products."""


@cache
def multiplies_small_at_once() -> bool:
    """Whether products of at most `products.AT_ONCE` multiply-adds run from where their operands stand.

    OpenBLAS has such kernels for float32 on processors with AVX-512 (`interface/gemm.c`, SMALL_MATRIX_OPT); it copies
    the operands of all other products into blocks of its own first.
    """
    config: Any = np.show_config(mode="dicts")
    library = config.get("Build Dependencies", {}).get("blas", {}).get("name", "")
    chosen = os.environ.get("OPENBLAS_CORETYPE", _CORES[0]).lower()
    return "openblas" in library and chosen in _CORES and _has_avx512()


def _has_avx512() -> bool:
    """As NumPy found out for itself; it prints this in `np.show_runtime()`."""
    features: dict[str, bool] = getattr(import_module("numpy._core._multiarray_umath"), "__cpu_features__", {})
    return bool(features.get("AVX512_SKX", False))
