"""Tensor operations that are activation functions: without a layer's policy, masks and further arguments."""

from inspect import getdoc
from typing import ClassVar

from pydantic import Field

from specmodel.layers import activation_functions as functions
from specmodel.layers.base import Example, Layer
from specmodel.layers.fields import Axes, Real
from specmodel.layers.operation import Elementwise, Operation, axes_of, floating, made_from
from specmodel.layers.scope import Scope
from specmodel.ops.elementwise import exp, log
from specmodel.ops.reduce import log_softmax, reduce, softmax
from specmodel.ops.value import Value


class _Function(Elementwise):
    """A function of `activation_functions`, whose parameters are the operation's arguments."""

    function: ClassVar[str]

    def build(self, b: Scope, x: Value) -> Value:
        """The function of each element."""
        arguments = {name: getattr(self, name) for name in type(self).model_fields}
        result: Value = getattr(functions, self.function)(x, **arguments)
        return result


FUNCTIONS = {
    "Relu6": "relu6",
    "SparseSigmoid": "sparse_sigmoid",
    "Softplus": "softplus",
    "Softsign": "softsign",
    "SparsePlus": "sparse_plus",
    "Silu": "silu",
    "LogSigmoid": "log_sigmoid",
    "HardSigmoid": "hard_sigmoid",
    "HardSilu": "hard_silu",
    "Selu": "selu",
    "TanhShrink": "tanh_shrink",
    "HardTanh": "hard_tanh",
}
"""Operations that are one function without parameters. Each class is made when it is asked for."""


def __getattr__(name: str) -> type[Layer]:
    function = FUNCTIONS.get(name, "")
    text = getdoc(getattr(functions, function)) if function else None
    return made_from({name: (function, text or "")} if function else {}, name, _Function, globals())


class Relu(_Function):
    """`x` above 0, else 0."""

    function = "relu"


class SoftShrink(_Function):
    """`x` moved toward 0 by the threshold, and 0 within it."""

    threshold: functions.Threshold = Field(0.5, description="How far.")
    function = "soft_shrink"


class HardShrink(_Function):
    """`x` where its distance from 0 is above the threshold, else 0."""

    threshold: Real = Field(0.5, description="The distance.")
    function = "hard_shrink"


class Threshold(_Function):
    """`x` above the threshold, else `default_value`."""

    threshold: Real = Field(description="What x is compared with.")
    default_value: Real = Field(description="What stands in its place.")
    function = "threshold"
    examples = (
        Example({"threshold": 0.5, "default_value": -1.0}, inputs=((None, 3),), output=(None, 3), params=0),
        Example({"threshold": 0.5}, error="Threshold needs the argument `default_value`"),
    )


class Squareplus(_Function):
    """`(x + sqrt(x ** 2 + b)) / 2`."""

    b: Real = Field(4.0, description="How soft the bend is.")
    function = "squareplus"


class LeakyRelu(_Function):
    """`x` above 0, else `negative_slope * x`."""

    negative_slope: Real = Field(0.2, description="Slope below 0.")
    function = "leaky_relu"


class Elu(_Function):
    """`x` above 0, else `alpha * (exp(x) - 1)`."""

    alpha: Real = Field(1.0, description="The limit below, negated.")
    function = "elu"


class Celu(_Function):
    """`x` above 0, else `alpha * (exp(x / alpha) - 1)`."""

    alpha: Real = Field(1.0, description="The limit below, negated.")
    function = "celu"


class Gelu(_Function):
    """`x` times the normal distribution's share below it."""

    approximate: bool = Field(
        True, description="Whether tanh stands for the error function; the activation's is false."
    )
    function = "gelu"


class Glu(Operation):
    """`a * sigmoid(b)` of the two halves along an axis, whose size is even."""

    axis: int = Field(-1, description="The axis; the batch axis is 0.")

    examples = (
        Example({}, inputs=((None, "seq", 6),), output=(None, "seq", 3), params=0),
        Example({"axis": 1}, inputs=((None, 4, 3),), output=(None, 2, 3), params=0),
        Example({}, inputs=((None, 5),), error="glu splits axis -1 of (None, 5) into halves, and its size 5 is odd"),
    )

    def build(self, b: Scope, x: Value) -> Value:
        """The first half, as far as the second opens for it."""
        return functions.glu(x, self.axis)


_ALONG = (
    Example({}, inputs=((None, "seq", 3),), output=(None, "seq", 3), params=0),
    Example({"axis": 1}, inputs=((None, 4, 3),), output=(None, 4, 3), params=0),
    Example({"axis": 2}, inputs=((None, 3),), error="`axis` 2 is no axis of an input of rank 2"),
)


class _OverAxes(Operation):
    axis: Axes | None = Field((-1,), description="One axis or several together; the batch axis is 0, null means all.")

    examples = (
        *_ALONG,
        Example({"axis": [1, 2]}, inputs=((None, 4, 3),), output=(None, 4, 3), params=0),
        Example({"axis": None}, inputs=((2, 3),), output=(2, 3), params=0),
    )


class SoftmaxOp(_OverAxes):
    """Exponentials that sum to one along an axis, or along several together."""

    def build(self, b: Scope, x: Value) -> Value:
        """Each exponential divided by their sum."""
        x, axes = floating(x), axes_of(b, self.axis, x.rank)
        if len(axes) == 1:
            return softmax(x, axes[0])
        powers = exp(x - reduce("Max", x, axes, keepdims=True))
        return powers / reduce("Sum", powers, axes, keepdims=True)


class LogSoftmax(_OverAxes):
    """The logarithm of the softmax along an axis, or along several together."""

    def build(self, b: Scope, x: Value) -> Value:
        """The logarithm of each exponential's share."""
        x, axes = floating(x), axes_of(b, self.axis, x.rank)
        if len(axes) == 1:
            return log_softmax(x, axes[0])
        lower = x - reduce("Max", x, axes, keepdims=True)
        return lower - log(reduce("Sum", exp(lower), axes, keepdims=True))


class Sparsemax(Operation):
    """The nearest numbers that are not negative and sum to one along an axis; see the activation `sparsemax`."""

    axis: int = Field(-1, description="The axis; the batch axis is 0.")

    examples = _ALONG

    def build(self, b: Scope, x: Value) -> Value:
        """The numbers above a threshold, less the threshold."""
        return functions.sparsemax(x, b.axis(self.axis, x.rank))
