"""A Dense layer whose weights count as -1, 0 or +1."""

from typing import Annotated

from pydantic import Field

from specmodel.layers.base import Example, Layer
from specmodel.layers.fields import Activation, Constraint, Initializer, PosInt, Regularizer
from specmodel.layers.scope import Scope
from specmodel.ops.elementwise import absolute, cast, unary
from specmodel.ops.reduce import mean
from specmodel.ops.value import Value

Threshold = Annotated[float, Field(ge=0, allow_inf_nan=False), "number from 0"]


class TernaryDense(Layer):
    """Fully connected by signs: `activation(beta * inputs @ ternary(kernel) + bias)` over the last axis.

    `ternary(w)` is the sign of w where `|w|` is above the threshold, else 0; `beta` is the mean of `|kernel|`, or 1
    with a threshold of one's own. Input (batch, …, features), features known; output (batch, …, units).
    Source: S. Ma et al., The Era of 1-bit LLMs (2024), arXiv:2402.17764.
    """

    units: PosInt = Field(description="Size of the output's last axis.")
    threshold: Threshold | None = Field(None, description="Where a weight counts; null is half the mean of `|kernel|`.")
    activation: Activation = Field("linear", description="Applied to the sum.")
    use_bias: bool = Field(True, description="Whether a bias is added.")
    kernel_initializer: Initializer = Field("glorot_uniform", description="Start of `kernel`, (features, units).")
    bias_initializer: Initializer = Field("zeros", description="Start of `bias`, (units,).")
    kernel_regularizer: Regularizer = Field(None, description="Training only.")
    bias_regularizer: Regularizer = Field(None, description="Training only.")
    activity_regularizer: Regularizer = Field(None, description="Training only.")
    kernel_constraint: Constraint = Field(None, description="Training only.")
    bias_constraint: Constraint = Field(None, description="Training only.")

    supports_masking = True
    examples = (
        Example({"units": 4}, inputs=((None, 3),), output=(None, 4), params=16),
        Example(
            {"units": 2, "threshold": 0.1, "use_bias": False},
            inputs=((None, "seq", 3),),
            output=(None, "seq", 2),
            params=6,
        ),
        Example({"units": 4, "threshold": -1}, error="`threshold` of TernaryDense must be at least 0, found -1"),
        Example({"units": 4}, inputs=((None, None),), error="the input's last axis must be known"),
    )

    def build(self, b: Scope, inputs: Value) -> Value:
        """The product with the ternary kernel, which depends on weights alone, then scale, bias and activation."""
        message = f"expected an input of at least 2 axes, (batch, …, features), found {inputs.type}"
        b.require(inputs.rank >= 2, message, code="E303")
        features = b.known(inputs.shape[-1], "the input's last axis", "give that axis a size where it comes from")
        kernel = b.weight("kernel", (features, self.units), self.kernel_initializer)
        size = absolute(kernel)
        scale = mean(size, (0, 1))
        least = scale * 0.5 if self.threshold is None else self.threshold
        y = inputs @ (unary("Sign", kernel) * cast(size > least, kernel.dtype))
        if self.threshold is None:
            y = y * scale
        if self.use_bias:
            y = y + b.weight("bias", (self.units,), self.bias_initializer)
        return b.activation(self.activation, y)
