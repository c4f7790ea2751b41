"""The activation functions; each name and signature is that of `keras.activations`.

A function's parameters behind the first are the arguments a spec may give it: `{gelu: {approximate: true}}`. Those that
make no sense for integers take them as float32.
"""

from math import pi, sqrt
from typing import Annotated

from pydantic import Field

from specmodel.diagnostics import codes
from specmodel.layers.fields import PosReal, Real
from specmodel.ops import elementwise as ops
from specmodel.ops import reduce
from specmodel.ops.shape import reshape, slice_axis
from specmodel.ops.value import Value
from specmodel.types.fault import Fault
from specmodel.types.tensor import is_floating

Threshold = Annotated[float, Field(ge=0, allow_inf_nan=False)]

# The fixed point of Klambauer et al., Self-normalizing neural networks, NIPS 2017: mean 0 and variance 1 stay.
_SELU_ALPHA = 1.6732632423543772848
_SELU_SCALE = 1.0507009873554804934


def celu(x: Value, alpha: Real = 1.0) -> Value:
    """`x` above 0, else `alpha * (exp(x / alpha) - 1)`."""
    x = _floating(x)
    low = ops.minimum(x, 0)
    return ops.maximum(x, 0) + alpha * ops.expm1(low if alpha == 1 else low / alpha)


def elu(x: Value, alpha: Real = 1.0) -> Value:
    """`x` above 0, else `alpha * (exp(x) - 1)`."""
    x = _floating(x)
    low = ops.expm1(ops.minimum(x, 0))
    return ops.maximum(x, 0) + (low if alpha == 1 else alpha * low)


def exponential(x: Value) -> Value:
    """`exp(x)`."""
    return ops.exp(x)


def gelu(x: Value, approximate: bool = False) -> Value:
    """`x` times the normal distribution's share below it; `approximate` takes tanh for the error function."""
    x = _floating(x)
    if approximate:
        bent = ops.tanh(x * (sqrt(2 / pi) + sqrt(2 / pi) * 0.044715 * ops.square(x)))
    else:
        bent = ops.erf(x * sqrt(0.5))
    return 0.5 * x * (bent + 1)


