"""Augmentation that moves the pixels of images; at inference, images stay as they are."""

from typing import Any, Literal

from pydantic import Field

from specmodel.layers.augmentation import FILL_MODE, FILL_VALUE, INTERPOLATION, Augmentation, same
from specmodel.layers.base import Example
from specmodel.layers.boxes import BoxForm
from specmodel.layers.fields import DataFormat, PosInt, Rate, Real
from specmodel.layers.images import (
    BOUNDING_BOXES,
    DATA_FORMAT,
    SEED,
    VALUE_RANGE,
    Factor,
    FactorsEach,
    FillMode,
    Interpolation,
    Seed,
    Share,
    SharesEach,
    ValueRange,
    ZoomFactor,
)

_SHARE: Any = Field(1.0, description="Training only: share of images that are changed, or the least and the most.")


class RandomCrop(Augmentation):
    """In training, cuts boxes out of images; at inference, images stay as they are, in size too, as in Keras.

    CenterCrop and Resizing are what gives images one size at inference.
    """

    height: PosInt = Field(description="Training only: height of the boxes.")
    width: PosInt = Field(description="Training only: width of the boxes.")
    seed: Seed = SEED
    data_format: DataFormat = DATA_FORMAT
    bounding_box_format: BoxForm = BOUNDING_BOXES

    autocast = False
    examples = (
        *same({"height": 2, "width": 3}),
        Example({"height": 2}, error="RandomCrop needs the argument `width`"),
    )


class RandomElasticTransform(Augmentation):
    """In training, bends images; at inference, images stay as they are."""

    factor: Share = _SHARE
    scale: Share = Field(1.0, description="Training only: how much images are bent at most, or the least and the most.")
    interpolation: Interpolation = INTERPOLATION
    fill_mode: Literal["constant", "mirror", "nearest", "reflect", "wrap"] = FILL_MODE
    fill_value: Real = FILL_VALUE
    value_range: ValueRange = VALUE_RANGE
    seed: Seed = SEED
    data_format: DataFormat = DATA_FORMAT
    bounding_box_format: BoxForm = BOUNDING_BOXES

    casts = True
    examples = (
        *same(),
        Example({"fill_mode": "edge"}, error="`fill_mode` of RandomElasticTransform must be `constant`, `mirror`"),
    )


class RandomFlip(Augmentation):
    """In training, mirrors images; at inference, images stay as they are."""

    mode: Literal["horizontal", "vertical", "horizontal_and_vertical"] = Field(
        "horizontal_and_vertical", description="Training only: which way images are mirrored."
    )
    seed: Seed = SEED
    data_format: DataFormat = DATA_FORMAT
    bounding_box_format: BoxForm = BOUNDING_BOXES

    casts = True
    casts_masks = True
    examples = (*same(), Example({"mode": "both"}, error="`mode` of RandomFlip must be `horizontal`, `vertical`"))


class RandomPerspective(Augmentation):
    """In training, shows images from another point of view; at inference, images stay as they are."""

    factor: Share = _SHARE
    scale: Rate = Field(1.0, description="Training only: how far the corners move at most, from 0 to 1.")
    interpolation: Interpolation = INTERPOLATION
    fill_value: Real = FILL_VALUE
    seed: Seed = SEED
    data_format: DataFormat = DATA_FORMAT
    bounding_box_format: BoxForm = BOUNDING_BOXES

    casts = True
    examples = (*same(), Example({"scale": 1.5}, error="`scale` of RandomPerspective must be at most 1, found 1.5"))


class RandomRotation(Augmentation):
    """In training, turns images; at inference, images stay as they are."""

    factor: Factor = Field(description="Training only: share of a full turn, at most, or the least and the most.")
    fill_mode: FillMode = FILL_MODE
    interpolation: Interpolation = INTERPOLATION
    seed: Seed = SEED
    fill_value: Real = FILL_VALUE
    data_format: DataFormat = DATA_FORMAT
    bounding_box_format: BoxForm = BOUNDING_BOXES

    casts = True
    examples = (
        *same({"factor": -0.2}),
        Example({"factor": 0.2, "interpolation": "bicubic"}, error="`interpolation` of RandomRotation must be"),
    )


class RandomShear(Augmentation):
    """In training, slants images; at inference, images stay as they are."""

    x_factor: SharesEach = Field(0.0, description="Training only: how much rows move against each other, or two.")
    y_factor: SharesEach = Field(0.0, description="Training only: how much columns move against each other, or two.")
    interpolation: Interpolation = INTERPOLATION
    fill_mode: FillMode = FILL_MODE
    fill_value: Real = FILL_VALUE
    data_format: DataFormat = DATA_FORMAT
    seed: Seed = SEED
    bounding_box_format: BoxForm = BOUNDING_BOXES

    casts = True
    examples = (*same(), Example({"x_factor": -0.1}, error="`x_factor` of RandomShear must be a number from 0 to 1"))


class RandomTranslation(Augmentation):
    """In training, moves images; at inference, images stay as they are."""

    height_factor: FactorsEach = Field(description="Training only: share of the height, or two; below 0 is up.")
    width_factor: FactorsEach = Field(description="Training only: share of the width, or two; below 0 is left.")
    fill_mode: FillMode = FILL_MODE
    interpolation: Interpolation = INTERPOLATION
    seed: Seed = SEED
    fill_value: Real = FILL_VALUE
    data_format: DataFormat = DATA_FORMAT
    bounding_box_format: BoxForm = BOUNDING_BOXES

    casts = True
    examples = (
        *same({"height_factor": 0.2, "width_factor": [-0.1, 0.3]}),
        Example({"height_factor": -1.1, "width_factor": 0}, error="`height_factor` of RandomTranslation must be"),
    )


class RandomZoom(Augmentation):
    """In training, makes images larger or smaller; at inference, images stay as they are."""

    height_factor: ZoomFactor = Field(
        description="Training only: how much smaller images get, or two; below 0: larger."
    )
    width_factor: ZoomFactor | None = Field(None, description="Training only: the same across; null: as the height.")
    fill_mode: FillMode = FILL_MODE
    interpolation: Interpolation = INTERPOLATION
    seed: Seed = SEED
    fill_value: Real = FILL_VALUE
    data_format: DataFormat = DATA_FORMAT
    bounding_box_format: BoxForm = BOUNDING_BOXES

    casts = True
    examples = (
        *same({"height_factor": [-0.5, 0.5]}),
        Example({"height_factor": -1}, error="must be a number above -1 and at most 1"),
    )
