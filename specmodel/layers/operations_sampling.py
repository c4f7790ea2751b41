"""Tensor operations that look up values between the elements: maps of coordinates, and what moves images by them."""

from collections.abc import Sequence
from itertools import product as corners_of
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from specmodel.diagnostics import codes
from specmodel.layers.base import Example
from specmodel.layers.fields import DataFormat, Real
from specmodel.layers.images import DATA_FORMAT, image_axis
from specmodel.layers.operation import Numbers, Operation, OptionalNumbers, floating, needed, shape_of
from specmodel.layers.scope import Scope
from specmodel.layers.validation import refuse
from specmodel.ops import elementwise as ops
from specmodel.ops.elementwise import binary, cast, unary, where
from specmodel.ops.reduce import reduce
from specmodel.ops.resize import to_integers
from specmodel.ops.shape import Gather, expand, reshape, slice_axis, transpose
from specmodel.ops.source import constant, iota
from specmodel.ops.value import Value
from specmodel.record import Record
from specmodel.types.dim import Dim
from specmodel.types.tensor import is_floating, product

FillMode = Literal["constant", "nearest", "wrap", "mirror", "reflect"]
_FILL_MODE: Any = Field(
    "constant", description="What stands outside: a value, the outermost element, the tensor again."
)
_FILL_VALUE: Any = Field(0.0, description="The value outside with `fill_mode: constant`.")
_INTERPOLATION: Any = Field("bilinear", description="How pixels are mixed; `nearest` takes one of them.")


class Sampling(Record):
    """How values between elements are found: `order` 0 takes the nearest one, 1 mixes those around."""

    order: int
    mode: FillMode
    value: float

    def places(self, coordinate: Value, length: Value) -> list[tuple[Value, Value, Value | None]]:
        """For each element beside the coordinates: its place, its share, and whether it is inside, if that counts."""
        if self.order == 0:
            away = unary("Floor", ops.absolute(coordinate) + 0.5) * unary("Sign", coordinate)
            return [
                (
                    *self._inside(cast(away, "int32"), length)[:1],
                    1.0 + 0.0 * coordinate,
                    self._inside(cast(away, "int32"), length)[1],
                )
            ]
        low = unary("Floor", coordinate)
        share = coordinate - low
        first = cast(low, "int32")
        found = []
        for place, weight in ((first, 1.0 - share), (first + 1, share)):
            moved, inside = self._inside(place, length)
            found.append((moved, weight, inside))
        return found

    def _inside(self, place: Value, length: Value) -> tuple[Value, Value | None]:
        """A place within an axis for one that may be outside; whether it was inside, if that counts."""
        last = length - 1
        clipped = binary("Min", binary("Max", place, 0), last)
        match self.mode:
            case "constant":
                return clipped, binary("Equal", clipped, place)
            case "wrap":
                return binary("Mod", place, length), None
            case "mirror":
                return binary("Min", _mirrored(place, length), last), None
            case "reflect":
                return binary("FloorDiv", _mirrored(place * 2 + 1, length * 2 + 1) - 1, 2), None
        return clipped, None


def _mirrored(place: Value, length: Value) -> Value:
    """The place in a line that goes back from its last element, and again."""
    most = length - 1
    period = binary("Max", most * 2, 1)
    return ops.absolute(binary("Mod", place + most, period) - most)


def sampled(x: Value, first: Value | None, coordinates: Sequence[Value], sizes: Sequence[Dim], how: Sampling) -> Value:
    """Values of x, (places, …), at coordinates along axes of these sizes, which count its places in row-major order.

    `first` is where each sample's places begin.
    """
    lengths = [_count(size) for size in sizes]
    beside = [how.places(coordinate, length) for coordinate, length in zip(coordinates, lengths, strict=True)]
    result: Value | None = None
    for corner in corners_of(*beside):
        place = first
        weight: Value | None = None
        inside: Value | None = None
        for (at, share, within), length in zip(corner, lengths, strict=True):
            place = at if place is None else place * length + at
            weight = share if weight is None else weight * share
            if within is not None:
                inside = within if inside is None else inside & within
        assert place is not None
        assert weight is not None
        found = Gather()(x, place)
        more = (1,) * (found.rank - place.rank)
        if inside is not None:
            found = where(reshape(inside, (*inside.shape, *more)), found, how.value)
        part = found * cast(reshape(weight, (*weight.shape, *more)), found.dtype)
        result = part if result is None else result + part
    assert result is not None
    return result


