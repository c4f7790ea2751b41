"""What stands beside images: bounding boxes, their labels, masks."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from specmodel import SpecError, layers, loads

BOXES = np.array([[[1.0, 1, 5, 6], [0, 0, 0, 0], [7, 7, 9, 9]]], np.float32)
"""Left, top, right, bottom."""
LABELS = np.array([[4, 5, 6]], np.int32)
IMAGES = np.arange(10 * 8, dtype=np.float32).reshape(1, 10, 8, 1)


@pytest.mark.parametrize(
    ("name", "arguments", "boxes", "labels"),
    [
        ("Resizing", {"height": 20, "width": 8}, [[1, 2, 5, 12], [0, 0, 0, 0], [7, 14, 8, 18]], [4, -1, 6]),
        ("CenterCrop", {"height": 6, "width": 4}, [[0, 0, 3, 4], [0, 0, 0, 0], [4, 5, 4, 6]], [4, -1, -1]),
        ("MaxNumBoundingBoxes", {"max_number": 2}, [[1, 1, 5, 6], [0, 0, 0, 0]], [4, 5]),
        (
            "MaxNumBoundingBoxes",
            {"max_number": 4, "fill_value": 0},
            [[1, 1, 5, 6], [0, 0, 0, 0], [7, 7, 9, 9], [0, 0, 0, 0]],
            [4, 5, 6, 0],
        ),
        ("RandomRotation", {"factor": 1.0}, [[1, 1, 5, 6], [0, 0, 0, 0], [7, 7, 9, 9]], [4, 5, 6]),
    ],
)
def test_boxes_go_where_the_pixels_go(
    name: str, arguments: Mapping[str, Any], boxes: list[list[float]], labels: list[int]
) -> None:
    layer = getattr(layers, name)(**arguments, bounding_box_format="xyxy")
    _, found, found_labels = layer(IMAGES, boxes=BOXES, labels=LABELS)
    np.testing.assert_allclose(found, [boxes])
    np.testing.assert_array_equal(found_labels, [labels])


def test_a_layer_called_on_the_mapping_of_keras_gives_such_a_mapping() -> None:
    layer = layers.CenterCrop(6, 4, bounding_box_format="xyxy")
    given = {"images": IMAGES, "labels": "kept", "bounding_boxes": {"boxes": BOXES}, "segmentation_masks": IMAGES + 1}
    found = layer(given)
    assert list(found) == ["images", "labels", "segmentation_masks", "bounding_boxes"]
    assert found["labels"] == "kept"
    np.testing.assert_array_equal(found["images"], IMAGES[:, 2:8, 2:6])
    np.testing.assert_array_equal(found["segmentation_masks"], found["images"] + 1)
    assert found["bounding_boxes"]["boxes"].shape == BOXES.shape


def test_a_mask_is_resized_without_mixing_its_marks() -> None:
    layer = layers.Resizing(4, 4)
    mask = np.array([[3, 7], [9, 1]], np.uint8).reshape(1, 2, 2, 1)
    _, found = layer(mask.astype(np.float32), segmentation_masks=mask)
    np.testing.assert_array_equal(found, mask.repeat(2, 1).repeat(2, 2))
    assert found.dtype == np.uint8


SPEC = """
inputs: {{image: [h, w, 3], boxes: {boxes}, labels: {{shape: [n], dtype: int32}}}}
layers:
  - inputs: {{data: image, boxes: boxes, labels: labels}}
    Resizing: {{height: 4, width: 5{form}}}
outputs: [resizing, resizing/1, resizing/2]
"""


def test_boxes_are_further_outputs_in_a_spec() -> None:
    model = loads(SPEC.format(boxes="[n, 4]", form=", bounding_box_format: xywh"))
    shapes = [output["shape"] for output in model.describe()["outputs"]]
    assert shapes == [[None, 4, 5, 3], [None, "n", 4], [None, "n"]]


@pytest.mark.parametrize(
    ("boxes", "form", "message"),
    [
        ("[n, 4]", "", "`boxes` need `bounding_box_format`"),
        ("[n, 5]", ", bounding_box_format: xywh", "`boxes` must have 4 numbers each, found 5"),
        (
            "[4, 4, 4]",
            ", bounding_box_format: xywh",
            "must have the shape .batch, boxes, 4., found .None, 4, 4, 4.",
        ),
        ("[n, 4]", ", bounding_box_format: wxyh", "`bounding_box_format` of Resizing must be `xyxy`"),
    ],
)
def test_wrong_boxes_are_refused(boxes: str, form: str, message: str) -> None:
    with pytest.raises(SpecError, match=message):
        loads(SPEC.format(boxes=boxes, form=form))


def test_labels_alone_are_refused() -> None:
    with pytest.raises(SpecError, match="`labels` are those of `boxes`, which are missing"):
        layers.CenterCrop(2, 2)(IMAGES, labels=LABELS)
