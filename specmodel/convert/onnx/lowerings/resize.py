"""Resampling: the operator for images that are mixed by two or four pixels each way; else places, or weights, of all.

Of sizes that only data tells, places and weights are computed in the graph, as the kernel does.
"""

from collections.abc import Callable, Sequence
from functools import partial
from math import pi
from typing import Any

import numpy as np

from specmodel.convert.onnx.builder import Builder
from specmodel.convert.onnx.ir import Tensor
from specmodel.convert.onnx.layout import Order, arranged, channels_second, plain
from specmodel.convert.onnx.sizes import scalar_size, sizes, span
from specmodel.kernels.resize import weights
from specmodel.ops import resize as ops
from specmodel.ops.value import Value
from specmodel.types.dim import Dim, divide

_MODES: dict[str, dict[str, Any]] = {
    "bilinear": {"mode": "linear"},
    "bicubic": {"mode": "cubic", "cubic_coeff_a": -0.5, "exclude_outside": 1},
}
_FINE = "float64"


def resize(op: ops.Resize, inputs: Sequence[Value], outputs: Sequence[Value], b: Builder) -> None:
    """An operator for the image, or a pass for each axis."""
    (x,), (out,) = inputs, outputs
    if op.interpolation == "nearest":
        _nearest(b, op, x, out)
        return
    order = _image_order(op, x, out)
    if order is not None:
        _image(b, op, x, out, order)
    else:
        _mixed(b, op, x, out)


def _image_order(op: ops.Resize, x: Value, out: Value) -> Order | None:
    """The order in which the operator takes an image, with the axes to resample last; None where readers lack it.

    They widen the weights of `antialias` by rules of their own, and mix four pixels each way only to enlarge.
    """
    if op.interpolation not in _MODES or op.antialias or x.rank != 4 or x.dtype == _FINE:
        return None
    grows = all(_grows(x.shape[axis], size) for axis, size in zip(op.axes, op.sizes, strict=True))
    if op.interpolation == "bicubic" and not grows:
        return None
    return channels_second(4) if set(op.axes) <= {1, 2} else plain(4) if set(op.axes) <= {2, 3} else None


def _grows(before: Dim, after: Dim) -> bool:
    if isinstance(before, int) and isinstance(after, int):
        return after >= before
    return divide(after, before) is not None


def _image(b: Builder, op: ops.Resize, x: Value, out: Value, order: Order) -> None:
    """The operator, told how many times an axis grows, or its new size where that is no whole number."""
    more: dict[str, Any] = {**_MODES[op.interpolation], "coordinate_transformation_mode": "half_pixel"}
    before, after = arranged(x.shape, order), arranged(out.shape, order)
    ratios = [divide(*sizes_of_axis) for sizes_of_axis in zip(after, before, strict=True)]
    if all(isinstance(ratio, int) for ratio in ratios):
        scales = b.constant(np.array(ratios, np.float32))
        made = b.node("Resize", b.read(x, order), None, scales, **more)
    else:
        made = b.node("Resize", b.read(x, order), None, None, sizes(b, after), **more)
    b.hold(out, made, order)


def _nearest(b: Builder, op: ops.Resize, x: Value, out: Value) -> None:
    """The input element whose cell holds the centre of each output, rounded in float32 as Keras does."""
    held = b.held(x)
    made = held.tensor
    for axis, wanted in zip(op.axes, op.sizes, strict=True):
        centres = b.node("Add", b.cast(span(b, wanted), "float32"), b.scalar(0.5, "float32"))
        before, after = (b.cast(scalar_size(b, size), "float32") for size in (x.shape[axis], wanted))
        places = b.node("Floor", b.node("Div", b.node("Mul", centres, before), after))
        made = b.node("Gather", made, b.cast(places, "int64"), axis=held.order.index(axis))
    b.place(out, made, held.order)


