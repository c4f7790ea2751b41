"""Tensor operations on images, with or without a batch: other sizes, borders, colours, filters."""

from math import exp
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from specmodel.diagnostics import codes
from specmodel.layers.base import Example
from specmodel.layers.channels import as_declared, channels_last
from specmodel.layers.fields import DataFormat, NonNegInt, PosInt, PosReal, Real, Sizes2
from specmodel.layers.images import DATA_FORMAT, image_axis
from specmodel.layers.operation import Operation, floating, whole
from specmodel.layers.resizing import cropped_to_ratio, padded_to_ratio
from specmodel.layers.scope import Scope
from specmodel.layers.validation import refuse
from specmodel.ops.conv import DepthwiseConv
from specmodel.ops.elementwise import cast
from specmodel.ops.resize import Interpolation, resize
from specmodel.ops.shape import concat, expand, pad, reshape, slice_axis
from specmodel.ops.source import constant
from specmodel.ops.value import Value
from specmodel.types.dim import Dim
from specmodel.types.formula import described

_IMAGE = (None, "h", "w", 3)


class Resize(Operation):
    """Images of another size, by mixing the pixels around. Whole numbers are rounded."""

    size: Sizes2 = Field(description="Height and width of the output; one integer means a square.")
    interpolation: Interpolation = Field("bilinear", description="How pixels are mixed; `nearest` takes one of them.")
    antialias: bool = Field(False, description="Whether every pixel counts where images shrink; not with `nearest`.")
    crop_to_aspect_ratio: bool = Field(
        False, description="Whether images are first cut to the ratio of the wanted sizes."
    )
    pad_to_aspect_ratio: bool = Field(False, description="Whether a border first brings images to that ratio.")
    fill_mode: Literal["constant"] = Field("constant", description="How the border is filled.")
    fill_value: Real = Field(0.0, description="The value of the border's pixels.")
    data_format: DataFormat = DATA_FORMAT

    examples = (
        Example({"size": [4, 5]}, inputs=(_IMAGE,), output=(None, 4, 5, 3), params=0),
        Example(
            {"size": 4, "interpolation": "nearest", "data_format": "channels_first"},
            inputs=((3, 8, 9),),
            output=(3, 4, 4),
            params=0,
        ),
        Example({"size": [4, 5], "antialias": True}, inputs=((None, 9, 8, 1),), output=(None, 4, 5, 1), params=0),
        Example({"size": [4, 5, 3]}, error="`size` of Resize must be an integer or a list of 2"),
        Example({"size": 4}, inputs=((None, 8),), error="expected images, (batch, height, width"),
    )

    @model_validator(mode="after")
    def _one_ratio(self) -> Self:
        if self.crop_to_aspect_ratio and self.pad_to_aspect_ratio:
            message = "only one of `crop_to_aspect_ratio` and `pad_to_aspect_ratio` of Resize can be true"
            raise refuse(message, "leave one of the two out", ("pad_to_aspect_ratio",))
        return self

    def build(self, b: Scope, images: Value) -> Value:
        """The images in their new size, in their own dtype."""
        axis = image_axis(b, images, self.data_format)
        x = images
        if self.crop_to_aspect_ratio:
            x = cropped_to_ratio(b, x, axis, self.size)
        elif self.pad_to_aspect_ratio:
            x = padded_to_ratio(b, x, axis, self.size, self.fill_value)
        resized = resize(x, (axis, axis + 1), self.size, self.interpolation, self.antialias)
        return cast(resized, "bool") if images.dtype == "bool" else resized


class _Edges(Operation):
    """What is taken from, or put at, the four sides of images: of each two sides and the size, two are given."""

    word: ClassVar[str]

    def sides(self) -> tuple[tuple[int | None, int | None, int | None], ...]:
        """Before, after and the wanted size, down and across."""
        names = (("top", "bottom", "target_height"), ("left", "right", "target_width"))
        return tuple(
            (getattr(self, f"{before}_{self.word}"), getattr(self, f"{after}_{self.word}"), getattr(self, size))
            for before, after, size in names
        )

    @model_validator(mode="after")
    def _two_of_three(self) -> Self:
        names = (("top", "bottom", "target_height"), ("left", "right", "target_width"))
        for (before, after, size), given in zip(names, self.sides(), strict=True):
            if sum(one is not None for one in given) != 2:
                listed = f"`{before}_{self.word}`, `{after}_{self.word}` and `{size}`"
                message = f"{type(self).__name__} needs two of {listed}: the third follows from them"
                raise refuse(message, None, (f"{before}_{self.word}",))
        return self