def _count(size: Dim) -> Value:
    return constant(size, "int32") if isinstance(size, int) else reduce("Max", iota((size,), 0), 0) + 1


class MapCoordinates(Operation):
    """The values at coordinates between the elements: (axes, …) of them give (…)."""

    order: Annotated[int, Field(ge=0, le=1)] = Field(description="0 takes the nearest element, 1 mixes those around.")
    fill_mode: FillMode = _FILL_MODE
    fill_value: Real = _FILL_VALUE

    examples = (
        Example({"order": 1}, inputs=((4, 5), (2, "n")), output=("n",), params=0),
        Example({"order": 0, "fill_mode": "nearest"}, inputs=((6,), (1, 2, 3)), output=(2, 3), params=0),
        Example({"order": 3}, error="`order` of MapCoordinates must be at most 1, found 3"),
        Example({"order": 1}, inputs=((4, 5), (3, 6)), error="there must be coordinates along each of 2 axes, found 3"),
    )

    def build(self, b: Scope, inputs: Value, coordinates: Value) -> Value:
        """The mixture of the elements beside each place."""
        b.require(
            coordinates.rank >= 2, f"expected coordinates, (axes, …), found {coordinates.type}", code=codes.WRONG_RANK
        )
        message = f"there must be coordinates along each of {inputs.rank} axes, found {coordinates.shape[0]}"
        b.assume.equal(coordinates.shape[0], inputs.rank, "there are coordinates along each axis", message=message)
        lines = [
            reshape(slice_axis(floating(coordinates), 0, axis, 1), coordinates.shape[1:]) for axis in range(inputs.rank)
        ]
        flat = reshape(floating(inputs), (product(inputs.shape),))
        found = sampled(flat, None, lines, inputs.shape, Sampling(self.order, self.fill_mode, self.fill_value))
        return found if is_floating(inputs.dtype) else to_integers(found, inputs.dtype)


class _Moved(Operation):
    """Images whose pixels are looked up at other places."""

    def looked_up(self, b: Scope, images: Value, places: Any, how: Sampling, data_format: str | None) -> Value:
        """Each pixel's value at `places(row, column)`, coordinates down and across for each image."""
        axis = image_axis(b, images, data_format)
        alone = images.rank == 3
        x = reshape(images, (1, *images.shape)) if alone else images
        x = transpose(x, (0, 2, 3, 1)) if data_format == "channels_first" else x
        batch, height, width, channels = x.shape
        rows = cast(iota((1, height, 1), 1), "float32")
        columns = cast(iota((1, 1, width), 2), "float32")
        shape = (batch, height, width)
        coordinates = [expand(line, shape) for line in places(rows, columns)]
        flat = reshape(floating(x), (product(shape), channels))
        first = expand(iota((batch, 1, 1), 0), shape)
        found = sampled(flat, first, coordinates, (height, width), how)
        found = found if is_floating(images.dtype) else to_integers(found, images.dtype)
        found = transpose(found, (0, 3, 1, 2)) if data_format == "channels_first" else found
        return reshape(found, found.shape[1:]) if alone and axis >= 0 else found


class AffineTransform(_Moved):
    """Images turned, moved, scaled or sheared: the pixel (x, y) is that of the input at
    `(a0 x + a1 y + a2, b0 x + b1 y + b2)`, for a transform `[a0, a1, a2, b0, b1, b2, 0, 0]`.
    """

    transform: OptionalNumbers = Field(None, description="Eight constants in place of the second input.")
    interpolation: Literal["nearest", "bilinear"] = _INTERPOLATION
    fill_mode: FillMode = _FILL_MODE
    fill_value: Real = _FILL_VALUE
    data_format: DataFormat = DATA_FORMAT

    examples = (
        Example(
            {"transform": [1.0, 0.0, 2.0, 0.0, 1.0, 0.0, 0.0, 0.0]},
            inputs=((None, 4, 5, 3),),
            output=(None, 4, 5, 3),
            params=0,
        ),
        Example({"fill_mode": "reflect"}, inputs=((None, 4, 5, 3), (None, 8)), output=(None, 4, 5, 3), params=0),
        Example(
            {"interpolation": "nearest", "data_format": "channels_first"},
            inputs=((3, 4, 5), (8,)),
            output=(3, 4, 5),
            params=0,
        ),
        Example({"transform": [1, 0]}, inputs=((None, 4, 5, 3),), error="a transform has 8 numbers, found 2"),
    )

    def build(self, b: Scope, images: Value, transform: Value | None = None) -> Value:
        """The mixture of the pixels beside each place."""
        given = floating(needed(b, self, "transform", transform, "float32"))
        b.require(
            given.rank in (1, 2), f"expected transforms, (batch, 8) or (8,), found {given.type}", code=codes.WRONG_RANK
        )
        message = f"a transform has 8 numbers, found {given.shape[-1]}"
        b.assume.equal(given.shape[-1], 8, "a transform has 8 numbers", message=message, field="transform")
        front = given.shape[0] if given.rank == 2 else 1
        numbers = [reshape(slice_axis(given, -1, place, 1), (front, 1, 1)) for place in range(6)]

        def places(rows: Value, columns: Value) -> tuple[Value, Value]:
            across = columns * numbers[0] + rows * numbers[1] + numbers[2]
            down = columns * numbers[3] + rows * numbers[4] + numbers[5]
            return down, across

        how = Sampling(int(self.interpolation == "bilinear"), self.fill_mode, self.fill_value)
        return self.looked_up(b, images, places, how, self.data_format)


