"""Bounding boxes beside images: their forms, and what becomes of them when images are cut or resized."""

from typing import Annotated, Literal

from pydantic import BeforeValidator

from specmodel.layers.fields import lower
from specmodel.layers.scope import Scope
from specmodel.ops.elementwise import binary, cast, maximum, minimum, where
from specmodel.ops.reduce import reduce
from specmodel.ops.shape import concat, reshape, slice_axis
from specmodel.ops.source import constant
from specmodel.ops.value import Operand, Value
from specmodel.types.dim import Dim
from specmodel.types.tensor import DTYPES

_FORMS = Literal[
    "xyxy",
    "yxyx",
    "xywh",
    "center_xywh",
    "center_yxhw",
    "rel_xyxy",
    "rel_yxyx",
    "rel_xywh",
    "rel_center_xywh",
]
BoxForm = Annotated[_FORMS | None, BeforeValidator(lower)]
"""How four numbers say a box: corners or a corner and sizes, in pixels or as a share of the image; null for none."""

Corners = tuple[Value, Value, Value, Value]
"""Left, top, right and bottom of boxes, each (…, 1)."""
Size = tuple[Value, Value]
"""Height and width of images, as numbers of the boxes' dtype."""


def size_of(b: Scope, height: Dim, width: Dim) -> Size:
    """The size of images; any, while it is not known, for the shapes are the same."""
    if not isinstance(height, int) or not isinstance(width, int):
        b.leave_open("where boxes stand, height and width decide")
    return _number(height), _number(width)


def _number(size: Dim) -> Value:
    return constant(float(size) if isinstance(size, int) else 1.0, "float32")


def corners(boxes: Value, form: str, size: Size) -> Corners:
    """The corners, in pixels, of boxes written in a form."""
    first, second, third, fourth = (slice_axis(boxes, -1, place, 1) for place in range(4))
    plain = form.removeprefix("rel_")
    if plain in ("yxyx", "center_yxhw"):
        first, second, third, fourth = second, first, fourth, third
    if plain.startswith("center"):
        half_width, half_height = third / 2.0, fourth / 2.0
        first, second, third, fourth = (
            first - half_width,
            second - half_height,
            first + half_width,
            second + half_height,
        )
    elif plain == "xywh":
        third, fourth = first + third, second + fourth
    if plain == form:
        return first, second, third, fourth
    height, width = size
    return first * width, second * height, third * width, fourth * height


def written(found: Corners, form: str, size: Size) -> Value:
    """Boxes in a form, (…, 4), of their corners in pixels."""
    left, top, right, bottom = found
    plain = form.removeprefix("rel_")
    if plain == "xywh":
        right, bottom = right - left, bottom - top
    elif plain.startswith("center"):
        right, bottom = right - left, bottom - top
        left, top = left + right / 2.0, top + bottom / 2.0
    if plain != form:
        height, width = size
        left, top, right, bottom = left / width, top / height, right / width, bottom / height
    turned = plain in ("yxyx", "center_yxhw")
    return concat([top, left, bottom, right] if turned else [left, top, right, bottom])


def within(found: Corners, x: tuple[Operand, Operand], y: tuple[Operand, Operand]) -> Corners:
    """Corners moved into the interval `x` across and `y` down."""
    left, top, right, bottom = found
    return _between(left, x), _between(top, y), _between(right, x), _between(bottom, y)


def _between(value: Value, interval: tuple[Operand, Operand]) -> Value:
    return minimum(maximum(value, interval[0]), interval[1])


def labels_of(labels: Value, found: Corners) -> Value:
    """The labels of boxes, and -1 for boxes of which nothing is left."""
    left, top, right, bottom = found
    areas = (right - left) * (bottom - top)
    areas = reshape(areas, areas.shape[:-1])
    signed = labels if DTYPES[labels.dtype].is_signed else cast(labels, "int32")
    return where(binary("Greater", areas, 0.0), signed, -1)


def is_padding(boxes: Value) -> Value:
    """True, (…, 1), for boxes of which all numbers are 0, or all -1."""
    blank = [reduce("All", binary("Equal", boxes, number), -1, keepdims=True) for number in (-1.0, 0.0)]
    return blank[0] | blank[1]


def as_boxes(boxes: Value) -> Value:
    """Boxes as numbers to compute with."""
    return cast(boxes, "float32")
