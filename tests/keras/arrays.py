"""Random numbers for the uses of layers: inputs, masks, weights."""

from typing import Any

import numpy as np

from tests.keras.inputs import Given

Array = np.ndarray[Any, Any]


def array_of(given: Given, generator: np.random.Generator, policy: str = "float32") -> Array:
    """An input of a use."""
    if given.kind == "bool":
        return generator.random(given.shape) < 0.7
    if given.kind == "float":
        return generator.normal(size=given.shape).astype("float64" if policy == "float64" else "float32")
    whole = generator.integers(0, given.most + 1, given.shape)
    return whole.astype("float32" if given.kind == "whole" else given.kind)


def mask_of(given: Given, generator: np.random.Generator) -> Array | None:
    """A mask: padding behind, in front, anywhere; sometimes whole rows."""
    if given.mask is None:
        return None
    kind, mask = int(generator.integers(4)), np.ones(given.mask, bool)
    if kind == 0:
        return generator.random(given.mask) < 0.6
    steps = given.mask[1]
    for row in range(given.mask[0]):
        count = int(generator.integers(steps + 1))
        mask[row, steps - count :] = kind == 1
        mask[row, : steps - count] = kind != 1
        if kind == 3 and row == 0:
            mask[row] = False
    return mask


def weight_of(spec: Any, generator: np.random.Generator) -> Array:
    """Numbers for a weight; a variance is positive."""
    if spec.path.endswith("variance"):
        return generator.uniform(0.5, 1.5, spec.shape).astype(held(spec.dtype))
    if "int" in spec.dtype:
        return generator.integers(0, 5, spec.shape).astype(spec.dtype)
    return generator.normal(0, 0.5, spec.shape).astype(held(spec.dtype))


def held(dtype: str) -> str:
    """What the numbers of a weight are kept in: float32 for 16 bits."""
    return "float32" if dtype in ("float16", "bfloat16") else dtype
