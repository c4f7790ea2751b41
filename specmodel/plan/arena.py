"""One block of memory for all buffers: those whose lives do not meet share its bytes."""

from collections.abc import Sequence

from specmodel.record import Record

ALIGNMENT = 64


class Life(Record):
    """A buffer of `size` bytes, written at step `start` and read last at step `end`.

    `heir` is a buffer that may take over its bytes at that last step, in place.
    """

    size: int
    start: int
    end: int


def place(lives: Sequence[Life]) -> tuple[list[int], int]:
    """An offset for each buffer, and the size of the block: largest first, each at the lowest gap that is free.

    Source: Y. Pisarchyk and J. Lee, Efficient Memory Management for Deep Neural Net Inference (2020), greedy by size.
    """
    offsets = [0] * len(lives)
    placed: list[int] = []
    total = 0
    for index in sorted(range(len(lives)), key=lambda number: (-lives[number].size, number)):
        life = lives[index]
        taken = sorted(
            (offsets[other], offsets[other] + aligned(lives[other].size))
            for other in placed
            if lives[other].start <= life.end and life.start <= lives[other].end
        )
        offset = 0
        for begin, end in taken:
            if begin - offset >= aligned(life.size):
                break
            offset = max(offset, end)
        offsets[index] = offset
        placed.append(index)
        total = max(total, offset + aligned(life.size))
    return offsets, total


def aligned(size: int) -> int:
    """The bytes that a buffer takes, with what is behind it up to the next one."""
    return -(-size // ALIGNMENT) * ALIGNMENT
