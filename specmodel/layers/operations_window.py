"""Tensor operations with windows that slide: convolutions with a kernel that is an input, pooling."""

from collections.abc import Callable
from typing import Annotated, ClassVar

from pydantic import Field

from specmodel.diagnostics import codes
from specmodel.layers.base import Example
from specmodel.layers.channels import as_declared, channel_count, channels_last, first_spatial_axis
from specmodel.layers.fields import DataFormat, IntList, NonNegInt, Padding, PosInt
from specmodel.layers.operation import Operation, floating, whole
from specmodel.layers.scope import Scope
from specmodel.layers.windows import DATA_FORMAT, DILATION_RATE, PADDING, STRIDES, CausalPadding, strides_and_dilation
from specmodel.ops.adaptive_pool import adaptive_max_pool, adaptive_mean_pool
from specmodel.ops.conv import Conv, DepthwiseConv
from specmodel.ops.conv_transpose import ConvTranspose
from specmodel.ops.elementwise import cast
from specmodel.ops.pool import max_pool, mean_pool
from specmodel.ops.value import Value
from specmodel.types.assume import Assume
from specmodel.types.fault import Fault
from specmodel.types.tensor import promote
from specmodel.types.window import window_length

PerAxis = Annotated[PosInt | IntList, "positive integer, or a list of them"]
"""A size for each spatial axis; one integer means the same for all."""
PerAxisOrZero = Annotated[NonNegInt | IntList, "integer from 0, or a list of them"]


def per_axis(b: Scope, value: int | tuple[int, ...], rank: int, field: str, least: int = 1) -> tuple[int, ...]:
    """A size for each of so many spatial axes."""
    sizes = (value,) * rank if isinstance(value, int) else value
    b.require(
        len(sizes) == rank, f"`{field}` must have a size for each of {rank} axes, found {len(sizes)}", field=field
    )
    wrong = next((size for size in sizes if size < least), None)
    b.require(wrong is None, f"`{field}` must be at least {least}, found {wrong}", field=field)
    return sizes


def spatial_rank(b: Scope, x: Value) -> int:
    """How many spatial axes there are beside batch and channels: from 1 to 3."""
    message = f"expected from 1 to 3 spatial axes beside batch and channels, found {x.type}"
    b.require(3 <= x.rank <= 5, message, code=codes.WRONG_RANK)
    return x.rank - 2


