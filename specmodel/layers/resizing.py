"""Layers that give images another size: CenterCrop, Resizing."""

from typing import Any, Literal, Self

from pydantic import Field, model_validator

from specmodel.layers.base import Example
from specmodel.layers.boxes import BoxForm, Size, corners, is_padding, labels_of, size_of, within, written
from specmodel.layers.fields import DataFormat, PosInt, Real
from specmodel.layers.image_layer import ImageLayer
from specmodel.layers.images import BOUNDING_BOXES, DATA_FORMAT, image_axis
from specmodel.layers.scope import Scope
from specmodel.layers.validation import refuse
from specmodel.ops.elementwise import binary, cast, minimum, where
from specmodel.ops.resize import Interpolation, resize, to_integers
from specmodel.ops.shape import pad, slice_axis
from specmodel.ops.source import constant
from specmodel.ops.value import Value
from specmodel.types.bounds import at_least
from specmodel.types.dim import Dim
from specmodel.types.tensor import is_floating

_HEIGHT: Any = Field(description="Height of the output.")
_WIDTH: Any = Field(description="Width of the output.")


def _in_ratio(sizes: tuple[int, int], wanted: tuple[int, int]) -> tuple[int, int]:
    """The height that goes with the width, and the width with the height, in the ratio of the wanted sizes."""
    (height, width), (to_height, to_width) = sizes, wanted
    return int(float(width * to_height) / to_width), int(float(height * to_width) / to_height)


def _known(b: Scope, x: Value, axis: int, choice: str) -> tuple[int, int] | None:
    """Height and width, if both are numbers; until they are, the choice that depends on them stays open."""
    height, width = x.shape[axis : axis + 2]
    if isinstance(height, int) and isinstance(width, int):
        return height, width
    b.leave_open(f"{choice}, height and width decide")
    return None


