"""Random uses of every layer, with masks and in all dtypes, with known and unknown sizes."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from specmodel import layers
from specmodel.graph.graph import Graph, GraphOutput
from specmodel.layers.validation import ArgumentError
from specmodel.spec.model import Ref
from specmodel.types.fault import Fault
from tests.keras import ours
from tests.keras.arrays import array_of, mask_of, weight_of
from tests.keras.uses import Use, use_of
from tests.onnx.exported import refusals
from tests.onnx.inexpressible import INEXPRESSIBLE
from tests.onnxruntime.running import WITHOUT_KERNEL, assert_alike

OF_TEXT = ("HashedCrossing", "StringLookup", "TextVectorization")
"""Layers for which no random inputs are drawn."""
TO_COME = ("Kron", "Meshgrid")
"""Operations whose graphs onnxruntime refuses for some random shapes: their lowering is to be mended."""
UNCLEAR = {use.layer for use in INEXPRESSIBLE if use.needs_sizes} | {"Pipeline", "Squeeze"}
"""Layers, by themselves or inside others, that compute something else once sizes are known."""
_REFUSED = (ArgumentError, Fault, TypeError, AttributeError)
"""A random use may be none: too few inputs, arguments that do not go together."""
_ATTEMPTS = 6


@pytest.mark.parametrize("name", [name for name in layers.NAMES if name not in (*OF_TEXT, *TO_COME)])
def test_a_layer(name: str, uses: range, tmp_path: Path) -> None:
    for number in uses:
        for attempt in range(_ATTEMPTS):
            use = use_of(name, number, attempt)
            if _compared(use, tmp_path):
                break


def _compared(use: Use, folder: Path) -> bool:
    """Whether the use is one; raises `AssertionError` where onnxruntime gives other numbers."""
    generator = np.random.default_rng([use.number, 7])
    arrays = [array_of(given, generator, use.policy) for given in use.inputs]
    masks = [mask_of(given, generator) for given in use.inputs]
    dtypes = [array.dtype.name for array in arrays]
    try:
        layer = ours.declared(use)
        known = ours.built(layer, use, ours.known_types(use, dtypes))
        opened = ours.built(layer, use, ours.open_types(use, dtypes)) if use.layer not in UNCLEAR else known
    except _REFUSED:
        return False
    weights = {spec.path: weight_of(spec, generator) for spec in known.weights}
    given = [array for pair in zip(arrays, masks, strict=True) for array in pair if array is not None]
    wanted, _ = ours.run(known, weights, given)
    for built in (known, opened):
        graph = _graph(built)
        if refusals(graph):
            continue
        try:
            assert_alike(graph, weights, given, wanted, folder)
        except AssertionError as error:
            raise AssertionError(str(use)) from error
        except Exception as error:
            lacking = str(error).partition("implementation for ")[2].partition("(")[0]
            if use.policy != "float64" or lacking not in WITHOUT_KERNEL:
                raise
    return True


def _graph(built: Any) -> Graph:
    """A graph of the values alone."""
    outputs = [GraphOutput(f"output{n}", one.value, Ref(f"output{n}")) for n, one in enumerate(built.outputs)]
    return Graph("model", built.inputs, (), (), tuple(outputs), ())
