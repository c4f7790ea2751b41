"""Write convolutions of one tap as matrix products: these have more ways to run."""

from math import prod

from specmodel.ops.conv import Conv
from specmodel.ops.linear import MatMul
from specmodel.ops.shape import reshape, slice_axis
from specmodel.ops.value import Value
from specmodel.plan.program import Instruction, Program, rewritten
from specmodel.types.tensor import numbers


def pointwise_convolutions(program: Program) -> Program:
    """The program with `x @ kernel` for convolutions of one tap and one group, x cut to what strides leave of it."""
    return rewritten(program, _product)


def _product(instruction: Instruction) -> Value | None:
    op = instruction.op
    if not isinstance(op, Conv) or op.groups > 1:
        return None
    x, kernel = instruction.inputs
    if prod(numbers(kernel.shape[:-2])) > 1:
        return None
    for axis, (stride, size) in enumerate(zip(op.strides, instruction.outputs[0].shape[1:-1], strict=True), start=1):
        x = slice_axis(x, axis, 0, size, stride)
    return MatMul()(x, reshape(kernel, kernel.shape[-2:]))