def _side(text: str) -> Any:
    return Field(None, description=text)


class CropImages(_Edges):
    """Images without their edges: of each two sides and the size, two are given and the third follows."""

    top_cropping: NonNegInt | None = _side("Rows taken off above.")
    left_cropping: NonNegInt | None = _side("Columns taken off at the left.")
    bottom_cropping: NonNegInt | None = _side("Rows taken off below.")
    right_cropping: NonNegInt | None = _side("Columns taken off at the right.")
    target_height: PosInt | None = _side("Height of the output.")
    target_width: PosInt | None = _side("Width of the output.")
    data_format: DataFormat = DATA_FORMAT

    word = "cropping"
    examples = (
        Example(
            {"top_cropping": 1, "bottom_cropping": 2, "left_cropping": 0, "target_width": 4},
            inputs=((None, "h", 6, 3),),
            output=(None, "h - 3", 4, 3),
            params=0,
        ),
        Example(
            {
                "top_cropping": 1,
                "target_height": 2,
                "left_cropping": 1,
                "right_cropping": 1,
                "data_format": "channels_first",
            },
            inputs=((3, 5, 6),),
            output=(3, 2, 4),
            params=0,
        ),
        Example(
            {"top_cropping": 1, "bottom_cropping": 2}, error="CropImages needs two of `left_cropping`, `right_cropping`"
        ),
        Example(
            {"top_cropping": 4, "target_height": 3, "left_cropping": 0, "right_cropping": 0},
            inputs=((None, 6, 6, 3),),
            error="a height of 6 cannot be cut so: 4 + 3 is more",
        ),
    )

    def build(self, b: Scope, images: Value) -> Value:
        """The middle."""
        axis = image_axis(b, images, self.data_format)
        for offset, (before, after, size) in enumerate(self.sides()):
            length = images.shape[axis + offset]
            start, kept = self._kept(b, length, before, after, size, ("height", "width")[offset])
            images = slice_axis(images, axis + offset, start, kept)
        return images

    def _kept(
        self, b: Scope, length: Dim, before: int | None, after: int | None, size: int | None, name: str
    ) -> tuple[Dim, Dim]:
        taken = [one for one in (before, after, size) if one is not None]
        message = f"a {name} of {described(length)} cannot be cut so: {taken[0]} + {taken[1]} is more"
        least = taken[0] + taken[1] + (size is None)
        b.assume.at_least(length, least, codes.BAD_SIZE, message, reason="images are large enough to be cut")
        if before is None:
            assert after is not None
            assert size is not None
            return length - after - size, size
        return before, size if size is not None else length - before - (after or 0)


class PadImages(_Edges):
    """Images with zeros around them: of each two sides and the size, two are given and the third follows."""

    top_padding: NonNegInt | None = _side("Rows put above.")
    left_padding: NonNegInt | None = _side("Columns put at the left.")
    bottom_padding: NonNegInt | None = _side("Rows put below.")
    right_padding: NonNegInt | None = _side("Columns put at the right.")
    target_height: PosInt | None = _side("Height of the output.")
    target_width: PosInt | None = _side("Width of the output.")
    data_format: DataFormat = DATA_FORMAT

    word = "padding"
    examples = (
        Example(
            {"top_padding": 1, "bottom_padding": 2, "left_padding": 0, "target_width": 8},
            inputs=((None, "h", 6, 3),),
            output=(None, "h + 3", 8, 3),
            params=0,
        ),
        Example(
            {
                "top_padding": 1,
                "target_height": 9,
                "left_padding": 1,
                "right_padding": 1,
                "data_format": "channels_first",
            },
            inputs=((3, 5, 6),),
            output=(3, 9, 8),
            params=0,
        ),
        Example({}, error="PadImages needs two of `top_padding`, `bottom_padding` and `target_height`"),
        Example(
            {"top_padding": 4, "target_height": 7, "left_padding": 0, "right_padding": 0},
            inputs=((None, 6, 6, 3),),
            error="a height of 6 with a border of 4 is more than 7",
        ),
    )

    def build(self, b: Scope, images: Value) -> Value:
        """The images with their border."""
        axis = image_axis(b, images, self.data_format)
        pads = [(0, 0)] * images.rank
        for offset, (before, after, size) in enumerate(self.sides()):
            name = ("height", "width")[offset]
            if size is not None:
                length = b.known(images.shape[axis + offset], f"the {name} of the images", "give it a size")
                given = before if before is not None else after or 0
                message = f"a {name} of {length} with a border of {given} is more than {size}"
                b.require(length + given <= size, message, field=f"target_{name}", code=codes.BAD_SIZE)
                before = size - length - (after or 0) if before is None else before
                after = size - length - before
            pads[axis + offset] = (before or 0, after or 0)
        return pad(images, pads)


