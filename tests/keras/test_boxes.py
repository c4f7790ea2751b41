"""Bounding boxes and masks beside images, in every form, against the real Keras."""

from collections.abc import Mapping
from random import Random
from typing import Any

import keras
import numpy as np
import pytest

from specmodel import layers
from tests.keras.compare import different

FORMS = ("xyxy", "yxyx", "xywh", "center_xywh", "center_yxhw", "rel_xyxy", "rel_yxyx", "rel_xywh", "rel_center_xywh")
RATIOS = ({}, {"crop_to_aspect_ratio": True}, {"pad_to_aspect_ratio": True})
Made = tuple[str, dict[str, Any], dict[str, Any]]


def made(number: int) -> Made:
    """A layer, its arguments, and the mapping it is called on."""
    random, generator = Random(number), np.random.default_rng(number)
    name = random.choice(("CenterCrop", "Resizing", "MaxNumBoundingBoxes", "RandomFlip", "AutoContrast"))
    arguments: dict[str, Any] = {"bounding_box_format": random.choice(FORMS)}
    if name in ("CenterCrop", "Resizing"):
        arguments |= {"height": random.randint(1, 12), "width": random.randint(1, 12)}
    if name == "Resizing":
        arguments |= random.choice(RATIOS)
    if name == "MaxNumBoundingBoxes":
        arguments["max_number"] = random.randint(1, 5)
    count, size = random.randint(1, 5), (random.randint(2, 12), random.randint(2, 12))
    front = (2,) if random.random() < 0.7 else ()
    boxes = generator.uniform(-2, 13, (*front, count, 4))
    if arguments["bounding_box_format"].startswith("rel"):
        boxes /= 12
    boxes[..., 0, :] = random.choice((0, -1, 3))
    given = {
        "images": generator.normal(size=(*front, *size, 3)).astype("float32"),
        "bounding_boxes": {
            "boxes": boxes.astype("float32"),
            "labels": generator.integers(0, 5, (*front, count)).astype("int32"),
        },
        "segmentation_masks": generator.integers(0, 5, (*front, *size, 1)).astype("uint8"),
    }
    return name, arguments, given


def copied(given: Mapping[str, Any]) -> dict[str, Any]:
    """Keras writes into the mapping that it is called on."""
    return {key: copied(value) if isinstance(value, Mapping) else value.copy() for key, value in given.items()}


def leaves(given: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in given.items():
        found |= leaves(value, f"{key}.") if isinstance(value, Mapping) else {f"{prefix}{key}": np.asarray(value)}
    return found


def test_what_stands_beside_images_becomes_what_keras_makes_of_it(cases: range) -> None:
    for number in cases:
        name, arguments, given = made(number)
        theirs = leaves(getattr(keras.layers, name)(**arguments)(copied(given), training=False))
        ours = leaves(getattr(layers, name)(**arguments)(given))
        assert ours.keys() == theirs.keys()
        for key, wanted in theirs.items():
            assert (ours[key].shape, ours[key].dtype) == (wanted.shape, wanted.dtype), (name, arguments, key)
            assert list(different(key, ours[key], wanted, 1e-5)) == [], (name, arguments, given["images"].shape)


@pytest.mark.parametrize("name", ["CenterCrop", "Resizing"])
def test_boxes_without_their_form_are_refused_as_in_keras(name: str) -> None:
    images, boxes = np.zeros((4, 4, 3), "float32"), np.zeros((1, 4), "float32")
    given = {"images": images, "bounding_boxes": {"boxes": boxes, "labels": np.zeros(1, "int32")}}
    with pytest.raises(ValueError, match="bounding_box_format"):
        getattr(keras.layers, name)(2, 2)(given, training=False)
    with pytest.raises(Exception, match="bounding_box_format"):
        getattr(layers, name)(2, 2)(given)
