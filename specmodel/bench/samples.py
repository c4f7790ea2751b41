"""Data that fits a model, where none is given."""

from collections.abc import Iterator

import numpy as np

from specmodel.graph.graph import Graph
from specmodel.kernels import Array
from specmodel.kernels.dtypes import delivered
from specmodel.ops.elementwise import Cast
from specmodel.ops.shape import Expand, Gather, Reshape, Slice, Transpose
from specmodel.ops.source import Input
from specmodel.ops.value import Value
from specmodel.types.tensor import TensorType, numbers

WHOLE_NUMBERS = 2
"""Integers that are no indices are 0 or 1: a class, a mask."""
_SAME_NUMBERS = (Cast, Reshape, Transpose, Expand, Slice)


def samples(graph: Graph, seed: int) -> dict[str, Array]:
    """Random arrays for the inputs of a graph of known sizes: normal numbers, indices that tables have, words."""
    generator = np.random.default_rng(seed)
    sizes = dict(_tables(graph))
    return {given.spec.name: _sample(given.value.type, sizes.get(given.value), generator) for given in graph.inputs}


def _sample(kind: TensorType, table: int | None, generator: np.random.Generator) -> Array:
    shape = numbers(kind.shape)
    if kind.dtype == "string":
        return np.full(shape, "word")
    if kind.dtype == "bool":
        return generator.random(shape) < 0.5
    wanted = delivered(kind.dtype)
    if wanted.kind == "f":
        return generator.standard_normal(shape, np.float32).astype(wanted)
    most = min(table if table is not None else WHOLE_NUMBERS, np.iinfo(wanted).max)
    return generator.integers(0, most, shape).astype(wanted)


def _tables(graph: Graph) -> Iterator[tuple[Value, int]]:
    """The inputs that number the rows of a table, with its size; the smallest one last."""
    found = []
    for node in graph.nodes:
        for call in node.calls:
            if isinstance(call.op, Gather):
                table, indices = call.inputs
                while isinstance(indices.call.op, _SAME_NUMBERS):
                    (indices,) = indices.call.inputs
                if isinstance(indices.call.op, Input):
                    found.append((indices, numbers((table.shape[call.op.axis],))[0]))
    return iter(sorted(found, key=lambda pair: -pair[1]))
