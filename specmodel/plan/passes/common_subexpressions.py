"""Compute once what is the same."""

from specmodel.ops.source import Constant
from specmodel.ops.value import Op
from specmodel.plan.program import Instruction, Program, Rewrite


def common_subexpressions(program: Program) -> Program:
    """The program with one instruction for all that are equal and read the same values.

    Of constants only single numbers are compared: tables are large, and seldom stand there twice.
    """
    first: dict[object, Instruction] = {}
    rewrite = Rewrite(program.inputs)
    for old in program.instructions:
        instruction = rewrite.current(old)
        key = _key(instruction)
        same = first.setdefault(key, instruction) if key is not None else instruction
        if same is instruction:
            rewrite.keep(instruction)
        else:
            for value, made in zip(instruction.outputs, same.outputs, strict=True):
                rewrite.replace(value, made, instruction.path)
    return rewrite.program(program) if len(first) < len(program.instructions) else program


def _key(instruction: Instruction) -> object:
    if isinstance(instruction.op, Constant) and isinstance(instruction.op.value, tuple):
        return None
    return instruction.op, _zeros(instruction.op), instruction.inputs


def _zeros(op: Op) -> tuple[str, ...]:
    """What tells 0.0 from -0.0, which are equal."""
    return tuple(str(number) for number in op.__dict__.values() if isinstance(number, float) and number == 0)
