"""Tensor operations that take images apart into patches, and put patches together."""

from collections.abc import Iterator
from itertools import product as pairs_of

from pydantic import Field

from specmodel.diagnostics import codes
from specmodel.layers.base import Example
from specmodel.layers.channels import as_declared, channels_last
from specmodel.layers.fields import DataFormat, Padding
from specmodel.layers.images import DATA_FORMAT
from specmodel.layers.operation import Operation
from specmodel.layers.operations_window import PerAxis, PerAxisOrZero, per_axis
from specmodel.layers.scope import Scope
from specmodel.layers.windows import DILATION_RATE, STRIDES
from specmodel.ops.places import scatter
from specmodel.ops.shape import concat, expand, pad, reshape, slice_axis, transpose
from specmodel.ops.source import constant
from specmodel.ops.value import Value
from specmodel.types.dim import Dim
from specmodel.types.tensor import product
from specmodel.types.window import window_extent, window_length, window_padding


def taps(
    x: Value, windows: tuple[Dim, ...], size: tuple[int, ...], strides: tuple[int, ...], dilation: tuple[int, ...]
) -> Iterator[Value]:
    """For each place in the window, in row-major order, what all windows (batch, windows…, channels) have there."""
    for tap in pairs_of(*(range(length) for length in size)):
        part = x
        for axis, place in enumerate(tap):
            part = slice_axis(part, axis + 1, place * dilation[axis], windows[axis], strides[axis])
        yield part


class ExtractPatches(Operation):
    """Patches of images, each as the channels of one pixel of a smaller image; with three sizes, patches of volumes.

    Input (batch, height, width, channels), or the same without the batch; output (batch, rows, columns, elements).
    """

    size: PerAxis = Field(description="Height and width of a patch, or depth, height and width; one integer: a square.")
    strides: PerAxis | None = Field(None, description="How far patches are apart; null means that they touch.")
    dilation_rate: PerAxis = Field(1, description=DILATION_RATE)
    padding: Padding = Field(
        "valid", description="`valid`: patches lie inside; `same`: zeros stand around what they are cut from."
    )
    data_format: DataFormat = DATA_FORMAT

    examples = (
        Example({"size": 2}, inputs=((None, "2*h", "2*w", 3),), output=(None, "h", "w", 12), params=0),
        Example(
            {"size": [3, 2], "strides": 1, "padding": "same"},
            inputs=((None, 5, 4, 2),),
            output=(None, 5, 4, 12),
            params=0,
        ),
        Example({"size": 2, "data_format": "channels_first"}, inputs=((3, 6, 4),), output=(12, 3, 2), params=0),
        Example({"size": [1, 2, 2]}, inputs=((None, 3, 4, 4, 2),), output=(None, 3, 2, 2, 8), params=0),
        Example({"size": 2}, inputs=((None, 4),), error="expected images, (batch, height, width, channels)"),
        Example({"size": [2, 2, 2]}, inputs=((None, 4),), error="expected volumes, (batch, depth, height, width"),
    )

    def build(self, b: Scope, images: Value) -> Value:
        """The elements of each patch in row-major order."""
        rank = 3 if isinstance(self.size, tuple) and len(self.size) == 3 else 2
        what, axes = ("volumes", "depth, height, width") if rank == 3 else ("images", "height, width")
        message = f"expected {what}, (batch, {axes}, channels) or the same without the batch, found {images.type}"
        b.require(images.rank in (rank + 1, rank + 2), message, code=codes.WRONG_RANK)
        size, dilation = per_axis(b, self.size, rank, "size"), per_axis(b, self.dilation_rate, rank, "dilation_rate")
        strides = size if self.strides is None else per_axis(b, self.strides, rank, "strides")
        alone = images.rank == rank + 1
        x = channels_last(b, reshape(images, (1, *images.shape)) if alone else images, rank, self.data_format)
        lines = list(zip(x.shape[1:-1], size, strides, dilation, strict=True))
        windows = tuple(
            window_length(b.assume, length, one, step, self.padding, apart, axis=axis + 1, field="size")
            for axis, (length, one, step, apart) in enumerate(lines)
        )
        if self.padding == "same":
            known = [b.known(length, f"the size of {what}", "give them sizes") for length, *_ in lines]
            borders = [
                window_padding(length, one, step, "same", apart)
                for length, (_, one, step, apart) in zip(known, lines, strict=True)
            ]
            x = pad(x, [(0, 0), *borders, (0, 0)])
        found = as_declared(concat(list(taps(x, windows, size, strides, dilation)), -1), self.data_format)
        return reshape(found, found.shape[1:]) if alone else found


