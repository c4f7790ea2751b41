"""Activations as layers of their own."""

from typing import Annotated

from pydantic import Field

from specmodel.diagnostics import codes
from specmodel.layers import activation_functions as functions
from specmodel.layers.base import Example, Layer
from specmodel.layers.fields import Activation as ActivationName
from specmodel.layers.fields import Axes, Constraint, Initializer, Real, Regularizer
from specmodel.layers.scope import Scope
from specmodel.ops.elementwise import binary, cast, exp, maximum, minimum, where
from specmodel.ops.reduce import reduce
from specmodel.ops.source import constant
from specmodel.ops.value import Value
from specmodel.types.tensor import is_floating

NonNegReal = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Activation(Layer):
    """An activation function of the input; output of the same shape."""

    activation: ActivationName = Field(description="The function: a name, or one key with its arguments.")

    supports_masking = True
    examples = (
        Example({"activation": "relu"}, inputs=((None, 3),), output=(None, 3), params=0),
        Example({"activation": {"gelu": True}}, inputs=((None, "seq", 3),), output=(None, "seq", 3), params=0),
        Example({"activation": "glu"}, inputs=((None, 6),), output=(None, 3), params=0),
        Example({"activation": "glu"}, inputs=((None, 5),), error="its size 5 is odd"),
        Example({"activation": {"softmax": 2}}, inputs=((None, 5),), error="`axis` 2 of the activation is no axis"),
        Example({"activation": "gello"}, error="unknown activation `gello`"),
        Example({}, error="Activation needs the argument `activation`"),
    )

    def build(self, b: Scope, inputs: Value) -> Value:
        """The function of the input."""
        return b.activation(self.activation, inputs)


class ReLU(Layer):
    """`x` above `threshold`, at most `max_value`, else `negative_slope * (x - threshold)`; output of the same shape."""

    max_value: NonNegReal | None = Field(None, description="The largest output; null for no limit.")
    negative_slope: NonNegReal = Field(0.0, description="Slope below the threshold.")
    threshold: NonNegReal = Field(0.0, description="Where the output begins.")

    supports_masking = True
    examples = (
        Example({}, inputs=((None, 3),), output=(None, 3), params=0),
        Example({"max_value": 6, "negative_slope": 0.1}, inputs=((None, "seq", 3),), output=(None, "seq", 3), params=0),
        Example({"max_value": -10}, error="`max_value` of ReLU must be at least 0, found -10"),
        Example({"threshold": None}, error="`threshold` of ReLU must be a number, found null"),
    )

    def build(self, b: Scope, inputs: Value) -> Value:
        """The rectified input."""
        return functions.relu(inputs, self.negative_slope, self.max_value, self.threshold)


class LeakyReLU(Layer):
    """`x` above 0, else `negative_slope * x`; output of the same shape."""

    negative_slope: NonNegReal = Field(0.3, description="Slope below 0.")

    supports_masking = True
    examples = (
        Example({}, inputs=((None, "seq", 3),), output=(None, "seq", 3), params=0),
        Example({"negative_slope": -1}, error="`negative_slope` of LeakyReLU must be at least 0, found -1"),
        Example({"negative_slope": None}, error="`negative_slope` of LeakyReLU must be a number, found null"),
    )

    def build(self, b: Scope, inputs: Value) -> Value:
        """The rectified input."""
        return functions.leaky_relu(inputs, self.negative_slope)


