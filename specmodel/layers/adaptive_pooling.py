"""Pooling to an output of a given size: AdaptiveAveragePooling and AdaptiveMaxPooling."""

from collections.abc import Callable
from typing import ClassVar

from pydantic import Field

from specmodel.layers.base import Example, Layer
from specmodel.layers.channels import as_declared, channels_last
from specmodel.layers.fields import DataFormat, Sizes1, Sizes2, Sizes3
from specmodel.layers.scope import Scope
from specmodel.ops.adaptive_pool import adaptive_max_pool, adaptive_mean_pool
from specmodel.ops.value import Value

_STEPS = "How many steps come out."
_SIZES = "Spatial size of the output; one integer means the same for all axes."
_DATA_FORMAT = "Where the channels stand; null means `channels_last`."


class _AdaptivePooling(Layer):
    pool: ClassVar[Callable[..., Value]]

    output_size: tuple[int, ...] = Field(description=_SIZES)
    data_format: DataFormat = Field(None, description=_DATA_FORMAT)

    def build(self, b: Scope, inputs: Value) -> Value:
        """One number for each window and channel."""
        x = channels_last(b, inputs, len(self.output_size), self.data_format)
        return as_declared(type(self).pool(x, self.output_size), self.data_format)


class AdaptiveAveragePooling1D(_AdaptivePooling):
    """The mean of each of `output_size` windows that divide the steps evenly; they may overlap by one step.

    Window i holds the steps from `floor(i * steps / output_size)` to before `ceil((i + 1) * steps / output_size)`.
    Input (batch, steps, channels); output (batch, output_size, channels).
    """

    output_size: Sizes1 = Field(description=_STEPS)

    pool = staticmethod(adaptive_mean_pool)
    examples = (
        Example({"output_size": 3}, inputs=((None, "seq", 4),), output=(None, 3, 4), params=0),
        Example(
            {"output_size": 2, "data_format": "channels_first"}, inputs=((None, 4, 7),), output=(None, 4, 2), params=0
        ),
        Example({}, error="AdaptiveAveragePooling1D needs the argument `output_size`"),
        Example({"output_size": [2, 2]}, error="`output_size` of AdaptiveAveragePooling1D must be an integer"),
        Example({"output_size": 2}, inputs=((None, 7),), error="expected an input of rank 3, (batch, steps, channels)"),
    )


class AdaptiveAveragePooling2D(_AdaptivePooling):
    """The mean of each of `output_size` windows that divide images evenly; they may overlap by one row or column.

    Input (batch, height, width, channels); output (batch, *output_size, channels).
    """

    output_size: Sizes2 = Field(description=_SIZES)

    pool = staticmethod(adaptive_mean_pool)
    examples = (
        Example({"output_size": [3, 2]}, inputs=((None, "h", "w", 4),), output=(None, 3, 2, 4), params=0),
        Example({"output_size": 7}, inputs=((None, 5, 9, 4),), output=(None, 7, 7, 4), params=0),
        Example({"output_size": [1, 2, 3]}, error="must be an integer or a list of 2, found a list of 3"),
    )


class AdaptiveAveragePooling3D(_AdaptivePooling):
    """The mean of each of `output_size` windows that divide volumes evenly; they may overlap by one plane.

    Input (batch, depth, height, width, channels); output (batch, *output_size, channels).
    """

    output_size: Sizes3 = Field(description=_SIZES)

    pool = staticmethod(adaptive_mean_pool)
    examples = (
        Example({"output_size": 2}, inputs=((None, "d", 5, 4, 3),), output=(None, 2, 2, 2, 3), params=0),
        Example({"output_size": 0}, error="`output_size` of AdaptiveAveragePooling3D must be greater than 0, found 0"),
    )


class AdaptiveMaxPooling1D(_AdaptivePooling):
    """The maximum of each of `output_size` windows that divide the steps evenly; they may overlap by one step.

    Window i holds the steps from `floor(i * steps / output_size)` to before `ceil((i + 1) * steps / output_size)`.
    Input (batch, steps, channels); output (batch, output_size, channels).
    """

    output_size: Sizes1 = Field(description=_STEPS)

    pool = staticmethod(adaptive_max_pool)
    examples = (
        Example({"output_size": 3}, inputs=((None, "seq", 4),), output=(None, 3, 4), params=0),
        Example({"output_size": -1}, error="`output_size` of AdaptiveMaxPooling1D must be greater than 0, found -1"),
    )


class AdaptiveMaxPooling2D(_AdaptivePooling):
    """The maximum of each of `output_size` windows that divide images evenly; they may overlap by one row or column.

    Input (batch, height, width, channels); output (batch, *output_size, channels).
    """

    output_size: Sizes2 = Field(description=_SIZES)

    pool = staticmethod(adaptive_max_pool)
    examples = (
        Example({"output_size": [3, 2]}, inputs=((None, "h", "w", 4),), output=(None, 3, 2, 4), params=0),
        Example(
            {"output_size": 2, "data_format": "channels_first"},
            inputs=((None, 4, 5, 9),),
            output=(None, 4, 2, 2),
            params=0,
        ),
        Example({"output_size": "7"}, error="`output_size` of AdaptiveMaxPooling2D must be an integer or a list of 2"),
    )


class AdaptiveMaxPooling3D(_AdaptivePooling):
    """The maximum of each of `output_size` windows that divide volumes evenly; they may overlap by one plane.

    Input (batch, depth, height, width, channels); output (batch, *output_size, channels).
    """

    output_size: Sizes3 = Field(description=_SIZES)

    pool = staticmethod(adaptive_max_pool)
    examples = (
        Example({"output_size": [1, 2, 3]}, inputs=((None, "d", 5, 4, 3),), output=(None, 1, 2, 3, 3), params=0),
        Example({"output_size": 2}, inputs=((None, 5, 4, 3),), error="(batch, depth, height, width, channels)"),
    )
