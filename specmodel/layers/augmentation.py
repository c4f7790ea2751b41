"""What the layers that disturb images in training share; at inference each gives them back unchanged."""

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import Field

from specmodel.layers.base import Example
from specmodel.layers.image_layer import ImageLayer
from specmodel.layers.images import image_axis
from specmodel.layers.scope import Scope
from specmodel.ops.elementwise import cast
from specmodel.ops.value import Value

INTERPOLATION: Any = Field("bilinear", description="Training only: how pixels are mixed.")
FILL_MODE: Any = Field("reflect", description="Training only: what stands outside the images.")
FILL_VALUE: Any = Field(0.0, description="Training only: the value outside the images with `fill_mode: constant`.")


class Augmentation(ImageLayer):
    """Images that only training disturbs. Of whole numbers, some layers make floating-point numbers all the same."""

    casts: ClassVar[bool] = False
    """Whether whole numbers come out in the dtype the layer computes in."""

    casts_masks: ClassVar[bool] = False
    """Whether those of masks do, too."""

    def images(self, b: Scope, data: Value) -> Value:
        """The images, unchanged."""
        image_axis(b, data, getattr(self, "data_format", None))
        return cast(data, b.policy.compute) if self.casts else data

    def masks(self, b: Scope, segmentation_masks: Value) -> Value:
        """The masks, unchanged."""
        return cast(segmentation_masks, b.policy.compute) if self.casts_masks else segmentation_masks


def same(arguments: Mapping[str, Any] | None = None, *, dtype: str = "uint8") -> tuple[Example, ...]:
    """Examples that say that images stay as they are."""
    given = arguments if arguments is not None else {}
    return (
        Example(given, inputs=((None, "h", "w", 3),), output=(None, "h", "w", 3), params=0),
        Example(given, inputs=((None, 4, 5, 1),), dtypes=(dtype,), output=(None, 4, 5, 1), params=0),
        Example(given, inputs=((None, 4),), error="expected images, (batch, height, width, channels)"),
    )
