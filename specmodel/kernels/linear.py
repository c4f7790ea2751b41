"""Products of matrices."""

from collections.abc import Iterator, Sequence
from functools import partial
from math import prod
from typing import Any

import numpy as np

from specmodel.kernels import Array, Bound, Core, Scratch, Work
from specmodel.kernels.costs import MULTIPLY_ADD
from specmodel.kernels.epilogue import Epilogue
from specmodel.kernels.tiles import Block, aligned, part, pieces, rows_of, shared, tiled
from specmodel.ops import linear as ops

TILE_BYTES = 1 << 19
"""The result of a tile, which its epilogue reads again."""
FEWEST_ROWS = 64
"""A product of fewer rows spends its time on packing the second matrix."""


def mat_mul(op: ops.MatMul, inputs: Sequence[Array], outputs: Sequence[Array], scratch: Scratch) -> Iterator[Bound]:
    """One product; axes before the last two are folded into the rows where the second matrix has none."""
    a, b = inputs
    (out,) = outputs
    if b.ndim == 2 and a.ndim > 2 and a.flags.c_contiguous and out.flags.c_contiguous:
        a, out = a.reshape(-1, a.shape[-1]), out.reshape(-1, out.shape[-1])
    yield partial(np.matmul, a, b, out=out)


def _mat_mul(op: ops.MatMul, inputs: Sequence[Array], epilogue: Epilogue, scratch: Scratch) -> Iterator[Work]:
    """Tiles of rows where the second matrix is one for all, of whole matrices elsewhere."""
    a, b = inputs
    out = epilogue.out
    if out.size == 0:
        return
    whole = 1 if b.ndim == 2 else 2
    nanoseconds = out.size * a.shape[-1] * MULTIPLY_ADD + epilogue.nanoseconds
    limit = max(TILE_BYTES // (prod(out.shape[-whole:]) * out.itemsize), FEWEST_ROWS if b.ndim == 2 else 1)
    counts = pieces(out.shape[:-whole], shared(prod(out.shape[:-whole]), limit, nanoseconds))

    def calls(block: Block, scratch: Scratch) -> Iterator[Bound]:
        room = epilogue.room(block, scratch)
        if b.ndim == 2:
            left, result = part(a, block[:-1]), rows_of(room)
            rows = rows_of(left)
            if rows is None:
                copy = scratch(left.shape, left.dtype)
                yield partial(np.copyto, copy, left)
                rows = copy.reshape(-1, a.shape[-1])
            yield partial(np.matmul, rows, b, out=result)
        else:
            yield partial(np.matmul, aligned(a, block, 2), aligned(b, block, 2), out=room)
        yield from epilogue.finish(block, room, scratch)

    yield tiled(out.shape, (*counts, *(1,) * whole), calls, nanoseconds)


def einsum(op: ops.Einsum, inputs: Sequence[Array], outputs: Sequence[Array], scratch: Scratch) -> Iterator[Bound]:
    """As a batched matrix product where two operands allow it, else by NumPy's einsum."""
    lowered = _as_matmul(op.equation, inputs, outputs[0], scratch) if len(inputs) == 2 else None
    if lowered is not None:
        yield from lowered
    else:
        yield partial(np.einsum, op.equation, *inputs, out=outputs[0], optimize=len(inputs) > 2)


def _as_matmul(equation: str, inputs: Sequence[Array], out: Array, scratch: Scratch) -> list[Bound] | None:
    """The calls of a product `(batch…, rows, k) @ (batch…, k, columns)`, or None where it is none.

    It is none where an index is summed in one operand alone.
    """
    (left, right), result = equation.split("->")[0].split(","), equation.split("->")[1]
    batch = [index for index in result if index in left and index in right]
    rows = [index for index in result if index in left and index not in right]
    columns = [index for index in result if index in right and index not in left]
    summed = [index for index in left if index in right and index not in result]
    if len(batch) + len(rows) + len(summed) != len(left) or len(batch) + len(columns) + len(summed) != len(right):
        return None
    sizes = dict(zip(left + right, inputs[0].shape + inputs[1].shape, strict=True))
    calls: list[Bound] = []

    def grouped(array: Array, indices: str, groups: Sequence[Sequence[str]]) -> Array:
        order = [index for group in groups for index in group]
        view = array.transpose([indices.index(index) for index in order])
        shape = [sizes[index] for index in batch] + [_product(sizes, group) for group in groups[1:]]
        try:
            return view.reshape(shape, copy=False)
        except ValueError:
            packed = scratch(view.shape, view.dtype)
            calls.append(partial(np.copyto, packed, view))
            return packed.reshape(shape)

    a = grouped(inputs[0], left, (batch, rows, summed))
    b = grouped(inputs[1], right, (batch, summed, columns))
    view = out.transpose([result.index(index) for index in (*batch, *rows, *columns)])
    shape = [*(sizes[index] for index in batch), _product(sizes, rows), _product(sizes, columns)]
    try:
        calls.append(partial(np.matmul, a, b, out=view.reshape(shape, copy=False)))
    except ValueError:
        product = scratch(tuple(shape), out.dtype)
        calls.append(partial(np.matmul, a, b, out=product))
        calls.append(partial(np.copyto, view, product.reshape(view.shape)))
    return calls


def _product(sizes: dict[str, int], indices: Sequence[str]) -> int:
    total = 1
    for index in indices:
        total *= sizes[index]
    return total


CORES: dict[Any, Core] = {ops.MatMul: _mat_mul}
