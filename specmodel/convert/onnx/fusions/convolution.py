"""A convolution with the zeros around its input, and with the bias added to its output."""

from specmodel.convert.onnx.builder import Builder
from specmodel.convert.onnx.fusions.reading import Fused, Reading
from specmodel.convert.onnx.layout import channels_second
from specmodel.convert.onnx.lowerings.conv import Border, convolve
from specmodel.ops.conv import Conv, DepthwiseConv
from specmodel.ops.conv_transpose import ConvTranspose
from specmodel.ops.elementwise import Binary
from specmodel.ops.shape import Pad
from specmodel.ops.value import Value
from specmodel.plan.program import Instruction
from specmodel.types.tensor import is_floating


def convolution(reading: Reading, last: Instruction) -> Fused | None:
    """A convolution of what has zeros around it."""
    return _convolution(reading, last, last.outputs[0], None)


def convolution_with_bias(reading: Reading, last: Instruction) -> Fused | None:
    """A convolution of any kind, and a number for each filter added."""
    op, (y, bias), (out,) = last.op, last.inputs, last.outputs
    if not isinstance(op, Binary) or op.function != "Add" or out.dtype in ("float16", "bfloat16"):
        return None
    if not y.shape or bias.shape != y.shape[-1:] or out.shape != y.shape:
        return None
    transposed = reading.maker(y, ConvTranspose)
    if transposed is not None:
        from specmodel.convert.onnx.lowerings.conv_transpose import convolve_transposed

        assert isinstance(transposed.op, ConvTranspose)
        known, (x, kernel) = transposed.op, transposed.inputs
        return Fused(
            (x, kernel, bias),
            frozenset({y}),
            lambda b: convolve_transposed(b, known, x, kernel, out, bias),
            channels_second(x.rank),
        )
    made = reading.maker(y, Conv) or reading.maker(y, DepthwiseConv)
    return _convolution(reading, made, out, bias) if made is not None else None


def _convolution(reading: Reading, made: Instruction, out: Value, bias: Value | None) -> Fused | None:
    op, (x, kernel) = made.op, made.inputs
    assert isinstance(op, Conv | DepthwiseConv)
    border: Border = ()
    padded = reading.maker(x, Pad)
    if padded is not None and isinstance(padded.op, Pad) and _is_border(padded.op) and is_floating(x.dtype):
        border, (x,) = padded.op.pads[1:-1], padded.inputs
    if bias is None and not border:
        return None
    biases = (bias,) if bias is not None else ()
    inside = frozenset({made.outputs[0]}) - {out}

    def lower(b: Builder) -> None:
        convolve(b, op, x, kernel, out, bias, border)

    return Fused((x, kernel, *biases), inside, lower, channels_second(x.rank))


def _is_border(op: Pad) -> bool:
    """Whether zeros stand around the spatial axes alone."""
    return op.value == 0 and op.pads[0] == op.pads[-1] == (0, 0)
