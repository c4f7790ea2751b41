"""Layers that take a border away or add one: Cropping and ZeroPadding in one, two and three dimensions."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from specmodel.diagnostics import codes
from specmodel.layers.base import Example, Layer
from specmodel.layers.channels import as_declared, channels_last, first_spatial_axis
from specmodel.layers.fields import DataFormat, NonNegInt
from specmodel.layers.scope import Scope
from specmodel.layers.validation import refuse, shown
from specmodel.ops.shape import pad, slice_axis
from specmodel.ops.value import Value
from specmodel.types.formula import described

_DATA_FORMAT = "Where the channels stand; null means `channels_last`."


def _pair(value: object, wanted: str, where: tuple[int, ...] = ()) -> tuple[object, ...]:
    """(before, after) of one axis; an integer stands for both."""
    if isinstance(value, int) and not isinstance(value, bool):
        if value < 0:
            raise refuse(f"must be at least 0, found {value}", None, where)
        return (value, value)
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise refuse(f"must be {wanted}, found {shown(value)}", None, where)
    return tuple(value)


def _pairs(rank: int) -> BeforeValidator:
    wanted = f"an integer or a list of {rank}, each an integer or a list [before, after]"

    def parse(value: object) -> object:
        if isinstance(value, int) and not isinstance(value, bool):
            return (_pair(value, wanted),) * rank
        if not isinstance(value, list | tuple) or len(value) != rank:
            raise refuse(f"must be {wanted}, found {shown(value)}")
        return tuple(_pair(side, "an integer or a list [before, after]", (axis,)) for axis, side in enumerate(value))

    return BeforeValidator(parse)


_Pair = tuple[NonNegInt, NonNegInt]
_Pair1 = Annotated[_Pair, BeforeValidator(lambda value: _pair(value, "an integer or a list [before, after]"))]
_Pairs2 = Annotated[tuple[_Pair, _Pair], _pairs(2)]
_Pairs3 = Annotated[tuple[_Pair, _Pair, _Pair], _pairs(3)]
_Borders = tuple[tuple[int, int], ...]


def _cropped(b: Scope, inputs: Value, cropping: _Borders, data_format: str | None) -> Value:
    """The input without its borders; a `Fault` where nothing would be left of an axis."""
    x = channels_last(b, inputs, len(cropping), data_format)
    for number, (before, after) in enumerate(cropping):
        size = x.shape[number + 1]
        axis = number + first_spatial_axis(data_format)
        taken = f"`cropping` takes {before} + {after} from axis {axis}"
        message = f"{taken}, which has the size {described(size)}: nothing is left"
        reason = f"something of axis {axis} must be left after the cropping"
        b.assume.at_least(size, before + after + 1, codes.BAD_SIZE, message, reason=reason, field="cropping")
        x = slice_axis(x, number + 1, before, size - before - after)
    return as_declared(x, data_format)


def _padded(b: Scope, inputs: Value, padding: _Borders, data_format: str | None) -> Value:
    """The input with zeros around it."""
    x = channels_last(b, inputs, len(padding), data_format)
    return as_declared(pad(x, ((0, 0), *padding, (0, 0))), data_format)


class Cropping1D(Layer):
    """Takes steps away at both ends. Input (batch, steps, channels); output the same with fewer steps."""

    cropping: _Pair1 = Field((1, 1), description="Steps to take away: [before, after], or one number for both.")

    examples = (
        Example({}, inputs=((None, 6, 3),), output=(None, 4, 3), params=0),
        Example({"cropping": [2, 0]}, inputs=((None, "seq", 3),), output=(None, "seq - 2", 3), params=0),
        Example(
            {"cropping": [1, 2, 3]},
            error="`cropping` of Cropping1D must be an integer or a list [before, after], found a list of 3",
        ),
        Example(
            {"cropping": [2, 3]},
            inputs=((None, 5, 7),),
            error="`cropping` takes 2 + 3 from axis 1, which has the size 5",
        ),
    )

    def build(self, b: Scope, inputs: Value) -> Value:
        """The steps between the two ends."""
        return _cropped(b, inputs, (self.cropping,), None)


class Cropping2D(Layer):
    """Takes rows and columns away at the border of images. Input (batch, height, width, channels)."""

    cropping: _Pairs2 = Field(
        ((0, 0), (0, 0)),
        description="[[top, bottom], [left, right]], [rows, columns] for both ends each, or one number for all.",
    )
    data_format: DataFormat = Field(None, description=_DATA_FORMAT)

    examples = (
        Example({"cropping": [[1, 2], [0, 3]]}, inputs=((None, 8, 9, 5),), output=(None, 5, 6, 5), params=0),
        Example({"cropping": 1}, inputs=((None, "h", "w", 5),), output=(None, "h - 2", "w - 2", 5), params=0),
        Example(
            {"cropping": [1, 2], "data_format": "channels_first"},
            inputs=((None, 5, 8, 9),),
            output=(None, 5, 6, 5),
            params=0,
        ),
        Example({"cropping": [[1, 2], [3, -4]]}, error="`cropping[1][1]` of Cropping2D must be at least 0, found -4"),
        Example(
            {"cropping": [[1, 2], "3"]},
            error="`cropping[1]` of Cropping2D must be an integer or a list [before, after]",
        ),
        Example(
            {"cropping": [[0, 0], [5, 4]], "data_format": "channels_first"},
            inputs=((None, 7, 9, 5),),
            error="`cropping` takes 5 + 4 from axis 3, which has the size 5: nothing is left",
        ),
    )

    def build(self, b: Scope, inputs: Value) -> Value:
        """The inside of each image."""
        return _cropped(b, inputs, self.cropping, self.data_format)


class Cropping3D(Layer):
    """Takes planes away at the border of volumes. Input (batch, depth, height, width, channels)."""

    cropping: _Pairs3 = Field(
        ((1, 1), (1, 1), (1, 1)),
        description="[before, after] for each of the three axes, or a number for both ends; one number for all.",
    )
    data_format: DataFormat = Field(None, description=_DATA_FORMAT)

    examples = (
        Example({}, inputs=((None, 4, 5, 6, 2),), output=(None, 2, 3, 4, 2), params=0),
        Example(
            {"cropping": [[1, 0], 1, 0]},
            inputs=((None, "d", "h", 6, 2),),
            output=(None, "d - 1", "h - 2", 6, 2),
            params=0,
        ),
        Example({"cropping": [1, 2]}, error="`cropping` of Cropping3D must be an integer or a list of 3"),
        Example(
            {"cropping": [[7, 6], 0, 0]}, inputs=((None, 13, 5, 5, 2),), error="`cropping` takes 7 + 6 from axis 1"
        ),
    )

    def build(self, b: Scope, inputs: Value) -> Value:
        """The inside of each volume."""
        return _cropped(b, inputs, self.cropping, self.data_format)


class ZeroPadding1D(Layer):
    """Adds steps of zeros at both ends. Input (batch, steps, channels); output the same with more steps."""

    padding: _Pair1 = Field((1, 1), description="Steps to add: [before, after], or one number for both.")
    data_format: DataFormat = Field(None, description=_DATA_FORMAT)

    examples = (
        Example({}, inputs=((None, 6, 3),), output=(None, 8, 3), params=0),
        Example({"padding": [2, 0]}, inputs=((None, "seq", 3),), output=(None, "seq + 2", 3), params=0),
        Example({"padding": [1]}, error="`padding` of ZeroPadding1D must be an integer or a list [before, after]"),
        Example({"padding": -1}, error="`padding` of ZeroPadding1D must be at least 0, found -1"),
    )

    def build(self, b: Scope, inputs: Value) -> Value:
        """The steps between zeros."""
        return _padded(b, inputs, (self.padding,), self.data_format)


class ZeroPadding2D(Layer):
    """Adds a border of zeros around images. Input (batch, height, width, channels)."""

    padding: _Pairs2 = Field(
        ((1, 1), (1, 1)),
        description="[[top, bottom], [left, right]], [rows, columns] for both ends each, or one number for all.",
    )
    data_format: DataFormat = Field(None, description=_DATA_FORMAT)

    examples = (
        Example({"padding": 3}, inputs=((None, 224, 224, 3),), output=(None, 230, 230, 3), params=0),
        Example(
            {"padding": [[0, 1], [2, 3]]}, inputs=((None, "h", "w", 3),), output=(None, "h + 1", "w + 5", 3), params=0
        ),
        Example(
            {"padding": [1, 2], "data_format": "channels_first"},
            inputs=((None, 3, 5, 5),),
            output=(None, 3, 7, 9),
            params=0,
        ),
        Example(
            {"padding": [[1, 2], [3, 4, 5]]},
            error="`padding[1]` of ZeroPadding2D must be an integer or a list [before, after]",
        ),
        Example({}, inputs=((None, 5, 5),), error="expected an input of rank 4, (batch, height, width, channels)"),
    )

    def build(self, b: Scope, inputs: Value) -> Value:
        """The images with their border."""
        return _padded(b, inputs, self.padding, self.data_format)


class ZeroPadding3D(Layer):
    """Adds a border of zeros around volumes. Input (batch, depth, height, width, channels)."""

    padding: _Pairs3 = Field(
        ((1, 1), (1, 1), (1, 1)),
        description="[before, after] for each of the three axes, or a number for both ends; one number for all.",
    )
    data_format: DataFormat = Field(None, description=_DATA_FORMAT)

    examples = (
        Example({}, inputs=((None, 4, 5, 6, 2),), output=(None, 6, 7, 8, 2), params=0),
        Example(
            {"padding": [0, [1, 2], 3]}, inputs=((None, "d", 5, "w", 2),), output=(None, "d", 8, "w + 6", 2), params=0
        ),
        Example(
            {"padding": [[1, 2], [3, 4], [5, -6]]},
            error="`padding[2][1]` of ZeroPadding3D must be at least 0, found -6",
        ),
    )

    def build(self, b: Scope, inputs: Value) -> Value:
        """The volumes with their border."""
        return _padded(b, inputs, self.padding, self.data_format)
