"""Tensor operations on the colours of images, with or without a batch."""

from specmodel.diagnostics import codes
from specmodel.layers.base import Example
from specmodel.layers.fields import DataFormat
from specmodel.layers.images import DATA_FORMAT, image_axis
from specmodel.layers.operation import Operation, floating
from specmodel.layers.scope import Scope
from specmodel.ops import elementwise as ops
from specmodel.ops.elementwise import binary, cast, clip, where
from specmodel.ops.shape import concat, slice_axis
from specmodel.ops.value import Value
from specmodel.types.formula import described
from specmodel.types.tensor import is_floating

_IMAGE = (None, "h", "w", 3)


class _Colours(Operation):
    data_format: DataFormat = DATA_FORMAT

    def channel_axis(self, b: Scope, images: Value) -> int:
        """The axis of the channels."""
        image_axis(b, images, self.data_format)
        return images.rank - (3 if self.data_format == "channels_first" else 1)

    def planes(self, b: Scope, images: Value) -> tuple[int, list[Value]]:
        """The axis of the channels, and the three of them."""
        axis = self.channel_axis(b, images)
        message = f"expected floating-point numbers, found {images.dtype}"
        b.require(is_floating(images.dtype), message, code=codes.WRONG_DTYPE, help="put `Cast: float32` before it")
        size = images.shape[axis]
        message = f"expected 3 channels, found {described(size)}"
        b.assume.equal(size, 3, "colours have 3 channels", message=message)
        return axis, [slice_axis(images, axis, number, 1) for number in range(3)]


class RGBToGrayscale(_Colours):
    """The brightness of colours: 0.2989 red, 0.587 green and 0.114 blue; images of one channel stay as they are."""

    examples = (
        Example({}, inputs=(_IMAGE,), output=(None, "h", "w", 1), params=0),
        Example({"data_format": "channels_first"}, inputs=((3, 4, 5),), output=(1, 4, 5), params=0),
        Example({}, inputs=((None, 4, 5, 1),), output=(None, 4, 5, 1), params=0),
        Example({}, inputs=((None, 4, 5, 2),), error="expected 3 channels or 1, found 2"),
    )

    def build(self, b: Scope, images: Value) -> Value:
        """The weighted sum of the channels, in the input's dtype."""
        axis = self.channel_axis(b, images)
        count = b.known(images.shape[axis], "the number of channels")
        b.require(count in (1, 3), f"expected 3 channels or 1, found {count}", code=codes.INCOMPATIBLE_SHAPES)
        if count == 1:
            return images
        x = floating(images)
        red, green, blue = (slice_axis(x, axis, number, 1) for number in range(3))
        return cast(red * 0.2989 + green * 0.5870 + blue * 0.1140, images.dtype)


_EPSILON = {"float16": 9.77e-4, "bfloat16": 7.8125e-3, "float32": 1.1920929e-07, "float64": 2.220446049250313e-16}
_TONES = (
    Example({}, inputs=(_IMAGE,), output=_IMAGE, params=0),
    Example({"data_format": "channels_first"}, inputs=((3, 4, 5),), output=(3, 4, 5), params=0),
    Example({}, inputs=(_IMAGE,), dtypes=("uint8",), error="expected floating-point numbers, found uint8"),
    Example({}, inputs=((None, 4, 5, 2),), error="expected 3 channels, found 2"),
)


class RGBToHSV(_Colours):
    """Colours from 0 to 1 as hue, saturation and value."""

    examples = _TONES

    def build(self, b: Scope, images: Value) -> Value:
        """The hue by the largest channel, the saturation by its distance from the smallest."""
        small = binary("Less", ops.absolute(images), _EPSILON.get(images.dtype, 0.0))
        axis, (red, green, blue) = self.planes(b, where(small, 0.0, images) if is_floating(images.dtype) else images)
        value = ops.maximum(ops.maximum(red, green), blue)
        distance = value - ops.minimum(ops.minimum(red, green), blue)
        lit, coloured = binary("Greater", value, 0.0), binary("Greater", distance, 0.0)
        saturation = where(lit, distance / where(lit, value, 1.0), 0.0)
        unit = 1.0 / (6.0 * where(coloured, distance, 1.0))
        hue = where(binary("Equal", value, green), unit * (blue - red) + 2 / 6, unit * (red - green) + 4 / 6)
        hue = where(coloured, where(binary("Equal", value, red), unit * (green - blue), hue), 0.0)
        return concat([hue + cast(binary("Less", hue, 0.0), hue.dtype), saturation, value], axis)


class HSVToRGB(_Colours):
    """Hue, saturation and value from 0 to 1 as colours."""

    examples = _TONES

    def build(self, b: Scope, images: Value) -> Value:
        """Each channel by its distance from the hue."""
        axis, (hue, saturation, value) = self.planes(b, images)
        turn = binary("Mod", hue, 1.0) * 6.0
        red = clip(ops.absolute(turn - 3.0) - 1.0, 0.0, 1.0)
        green = clip(2.0 - ops.absolute(turn - 2.0), 0.0, 1.0)
        blue = clip(2.0 - ops.absolute(turn - 4.0), 0.0, 1.0)
        return concat([value * ((1.0 - saturation) + saturation * share) for share in (red, green, blue)], axis)
