"""Repeat a narrow operand of an epilogue along a row: a ufunc's inner loop is then as long as the row."""

from specmodel.ops.fused import Fused
from specmodel.ops.shape import repeat, reshape
from specmodel.ops.value import Value
from specmodel.plan.program import Instruction, Program, Rewrite

NARROW = 128
"""Features in which an inner loop is not at its full speed."""
LARGEST = 1 << 14
"""Elements of a repeated operand, which should leave the L1 cache to the others."""


def wide_operands(program: Program) -> Program:
    """The program with fixed operands (features,) as (row, features) where results (…, row, features) meet them."""
    fixed = program.fixed()
    rewrite = Rewrite(program.inputs)
    changed = False
    for instruction in program.instructions:
        if isinstance(instruction.op, Fused):
            own = instruction.op.arity
            operands = [_widened(value, instruction, fixed) for value in instruction.inputs[own:]]
            for value in operands:
                rewrite.include(value, instruction.path)
            changed = changed or operands != list(instruction.inputs[own:])
            instruction = instruction.replace(inputs=(*instruction.inputs[:own], *operands))
        rewrite.keep(instruction)
    return rewrite.program(program) if changed else program


def _widened(operand: Value, instruction: Instruction, fixed: set[Value]) -> Value:
    shape = instruction.outputs[0].shape
    if operand not in fixed or len(shape) < 3 or operand.shape != shape[-1:]:
        return operand
    row, features = shape[-2:]
    assert isinstance(row, int)
    assert isinstance(features, int)
    if not 1 < features < NARROW or row == 1 or row * features > LARGEST:
        return operand
    return repeat(reshape(operand, (1, features)), 0, row)
