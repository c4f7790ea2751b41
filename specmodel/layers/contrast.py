"""Layers for the contrast of images: AutoContrast, ContrastLimitedAdaptiveHistogramEqualization."""

from pydantic import Field

from specmodel.layers.base import Example
from specmodel.layers.boxes import BoxForm
from specmodel.layers.channels import as_declared, channels_last
from specmodel.layers.fields import DataFormat, Real, Sizes2
from specmodel.layers.image_layer import ImageLayer
from specmodel.layers.images import BOUNDING_BOXES, DATA_FORMAT, VALUE_RANGE, ValueRange, image_axis
from specmodel.layers.scope import Scope
from specmodel.ops.contrast import EqualizeTiles
from specmodel.ops.elementwise import cast, clip, unary, where
from specmodel.ops.reduce import reduce
from specmodel.ops.shape import expand_dims, reshape
from specmodel.ops.value import Value

_FULL = (0, 255)


def _moved(x: Value, old: tuple[float, float], new: tuple[float, float]) -> Value:
    """Values of the range `old` as values of the range `new`; the value itself where these are the same."""
    if old == new:
        return x
    return (x - old[0]) / (old[1] - old[0]) * (new[1] - new[0]) + new[0]


class AutoContrast(ImageLayer):
    """Stretches each channel of each image until it fills the range of values; one of a single value stays as it is.

    Input (batch, height, width, channels), or the same without the batch. Output: the input's shape, in floating-point
    numbers.
    """

    value_range: ValueRange = VALUE_RANGE
    data_format: DataFormat = Field(None, description="Without effect, as in Keras: an image's first two axes count.")
    bounding_box_format: BoxForm = BOUNDING_BOXES

    examples = (
        Example({}, inputs=((None, "h", "w", 3),), output=(None, "h", "w", 3), params=0),
        Example({"value_range": [0, 1]}, inputs=((None, 4, 5),), output=(None, 4, 5), params=0),
        Example({"value_range": 255}, error="`value_range` of AutoContrast must be a list of two numbers, found 255"),
        Example({}, inputs=((None, 5),), error="expected images, (batch, height, width, channels)"),
    )

    def images(self, b: Scope, data: Value) -> Value:
        """Smallest and largest value of each channel are moved to the ends of the range."""
        axes = (image_axis(b, data, None), image_axis(b, data, None) + 1)
        original = cast(data, b.policy.compute)
        low, high = sorted(self.value_range)
        x = _moved(original, (low, high), _FULL)
        least, largest = reduce("Min", x, axes, keepdims=True), reduce("Max", x, axes, keepdims=True)
        scale = 255.0 / (largest - least)
        stretched = clip(x * scale + -least * scale, 0, 255)
        result = _moved(stretched, _FULL, (low, high))
        return where(unary("IsNaN", result), original, result)


class ContrastLimitedAdaptiveHistogramEqualization(ImageLayer):
    """Evens out how often each value occurs, in each neighbourhood of an image by itself.

    Images are cut into tiles, in each of which a value becomes the share of smaller values; between the middles of
    tiles, their results are mixed. Input (batch, height, width, channels), or the same without the batch; output the
    same, in the input's dtype.
    """

    value_range: ValueRange = VALUE_RANGE
    clip_limit: Real = Field(
        4.0, description="How many times the mean a value may occur; what is above counts for all values. 0: no limit."
    )
    tile_grid_size: Sizes2 = Field((8, 8), description="How many tiles [down, across] an image is cut into.")
    data_format: DataFormat = DATA_FORMAT
    bounding_box_format: BoxForm = BOUNDING_BOXES

    examples = (
        Example({}, inputs=((None, "h", "w", 3),), output=(None, "h", "w", 3), params=0),
        Example(
            {"tile_grid_size": [2, 3], "clip_limit": 2.5, "data_format": "channels_first"},
            inputs=((None, 3, 7, 10),),
            dtypes=("uint8",),
            output=(None, 3, 7, 10),
            params=0,
        ),
        Example({"value_range": [0, 1]}, inputs=((None, 8, 1),), output=(None, 8, 1), params=0),
        Example({"tile_grid_size": [8, 0]}, error="must be greater than 0, found 0"),
        Example({}, inputs=((None, 5),), error="expected images, (batch, height, width, channels)"),
    )

    def images(self, b: Scope, data: Value) -> Value:
        """The images with their values from 0 to 255, equalized, and moved back."""
        image_axis(b, data, self.data_format)
        images = data if data.rank == 4 else expand_dims(data, 0)
        x = cast(channels_last(b, images, 2, self.data_format), "float32")
        even = EqualizeTiles(*self.tile_grid_size, self.clip_limit)(_moved(x, self.value_range, _FULL))
        result = cast(_moved(even, _FULL, self.value_range), data.dtype)
        return reshape(as_declared(result, self.data_format), data.shape)