def _check_points(points: Any) -> Any:
    if shape_of(points) != (4, 2):
        raise refuse("must be four points, each a list of two numbers", "for example [[0, 0], [0, 9], [9, 0], [9, 9]]")
    return points


_Points = Annotated[Numbers, AfterValidator(_check_points), "list of four points"]


class PerspectiveTransform(_Moved):
    """Images seen from another side: what was at the start points is at the end points."""

    start_points: _Points = Field(description="Four points [x, y] of the input.")
    end_points: _Points = Field(description="Where they are in the output.")
    interpolation: Literal["nearest", "bilinear"] = _INTERPOLATION
    fill_value: Real = _FILL_VALUE
    data_format: DataFormat = DATA_FORMAT

    examples = (
        Example(
            {"start_points": [[0, 0], [0, 3], [4, 0], [4, 3]], "end_points": [[1, 0], [0, 3], [4, 0], [3, 3]]},
            inputs=((None, 4, 5, 3),),
            output=(None, 4, 5, 3),
            params=0,
        ),
        Example(
            {
                "start_points": [[0, 0], [0, 3], [4, 0], [4, 3]],
                "end_points": [[0, 0], [0, 3], [4, 0], [4, 3]],
                "interpolation": "nearest",
            },
            inputs=((4, 5, 1),),
            output=(4, 5, 1),
            params=0,
        ),
        Example(
            {"start_points": [[0, 0]], "end_points": [[0, 0], [0, 1], [1, 0], [1, 1]]},
            error="`start_points` of PerspectiveTransform must be four points",
        ),
    )

    def build(self, b: Scope, images: Value) -> Value:
        """The mixture of the pixels beside each place."""
        found = _homography(self.start_points, self.end_points)
        message = "no perspective leads from `start_points` to `end_points`: three of them are on a line"
        b.require(found is not None, message, field="end_points")
        assert found is not None

        def places(rows: Value, columns: Value) -> tuple[Value, Value]:
            below = columns * found[6] + rows * found[7] + 1.0
            across = (columns * found[0] + rows * found[1] + found[2]) / below
            down = (columns * found[3] + rows * found[4] + found[5]) / below
            return down, across

        how = Sampling(int(self.interpolation == "bilinear"), "constant", self.fill_value)
        return self.looked_up(b, images, places, how, self.data_format)


def _homography(start: Any, end: Any) -> list[float] | None:
    """The eight numbers of the map from end points to start points; None where there is none."""
    rows = [[x, y, 1.0, 0.0, 0.0, 0.0, -u * x, -u * y, u] for (u, _), (x, y) in zip(start, end, strict=True)]
    rows += [[0.0, 0.0, 0.0, x, y, 1.0, -v * x, -v * y, v] for (_, v), (x, y) in zip(start, end, strict=True)]
    for column in range(8):  # Gauss and Jordan, with the largest pivot
        best = max(range(column, 8), key=lambda row: abs(rows[row][column]))
        rows[column], rows[best] = rows[best], rows[column]
        pivot = rows[column][column]
        if abs(pivot) < 1e-12:
            return None
        rows[column] = [number / pivot for number in rows[column]]
        for row in range(8):
            if row != column:
                factor = rows[row][column]
                rows[row] = [one - factor * other for one, other in zip(rows[row], rows[column], strict=True)]
    return [row[8] for row in rows]