class _Convolution(Operation):
    strides: PerAxis = Field(1, description=STRIDES)
    padding: CausalPadding = Field("valid", description=PADDING)
    data_format: DataFormat = Field(None, description=DATA_FORMAT)
    dilation_rate: PerAxis = Field(1, description=DILATION_RATE)

    def prepared(self, b: Scope, x: Value, kernel: Value) -> tuple[Value, Value]:
        """Both in one floating dtype, with the channels last."""
        x = channels_last(b, x, spatial_rank(b, x), self.data_format)
        message = f"the kernel of an input of {x.rank} axes has as many, found {kernel.type}"
        b.require(kernel.rank == x.rank, message, field="kernel", code=codes.WRONG_RANK)
        dtype = promote(floating(x).dtype, floating(kernel).dtype)
        return cast(x, dtype), cast(kernel, dtype)

    def steps(self, b: Scope, rank: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Strides and dilation of each axis, which exclude each other."""
        strides, dilation = (per_axis(b, getattr(self, name), rank, name) for name in ("strides", "dilation_rate"))
        wrong = strides_and_dilation(type(self).__name__, strides, dilation)
        if wrong:
            raise Fault(wrong[0].code, wrong[0].message, field="dilation_rate", help=wrong[0].help)
        return strides, dilation


_IMAGE = (None, 6, 5, 2)


class ConvOp(_Convolution):
    """A convolution whose kernel (…, channels, filters) is the second input.

    Input (batch, …, channels) with 1 to 3 axes between; output (batch, windows…, filters). A kernel for fewer channels
    reads the input's in groups.
    """

    examples = (
        Example({}, inputs=((None, "seq", 2), (3, 2, 4)), output=(None, "seq - 2", 4), params=0),
        Example({"padding": "same", "strides": 2}, inputs=(_IMAGE, (3, 3, 2, 4)), output=(None, 3, 3, 4), params=0),
        Example(
            {"data_format": "channels_first"}, inputs=((None, 4, 6, 5), (2, 2, 2, 6)), output=(None, 6, 5, 4), params=0
        ),
        Example({}, inputs=(_IMAGE, (3, 2, 4)), error="the kernel of an input of 4 axes has as many"),
        Example({}, inputs=(_IMAGE, (3, 3, 4, 4)), error="the input's 2 channels are no multiple of the kernel's 4"),
        Example(
            {"strides": [1, 2, 1]},
            inputs=(_IMAGE, (3, 3, 2, 4)),
            error="`strides` must have a size for each of 2 axes, found 3",
        ),
    )

    def build(self, b: Scope, inputs: Value, kernel: Value) -> Value:
        """The sums of products of window and kernel."""
        dtype = promote(inputs.dtype, kernel.dtype)
        x, kernel = self.prepared(b, inputs, kernel)
        strides, dilation = self.steps(b, x.rank - 2)
        channels, read = channel_count(b, x), b.known(kernel.shape[-2], "the number of the kernel's channels")
        message = f"the input's {channels} channels are no multiple of the kernel's {read}"
        b.require(channels % read == 0, message, field="kernel", code=codes.INCOMPATIBLE_SHAPES)
        axis = first_spatial_axis(self.data_format)
        made = Conv(strides, self.padding, dilation, axis, channels // read)(x, kernel)
        return as_declared(whole(made, dtype), self.data_format)


class DepthwiseConvOp(_Convolution):
    """A convolution channel by channel, whose kernel (…, channels, multiplier) is the second input.

    Input (batch, …, channels) with 1 or 2 axes between; output (batch, windows…, channels*multiplier).
    """

    examples = (
        Example({}, inputs=((None, "seq", 2), (3, 2, 1)), output=(None, "seq - 2", 2), params=0),
        Example({"padding": "same"}, inputs=(_IMAGE, (3, 3, 2, 2)), output=(None, 6, 5, 4), params=0),
        Example({}, inputs=(_IMAGE, (3, 2, 4)), error="the kernel of an input of 4 axes has as many"),
    )

    def build(self, b: Scope, inputs: Value, kernel: Value) -> Value:
        """Each channel's sums of products with its own filters."""
        dtype = promote(inputs.dtype, kernel.dtype)
        x, kernel = self.prepared(b, inputs, kernel)
        return as_declared(whole(self.convolved(b, x, kernel), dtype), self.data_format)

    def convolved(self, b: Scope, x: Value, kernel: Value) -> Value:
        """The convolution, with the channels last."""
        strides, dilation = self.steps(b, x.rank - 2)
        return DepthwiseConv(strides, self.padding, dilation, first_spatial_axis(self.data_format))(x, kernel)


class SeparableConvOp(DepthwiseConvOp):
    """A convolution channel by channel, and then one that mixes the channels of each place.

    The depthwise kernel (…, channels, multiplier) and the pointwise one (1…, channels*multiplier, filters) are inputs.
    """

    examples = (
        Example({}, inputs=((None, "seq", 2), (3, 2, 1), (1, 2, 4)), output=(None, "seq - 2", 4), params=0),
        Example({"padding": "same"}, inputs=(_IMAGE, (3, 3, 2, 2), (1, 1, 4, 3)), output=(None, 6, 5, 3), params=0),
        Example({}, inputs=(_IMAGE, (3, 2, 4), (1, 1, 8, 3)), error="the kernel of an input of 4 axes has as many"),
    )

    def build(self, b: Scope, inputs: Value, depthwise_kernel: Value, pointwise_kernel: Value) -> Value:  # type: ignore[override]  # it has a kernel more
        """Both convolutions."""
        x, kernel = self.prepared(b, inputs, depthwise_kernel)
        y = self.convolved(b, x, kernel)
        ones = (1,) * (y.rank - 2)
        mixed = Conv(ones, "valid", ones, first_spatial_axis(self.data_format))(y, cast(pointwise_kernel, y.dtype))
        return as_declared(whole(mixed, promote(inputs.dtype, depthwise_kernel.dtype)), self.data_format)


class ConvTransposeOp(_Convolution):
    """A transposed convolution whose kernel (…, filters, channels) is the second input.

    Input (batch, …, channels) with 1 to 3 axes between; output (batch, lengths…, filters).
    """

    padding: Padding = Field(
        "valid", description="`valid` keeps all that is added to; `same` the input's size times `strides`."
    )
    output_padding: PerAxisOrZero | None = Field(
        None, description="Elements behind the shortest output; null chooses them."
    )

    examples = (
        Example({"strides": 2}, inputs=((None, "seq", 2), (3, 4, 2)), output=(None, "2*seq + 1", 4), params=0),
        Example({"padding": "same", "strides": 2}, inputs=(_IMAGE, (3, 3, 4, 2)), output=(None, 12, 10, 4), params=0),
        Example({}, inputs=(_IMAGE, (3, 2, 4)), error="the kernel of an input of 4 axes has as many"),
    )

    def build(self, b: Scope, inputs: Value, kernel: Value) -> Value:
        """The sum of all kernels, each times its input element."""
        dtype = promote(inputs.dtype, kernel.dtype)
        x, kernel = self.prepared(b, inputs, kernel)
        rank = x.rank - 2
        strides, dilation = self.steps(b, rank)
        extra = None if self.output_padding is None else per_axis(b, self.output_padding, rank, "output_padding", 0)
        made = ConvTranspose(strides, self.padding, extra, dilation)(x, kernel)
        return as_declared(whole(made, dtype), self.data_format)


class _Pooling(Operation):
    pool_size: PerAxis = Field(description="Size of the window along each spatial axis.")
    strides: PerAxis | None = Field(None, description="Step from window to window; null means the size of the window.")
    padding: Padding = Field(
        "valid", description="`valid`: windows lie inside; `same`: those at the border may hang over it."
    )
    data_format: DataFormat = Field(None, description=DATA_FORMAT)

    pool: ClassVar[Callable[..., Value]]
    examples = (
        Example({"pool_size": 2, "strides": 2}, inputs=((None, "seq", 3),), output=(None, "seq//2", 3), params=0),
        Example({"pool_size": [2, 3], "strides": 1, "padding": "same"}, inputs=(_IMAGE,), output=_IMAGE, params=0),
        Example(
            {"pool_size": 2, "data_format": "channels_first"},
            inputs=((None, 3, 4, 5, 6),),
            output=(None, 3, 2, 2, 3),
            params=0,
        ),
        Example({"pool_size": 8}, inputs=((None, 7, 3),), error="a window of 8 does not fit into axis 1"),
        Example({"pool_size": 2}, inputs=((None, 7),), error="expected from 1 to 3 spatial axes"),
    )

    def build(self, b: Scope, inputs: Value) -> Value:
        """One number for each window and channel."""
        rank = spatial_rank(b, inputs)
        window = per_axis(b, self.pool_size, rank, "pool_size")
        strides = window if self.strides is None else per_axis(b, self.strides, rank, "strides")
        x = channels_last(b, inputs, rank, self.data_format)
        for axis, size in enumerate(window):
            number = axis + first_spatial_axis(self.data_format)
            window_length(Assume(), x.shape[axis + 1], size, 1, self.padding, axis=number, field="pool_size")
        return as_declared(type(self).pool(x, window, strides, self.padding), self.data_format)


class MaxPool(_Pooling):
    """The largest element of each window over 1 to 3 spatial axes."""

    pool = staticmethod(max_pool)


class AveragePool(_Pooling):
    """The mean of each window over 1 to 3 spatial axes."""

    pool = staticmethod(mean_pool)


class _AdaptivePooling(Operation):
    output_size: PerAxis = Field(description="Spatial size of the output.")
    data_format: DataFormat = Field(None, description=DATA_FORMAT)

    pool: ClassVar[Callable[..., Value]]
    examples = (
        Example({"output_size": 3}, inputs=((None, "seq", 3),), output=(None, 3, 3), params=0),
        Example({"output_size": [2, 4]}, inputs=(_IMAGE,), output=(None, 2, 4, 2), params=0),
        Example(
            {"output_size": [2]}, inputs=(_IMAGE,), error="`output_size` must have a size for each of 2 axes, found 1"
        ),
    )

    def build(self, b: Scope, inputs: Value) -> Value:
        """One number for each window and channel."""
        rank = spatial_rank(b, inputs)
        sizes = per_axis(b, self.output_size, rank, "output_size")
        x = channels_last(b, inputs, rank, self.data_format)
        return as_declared(type(self).pool(x, sizes), self.data_format)


class AdaptiveMaxPool(_AdaptivePooling):
    """The largest element of each of so many windows that divide 1 to 3 spatial axes evenly."""

    pool = staticmethod(adaptive_max_pool)


class AdaptiveAveragePool(_AdaptivePooling):
    """The mean of each of so many windows that divide 1 to 3 spatial axes evenly."""

    pool = staticmethod(adaptive_mean_pool)
