"""Layers that make space larger: UpSampling in one, two and three dimensions."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from specmodel.layers.base import Example, Layer
from specmodel.layers.channels import as_declared, channels_last
from specmodel.layers.fields import DataFormat, PosInt, Sizes2, Sizes3
from specmodel.layers.scope import Scope
from specmodel.ops.resize import resize
from specmodel.ops.shape import repeat
from specmodel.ops.value import Value

_DATA_FORMAT = "Where the channels stand; null means `channels_last`."
_Interpolation = Annotated[
    Literal["nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"],
    BeforeValidator(lambda value: value.lower() if isinstance(value, str) else value),
]


def _repeated(x: Value, sizes: tuple[int, ...]) -> Value:
    """Each element of (batch, *spatial, channels) repeated along the spatial axes.

    The last axis comes first: what the others repeat is then large and in one piece.
    """
    for axis in range(len(sizes), 0, -1):
        x = repeat(x, axis, sizes[axis - 1])
    return x


class UpSampling1D(Layer):
    """Each step several times in a row. Input (batch, steps, channels); output (batch, steps * size, channels)."""

    size: PosInt = Field(2, description="How many times each step.")

    examples = (
        Example({}, inputs=((None, 4, 3),), output=(None, 8, 3), params=0),
        Example({"size": 3}, inputs=((None, "seq", 3),), output=(None, "3*seq", 3), params=0),
        Example({"size": 0}, error="`size` of UpSampling1D must be greater than 0, found 0"),
        Example({"size": 2.5}, error="`size` of UpSampling1D must be an integer, found 2.5"),
        Example({"size": True}, error="`size` of UpSampling1D must be an integer, found true"),
        Example({}, inputs=((None, 4),), error="expected an input of rank 3, (batch, steps, channels)"),
    )

    def build(self, b: Scope, inputs: Value) -> Value:
        """The steps repeated."""
        return _repeated(channels_last(b, inputs, 1, None), (self.size,))


class UpSampling2D(Layer):
    """Images `size` times as large, by repeating pixels or mixing those around.

    Input (batch, height, width, channels); output the same with larger height and width.
    """

    size: Sizes2 = Field((2, 2), description="How many times [height, width] grow; one integer means both.")
    data_format: DataFormat = Field(None, description=_DATA_FORMAT)
    interpolation: _Interpolation = Field(
        "nearest", description="How new pixels come about: `nearest` repeats, the others mix the pixels around."
    )

    examples = (
        Example({}, inputs=((None, 4, 5, 3),), output=(None, 8, 10, 3), params=0),
        Example({"size": [1, 3]}, inputs=((None, "h", "w", 3),), output=(None, "h", "3*w", 3), params=0),
        Example({"interpolation": "bilinear"}, inputs=((None, "h", 5, 3),), output=(None, "2*h", 10, 3), params=0),
        Example(
            {"size": 2, "data_format": "channels_first", "interpolation": "lanczos3"},
            inputs=((None, 3, 4, 5),),
            output=(None, 3, 8, 10),
            params=0,
        ),
        Example(
            {"interpolation": "cubic"}, error="`interpolation` of UpSampling2D must be `nearest`, `bilinear`, `bicubic`"
        ),
        Example({"size": [2, 0]}, error="`size[1]` of UpSampling2D must be greater than 0, found 0"),
        Example({}, inputs=((None, 4, 5),), error="expected an input of rank 4, (batch, height, width, channels)"),
    )

    def build(self, b: Scope, inputs: Value) -> Value:
        """The larger images."""
        x = channels_last(b, inputs, 2, self.data_format)
        if self.interpolation == "nearest":
            larger = _repeated(x, self.size)
        else:
            sizes = (x.shape[1] * self.size[0], x.shape[2] * self.size[1])
            larger = resize(x, (1, 2), sizes, self.interpolation)
        return as_declared(larger, self.data_format)


class UpSampling3D(Layer):
    """Each cell of a volume several times along each axis.

    Input (batch, depth, height, width, channels); output the same with larger spatial axes.
    """

    size: Sizes3 = Field((2, 2, 2), description="How many times [depth, height, width] grow; one integer means all.")
    data_format: DataFormat = Field(None, description=_DATA_FORMAT)

    examples = (
        Example({}, inputs=((None, 2, 3, 4, 1),), output=(None, 4, 6, 8, 1), params=0),
        Example({"size": [1, 2, 3]}, inputs=((None, "d", 3, "w", 1),), output=(None, "d", 6, "3*w", 1), params=0),
        Example({"size": [2, 2]}, error="`size` of UpSampling3D must be an integer or a list of 3, found a list of 2"),
    )

    def build(self, b: Scope, inputs: Value) -> Value:
        """The cells repeated."""
        return as_declared(_repeated(channels_last(b, inputs, 3, self.data_format), self.size), self.data_format)