def _mixed(b: Builder, op: ops.Resize, x: Value, out: Value) -> None:
    """Products with the weights of each axis, which stands last for it."""
    held = b.held(x)
    made, order = held.tensor, held.order
    for axis, wanted in zip(op.axes, op.sizes, strict=True):
        last: Order = (*(other for other in order if other != axis), axis)
        moved = b.transposed(made, tuple(order.index(other) for other in last))
        made, order = b.node("MatMul", moved, _weights(b, op, x.shape[axis], wanted, made.dtype)), last
    b.hold(out, made, order)


def _weights(b: Builder, op: ops.Resize, size: Dim, wanted: Dim, dtype: str) -> Tensor:
    """How much each input (a row) counts for each output (a column); those of an output sum to one."""
    if isinstance(size, int) and isinstance(wanted, int):
        low, known = weights(op, range(wanted), size, wanted, np.dtype(dtype))
        whole = np.zeros((size, wanted), dtype)
        whole[low : low + known.shape[1]] = known.T
        return b.constant(whole)
    before, after = (b.cast(scalar_size(b, one), _FINE) for one in (size, wanted))
    half = b.scalar(0.5, _FINE)
    step = b.node("Div", before, after)
    rounded = b.cast(b.cast(step, dtype), _FINE)
    places = b.node("Mul", b.node("Add", b.cast(span(b, wanted), _FINE), half), rounded)
    places = b.cast(b.cast(b.node("Sub", places, half), dtype), _FINE)
    inputs = b.reshape(b.cast(span(b, size), _FINE), (size, 1))
    apart = b.node("Abs", b.node("Sub", places, inputs))
    if op.antialias:
        apart = b.node("Div", apart, b.node("Max", step, b.scalar(1, _FINE)))
    shares = _FUNCTIONS[op.interpolation](b, apart)
    total = b.node("ReduceSum", shares, b.ints([0]), keepdims=1)
    return b.cast(b.node("Div", shares, total), dtype)


def _triangle(b: Builder, x: Tensor) -> Tensor:
    return b.node("Relu", b.node("Sub", b.scalar(1, x), x))


def _cubic(b: Builder, x: Tensor) -> Tensor:
    """Cubic convolution with a = -1/2."""
    near = _polynomial(b, x, (1.5, -2.5, 0.0, 1.0))
    far = _polynomial(b, x, (-0.5, 2.5, -4.0, 2.0))
    beyond = b.node("Where", _below(b, x, 2), far, b.scalar(0, x), dtype=x.dtype)
    return b.node("Where", _below(b, x, 1), near, beyond, dtype=x.dtype)


def _lanczos(radius: int, b: Builder, x: Tensor) -> Tensor:
    """`sinc(x) * sinc(x / radius)` within the radius."""
    inside = b.node("LessOrEqual", x, b.scalar(radius, x), dtype="bool")
    product = b.node("Mul", _sinc(b, x), _sinc(b, b.node("Div", x, b.scalar(radius, x))))
    return b.node("Where", inside, product, b.scalar(0, x), dtype=x.dtype)


def _sinc(b: Builder, x: Tensor) -> Tensor:
    turned = b.node("Mul", x, b.scalar(pi, x))
    zero = b.node("Equal", x, b.scalar(0, x), dtype="bool")
    return b.node("Where", zero, b.scalar(1, x), b.node("Div", b.node("Sin", turned), turned), dtype=x.dtype)


def _polynomial(b: Builder, x: Tensor, coefficients: Sequence[float]) -> Tensor:
    total = b.scalar(coefficients[0], x)
    for coefficient in coefficients[1:]:
        total = b.node("Add", b.node("Mul", total, x, dtype=x.dtype), b.scalar(coefficient, x))
    return total


def _below(b: Builder, x: Tensor, bound: float) -> Tensor:
    return b.node("Less", x, b.scalar(bound, x), dtype="bool")


_FUNCTIONS: dict[str, Callable[[Builder, Tensor], Tensor]] = {
    "bilinear": _triangle,
    "bicubic": _cubic,
    "lanczos3": partial(_lanczos, 3),
    "lanczos5": partial(_lanczos, 5),
}
