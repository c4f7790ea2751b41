"""Pooling over windows: MaxPooling and AveragePooling in one, two and three dimensions."""

from collections.abc import Callable
from typing import ClassVar

from pydantic import Field

from specmodel.layers.base import Example, Layer
from specmodel.layers.channels import as_declared, channels_last, first_spatial_axis
from specmodel.layers.fields import DataFormat, Padding, Sizes1, Sizes2, Sizes3
from specmodel.layers.scope import Scope
from specmodel.ops.pool import max_pool, mean_pool
from specmodel.ops.value import Value
from specmodel.types.assume import Assume
from specmodel.types.window import window_length

_SIZE = "Length of the window along the steps."
_SIZES = "Size of the window along each spatial axis; one integer means the same for all."
_STRIDES = "Step from window to window; null means the size of the window."
_PADDING = "`valid`: windows lie inside the input; `same`: those at the border may hang over it."
_DATA_FORMAT = "Where the channels stand; null means `channels_last`."

_IMAGES = ((None, 6, 6, 3),)
_VOLUMES = ((None, 4, 4, 4, 2),)


class _Pooling(Layer):
    pool: ClassVar[Callable[..., Value]]

    pool_size: tuple[int, ...] = Field(description=_SIZES)
    strides: tuple[int, ...] | None = Field(None, description=_STRIDES)
    padding: Padding = Field("valid", description=_PADDING)
    data_format: DataFormat = Field(None, description=_DATA_FORMAT)

    def build(self, b: Scope, inputs: Value) -> Value:
        """One number for each window and channel."""
        strides = self.strides if self.strides is not None else self.pool_size
        x = channels_last(b, inputs, len(self.pool_size), self.data_format)
        for axis, window in enumerate(self.pool_size):
            # The op requires the same; said here, a window that is certainly too large is seen from the layer's input.
            number = axis + first_spatial_axis(self.data_format)
            window_length(Assume(), x.shape[axis + 1], window, 1, self.padding, axis=number, field="pool_size")
        return as_declared(type(self).pool(x, self.pool_size, strides, self.padding), self.data_format)


class MaxPooling1D(_Pooling):
    """The maximum of each window over the steps.

    Input (batch, steps, channels); output (batch, windows, channels).
    """

    pool_size: Sizes1 = Field((2,), description=_SIZE)
    strides: Sizes1 | None = Field(None, description=_STRIDES)

    pool = staticmethod(max_pool)
    examples = (
        Example({}, inputs=((None, 7, 3),), output=(None, 3, 3), params=0),
        Example(
            {"pool_size": 3, "strides": 1, "padding": "same"},
            inputs=((None, "seq", 3),),
            output=(None, "seq", 3),
            params=0,
        ),
        Example({"pool_size": 2}, inputs=((None, "seq", None),), output=(None, "seq//2", None), params=0),
        Example({"pool_size": 0}, error="`pool_size` of MaxPooling1D must be greater than 0, found 0"),
        Example(
            {"pool_size": 8},
            inputs=((None, 7, 3),),
            error="a window of 8 does not fit into axis 1, which has the size 7",
        ),
        Example({}, inputs=((None, 7),), error="expected an input of rank 3, (batch, steps, channels)"),
    )


class MaxPooling2D(_Pooling):
    """The maximum of each window over images.

    Input (batch, height, width, channels); output (batch, rows, columns, channels), the windows there are each way.
    """

    pool_size: Sizes2 = Field((2, 2), description=_SIZES)
    strides: Sizes2 | None = Field(None, description=_STRIDES)

    pool = staticmethod(max_pool)
    examples = (
        Example({}, inputs=_IMAGES, output=(None, 3, 3, 3), params=0),
        Example(
            {"pool_size": 3, "strides": 2, "padding": "same"},
            inputs=((None, 112, 112, 64),),
            output=(None, 56, 56, 64),
            params=0,
        ),
        Example({"pool_size": [1, 2]}, inputs=((None, "h", "w", 8),), output=(None, "h", "w//2", 8), params=0),
        Example({"data_format": "channels_first"}, inputs=((None, 3, 6, 4),), output=(None, 3, 3, 2), params=0),
        Example(
            {"pool_size": [2, 2, 2]},
            error="`pool_size` of MaxPooling2D must be an integer or a list of 2, found a list of 3",
        ),
        Example({"padding": "full"}, error="`padding` of MaxPooling2D must be `valid` or `same`"),
        Example(
            {"pool_size": [2, 5], "data_format": "channels_first"},
            inputs=((None, 8, 6, 4),),
            error="a window of 5 does not fit into axis 3, which has the size 4",
        ),
    )


