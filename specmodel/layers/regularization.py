"""Layers that disturb their input while a model is trained; at inference each gives it back unchanged."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from specmodel.layers.base import Example, Layer
from specmodel.layers.fields import DataFormat, PosInt, Rate
from specmodel.layers.scope import Scope
from specmodel.layers.training import Factor
from specmodel.ops.value import Value

NoiseShape = Annotated[
    tuple[PosInt | None, ...], BeforeValidator(lambda value: tuple(value) if isinstance(value, list) else value)
]
"""The sizes of a random array that is broadcast to the input; null is the input's own size."""

_RATE = "Share of the elements that training drops, from 0 to 1."
_NOISE_SHAPE = "Training only: sizes of the random array; a 1 drops along the whole axis, null is the input's size."
_SEED = "Training only: start of the random numbers."

_GOOD = (
    Example({"rate": 0.5}, inputs=((None, "seq", 3),), output=(None, "seq", 3), params=0),
    Example({"rate": 0, "seed": 1}, inputs=((None, 3),), output=(None, 3), params=0),
)


class _Unchanged(Layer):
    supports_masking = True

    def build(self, b: Scope, inputs: Value) -> Value:
        """The input itself."""
        return inputs


class ActivityRegularization(_Unchanged):
    """Adds `l1 * sum(|x|) + l2 * sum(x ** 2)` to the loss of training; the output is the input."""

    l1: Factor = Field(0.0, description="Training only: share of the sum of absolute values.")
    l2: Factor = Field(0.0, description="Training only: share of the sum of squares.")

    examples = (
        Example({"l1": 0.1, "l2": 0.2}, inputs=((None, "seq", 3),), output=(None, "seq", 3), params=0),
        Example({"l1": -1}, error="`l1` of ActivityRegularization must be at least 0, found -1"),
    )


class AlphaDropout(_Unchanged):
    """Dropout in training that keeps mean and variance, for use with selu; the output is the input."""

    rate: Rate = Field(description=_RATE)
    noise_shape: NoiseShape | None = Field(None, description=_NOISE_SHAPE)
    seed: int | None = Field(None, description=_SEED)

    examples = (*_GOOD, Example({"rate": -0.5}, error="`rate` of AlphaDropout must be at least 0, found -0.5"))


class Dropout(_Unchanged):
    """Sets a share of the elements to 0 in training; the output is the input."""

    rate: Rate = Field(description=_RATE)
    noise_shape: NoiseShape | None = Field(None, description=_NOISE_SHAPE)
    seed: int | None = Field(None, description=_SEED)

    examples = (
        *_GOOD,
        Example({"rate": 0.5, "noise_shape": [None, 1, 3]}, inputs=((None, 4, 3),), output=(None, 4, 3), params=0),
        Example({"rate": 1.5}, error="`rate` of Dropout must be at most 1, found 1.5"),
        Example({"rate": 0.5, "noise_shape": [20, 1.5, 10]}, error="`noise_shape[1]` of Dropout must be an integer"),
        Example({"rate": 0.5, "noise_shape": [20, -1, 10]}, error="`noise_shape[1]` of Dropout must be greater"),
        Example({"rate": 0.5, "noise_shape": "Invalid"}, error="`noise_shape` of Dropout must be a list, found"),
        Example({}, error="Dropout needs the argument `rate`"),
    )


class GaussianDropout(_Unchanged):
    """Multiplies by normal noise around 1 in training; the output is the input."""

    rate: Rate = Field(description="As for Dropout: the noise has the standard deviation `sqrt(rate / (1 - rate))`.")
    seed: int | None = Field(None, description=_SEED)

    examples = (*_GOOD, Example({"rate": 2}, error="`rate` of GaussianDropout must be at most 1, found 2"))


class GaussianNoise(_Unchanged):
    """Adds normal noise around 0 in training; the output is the input."""

    stddev: Rate = Field(description="The noise's standard deviation, from 0 to 1.")
    seed: int | None = Field(None, description=_SEED)

    examples = (
        Example({"stddev": 0.2}, inputs=((None, "h", "w", 3),), output=(None, "h", "w", 3), params=0),
        Example({"stddev": 1.5}, error="`stddev` of GaussianNoise must be at most 1, found 1.5"),
    )


class SpatialDropout1D(Layer):
    """Sets whole channels to 0 in training; the output is the input, (batch, steps, channels)."""

    rate: Rate = Field(description=_RATE)
    seed: int | None = Field(None, description=_SEED)

    supports_masking = True
    examples = (
        Example({"rate": 0.5}, inputs=((None, "seq", 3),), output=(None, "seq", 3), params=0),
        Example({"rate": 0.5}, inputs=((None, 3),), error="expected an input of rank 3, (batch, steps, channels)"),
    )

    def build(self, b: Scope, inputs: Value) -> Value:
        """The input itself."""
        b.require_rank(inputs, 3, "(batch, steps, channels)")
        return inputs


class SpatialDropout2D(Layer):
    """Sets whole channels to 0 in training; the output is the input, (batch, height, width, channels)."""

    rate: Rate = Field(description=_RATE)
    data_format: DataFormat = Field(None, description="Where the channels stand; null means `channels_last`.")
    seed: int | None = Field(None, description=_SEED)

    supports_masking = True
    examples = (
        Example({"rate": 0.5}, inputs=((None, "h", "w", 3),), output=(None, "h", "w", 3), params=0),
        Example(
            {"rate": 0.5, "data_format": "channels_first"}, inputs=((None, 3, 4, 5),), output=(None, 3, 4, 5), params=0
        ),
        Example({"rate": 0.5}, inputs=((None, 4, 3),), error="expected an input of rank 4"),
        Example({"rate": 0.5, "data_format": "first"}, error="must be `channels_last` or `channels_first`"),
    )

    def build(self, b: Scope, inputs: Value) -> Value:
        """The input itself."""
        first = self.data_format == "channels_first"
        b.require_rank(inputs, 4, "(batch, channels, height, width)" if first else "(batch, height, width, channels)")
        return inputs


class SpatialDropout3D(Layer):
    """Sets whole channels to 0 in training; the output is the input, (batch, depth, height, width, channels)."""

    rate: Rate = Field(description=_RATE)
    data_format: DataFormat = Field(None, description="Where the channels stand; null means `channels_last`.")
    seed: int | None = Field(None, description=_SEED)

    supports_masking = True
    examples = (
        Example({"rate": 0.5}, inputs=((None, "d", "h", "w", 3),), output=(None, "d", "h", "w", 3), params=0),
        Example({"rate": 0.5}, inputs=((None, 4, 3),), error="expected an input of rank 5"),
    )

    def build(self, b: Scope, inputs: Value) -> Value:
        """The input itself."""
        first = self.data_format == "channels_first"
        form = "(batch, channels, depth, height, width)" if first else "(batch, depth, height, width, channels)"
        b.require_rank(inputs, 5, form)
        return inputs