def cropped_to_ratio(b: Scope, x: Value, axis: int, wanted: tuple[int, int]) -> Value:
    """The middle of images, as large as it can be in the ratio of the wanted sizes.

    While the sizes of the images are not known, the images themselves: what follows has the same shape.
    """
    sizes = _known(b, x, axis, "how much of an image is cut off")
    if sizes is None:
        return x
    for offset, fitting in enumerate(_in_ratio(sizes, wanted)):
        size = sizes[offset]
        kept = max(min(size, fitting), 1)
        x = slice_axis(x, axis + offset, (size - kept) // 2, kept)
    return x


def padded_to_ratio(b: Scope, x: Value, axis: int, wanted: tuple[int, int], fill: float) -> Value:
    """Images with as much border on two sides as brings them near the ratio of the wanted sizes.

    Both sides get the same, so that the ratio is missed where an odd number is wanting. Integers become float32 then.
    """
    sizes = _known(b, x, axis, "how much border an image gets")
    if sizes is None:
        return x
    for offset, fitting in enumerate(_in_ratio(sizes, wanted)):
        border = max(fitting - sizes[offset], 0) // 2
        if border > 0:
            pads = [(border, border) if at == axis + offset else (0, 0) for at in range(x.rank)]
            return pad(x if is_floating(x.dtype) else cast(x, "float32"), pads, fill)
    return x


def _border(outer: Size, inner: Size) -> Size:
    """Half of what one size is larger than another, in whole pixels."""
    height, width = (binary("FloorDiv", one - other, 2.0) for one, other in zip(outer, inner, strict=True))
    return height, width


class Resizing(ImageLayer):
    """Images of another size, by mixing the pixels around.

    Input (batch, height, width, channels), or the same without the batch; output the same with the wanted sizes.
    Whole numbers are rounded.
    """

    height: PosInt = _HEIGHT
    width: PosInt = _WIDTH
    interpolation: Interpolation = Field("bilinear", description="How pixels are mixed; `nearest` takes one of them.")
    crop_to_aspect_ratio: bool = Field(
        False, description="Whether images are first cut, around the middle, to the ratio of the wanted sizes."
    )
    pad_to_aspect_ratio: bool = Field(
        False, description="Whether images first get a border that brings them to the ratio of the wanted sizes."
    )
    fill_mode: Literal["constant"] = Field("constant", description="How the border is filled.")
    fill_value: Real = Field(0.0, description="The value of the border's pixels.")
    antialias: bool = Field(False, description="Whether every pixel counts where images shrink; not with `nearest`.")
    data_format: DataFormat = DATA_FORMAT
    bounding_box_format: BoxForm = BOUNDING_BOXES

    examples = (
        Example({"height": 4, "width": 5}, inputs=((None, "h", "w", 3),), output=(None, 4, 5, 3), params=0),
        Example(
            {"height": 4, "width": 5, "interpolation": "lanczos3", "antialias": True},
            inputs=((None, 9, 8, 3),),
            output=(None, 4, 5, 3),
            params=0,
        ),
        Example(
            {"height": 4, "width": 5, "crop_to_aspect_ratio": True, "data_format": "channels_first"},
            inputs=((None, 3, "h", 8),),
            output=(None, 3, 4, 5),
            params=0,
        ),
        Example(
            {"height": 4, "width": 5, "pad_to_aspect_ratio": True},
            inputs=((None, 9, 8, 1),),
            dtypes=("uint8",),
            output=(None, 4, 5, 1),
            params=0,
        ),
        Example({"height": 4}, error="Resizing needs the argument `width`"),
        Example({"height": 4, "width": 5, "interpolation": "area"}, error="`interpolation` of Resizing must be"),
        Example({"height": 4, "width": 5, "fill_mode": "edge"}, error="`fill_mode` of Resizing must be `constant`"),
        Example(
            {"height": 4, "width": 5, "crop_to_aspect_ratio": True, "pad_to_aspect_ratio": True},
            error="only one of `crop_to_aspect_ratio` and `pad_to_aspect_ratio`",
        ),
        Example({"height": 4, "width": 5}, inputs=((None, 8),), error="expected images, (batch, height, width"),
    )

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.crop_to_aspect_ratio and self.pad_to_aspect_ratio:
            message = "only one of `crop_to_aspect_ratio` and `pad_to_aspect_ratio` of Resizing can be true"
            raise refuse(message, "leave one of the two out", ("pad_to_aspect_ratio",))
        return self

    def images(self, b: Scope, data: Value) -> Value:
        """The images in their new size, in their own dtype."""
        return self._resized(b, data, self.interpolation)

    def masks(self, b: Scope, segmentation_masks: Value) -> Value:
        """The masks in the new size of the images; a mark is taken from one pixel."""
        return self._resized(b, segmentation_masks, "nearest")

    def _resized(self, b: Scope, data: Value, interpolation: Interpolation) -> Value:
        axis, wanted = image_axis(b, data, self.data_format), (self.height, self.width)
        x = data
        if self.crop_to_aspect_ratio:
            x = cropped_to_ratio(b, x, axis, wanted)
        elif self.pad_to_aspect_ratio:
            x = padded_to_ratio(b, x, axis, wanted, self.fill_value)
        resized = resize(x, (axis, axis + 1), wanted, interpolation, self.antialias)
        if resized.dtype == data.dtype:
            return resized
        return cast(resized, "bool") if data.dtype == "bool" else to_integers(resized, data.dtype)

    def boxes(self, b: Scope, data: Value, boxes: Value, labels: Value | None) -> tuple[Value, Value | None]:
        """Boxes where the pixels went, cut at the border; what fills a batch up becomes zeros, with the label -1."""
        assert self.bounding_box_format is not None
        axis = image_axis(b, data, self.data_format)
        before, after = size_of(b, *data.shape[axis : axis + 2]), size_of(b, self.height, self.width)
        scale, offset = self._placed(before, after)
        left, top, right, bottom = corners(boxes, self.bounding_box_format, before)
        moved = (
            left * scale[1] + offset[1],
            top * scale[0] + offset[0],
            right * scale[1] + offset[1],
            bottom * scale[0] + offset[0],
        )
        kept = within(moved, (0.0, after[1]), (0.0, after[0]))
        blank = is_padding(boxes)
        found = [where(blank, 0.0, x) for x in kept]
        result = written((found[0], found[1], found[2], found[3]), self.bounding_box_format, after)
        return result, labels if labels is None else labels_of(labels, kept)

    def _placed(self, before: Size, after: Size) -> tuple[Size, Size]:
        """The factor, and then the distance, by which a place moves down and across, from one size to another."""
        ratios = after[0] / before[0], after[1] / before[1]
        if self.pad_to_aspect_ratio:
            ratio = minimum(*ratios)
            return (ratio, ratio), _border(after, (before[0] * ratio, before[1] * ratio))
        if self.crop_to_aspect_ratio:
            source, target = before[1] / before[0], after[1] / after[0]
            wide = binary("Greater", source, target)
            size = where(wide, after[0], after[1] / source), where(wide, after[0] * source, after[1])
            top, left = _border(size, after)
            return (size[0] / before[0], size[1] / before[1]), (-top, -left)
        zero = constant(0.0, "float32")
        return ratios, (zero, zero)


class CenterCrop(ImageLayer):
    """The middle of images. Those that are too small are cut to the ratio of the wanted sizes, then resized.

    Input (batch, height, width, channels), or the same without the batch; output the same with the wanted sizes, in
    floating-point numbers.
    """

    height: PosInt = _HEIGHT
    width: PosInt = _WIDTH
    data_format: DataFormat = DATA_FORMAT
    bounding_box_format: BoxForm = BOUNDING_BOXES

    examples = (
        Example({"height": 4, "width": 5}, inputs=((None, "h", "w", 3),), output=(None, 4, 5, 3), params=0),
        Example({"height": 4, "width": 5}, inputs=((None, 3, "w", 3),), output=(None, 4, 5, 3), params=0),
        Example(
            {"height": 4, "width": 5, "data_format": "channels_first"},
            inputs=((None, 3, 9, 9),),
            dtypes=("uint8",),
            output=(None, 3, 4, 5),
            params=0,
        ),
        Example({"height": 0, "width": 5}, error="`height` of CenterCrop must be greater than 0, found 0"),
        Example({"height": 4, "width": 5}, inputs=((None, 9),), error="expected images, (batch, height, width"),
    )

    def images(self, b: Scope, data: Value) -> Value:
        """The middle; of sizes that are not known yet, as if they were large enough."""
        axis, wanted = image_axis(b, data, self.data_format), (self.height, self.width)
        x = cast(data, b.policy.compute)
        sizes: tuple[Dim, ...] = x.shape[axis : axis + 2]
        if any(isinstance(size, int) and size < least for size, least in zip(sizes, wanted, strict=True)):
            return resize(cropped_to_ratio(b, x, axis, wanted), (axis, axis + 1), wanted, "bilinear")
        if not all(at_least(size, least) for size, least in zip(sizes, wanted, strict=True)):
            b.leave_open("whether an image is large enough, height and width decide")
        for offset, (size, kept) in enumerate(zip(sizes, wanted, strict=True)):
            x = slice_axis(x, axis + offset, (size - kept) // 2, kept)
        return x

    def masks(self, b: Scope, segmentation_masks: Value) -> Value:
        """The middle of the masks, which count as images."""
        return self.images(b, segmentation_masks)

    def boxes(self, b: Scope, data: Value, boxes: Value, labels: Value | None) -> tuple[Value, Value | None]:
        """Boxes cut to the middle; a box of which nothing is left gets the label -1."""
        assert self.bounding_box_format is not None
        axis = image_axis(b, data, self.data_format)
        sizes = data.shape[axis : axis + 2]
        before, after = size_of(b, *sizes), size_of(b, self.height, self.width)
        (top, left), (height, width) = self._window(_known(b, data, axis, "where boxes stand"))
        cut = within(
            corners(boxes, self.bounding_box_format, before),
            (float(left), float(left + width)),
            (float(top), float(top + height)),
        )
        x1, y1, x2, y2 = (x - float(start) for x, start in zip(cut, (left, top, left, top), strict=True))
        if (height, width) != (self.height, self.width):  # the images are resized then
            x1, x2 = (x / float(width) * float(self.width) for x in (x1, x2))
            y1, y2 = (y / float(height) * float(self.height) for y in (y1, y2))
        kept = within((x1, y1, x2, y2), (0.0, after[1]), (0.0, after[0]))
        result = written(kept, self.bounding_box_format, after)
        return result, labels if labels is None else labels_of(labels, kept)

    def _window(self, sizes: tuple[int, int] | None) -> tuple[tuple[int, int], tuple[int, int]]:
        """Where the middle begins, and its size, in images of a size; of an unknown one, as if all were kept."""
        wanted = (self.height, self.width)
        if sizes is None:
            return (0, 0), wanted
        if all(size >= least for size, least in zip(sizes, wanted, strict=True)):
            return ((sizes[0] - wanted[0]) // 2, (sizes[1] - wanted[1]) // 2), wanted
        fitting = _in_ratio(sizes, wanted)
        height, width = (max(min(size, most), 1) for size, most in zip(sizes, fitting, strict=True))
        return ((sizes[0] - height) // 2, (sizes[1] - width) // 2), (height, width)
