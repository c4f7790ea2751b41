"""Augmentation that mixes images or many disturbances, or takes parts away; at inference, images stay as they are."""

from typing import Any

from pydantic import Field

from specmodel.layers.augmentation import INTERPOLATION, Augmentation, same
from specmodel.layers.base import Example
from specmodel.layers.boxes import BoxForm
from specmodel.layers.fields import DataFormat, NonNegInt, PosInt, PosReal, Real
from specmodel.layers.images import (
    BOUNDING_BOXES,
    DATA_FORMAT,
    SEED,
    VALUE_RANGE,
    Interpolation,
    Seed,
    Share,
    ValueRange,
)
from specmodel.layers.scope import Scope
from specmodel.ops.shape import pad, slice_axis
from specmodel.ops.value import Value

_STRENGTH: Any = "Training only: how strong the disturbances are, from 0 to 1; or the least and the most."


class AugMix(Augmentation):
    """In training, mixes images with chains of disturbances of them; at inference, images stay as they are."""

    value_range: ValueRange = VALUE_RANGE
    num_chains: PosInt = Field(3, description="Training only: how many chains are mixed.")
    chain_depth: PosInt = Field(3, description="Training only: the most disturbances in a chain.")
    factor: Share = Field(0.3, description=_STRENGTH)
    alpha: PosReal = Field(1.0, description="Training only: how evenly chains are mixed.")
    all_ops: bool = Field(True, description="Training only: whether disturbances of colours are among them.")
    interpolation: Interpolation = INTERPOLATION
    seed: Seed = SEED
    data_format: DataFormat = DATA_FORMAT
    bounding_box_format: BoxForm = BOUNDING_BOXES

    casts = True
    examples = (*same(), Example({"factor": 2}, error="`factor` of AugMix must be a number from 0 to 1"))


class CutMix(Augmentation):
    """In training, puts boxes of other images of the batch into images; at inference, images stay as they are."""

    factor: Share = Field(1.0, description="Training only: size of the boxes, from 0 to 1; or the least and the most.")
    seed: Seed = SEED
    data_format: DataFormat = DATA_FORMAT
    bounding_box_format: BoxForm = BOUNDING_BOXES

    casts = True
    casts_masks = True
    examples = (*same(), Example({"factor": -1}, error="`factor` of CutMix must be a number from 0 to 1"))


class MaxNumBoundingBoxes(Augmentation):
    """The number of boxes beside images: some left out at the end, or filled up; images stay as they are.

    Boxes (batch, boxes, 4) and their labels (batch, boxes) come out with `max_number` boxes.
    """

    max_number: NonNegInt = Field(description="How many bounding boxes there are afterwards.")
    fill_value: int = Field(-1, description="What stands in bounding boxes that are added, and in their labels.")
    data_format: DataFormat = DATA_FORMAT
    bounding_box_format: BoxForm = BOUNDING_BOXES

    examples = (
        *same({"max_number": 4}),
        Example(
            {"max_number": 4, "bounding_box_format": "xyxy"},
            inputs=((None, 8, 9, 3), (None, "boxes", 4), (None, "boxes")),
            dtypes=("uint8", "float32", "int32"),
            output=((None, 8, 9, 3), (None, 4, 4), (None, 4)),
            params=0,
        ),
        Example({}, error="MaxNumBoundingBoxes needs the argument `max_number`"),
    )

    def boxes(self, b: Scope, data: Value, boxes: Value, labels: Value | None) -> tuple[Value, Value | None]:
        """The first boxes, and others behind them where there are too few."""
        return self._filled(boxes, boxes.rank - 2), labels if labels is None else self._filled(labels, labels.rank - 1)

    def _filled(self, x: Value, axis: int) -> Value:
        """As many elements along an axis as are wanted, however many there are."""
        padded = pad(x, [(0, self.max_number if at == axis else 0) for at in range(x.rank)], self.fill_value)
        return slice_axis(padded, axis, 0, self.max_number)


class MixUp(Augmentation):
    """In training, mixes each image with another of the batch; at inference, images stay as they are."""

    alpha: PosReal = Field(0.2, description="Training only: how evenly two images are mixed.")
    data_format: DataFormat = DATA_FORMAT
    seed: Seed = SEED
    bounding_box_format: BoxForm = BOUNDING_BOXES

    examples = (*same(), Example({"alpha": 0}, error="`alpha` of MixUp must be greater than 0, found 0"))


class RandAugment(Augmentation):
    """In training, disturbs images in some of many ways; at inference, images stay as they are."""

    value_range: ValueRange = VALUE_RANGE
    num_ops: NonNegInt = Field(2, description="Training only: how many disturbances an image gets.")
    factor: Share = Field(0.5, description=_STRENGTH)
    interpolation: Interpolation = INTERPOLATION
    seed: Seed = SEED
    data_format: DataFormat = DATA_FORMAT
    bounding_box_format: BoxForm = BOUNDING_BOXES

    casts = True
    examples = (*same(), Example({"factor": [2, 3]}, error="`factor` of RandAugment must be a number from 0 to 1"))


class RandomErasing(Augmentation):
    """In training, fills boxes of images with noise or one value; at inference, images stay as they are."""

    factor: Share = Field(1.0, description="Training only: share of images that are changed, or two.")
    scale: Share = Field((0.02, 0.33), description="Training only: share of an image that is filled, or two.")
    fill_value: Real | None = Field(None, description="Training only: what boxes are filled with; null means noise.")
    value_range: ValueRange = VALUE_RANGE
    seed: Seed = SEED
    data_format: DataFormat = DATA_FORMAT
    bounding_box_format: BoxForm = BOUNDING_BOXES

    casts = True
    examples = (*same(), Example({"scale": "half"}, error="`scale` of RandomErasing must be a number from 0 to 1"))
