"""Give the input of a padded convolution a halo of zeros: what makes it writes inside, and no window meets a border."""

from specmodel.ops.conv import Conv, DepthwiseConv
from specmodel.ops.shape import Pad, pad
from specmodel.ops.value import Value
from specmodel.plan.program import Instruction, Program, rewritten
from specmodel.types.tensor import numbers
from specmodel.types.window import window_padding


def halos(program: Program) -> Program:
    """The program with `conv(pad(x))` for convolutions with padding; zeros around zeros are one halo.

    Where the maker of x can write into a part of an array, the pad is a place for x and costs its border alone.
    """
    pads = {one.outputs[0]: one for one in program.instructions if isinstance(one.op, Pad) and one.op.value == 0}
    return rewritten(program, lambda instruction: _with_halo(instruction, pads))


def _with_halo(instruction: Instruction, pads: dict[Value, Instruction]) -> Value | None:
    op = instruction.op
    if not isinstance(op, Conv | DepthwiseConv) or op.padding == "valid":
        return None
    x, kernel = instruction.inputs
    taps, sizes = numbers(kernel.shape[:-2]), numbers(x.shape[1:-1])
    lines = zip(sizes, taps, op.strides, op.dilation, strict=True)
    spatial = [window_padding(size, window, stride, op.padding, dilation) for size, window, stride, dilation in lines]
    sides = [(0, 0), *spatial, (0, 0)]
    if x in pads:
        inner = pads[x]
        assert isinstance(inner.op, Pad)
        sides = [(a + c, b + d) for (a, b), (c, d) in zip(sides, inner.op.pads, strict=True)]
        x = inner.inputs[0]
    return op.replace(padding="valid")(pad(x, sides), kernel)
