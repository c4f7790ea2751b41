"""Tiles: the blocks that an output is cut into, so that what a block needs stays in the cache, and threads share them.

How an output is cut depends on its shape alone, not on the number of threads: results are the same with any.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import product
from math import ceil

from specmodel.kernels import Array, Bound, Scratch, Tiles

Block = tuple[tuple[int, int], ...]
"""The first element and the end along each axis."""
SHARES = 4
"""Work that is worth it falls into so many tiles at least."""
WORTH = 40_000.0
"""Nanoseconds of a tile that is not cut further for others' sake: handing it over takes a tenth."""
FEW = 8
"""Fewer pieces than these are an even number, for two to share."""


def tiled(
    shape: Sequence[int],
    counts: Sequence[int],
    calls: Callable[[Block, Scratch], Iterable[Bound]],
    nanoseconds: float,
) -> Tiles:
    """The tiles of the blocks of a shape, which take so long together."""
    found = list(blocks(shape, counts))
    return Tiles(len(found), lambda number, scratch: calls(found[number], scratch), nanoseconds)


def shared(elements: int, limit: float, nanoseconds: float) -> float:
    """How many of the elements a tile has at most: `limit`, or fewer where work that takes so long is worth sharing."""
    return min(limit, elements / max(1, min(SHARES, nanoseconds // WORTH)))


def pieces(shape: Sequence[int], limit: float) -> tuple[int, ...]:
    """Into how many pieces to cut each axis for blocks of about `limit` elements, cut at the first axes if possible."""
    counts: list[int] = []
    room = max(limit, 1.0)
    for size in reversed(shape):
        count = max(ceil(size / room), 1)
        if count % 2 and 1 < count < min(FEW, size):
            count += 1
        counts.append(count)
        room = max(room / size, 1.0) if count == 1 else 1.0
    return tuple(reversed(counts))


def blocks(shape: Sequence[int], counts: Sequence[int]) -> Iterator[Block]:
    """The blocks of a shape whose axes are cut into so many pieces of about one size, in row-major order."""
    spans = (
        [(size * number // count, size * (number + 1) // count) for number in range(count)]
        for size, count in zip(shape, counts, strict=True)
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
