"""Make convolutions of three taps with fewer products, where transforming their tiles costs less than it saves."""

from collections.abc import Sequence
from math import prod

from specmodel.kernels.costs import FETCHED
from specmodel.kernels.half_gathered import gathered_nanoseconds
from specmodel.kernels.products import AT_ONCE, DEEPEST, group_width
from specmodel.kernels.winograd import LARGEST, TAPS, kernel_transform, nanoseconds
from specmodel.ops.conv import Conv
from specmodel.ops.elementwise import cast
from specmodel.ops.linear import MatMul
from specmodel.ops.packed import Pack
from specmodel.ops.shape import Pad, pad, reshape
from specmodel.ops.source import constant
from specmodel.ops.value import Value
from specmodel.ops.winograd import Winograd
from specmodel.plan.program import Instruction, Program, Rewrite
from specmodel.types.tensor import MAX_DIM, numbers

SIDES = (2,)
"""Of the tiles: their sums have as many terms of a like size as those of the convolution, and errors like it."""


def winograd(program: Program) -> Program:
    """The program with tiles of two along each axis in convolutions of float32 with fixed kernels and no padding."""
    return with_tiles(program, SIDES)


def with_tiles(program: Program, sides: Sequence[int]) -> Program:
    """The program with tiles where they cost less, of the side that costs least."""
    rewrite = Rewrite(program.inputs)
    fixed = program.fixed()
    changed = False
    for old in program.instructions:
        instruction = rewrite.current(old)
        side = _best_side(instruction, sides) if _fits(instruction, fixed) else None
        if side is None:
            rewrite.keep(instruction)
        else:
            changed = True
            rewrite.replace(instruction.outputs[0], _tiled(instruction, rewrite, side), instruction.path)
    return rewrite.program(program) if changed else program


def _fits(instruction: Instruction, fixed: set[Value]) -> bool:
    op = instruction.op
    if not isinstance(op, Conv) or op.padding != "valid" or op.groups > 1 or instruction.inputs[1] not in fixed:
        return False
    *taps, channels, filters = numbers(instruction.inputs[1].shape)
    once = all(stride == dilation == 1 for stride, dilation in zip(op.strides, op.dilation, strict=True))
    most = (LARGEST + 2) ** len(taps) * channels * filters
    return (
        once
        and instruction.inputs[1].dtype == "float32"
        and set(taps) == {TAPS}
        and channels <= DEEPEST
        and most <= MAX_DIM
    )


def _best_side(instruction: Instruction, sides: Sequence[int]) -> int | None:
    """The side of the tiles that cost least; None where they cost more than to gather windows."""
    batch, *sizes, filters = numbers(instruction.outputs[0].shape)
    channels, axes, rows = numbers(instruction.inputs[1].shape)[-2], len(sizes), batch * prod(sizes)
    if rows * TAPS**axes * channels * filters <= AT_ONCE:
        return None
    weights = TAPS**axes * channels * filters * FETCHED
    costs: dict[int | None, float] = {
        None: rows * gathered_nanoseconds([TAPS] * axes, channels, filters, sizes[-1]) + weights
    }
    for side in sides:
        tiles = batch * prod(-(-size // side) for size in sizes)
        costs[side] = nanoseconds(side, tiles, axes, channels, filters)
    return min(costs, key=lambda side: costs[side])


def _tiled(instruction: Instruction, rewrite: Rewrite, side: int) -> Value:
    x, kernel = instruction.inputs
    batch, *sizes, filters = numbers(instruction.outputs[0].shape)
    width = group_width(batch * prod(sizes), TAPS ** len(sizes) * numbers(kernel.shape)[-2], filters)
    op = Winograd(side, tuple(sizes), filters, width or filters)
    more = [count * side - size for count, size in zip(op.tiles, sizes, strict=True)]
    return op(_padded(x, more, rewrite), Pack(op.width)(_transformed(kernel, side, len(sizes))))


def _padded(x: Value, more: list[int], rewrite: Rewrite) -> Value:
    """The input with so many more zeros behind, in one border with those that it has."""
    maker = rewrite.maker(x)
    sides = [(0, 0), *((0, count) for count in more), (0, 0)]
    if not any(more) or maker is None or not isinstance(maker.op, Pad) or maker.op.value != 0:
        return pad(x, sides)
    own = zip(maker.op.pads, sides, strict=True)
    return pad(maker.inputs[0], [(before, after + extra) for (before, after), (_, extra) in own])


def _transformed(kernel: Value, side: int, axes: int) -> Value:
    """The kernels of a tile's products, one below the other: (products * channels, filters)."""
    *_, channels, filters = numbers(kernel.shape)
    taps = cast(reshape(kernel, (TAPS**axes, channels * filters)), "float64")
    found = MatMul()(constant(kernel_transform(side, axes), "float64"), taps)
    return reshape(cast(found, kernel.dtype), ((side + 2) ** axes * channels, filters))
