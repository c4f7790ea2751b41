"""Inlays: values whose arrays are parts of other values' arrays, so that what puts them there has nothing to copy."""

from collections.abc import Iterator, Sequence

from specmodel.ops.conv import Conv, DepthwiseConv
from specmodel.ops.conv_transpose import ConvTranspose
from specmodel.ops.elementwise import Binary, Cast, Clip, Unary, Where
from specmodel.ops.fused import Fused
from specmodel.ops.interleave import Interleave
from specmodel.ops.packed import PackedConv, PackedMatMul
from specmodel.ops.pool import Pool
from specmodel.ops.shape import Concat, Pad, Repeat
from specmodel.ops.value import Value
from specmodel.ops.winograd import Winograd
from specmodel.plan.program import Instruction
from specmodel.record import Record
from specmodel.types.tensor import numbers

WRITE_ANYWHERE = (
    *(Unary, Binary, Clip, Cast, Where, Fused, Pool),
    *(Conv, PackedConv, PackedMatMul, Winograd, DepthwiseConv, ConvTranspose),
    *(Pad, Concat, Interleave, Repeat),
)
"""Ops whose kernels write their output whatever its strides are."""


class Inlay(Record):
    """The value that another lies in, and where: a slice of each axis."""

    host: Value
    place: tuple[slice, ...]


def inlays(inputs: Sequence[Value], running: Sequence[Instruction], bound: set[Value]) -> dict[Value, Inlay]:
    """The values that can be made inside what a pad or a concatenation makes of them; not those that are `bound`.

    A value lies in one other only, the first that asks for it.
    """
    free = set(inputs)
    for instruction in running:
        if isinstance(instruction.op, WRITE_ANYWHERE):
            free.update(instruction.outputs)
    free -= bound
    found: dict[Value, Inlay] = {}
    for instruction in running:
        if instruction.outputs[0].dtype != "string":
            for value, place in _places(instruction):
                if value in free and value not in found:
                    found[value] = Inlay(instruction.outputs[0], place)
    return found


def _places(instruction: Instruction) -> Iterator[tuple[Value, tuple[slice, ...]]]:
    """Where in its output an instruction puts its inputs."""
    op = instruction.op
    if isinstance(op, Pad):
        (x,) = instruction.inputs
        sides = zip(numbers(x.shape), op.pads, strict=True)
        yield x, tuple(slice(before, before + size) for size, (before, _) in sides)
    elif isinstance(op, Interleave):
        yield from zip(instruction.inputs, op.places(), strict=True)
    elif isinstance(op, Concat):
        start = 0
        for value in instruction.inputs:
            shape = numbers(value.shape)
            stop = start + shape[op.axis]
            yield value, tuple(slice(start, stop) if axis == op.axis else slice(None) for axis in range(len(shape)))
            start = stop