def _filtered(b: Scope, images: Value, kernel: tuple[tuple[float, ...], ...], data_format: str | None) -> Value:
    """Each channel's sums of products with one kernel, with zeros around the images."""
    axis = image_axis(b, images, data_format)
    alone = images.rank == 3
    x = reshape(images, (1, *images.shape)) if alone else images
    x = channels_last(b, x, 2, data_format)
    channels = b.known(x.shape[-1], "the number of channels")
    weights = reshape(cast(constant(kernel, "float64"), x.dtype), (len(kernel), len(kernel[0]), 1, 1))
    weights = expand(weights, (len(kernel), len(kernel[0]), channels, 1))
    y = as_declared(DepthwiseConv((1, 1), "same", (1, 1), axis)(x, weights), data_format)
    return reshape(y, images.shape) if alone else y


def _odd_pair(value: Any) -> object:
    return (value, value) if isinstance(value, int | float) and not isinstance(value, bool) else tuple(value)


class GaussianBlur(Operation):
    """Each pixel mixed with those around it, by the normal distribution."""

    kernel_size: Sizes2 = Field((3, 3), description="Width and height of what is mixed, as Keras orders them.")
    sigma: Annotated[tuple[PosReal, PosReal], BeforeValidator(_odd_pair), "positive number or 2 of them"] = Field(
        (1.0, 1.0), description="The distribution's deviation across and down."
    )
    data_format: DataFormat = DATA_FORMAT

    examples = (
        Example({}, inputs=(_IMAGE,), output=_IMAGE, params=0),
        Example(
            {"kernel_size": [5, 3], "sigma": [2.0, 1.0], "data_format": "channels_first"},
            inputs=((3, 6, 7),),
            output=(3, 6, 7),
            params=0,
        ),
        Example({"kernel_size": 0}, error="`kernel_size` of GaussianBlur must be greater than 0, found 0"),
    )

    def build(self, b: Scope, images: Value) -> Value:
        """The sums of products with the product of two bells."""
        across, down = (_bell(size, sigma) for size, sigma in zip(self.kernel_size, self.sigma, strict=True))
        kernel = tuple(tuple(one * other for other in across) for one in down)
        return _filtered(b, floating(images), kernel, self.data_format)


def _bell(size: int, sigma: float) -> list[float]:
    heights = [exp(-0.5 * ((place - (size - 1) / 2) / sigma) ** 2) for place in range(size)]
    return [height / sum(heights) for height in heights]


class SobelEdges(Operation):
    """How fast pixels change down and across, by Sobel's filters: a new last axis of two."""

    data_format: DataFormat = DATA_FORMAT

    examples = (
        Example({}, inputs=(_IMAGE,), output=(None, "h", "w", 3, 2), params=0),
        Example({"data_format": "channels_first"}, inputs=((None, 1, 4, 5),), output=(None, 1, 4, 5, 2), params=0),
        Example({}, inputs=((4, 5, 3),), error="expected an input of rank 4"),
    )

    def build(self, b: Scope, images: Value) -> Value:
        """The sums of products with both filters."""
        b.require_rank(images, 4, "(batch, height, width, channels)")
        x = floating(images)
        down = ((-1.0, -2.0, -1.0), (0.0, 0.0, 0.0), (1.0, 2.0, 1.0))
        across = ((-1.0, 0.0, 1.0), (-2.0, 0.0, 2.0), (-1.0, 0.0, 1.0))
        edges = [_filtered(b, x, kernel, self.data_format) for kernel in (down, across)]
        return whole(concat([reshape(edge, (*edge.shape, 1)) for edge in edges], -1), images.dtype)
