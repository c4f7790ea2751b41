"""How much weights hold, and bytes as people read them."""

from collections.abc import Iterable
from math import prod

from specmodel.ops.source import WeightSpec
from specmodel.types.tensor import DTYPES


def parameter_count(weights: Iterable[WeightSpec]) -> int:
    """How many numbers the weights hold."""
    return sum(prod(spec.shape) for spec in weights)


def weight_bytes(weights: Iterable[WeightSpec]) -> int:
    """How many bytes the weights take in their own dtypes."""
    return sum(prod(spec.shape) * DTYPES[spec.dtype].itemsize for spec in weights)


def byte_text(count: float) -> str:
    """Bytes as Keras writes them: 140.00 B, 1.05 MB, in steps of 1024."""
    units = ("B", "KB", "MB", "GB", "TB", "PB")
    step = 0
    while count >= 1024 and step < len(units) - 1:
        count /= 1024
        step += 1
    return f"{count:.2f} {units[step]}"
