"""Tiles: the blocks that an output is cut into, so that what a block needs stays in the cache."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import product

from specmodel.kernels import Array, Bound, Scratch, Tiles

Block = tuple[tuple[int, int], ...]
"""The first element and the end along each axis."""


def tiled(shape: Sequence[int], sizes: Sequence[int], calls: Callable[[Block, Scratch], Iterable[Bound]]) -> Tiles:
    """The tiles of the blocks of a shape."""
    found = list(blocks(shape, sizes))
    return Tiles(len(found), lambda number, scratch: calls(found[number], scratch))


def block_sizes(shape: Sequence[int], limit: int) -> tuple[int, ...]:
    """The sizes of blocks of at most `limit` elements, long at the last axes: each block is one run of memory."""
    sizes: list[int] = []
    room = max(limit, 1)
    for size in reversed(shape):
        count = -(-size // room)
        sizes.append(-(-size // count) if count else size)
        room = room // size if count == 1 else 1
    return tuple(reversed(sizes))


def blocks(shape: Sequence[int], sizes: Sequence[int]) -> Iterator[Block]:
    """The blocks that cover a shape, in row-major order."""
    spans = (
        [(start, min(start + size, length)) for start in range(0, length, size)]
        for length, size in zip(shape, sizes, strict=True)
    )
    return product(*spans)


def part(x: Array, block: Block) -> Array:
    """A block of an array."""
    return x[tuple(slice(*span) for span in block)]


def rows_of(x: Array) -> Array | None:
    """All but the last axis as one, where strides can say it."""
    try:
        rows: Array = x.reshape(-1, x.shape[-1], copy=False)
    except ValueError:
        return None
    return rows


def aligned(operand: Array, block: Block, whole: int = 0) -> Array:
    """The part of an operand that meets a block of the result it broadcasts to; its last `whole` axes are kept."""
    spans = block[len(block) - operand.ndim : len(block) - whole]
    return operand[
        tuple(slice(None) if size == 1 else slice(*span) for size, span in zip(operand.shape, spans, strict=False))
    ]
