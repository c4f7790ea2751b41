"""Arrange the weights of matrix products for the way they are multiplied."""

from specmodel.kernels.products import group_width
from specmodel.ops.linear import MatMul
from specmodel.ops.packed import Pack, PackedMatMul
from specmodel.ops.value import Value
from specmodel.plan.program import Instruction, Program, rewritten
from specmodel.types.tensor import MAX_DIM, numbers, product


def packed_products(program: Program) -> Program:
    """The program with packed weights in products of float32, where their shape makes it worth while."""
    fixed = program.fixed()

    def packed(instruction: Instruction) -> Value | None:
        if not isinstance(instruction.op, MatMul) or instruction.inputs[1] not in fixed:
            return None
        a, b = instruction.inputs
        if b.rank != 2 or b.dtype != "float32":
            return None
        rows, depth, columns = numbers((product(a.shape[:-1]), *b.shape))
        width = group_width(rows, depth, columns) if depth * columns <= MAX_DIM else None
        return PackedMatMul(columns, width)(a, Pack(width)(b)) if width is not None else None

    return rewritten(program, packed)
