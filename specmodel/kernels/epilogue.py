"""Epilogues: what is done with each tile of a result while it is in the cache, until it stands in the output."""

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np

from specmodel.kernels import Array, Bound, Scratch, in_turn, kernel_of
from specmodel.kernels.costs import ELEMENT
from specmodel.kernels.tiles import Block, aligned, part, rows_of
from specmodel.ops.fused import Stage


class Epilogue:
    """The stages behind a kernel, and the output: a kernel asks for `room`, fills it, and leaves the rest to `finish`.

    `operands` are the inputs that the stages read beside the kernel's result.
    """

    def __init__(self, out: Array, stages: Sequence[Stage] = (), operands: Sequence[Array] = ()) -> None:
        self.out = out
        self._stages = stages
        self._operands = operands
        self._last: dict[int, int] = {}
        for step, stage in enumerate(stages):
            self._last.update(dict.fromkeys(stage.operands, step))

    @property
    def nanoseconds(self) -> float:
        """What the stages cost."""
        return self.out.size * len(self._stages) * ELEMENT

    def room(self, block: Block, scratch: Scratch, *, whole: bool = False) -> Array:
        """Where the kernel writes a block: in the output, or in working memory where that lies scattered.

        In the output rows (…, features) are evenly spaced, and one piece of memory if they must be `whole`.
        """
        place = part(self.out, block)
        rows = rows_of(place)
        even = rows is not None and rows.strides[-1] == rows.itemsize
        if place.flags.c_contiguous or (even and not whole):
            return place
        return scratch(place.shape, place.dtype)

    def finish(self, block: Block, room: Array, scratch: Scratch) -> Iterator[Bound]:
        """The calls of the stages on a block that the kernel has written; the last writes to the output."""
        place = part(self.out, block)
        if not self._stages and room.ctypes.data != place.ctypes.data:
            yield partial(np.copyto, place, room)
        values = [room, *(aligned(operand, block) for operand in self._operands)]
        own = {0}
        for step, stage in enumerate(self._stages):
            read = [values[number] for number in stage.operands]
            ended = [number for number in stage.operands if number in own and self._last[number] == step]
            if step == len(self._stages) - 1:
                target = place
            else:
                target = values[ended[0]] if ended else scratch(room.shape, room.dtype)
                own -= {*ended[:1]}
                own.add(len(values))
            yield from in_turn(kernel_of(type(stage.op))(stage.op, read, [target], scratch), scratch)
            values.append(target)
