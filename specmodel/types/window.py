"""Windows that slide along an axis: lengths and padding of convolutions, pooling and transposed convolutions.

Lengths take any size; padding, which `plan` needs, takes known ones. Sources: Keras 3's documentation of the layers and
its `compute_conv_output_shape`, `compute_pooling_output_shape` and `compute_conv_transpose_output_shape`.
"""

from typing import Literal

from specmodel.diagnostics.codes import BAD_SIZE, WINDOW_TOO_LARGE
from specmodel.types.assume import Assume
from specmodel.types.dim import Dim
from specmodel.types.formula import described

Padding = Literal["valid", "same", "causal"]


def window_extent(kernel: int, dilation: int = 1) -> int:
    """How many input elements a window spans."""
    return (kernel - 1) * dilation + 1


def window_length(
    assume: Assume,
    size: Dim,
    kernel: int,
    stride: int = 1,
    padding: Padding = "valid",
    dilation: int = 1,
    *,
    axis: int | None = None,
    field: str = "kernel_size",
) -> Dim:
    """How many windows there are along an axis: `(size - extent)//stride + 1`, with padding `(size - 1)//stride + 1`.

    Without padding a window that is larger than the input is a `Fault` where that is certain, else a constraint.
    `field` names the layer's argument, `axis` the input's axis in the message.
    """
    if padding != "valid":
        return (size - 1) // stride + 1
    extent = window_extent(kernel, dilation)
    window = f"a window of {extent}" + (f" ({kernel} with dilation {dilation})" if dilation > 1 and kernel > 1 else "")
    where = f"axis {axis}" if axis is not None else "the axis"
    assume.at_least(
        size,
        extent,
        WINDOW_TOO_LARGE,
        f"{window} does not fit into {where}, which has the size {described(size)}",
        reason=f"{window} must fit into {where}",
        field=field,
        help="make the window smaller or the input larger, or pad it with `padding: same`",
    )
    return (size - extent) // stride + 1


def window_padding(size: int, kernel: int, stride: int, padding: Padding, dilation: int = 1) -> tuple[int, int]:
    """The zeros before and after an axis; `same` puts the odd one after, `causal` all before."""
    extent = window_extent(kernel, dilation)
    if padding == "valid":
        return (0, 0)
    if padding == "causal":
        return (extent - 1, 0)
    windows = -(-size // stride)
    total = max((windows - 1) * stride + extent - size, 0)
    return (total // 2, total - total // 2)


def transposed_length(
    assume: Assume,
    size: Dim,
    kernel: int,
    stride: int = 1,
    padding: Literal["valid", "same"] = "valid",
    output_padding: int | None = None,
    dilation: int = 1,
    *,
    field: str = "output_padding",
) -> Dim:
    """The length that a transposed convolution makes of an axis.

    `same` gives `size * stride`, `valid` `(size - 1)*stride + max(extent, stride)`. With `output_padding`, which is
    less than the stride, it is `(size - 1)*stride + output_padding` plus `extent % 2` for `same`, `extent` for `valid`.
    """
    extent = window_extent(kernel, dilation)
    if padding == "same":
        if output_padding is None:
            return size * stride
        base = extent % 2 + output_padding
    else:
        base = max(extent, stride) if output_padding is None else extent + output_padding
    length = (size - 1) * stride + base
    assume.at_least(
        length,
        1,
        BAD_SIZE,
        f"an axis of the size {described(size)} becomes one of {described(length)}, which is nothing",
        reason="the result of a transposed convolution must not be empty",
        field=field,
        help="leave `output_padding` out or make it larger",
    )
    return length


def transposed_padding(
    kernel: int,
    stride: int,
    padding: Literal["valid", "same"],
    output_padding: int | None = None,
    dilation: int = 1,
) -> tuple[int, int]:
    """The zeros before and after the input once `stride - 1` zeros stand between its elements.

    The flipped kernel slides over that with stride 1. Seen as scattering, in which element `i` adds the kernel to the
    output from `i*stride` on, `extent - 1 - before` elements are cut off in front.
    """
    extent = window_extent(kernel, dilation)
    if padding == "valid":
        extra = max(stride - extent, 0) if output_padding is None else output_padding
        return (extent - 1, extent - 1 + extra)
    total = stride + extent - 2 if output_padding is None else extent + extent % 2 - 2 + output_padding
    before = min(-(-total // 2), extent - 1)
    return (before, total - before)
