"""The base of the layers for images, and what may stand beside images: bounding boxes, their labels, masks."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from specmodel.diagnostics import codes
from specmodel.layers.base import Layer
from specmodel.layers.boxes import as_boxes
from specmodel.layers.scope import Scope
from specmodel.ops.value import Value
from specmodel.types.formula import described

_NAMES = {"images": "data", "boxes": "boxes", "labels": "labels", "segmentation_masks": "segmentation_masks"}
"""The call arguments that the keys of Keras' mapping are; `boxes` and `labels` stand in its `bounding_boxes`."""


class ImageLayer(Layer):
    """A layer for images. What is given beside them follows the images as further outputs, in the order of the call."""

    if TYPE_CHECKING:  # each layer declares these where Keras has them
        data_format: str | None
        bounding_box_format: str | None

    def build(
        self,
        b: Scope,
        data: Value,
        boxes: Value | None = None,
        labels: Value | None = None,
        segmentation_masks: Value | None = None,
    ) -> Value | tuple[Value, ...]:
        """The images; then boxes (…, boxes, 4) as float32, their labels (…, boxes), masks like images."""
        made = [self.images(b, data)]
        if boxes is not None:
            self._require_boxes(b, boxes)
            boxes, labels = self.boxes(b, data, as_boxes(boxes), labels)
            made.append(boxes)
        message = "`labels` are those of `boxes`, which are missing"
        b.require(boxes is not None or labels is None, message, field="labels")
        if labels is not None:
            made.append(labels)
        if segmentation_masks is not None:
            made.append(self.masks(b, segmentation_masks))
        return tuple(made) if len(made) > 1 else made[0]

    def images(self, b: Scope, data: Value) -> Value:
        """What becomes of images."""
        raise NotImplementedError(type(self).__name__)

    def boxes(self, b: Scope, data: Value, boxes: Value, labels: Value | None) -> tuple[Value, Value | None]:
        """What becomes of boxes and their labels beside images: nothing, where images stay as they are."""
        return boxes, labels

    def masks(self, b: Scope, segmentation_masks: Value) -> Value:
        """What becomes of masks that mark parts of images."""
        return segmentation_masks

    def _require_boxes(self, b: Scope, boxes: Value) -> None:
        message = "`boxes` need `bounding_box_format`, the form in which they are written"
        b.require(self.bounding_box_format is not None, message, field="bounding_box_format", help="for example `xyxy`")
        message = f"`boxes` must have the shape (batch, boxes, 4), found {boxes.type}"
        b.require(boxes.rank in (2, 3), message, field="boxes", code=codes.WRONG_RANK)
        message = f"`boxes` must have 4 numbers each, found {described(boxes.shape[-1])}"
        b.assume.equal(boxes.shape[-1], 4, "a box is four numbers", message=message, field="boxes")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """As any layer's; or on Keras' mapping of `images`, `bounding_boxes`, `segmentation_masks`: another such."""
        if len(args) != 1 or kwargs or not isinstance(args[0], Mapping):
            return super().__call__(*args, **kwargs)
        whole = {key: value for key, value in args[0].items() if key != "bounding_boxes"}
        inner = args[0].get("bounding_boxes", {})
        given = {**{key: whole[key] for key in ("images", "segmentation_masks") if key in whole}, **inner}
        found = super().__call__(**{_NAMES[key]: given[key] for key in given})
        made = dict(zip([key for key in _NAMES if key in given], found if len(given) > 1 else [found], strict=True))
        boxes = {key: made.pop(key) for key in inner}
        return {**whole, **made, **({"bounding_boxes": boxes} if boxes else {})}
