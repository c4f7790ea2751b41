"""Move transpositions behind what can work on any order of axes, until they meet the next, and cancel."""

from collections.abc import Callable, Sequence
from typing import Any

from specmodel.ops.elementwise import Binary, Cast, Clip, Unary, Where
from specmodel.ops.reduce import CumProd, CumSum, LogSoftmax, Reduce, Softmax, Sparsemax
from specmodel.ops.shape import Concat, Pad, Slice, Transpose, reshape, transpose
from specmodel.ops.value import Op, Value
from specmodel.plan.program import Instruction, Program, Rewrite

Perm = tuple[int, ...]


def transposes(program: Program) -> Program:
    """The program with `transpose(f(x))` for `f(transpose(x))`, and one transposition for two.

    Fixed operands are turned the other way, once. Layers of images with the channels first transpose around each op
    that wants them last: what stands between them is done with the channels last, too.
    """
    rewrite = Rewrite(program.inputs)
    fixed = program.fixed()
    changed = False
    for old in program.instructions:
        instruction = rewrite.current(old)
        moved = None if old.outputs[0] in fixed else _moved(instruction, rewrite, fixed)
        if moved is None:
            rewrite.keep(instruction)
        else:
            changed = True
            rewrite.replace(instruction.outputs[0], moved, instruction.path)
    return rewrite.program(program) if changed else program


def _moved(instruction: Instruction, rewrite: Rewrite, fixed: set[Value]) -> Value | None:
    made = [_untransposed(value, rewrite) for value in instruction.inputs]
    perm = next((perm for _, perm in made if perm is not None), None)
    if perm is None:
        return None
    op = instruction.op
    if isinstance(op, Transpose):
        return transpose(made[0][0], [perm[axis] for axis in op.perm])
    if isinstance(op, Reduce):
        return _reduced(op, made[0][0], perm)
    turned = _TURNED.get(type(op))
    if turned is None or instruction.outputs[0].rank != len(perm):
        return None
    inputs = []
    for (x, own), value in zip(made, instruction.inputs, strict=True):
        if own != perm and value not in fixed:
            return None
        inputs.append(x if own == perm else _turned_back(value, perm))
    return transpose(turned(op, perm)(*inputs), perm)


def _untransposed(value: Value, rewrite: Rewrite) -> tuple[Value, Perm | None]:
    """What a value is a transposition of, and how; the value itself where it is none."""
    maker = rewrite.maker(value)
    if maker is None or not isinstance(maker.op, Transpose):
        return value, None
    return maker.inputs[0], maker.op.perm


def _turned_back(operand: Value, perm: Perm) -> Value:
    """The operand that meets the untransposed value as this one met the transposed."""
    if operand.rank == 0:
        return operand
    whole = reshape(operand, (*(1,) * (len(perm) - operand.rank), *operand.shape))
    return transpose(whole, [perm.index(axis) for axis in range(len(perm))])


def _reduced(op: Reduce, x: Value, perm: Perm) -> Value | None:
    """A reduction of what was transposed; its axes come out in the order in which they are wanted."""
    if op.function in ("ArgMax", "ArgMin"):
        return None
    axes = tuple(sorted(perm[axis] for axis in op.axes))
    made = op.replace(axes=axes)(x)
    if op.keepdims:
        return transpose(made, perm)
    left = [axis for axis in perm if axis not in axes]
    return transpose(made, [sorted(left).index(axis) for axis in left])


def _same(op: Op, perm: Perm) -> Op:
    return op


def _along(op: Any, perm: Perm) -> Any:
    return op.replace(axis=perm[op.axis])


def _padded(op: Pad, perm: Perm) -> Pad:
    return op.replace(pads=tuple(_at(op.pads, perm)))


def _at(one_each: Sequence[Any], perm: Perm) -> list[Any]:
    """What belongs to the transposed axes, in the order of those before."""
    return [one_each[perm.index(axis)] for axis in range(len(perm))]


_TURNED: dict[type[Op], Callable[[Any, Perm], Op]] = {
    **dict.fromkeys((Unary, Binary, Clip, Cast, Where), _same),
    **dict.fromkeys((Softmax, LogSoftmax, Sparsemax, CumSum, CumProd, Concat, Slice), _along),
    Pad: _padded,
}
"""For each op that can work on other axes the op that does, before a transposition."""
