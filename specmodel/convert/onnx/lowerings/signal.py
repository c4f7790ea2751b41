"""Signals: frames are gathered, frequencies have an operator."""

from collections.abc import Sequence

from specmodel.convert.onnx.builder import Builder
from specmodel.convert.onnx.layout import plain
from specmodel.convert.onnx.sizes import span
from specmodel.ops import signal as ops
from specmodel.ops.value import Value


def frames(op: ops.Frames, inputs: Sequence[Value], outputs: Sequence[Value], b: Builder) -> None:
    """The elements at `frame * step + place`."""
    (x,), (out,) = inputs, outputs
    count = out.shape[-2]
    starts = b.node("Mul", span(b, count), b.scalar(op.step, "int64"), shape=(count,))
    places = b.node("Add", b.reshape(starts, (count, 1)), span(b, op.length), shape=(count, op.length))
    b.place(out, b.node("Gather", b.read(x), places, axis=x.rank - 1))


def rfft(op: ops.Rfft, inputs: Sequence[Value], outputs: Sequence[Value], b: Builder) -> None:
    """The transform of real numbers, whose parts are its last axis; they are held apart."""
    (x,), parts = inputs, outputs
    signal = b.node("Unsqueeze", b.read(x, plain(x.rank)), b.ints([-1]))
    if b.opset >= 20:
        whole = b.node("DFT", signal, None, b.scalar(x.rank - 1, "int64"), onesided=1)
    else:
        whole = b.node("DFT", signal, axis=x.rank - 1, onesided=1)
    for index, part in enumerate(parts):
        b.hold(part, b.node("Gather", whole, b.scalar(index, "int64"), axis=x.rank))


def dft(op: ops.Dft, inputs: Sequence[Value], outputs: Sequence[Value], b: Builder) -> None:
    """The transform of complex numbers, whose parts are its last axis; they are held apart."""
    rank = inputs[0].rank
    parts = [b.node("Unsqueeze", b.read(x, plain(rank)), b.ints([-1])) for x in inputs]
    signal = b.node("Concat", *parts, axis=rank)
    if b.opset >= 20:
        whole = b.node("DFT", signal, None, b.scalar(rank - 1, "int64"), inverse=int(op.inverse))
    else:
        whole = b.node("DFT", signal, axis=rank - 1, inverse=int(op.inverse))
    for index, part in enumerate(outputs):
        b.hold(part, b.node("Gather", whole, b.scalar(index, "int64"), axis=rank))