class _Blocks(Operation):
    kernel_size: PerAxis = Field(description="Height and width of a patch; one integer means a square.")
    dilation: PerAxis = Field(1, description=DILATION_RATE)
    padding: PerAxisOrZero = Field(0, description="Zeros on each side of the image, above and below, left and right.")
    stride: PerAxis = Field(1, description=STRIDES)

    def sizes(self, b: Scope) -> tuple[tuple[int, ...], ...]:
        """Window, dilation, border and step, each down and across."""
        return (
            per_axis(b, self.kernel_size, 2, "kernel_size"),
            per_axis(b, self.dilation, 2, "dilation"),
            per_axis(b, self.padding, 2, "padding", 0),
            per_axis(b, self.stride, 2, "stride"),
        )


class Unfold(_Blocks):
    """The patches of images (batch, channels, height, width) as columns: (batch, channels * h * w, patches)."""

    examples = (
        Example({"kernel_size": 2}, inputs=((None, 3, 4, 5),), output=(None, 12, 12), params=0),
        Example(
            {"kernel_size": [2, 3], "stride": 2, "padding": 1},
            inputs=((None, 3, "h", 5),),
            output=(None, 18, "3*(h//2) + 3"),
            params=0,
        ),
        Example(
            {"kernel_size": 2},
            inputs=((None, 4, 5),),
            error="expected an input of rank 4, (batch, channels, height, width)",
        ),
    )

    def build(self, b: Scope, x: Value) -> Value:
        """For each channel and place in the window, all patches."""
        b.require_rank(x, 4, "(batch, channels, height, width)")
        size, dilation, border, stride = self.sizes(b)
        x = pad(x, [(0, 0), (0, 0), *((one, one) for one in border)])
        last = transpose(x, (0, 2, 3, 1))
        windows = tuple(
            window_length(
                b.assume, last.shape[axis + 1], size[axis], stride[axis], "valid", dilation[axis], axis=axis + 2
            )
            for axis in (0, 1)
        )
        found = [reshape(part, (*part.shape, 1)) for part in taps(last, windows, size, stride, dilation)]
        stacked = transpose(concat(found, -1), (0, 3, 4, 1, 2))
        batch, channels, count, *_ = stacked.shape
        return reshape(stacked, (batch, channels * count, product(windows)))


class Fold(_Blocks):
    """Patches as columns, (batch, channels * h * w, patches), added up to images (batch, channels, height, width)."""

    output_size: PerAxis = Field(description="Height and width of the images.")

    examples = (
        Example({"output_size": [4, 5], "kernel_size": 2}, inputs=((None, 12, 12),), output=(None, 3, 4, 5), params=0),
        Example(
            {"output_size": 4, "kernel_size": 2, "stride": 2}, inputs=((None, 8, 4),), output=(None, 2, 4, 4), params=0
        ),
        Example(
            {"output_size": 4, "kernel_size": 2},
            inputs=((None, 12, 8),),
            error="images of 4 by 4 have 9 patches, found 8",
        ),
        Example(
            {"output_size": 4, "kernel_size": 2},
            inputs=((None, 10, 9),),
            error="10 rows are no multiple of the 4 elements of a patch",
        ),
    )

    def build(self, b: Scope, x: Value) -> Value:
        """Each element added to its pixel."""
        b.require_rank(x, 3, "(batch, channels * elements, patches)")
        output = per_axis(b, self.output_size, 2, "output_size")
        size, dilation, border, stride = self.sizes(b)
        whole = tuple(one + 2 * edge for one, edge in zip(output, border, strict=True))
        windows = tuple(
            (length - window_extent(one, apart)) // step + 1
            for length, one, apart, step in zip(whole, size, dilation, stride, strict=True)
        )
        count, elements = windows[0] * windows[1], size[0] * size[1]
        message = f"images of {output[0]} by {output[1]} have {count} patches, found {x.shape[2]}"
        b.assume.equal(x.shape[2], count, "patches fill the images", message=message, field="output_size")
        message = f"{x.shape[1]} rows are no multiple of the {elements} elements of a patch"
        channels = b.assume.divisible(
            x.shape[1], elements, codes.BAD_SIZE, message, reason="rows are patches", field="kernel_size"
        )
        batch = x.shape[0]
        places = tuple(
            ((row * stride[0] + down * dilation[0]) * whole[1] + column * stride[1] + across * dilation[1],)
            for down in range(size[0])
            for across in range(size[1])
            for row in range(windows[0])
            for column in range(windows[1])
        )
        flat = transpose(reshape(x, (batch, channels, elements * count)), (2, 0, 1))
        zeros = expand(constant(0.0 if "float" in x.dtype else 0, x.dtype), (whole[0] * whole[1], batch, channels))
        summed = scatter(zeros, constant(places, "int32"), flat, "add")
        images = transpose(reshape(summed, (*whole, batch, channels)), (2, 3, 0, 1))
        for axis in (0, 1):
            images = slice_axis(images, axis + 2, border[axis], output[axis])
        return images