class PReLU(Layer):
    """`x` above 0, else `alpha * x`, with a weight `alpha` for each element of a sample; output of the same shape."""

    alpha_initializer: Initializer = Field("zeros", description="Start of `alpha`, of the shape of a sample.")
    alpha_regularizer: Regularizer = Field(None, description="Training only.")
    alpha_constraint: Constraint = Field(None, description="Training only.")
    shared_axes: Axes | None = Field(None, description="Axes along which one weight is enough; the batch axis is 0.")

    supports_masking = True
    examples = (
        Example({}, inputs=((None, 4, 3),), output=(None, 4, 3), params=12),
        Example({"shared_axes": [1, 2]}, inputs=((None, "h", "w", 3),), output=(None, "h", "w", 3), params=3),
        Example({"shared_axes": 1}, inputs=((None, "seq", 3),), output=(None, "seq", 3), params=3),
        Example({}, inputs=((None, "seq", 3),), error="axis 1 of the input must be known"),
        Example({"shared_axes": [3]}, inputs=((None, 4, 3),), error="`shared_axes` 3 is no axis to share"),
        Example({"shared_axes": [0]}, inputs=((None, 4, 3),), error="`shared_axes` 0 is no axis to share"),
    )

    def build(self, b: Scope, inputs: Value) -> Value:
        """`max(x, 0) + alpha * min(x, 0)`."""
        shared = self.shared_axes if self.shared_axes is not None else ()
        for axis in shared:
            message = f"`shared_axes` {axis} is no axis to share of an input of rank {inputs.rank}"
            help = f"axes run from 1 to {inputs.rank - 1}; the batch axis has no weights"
            b.require(1 <= axis < inputs.rank, message, field="shared_axes", code=codes.BAD_AXIS, help=help)
        help = "share its weights with `shared_axes`"
        shape = tuple(
            1 if axis in shared else b.known(size, f"axis {axis} of the input", help)
            for axis, size in enumerate(inputs.shape[1:], 1)
        )
        alpha = b.weight("alpha", shape, self.alpha_initializer)
        return maximum(inputs, 0) + alpha * minimum(inputs, 0)


class ELU(Layer):
    """`x` above 0, else `alpha * (exp(x) - 1)`; output of the same shape."""

    alpha: Real = Field(1.0, description="The limit below, negated.")

    supports_masking = True
    examples = (
        Example({}, inputs=((None, 3),), output=(None, 3), params=0),
        Example({"alpha": 0.5}, inputs=((None, "seq", 3),), output=(None, "seq", 3), params=0),
        Example({"alpha": "big"}, error="`alpha` of ELU must be a number"),
    )

    def build(self, b: Scope, inputs: Value) -> Value:
        """The function of the input."""
        return functions.elu(inputs, self.alpha)


class Softmax(Layer):
    """Exponentials that sum to one along an axis, or along several together; output of the same shape.

    Where the mask is false the output is 0. The mask's sizes, aligned at the last axis, are the input's or 1.
    """

    axis: Axes = Field((-1,), description="The axis, or several; the batch axis is 0.")

    supports_masking = True
    examples = (
        Example({}, inputs=((None, 3),), output=(None, 3), params=0),
        Example({"axis": [1, 2]}, inputs=((None, "h", "w", 3),), output=(None, "h", "w", 3), params=0),
        Example({}, inputs=((None, 4, 3), (None, 1, 3)), dtypes=("float32", "bool"), output=(None, 4, 3), params=0),
        Example({"axis": 2}, inputs=((None, 3),), error="`axis` 2 is no axis of an input of rank 2"),
        Example({}, inputs=((None, 3), (None, 4)), dtypes=("float32", "bool"), error="a mask of shape (None, 4)"),
    )

    def build(self, b: Scope, inputs: Value, mask: Value | None = None) -> Value:
        """The softmax of what the mask leaves; a mask of numbers is true above 0.5."""
        x = inputs if is_floating(inputs.dtype) else cast(inputs, "float32")
        axes = tuple(b.axis(axis, x.rank) for axis in self.axis)
        b.require(bool(axes), "`axis` names no axis", field="axis")
        if mask is None:
            return _softmax(x, axes)
        self._check_mask(b, x, mask)
        kept = mask if mask.dtype == "bool" else binary("Greater", mask, 0.5)
        lowest = -3e4 if x.dtype == "float16" else -1e9
        y = _softmax(where(kept, x, lowest), axes)
        return where(kept, y, constant(0.0, y.dtype))

    def _check_mask(self, b: Scope, x: Value, mask: Value) -> None:
        message = f"a mask of shape {mask.type} does not fit an input of shape {x.type}"
        help = "the mask's sizes, from the last axis on, are the input's or 1"
        b.require(mask.rank <= x.rank, message, code=codes.INCOMPATIBLE_SHAPES, help=help)
        reason = "the mask of a softmax has its input's sizes"
        for size, wanted in zip(reversed(mask.shape), reversed(x.shape), strict=False):
            if size != 1:
                b.assume.equal(size, wanted, reason, message=message, help=help)


def _softmax(x: Value, axes: tuple[int, ...]) -> Value:
    if len(axes) == 1:
        return functions.softmax(x, axes[0])
    powers = exp(x - reduce("Max", x, axes, keepdims=True))
    return powers / reduce("Sum", powers, axes, keepdims=True)
