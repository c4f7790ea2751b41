"""Arrange the kernels of convolutions for the way they are multiplied."""

from math import prod

from specmodel.kernels.products import group_width
from specmodel.ops.conv import Conv
from specmodel.ops.packed import Pack, PackedConv
from specmodel.ops.shape import reshape
from specmodel.ops.value import Value
from specmodel.plan.program import Instruction, Program, rewritten
from specmodel.types.tensor import MAX_DIM, numbers


def packed_convolutions(program: Program) -> Program:
    """The program with packed kernels in convolutions of float32 that have one group and no padding left."""
    fixed = program.fixed()

    def packed(instruction: Instruction) -> Value | None:
        op = instruction.op
        if not isinstance(op, Conv) or op.groups > 1 or op.padding != "valid" or instruction.inputs[1] not in fixed:
            return None
        x, kernel = instruction.inputs
        if kernel.dtype != "float32" or prod(numbers(kernel.shape)) > MAX_DIM:
            return None
        *taps, channels, filters = numbers(kernel.shape)
        rows, depth = prod(numbers(instruction.outputs[0].shape[:-1])), prod(taps) * channels
        width = group_width(rows, depth, filters)
        if width is None or width == 1:
            return None
        matrix = Pack(width)(reshape(kernel, (depth, filters)))
        return PackedConv(tuple(taps), filters, op.strides, op.dilation, width)(x, matrix)

    return rewritten(program, packed)