class MaxPooling3D(_Pooling):
    """The maximum of each window over volumes.

    Input (batch, depth, height, width, channels); output the same with the windows there are along each spatial axis.
    """

    pool_size: Sizes3 = Field((2, 2, 2), description=_SIZES)
    strides: Sizes3 | None = Field(None, description=_STRIDES)

    pool = staticmethod(max_pool)
    examples = (
        Example({}, inputs=_VOLUMES, output=(None, 2, 2, 2, 2), params=0),
        Example(
            {"strides": [1, 2, 4], "padding": "same"},
            inputs=((None, "d", 5, 5, 1),),
            output=(None, "d", 3, 2, 1),
            params=0,
        ),
        Example({"strides": 0}, error="`strides` of MaxPooling3D must be greater than 0, found 0"),
    )


class AveragePooling1D(_Pooling):
    """The mean of each window over the steps, of the cells that are inside the input.

    Input (batch, steps, channels); output (batch, windows, channels).
    """

    pool_size: Sizes1 = Field(description=_SIZE)
    strides: Sizes1 | None = Field(None, description=_STRIDES)

    pool = staticmethod(mean_pool)
    examples = (
        Example({"pool_size": 2}, inputs=((None, 7, 3),), output=(None, 3, 3), params=0),
        Example(
            {"pool_size": 3, "padding": "same"},
            inputs=((None, "seq", 3),),
            output=(None, "(seq - 1)//3 + 1", 3),
            params=0,
        ),
        Example({}, error="AveragePooling1D needs the argument `pool_size`"),
        Example({"pool_size": 4}, inputs=((None, 3, 3),), error="a window of 4 does not fit into axis 1"),
    )


class AveragePooling2D(_Pooling):
    """The mean of each window over images, of the cells that are inside the input.

    Input (batch, height, width, channels); output (batch, rows, columns, channels), the windows there are each way.
    """

    pool_size: Sizes2 = Field(description=_SIZES)
    strides: Sizes2 | None = Field(None, description=_STRIDES)

    pool = staticmethod(mean_pool)
    examples = (
        Example({"pool_size": 2}, inputs=_IMAGES, output=(None, 3, 3, 3), params=0),
        Example(
            {"pool_size": [3, 2], "strides": 1},
            inputs=((None, "h", "w", 3),),
            output=(None, "h - 2", "w - 1", 3),
            params=0,
        ),
        Example({"pool_size": "2"}, error="`pool_size` of AveragePooling2D must be an integer or a list of 2"),
        Example({"pool_size": 2}, inputs=((None, 6, 6),), error="(batch, height, width, channels)"),
    )


class AveragePooling3D(_Pooling):
    """The mean of each window over volumes, of the cells that are inside the input.

    Input (batch, depth, height, width, channels); output the same with the windows there are along each spatial axis.
    """

    pool_size: Sizes3 = Field(description=_SIZES)
    strides: Sizes3 | None = Field(None, description=_STRIDES)

    pool = staticmethod(mean_pool)
    examples = (
        Example({"pool_size": 2}, inputs=_VOLUMES, output=(None, 2, 2, 2, 2), params=0),
        Example(
            {"pool_size": 3, "padding": "same"},
            inputs=((None, 4, 4, "w", 2),),
            output=(None, 2, 2, "(w - 1)//3 + 1", 2),
            params=0,
        ),
        Example({"pool_size": 2}, inputs=((None, 4, 4, 1, 2),), error="a window of 2 does not fit into axis 3"),
    )
