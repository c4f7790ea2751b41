"""Pooling over the whole space: GlobalMaxPooling and GlobalAveragePooling in one, two and three dimensions."""

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import Field

from specmodel.diagnostics import codes
from specmodel.layers.base import Example, Layer
from specmodel.layers.channels import as_declared, channels_last
from specmodel.layers.fields import DataFormat
from specmodel.layers.scope import Scope
from specmodel.ops.elementwise import cast, where
from specmodel.ops.reduce import reduce
from specmodel.ops.shape import expand_dims
from specmodel.ops.value import Value


class _GlobalPooling(Layer):
    rank: ClassVar[int]
    function: ClassVar[str]

    data_format: DataFormat = Field(None, description="Where the channels stand; null means `channels_last`.")
    keepdims: bool = Field(False, description="Whether the spatial axes stay, with the size 1.")

    def build(self, b: Scope, inputs: Value) -> Value:
        """One number for each sample and channel."""
        x = channels_last(b, inputs, self.rank, self.data_format)
        return self._finished(reduce(self.function, x, range(1, x.rank - 1), self.keepdims))

    def _finished(self, result: Value) -> Value:
        """The result with its channels where the input has them, if it still has spatial axes."""
        return as_declared(result, self.data_format) if self.keepdims else result


class GlobalMaxPooling1D(_GlobalPooling):
    """The maximum over all steps. Input (batch, steps, channels); output (batch, channels)."""

    rank, function = 1, "Max"
    examples = (
        Example({}, inputs=((None, "seq", 3),), output=(None, 3), params=0),
        Example({"keepdims": True}, inputs=((None, 5, 3),), output=(None, 1, 3), params=0),
        Example({}, inputs=((None, 3),), error="expected an input of rank 3, (batch, steps, channels)"),
    )


class GlobalMaxPooling2D(_GlobalPooling):
    """The maximum over an image. Input (batch, height, width, channels); output (batch, channels)."""

    rank, function = 2, "Max"
    examples = (
        Example({}, inputs=((None, "h", "w", 3),), output=(None, 3), params=0),
        Example(
            {"data_format": "channels_first", "keepdims": True},
            inputs=((None, 3, 4, 5),),
            output=(None, 3, 1, 1),
            params=0,
        ),
        Example({"keepdims": 1}, error="`keepdims` of GlobalMaxPooling2D must be true or false"),
    )


class GlobalMaxPooling3D(_GlobalPooling):
    """The maximum over a volume. Input (batch, depth, height, width, channels); output (batch, channels)."""

    rank, function = 3, "Max"
    examples = (
        Example({}, inputs=((None, 4, "h", 5, 3),), output=(None, 3), params=0),
        Example({}, inputs=((None, 4, 5, 3),), error="(batch, depth, height, width, channels)"),
    )


class GlobalAveragePooling1D(_GlobalPooling):
    """The mean over all steps, or over those that the mask counts.

    Input (batch, steps, channels); output (batch, channels). A sample of which no step counts gives NaN, as in Keras.
    """

    rank, function = 1, "Mean"
    supports_masking = True
    examples = (
        Example({}, inputs=((None, "seq", 3),), output=(None, 3), params=0),
        Example(
            {"data_format": "channels_first", "keepdims": True},
            inputs=((None, 3, 6), (None, 6)),
            dtypes=("float32", "bool"),
            output=(None, 3, 1),
            params=0,
        ),
        Example(
            {},
            inputs=((None, 6, 3), (None, 6, 3)),
            dtypes=("float32", "bool"),
            error="`mask` must have the axes (batch, steps)",
        ),
    )

    def build(self, b: Scope, inputs: Value, mask: Value | None = None) -> Value:
        """The sum of the steps that count over their number; without a mask the mean."""
        if mask is None:
            return super().build(b, inputs)
        x = channels_last(b, inputs, 1, self.data_format)
        message = f"`mask` must have the axes (batch, steps), found {mask.type}"
        b.require(mask.rank == 2, message, field="mask", code=codes.WRONG_RANK)
        counts = expand_dims(cast(mask, "bool"), -1)
        total = reduce("Sum", where(counts, x, 0), 1, self.keepdims)
        return self._finished(total / reduce("Sum", cast(counts, x.dtype), 1, self.keepdims))

    def compute_mask(self, b: Scope, values: Mapping[str, Any], mask: Any) -> None:
        """None: there are no steps any more."""


class GlobalAveragePooling2D(_GlobalPooling):
    """The mean over an image. Input (batch, height, width, channels); output (batch, channels)."""

    rank, function = 2, "Mean"
    examples = (
        Example({}, inputs=((None, 7, 7, 512),), output=(None, 512), params=0),
        Example({"keepdims": True}, inputs=((None, "h", "w", 3),), output=(None, 1, 1, 3), params=0),
        Example(
            {"data_format": "first"},
            error="`data_format` of GlobalAveragePooling2D must be `channels_last` or `channels_first`",
        ),
    )


class GlobalAveragePooling3D(_GlobalPooling):
    """The mean over a volume. Input (batch, depth, height, width, channels); output (batch, channels)."""

    rank, function = 3, "Mean"
    examples = (
        Example({}, inputs=((None, 4, 5, 6, 3),), output=(None, 3), params=0),
        Example({"data_format": "channels_first"}, inputs=((None, 3, "d", 5, 6),), output=(None, 3), params=0),
    )
