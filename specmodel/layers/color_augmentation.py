"""Augmentation of the colors of images; at inference, images stay as they are."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from specmodel.layers.augmentation import Augmentation, same
from specmodel.layers.base import Example
from specmodel.layers.boxes import BoxForm
from specmodel.layers.fields import DataFormat, PosInt, Rate
from specmodel.layers.images import (
    BOUNDING_BOXES,
    DATA_FORMAT,
    SEED,
    VALUE_RANGE,
    Bits,
    Factor,
    Seed,
    Share,
    SharesEach,
    ValueRange,
    is_pair,
)
from specmodel.layers.validation import refuse, shown

_FACTOR: Any = Field(description="Training only: how much is changed at most, or the least and the most.")
_SHARE: Any = Field(1.0, description="Training only: share of images that are changed, or the least and the most.")
_JITTER: Any = Field(None, description="Training only: how much is changed at most, or two; null: not at all.")


class Equalization(Augmentation):
    """In training, evens out how often each value occurs; at inference, images stay as they are, as in Keras.

    `ContrastLimitedAdaptiveHistogramEqualization` is what acts at inference too.
    """

    value_range: ValueRange = VALUE_RANGE
    bins: PosInt = Field(256, description="Training only: how many values are told apart.")
    data_format: DataFormat = DATA_FORMAT
    bounding_box_format: BoxForm = BOUNDING_BOXES

    examples = (*same(), Example({"value_range": [0]}, error="must be a list of two numbers, found a list of 1"))


class RandomBrightness(Augmentation):
    """In training, adds a random number to each image; at inference, images stay as they are."""

    factor: Factor = _FACTOR
    value_range: ValueRange = VALUE_RANGE
    seed: Seed = SEED
    data_format: DataFormat = DATA_FORMAT
    bounding_box_format: BoxForm = BOUNDING_BOXES

    examples = (
        *same({"factor": 0.2}),
        Example({"factor": 1.1}, error="`factor` of RandomBrightness must be a number from -1 to 1 or a list of two"),
    )


class RandomColorDegeneration(Augmentation):
    """In training, takes some of the color out of images; at inference, images stay as they are."""

    factor: Factor = _FACTOR
    value_range: ValueRange = VALUE_RANGE
    data_format: DataFormat = DATA_FORMAT
    seed: Seed = SEED
    bounding_box_format: BoxForm = BOUNDING_BOXES

    examples = (
        *same({"factor": [0, 0.5]}),
        Example({"factor": [0.1, 0.2, 0.3]}, error="`factor` of RandomColorDegeneration must be a number from -1 to 1"),
    )


class RandomColorJitter(Augmentation):
    """In training, changes brightness, contrast, saturation and hue; at inference, images stay as they are."""

    value_range: ValueRange = VALUE_RANGE
    brightness_factor: Factor | None = _JITTER
    contrast_factor: Share | None = _JITTER
    saturation_factor: Factor | None = _JITTER
    hue_factor: Share | None = _JITTER
    seed: Seed = SEED
    data_format: DataFormat = DATA_FORMAT
    bounding_box_format: BoxForm = BOUNDING_BOXES

    examples = (
        *same({"brightness_factor": 0.2, "hue_factor": 0.1}),
        Example({"contrast_factor": -0.5}, error="`contrast_factor` of RandomColorJitter must be a number from 0 to 1"),
    )


class RandomContrast(Augmentation):
    """In training, stretches or squeezes the values of images; at inference, images stay as they are."""

    factor: Share = _FACTOR
    value_range: ValueRange = VALUE_RANGE
    seed: Seed = SEED
    data_format: DataFormat = DATA_FORMAT
    bounding_box_format: BoxForm = BOUNDING_BOXES

    examples = (
        *same({"factor": 0.2}),
        Example({"factor": -0.1}, error="`factor` of RandomContrast must be a number from 0 to 1 or a list of two"),
    )


def _odd(value: Any) -> object:
    sizes = tuple(value) if is_pair(value) else (value,)
    if not all(isinstance(size, int) and not isinstance(size, bool) and size % 2 and size > 0 for size in sizes):
        raise refuse(f"must be an odd number or two of them, found {shown(value)}")
    return sizes if is_pair(value) else value


class RandomGaussianBlur(Augmentation):
    """In training, blurs images; at inference, images stay as they are."""

    factor: Share = _SHARE
    kernel_size: Annotated[tuple[int, int] | int, BeforeValidator(_odd), "odd number, or two"] = Field(
        3, description="Training only: size of the window that is blurred over."
    )
    sigma: Share = Field(1.0, description="Training only: how much is blurred at most, or the least and the most.")
    value_range: ValueRange = VALUE_RANGE
    data_format: DataFormat = DATA_FORMAT
    seed: Seed = SEED
    bounding_box_format: BoxForm = BOUNDING_BOXES

    casts = True
    examples = (
        *same(),
        Example({"kernel_size": 4}, error="`kernel_size` of RandomGaussianBlur must be an odd number or two of them"),
    )


class RandomGrayscale(Augmentation):
    """In training, takes the color out of some images; at inference, images stay as they are."""

    factor: Rate = Field(0.5, description="Training only: share of images that are changed, from 0 to 1.")
    data_format: DataFormat = DATA_FORMAT
    seed: Seed = SEED
    bounding_box_format: BoxForm = BOUNDING_BOXES

    examples = (*same(), Example({"factor": -0.1}, error="`factor` of RandomGrayscale must be at least 0, found -0.1"))


class RandomHue(Augmentation):
    """In training, turns the colors of images; at inference, images stay as they are."""

    factor: Share = _FACTOR
    value_range: ValueRange = VALUE_RANGE
    data_format: DataFormat = DATA_FORMAT
    seed: Seed = SEED
    bounding_box_format: BoxForm = BOUNDING_BOXES

    examples = (*same({"factor": 0.2}), Example({}, error="RandomHue needs the argument `factor`"))


class RandomInvert(Augmentation):
    """In training, makes negatives of images; at inference, images stay as they are."""

    factor: Share = _SHARE
    value_range: ValueRange = VALUE_RANGE
    seed: Seed = SEED
    data_format: DataFormat = DATA_FORMAT
    bounding_box_format: BoxForm = BOUNDING_BOXES

    examples = (*same(), Example({"factor": 1.5}, error="`factor` of RandomInvert must be a number from 0 to 1"))


class RandomPosterization(Augmentation):
    """In training, leaves images fewer bits for each color; at inference, images stay as they are."""

    factor: Bits = Field(description="Training only: how many bits a color has, from 1 to 8, or two.")
    value_range: ValueRange = VALUE_RANGE
    data_format: DataFormat = DATA_FORMAT
    seed: Seed = SEED
    bounding_box_format: BoxForm = BOUNDING_BOXES

    examples = (
        *same({"factor": 4}),
        Example({"factor": 9}, error="`factor` of RandomPosterization must be a number from 1 to 8"),
    )


class RandomSaturation(Augmentation):
    """In training, makes the colors of images stronger or weaker; at inference, images stay as they are."""

    factor: Factor = _FACTOR
    value_range: ValueRange = VALUE_RANGE
    data_format: DataFormat = DATA_FORMAT
    seed: Seed = SEED
    bounding_box_format: BoxForm = BOUNDING_BOXES

    examples = (*same({"factor": [0.2, 0.8]}), Example({"factor": True}, error="must be a number from -1 to 1"))


class RandomSharpness(Augmentation):
    """In training, makes images sharper or softer; at inference, images stay as they are."""

    factor: Share = _FACTOR
    value_range: ValueRange = VALUE_RANGE
    data_format: DataFormat = DATA_FORMAT
    seed: Seed = SEED
    bounding_box_format: BoxForm = BOUNDING_BOXES

    casts = True
    examples = (*same({"factor": 0.5}), Example({"factor": None}, error="must be a number from 0 to 1"))


class Solarization(Augmentation):
    """In training, makes negatives of the bright parts of images; at inference, images stay as they are."""

    addition_factor: SharesEach = Field(0.0, description="Training only: share of the range added first, or two.")
    threshold_factor: SharesEach = Field(
        0.0, description="Training only: where in the range the bright parts begin, or two."
    )
    value_range: ValueRange = VALUE_RANGE
    seed: Seed = SEED
    data_format: DataFormat = DATA_FORMAT
    bounding_box_format: BoxForm = BOUNDING_BOXES

    casts = True
    examples = (
        *same(),
        Example({"addition_factor": [0, 2]}, error="`addition_factor` of Solarization must be a number from 0 to 1"),
    )