def glu(x: Value, axis: int = -1) -> Value:
    """`a * sigmoid(b)` of the two halves along an axis, whose size is even."""
    at = _axis(x, axis)
    size = x.shape[at]
    if isinstance(size, int) and size % 2 != 0:
        message = f"glu splits axis {axis} of {x.type} into halves, and its size {size} is odd"
        raise Fault(codes.BAD_SIZE, message, help="make that axis even")
    half = (*x.shape[:at], size // 2, *x.shape[at + 1 :])
    halves = reshape(_floating(x), (*x.shape[:at], 2, size // 2, *x.shape[at + 1 :]))
    a, b = (reshape(slice_axis(halves, at, index, 1), half) for index in (0, 1))
    return a * ops.sigmoid(b)


def hard_shrink(x: Value, threshold: Real = 0.5) -> Value:
    """`x` where its distance from 0 is above the threshold, else 0."""
    x = _floating(x)
    return ops.where(ops.binary("Greater", ops.absolute(x), threshold), x, 0)


def hard_sigmoid(x: Value, slope: PosReal = 1 / 6) -> Value:
    """`slope * x + 1/2`, limited to 0 and 1. Before Keras 3 the slope was 0.2."""
    if slope == 1 / 6:
        return ops.clip(_floating(x) + 3, 0, 6) / 6
    return ops.clip(_floating(x) * slope + 0.5, 0, 1)


def hard_silu(x: Value) -> Value:
    """`x` times its hard sigmoid."""
    return x * hard_sigmoid(x)


def hard_tanh(x: Value) -> Value:
    """`x`, limited to -1 and 1."""
    if x.dtype.startswith("u"):
        return ops.minimum(x, 1)
    return ops.clip(ops.cast(x, "int32") if x.dtype == "bool" else x, -1, 1)


def leaky_relu(x: Value, negative_slope: Real = 0.2) -> Value:
    """`x` above 0, else `negative_slope * x`."""
    if negative_slope == 0:
        return ops.maximum(x, 0)
    scaled = x * negative_slope
    return ops.maximum(x, scaled) if negative_slope <= 1 else ops.minimum(x, scaled)


def linear(x: Value) -> Value:
    """`x`."""
    return x


def log_sigmoid(x: Value) -> Value:
    """The logarithm of the sigmoid, `-softplus(-x)`."""
    return -ops.softplus(-_floating(x))


def log_softmax(x: Value, axis: int = -1) -> Value:
    """The logarithm of the softmax along an axis."""
    return reduce.log_softmax(_floating(x), _axis(x, axis))


def mish(x: Value) -> Value:
    """`x * tanh(softplus(x))`."""
    x = _floating(x)
    return x * ops.tanh(ops.softplus(x))


def relu(x: Value, negative_slope: Real = 0.0, max_value: Real | None = None, threshold: Real = 0.0) -> Value:
    """`x` above the threshold, at most `max_value`, else `negative_slope * (x - threshold)`."""
    if negative_slope != 0 and max_value is None and threshold == 0:
        return leaky_relu(x, negative_slope)
    if threshold != 0:
        high = ops.where(ops.binary("Greater", x, threshold), x, 0)
        high = high if max_value is None else ops.clip(high, 0, max_value)
    elif max_value is not None:
        high = ops.clip(x, 0, max_value)
    else:
        high = ops.maximum(x, 0)
    return high if negative_slope == 0 else high + negative_slope * ops.minimum(x - threshold, 0)


def relu6(x: Value) -> Value:
    """`x`, limited to 0 and 6."""
    return ops.clip(_floating(x), 0, 6)


def selu(x: Value) -> Value:
    """A scaled elu that keeps mean 0 and variance 1."""
    return _SELU_SCALE * elu(x, _SELU_ALPHA)


def sigmoid(x: Value) -> Value:
    """`1 / (1 + exp(-x))`."""
    return ops.sigmoid(x)


def silu(x: Value) -> Value:
    """`x * sigmoid(x)`."""
    return x * ops.sigmoid(x)


def soft_shrink(x: Value, threshold: Threshold = 0.5) -> Value:
    """`x` moved toward 0 by the threshold, and 0 within it."""
    x = _floating(x)
    return x - ops.clip(x, -threshold, threshold)


def softmax(x: Value, axis: int = -1) -> Value:
    """Exponentials that sum to one along an axis."""
    return reduce.softmax(_floating(x), _axis(x, axis))


def softplus(x: Value) -> Value:
    """`log(1 + exp(x))`."""
    return ops.softplus(x)


def softsign(x: Value) -> Value:
    """`x / (1 + abs(x))`."""
    return x / (ops.absolute(x) + 1)


def sparse_plus(x: Value) -> Value:
    """0 up to -1, `x` from 1 on, `(x + 1) ** 2 / 4` between."""
    x = _floating(x)
    bent = ops.square(ops.maximum(x, -1) + 1) * 0.25
    return ops.where(x < 1, bent, x)


def sparse_sigmoid(x: Value) -> Value:
    """`(x + 1) / 2`, limited to 0 and 1."""
    return ops.clip(_floating(x) + 1, 0, 2) * 0.5


def sparsemax(x: Value, axis: int = -1) -> Value:
    """The nearest numbers that are not negative and sum to one along an axis.

    Keras up to 3.15 gives less where more than one number stays above 0, an error that later versions do not have.
    """
    return reduce.Sparsemax(_axis(x, axis))(_floating(x))


def squareplus(x: Value, b: Real = 4) -> Value:
    """`(x + sqrt(x ** 2 + b)) / 2`."""
    x = _floating(x)
    return (x + ops.sqrt(ops.square(x) + b)) * 0.5


def tanh(x: Value) -> Value:
    """The hyperbolic tangent."""
    return ops.tanh(x)


def tanh_shrink(x: Value) -> Value:
    """`x - tanh(x)`."""
    return x - ops.tanh(x)


def threshold(x: Value, threshold: Real, default_value: Real) -> Value:
    """`x` above the threshold, else `default_value`."""
    return ops.where(ops.binary("Greater", x, threshold), x, default_value)


def _floating(x: Value) -> Value:
    return x if is_floating(x.dtype) else ops.cast(x, "float32")


def _axis(x: Value, axis: int) -> int:
    """The axis counted from the front."""
    if not -x.rank <= axis < x.rank:
        message = f"`axis` {axis} of the activation is no axis of its input, {x.type} of rank {x.rank}"
        raise Fault(codes.BAD_AXIS, message)
    return axis % x.rank
