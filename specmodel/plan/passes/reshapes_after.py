"""Do elementwise work before its input is split into more axes: it then stands right behind the product it is about."""

from specmodel.ops.elementwise import Binary, Clip, Unary
from specmodel.ops.shape import Reshape, expand, reshape
from specmodel.ops.value import Value
from specmodel.plan.program import Instruction, Program, Rewrite
from specmodel.types.tensor import product


def reshapes_after(program: Program) -> Program:
    """The program with `reshape(f(x, w))` for `f(reshape(x), w)` where the last axis of x is split and w is fixed.

    Only the elementwise work reads the split value.
    """
    rewrite = Rewrite(program.inputs)
    fixed, alone = program.fixed(), program.only_reader().keys()
    changed = False
    for old in program.instructions:
        instruction = rewrite.current(old)
        moved = _moved(instruction, [value in alone for value in old.inputs], rewrite, fixed)
        if moved is None:
            rewrite.keep(instruction)
        else:
            changed = True
            rewrite.replace(instruction.outputs[0], moved, instruction.path)
    return rewrite.program(program) if changed else program


def _moved(instruction: Instruction, alone: list[bool], rewrite: Rewrite, fixed: set[Value]) -> Value | None:
    if not isinstance(instruction.op, Unary | Binary | Clip) or instruction.outputs[0] in fixed:
        return None
    for position, value in enumerate(instruction.inputs):
        maker, others = rewrite.maker(value), instruction.inputs[:position] + instruction.inputs[position + 1 :]
        if not alone[position] or maker is None or not isinstance(maker.op, Reshape) or not fixed.issuperset(others):
            continue
        (x,) = maker.inputs
        flat = [_joined(other, x, value) for other in others]
        given = [other for other in flat if other is not None]
        if _splits(x, value) and len(given) == len(flat) and instruction.outputs[0].shape == value.shape:
            return reshape(instruction.op(*given[:position], x, *given[position:]), value.shape)
    return None


def _splits(x: Value, value: Value) -> bool:
    """Whether a value is x with its last axis split."""
    before = x.rank - 1
    return 0 <= before < value.rank and value.shape[:before] == x.shape[:before]


def _joined(operand: Value, x: Value, value: Value) -> Value | None:
    """The operand of a value as one of x, whose last axis the value has split; None where it meets other axes too."""
    sizes = value.shape[x.rank - 1 :]
    if operand.rank == 0:
        return operand
    if operand.rank > len(sizes) or any(size not in (1, wanted) for size, wanted in _pairs(operand, sizes)):
        return None
    return reshape(expand(operand, sizes), (product(sizes),))


def _pairs(operand: Value, sizes: tuple[object, ...]) -> list[tuple[object, object]]:
    return list(zip(reversed(operand.shape), reversed(sizes), strict=False))
