"""A maximum of windows over a border of zeros."""

from specmodel.convert.onnx.builder import Builder
from specmodel.convert.onnx.fusions.reading import Fused, Reading
from specmodel.convert.onnx.layout import channels_second
from specmodel.convert.onnx.lowerings.elementwise import number_of
from specmodel.convert.onnx.lowerings.pool import pooled
from specmodel.ops.elementwise import Binary, Clip, Unary
from specmodel.ops.pool import Pool
from specmodel.ops.reduce import Softmax
from specmodel.ops.shape import Pad
from specmodel.ops.value import Value
from specmodel.plan.program import Instruction

_NEVER_BELOW_ZERO = ("Abs", "Square", "Exp", "Sigmoid", "Softplus", "Sqrt")


def pooling(reading: Reading, last: Instruction) -> Fused | None:
    """The maximum of numbers that are not below 0: zeros around them count for nothing, as the operator's own border.

    Each window holds a number that is really there.
    """
    op, (x,), (out,) = last.op, last.inputs, last.outputs
    padded = reading.maker(x, Pad)
    if padded is None or not isinstance(op, Pool) or op.function != "Max" or op.padding != "valid":
        return None
    border, (inner,) = padded.op, padded.inputs
    assert isinstance(border, Pad)
    around = border.pads[1:-1]
    small = all(max(pair) < window for pair, window in zip(around, op.window, strict=True))
    outside = border.pads[0] == border.pads[-1] == (0, 0)
    if border.value != 0 or not small or not outside or not _is_never_below_zero(reading, inner):
        return None

    def lower(b: Builder) -> None:
        pooled(b, op, inner, out, around)

    return Fused((inner,), frozenset(), lower, channels_second(inner.rank))


def _is_never_below_zero(reading: Reading, x: Value) -> bool:
    made = reading.makers.get(x)
    if made is None:
        return False
    op = made.op
    if isinstance(op, Binary) and op.function == "Max":
        bounds = [number_of(value) for value in made.inputs]
        return any(bound is not None and bound >= 0 for bound in bounds)
    if isinstance(op, Clip):
        return op.low is not None and op.low >= 0
    return isinstance(op, Softmax) or (isinstance(op, Unary) and op.function in _NEVER_BELOW_ZERO)
