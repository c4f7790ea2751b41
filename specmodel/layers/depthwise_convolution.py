"""Convolutions channel by channel: depthwise ones, and separable ones, which mix the channels in a second step."""

from typing import ClassVar

from pydantic import Field

from specmodel.layers.base import Example, Layer
from specmodel.layers.channels import as_declared, channel_count, channels_last, first_spatial_axis
from specmodel.layers.fields import (
    Activation,
    Constraint,
    DataFormat,
    Initializer,
    Padding,
    PosInt,
    Regularizer,
    Sizes1,
    Sizes2,
)
from specmodel.layers.scope import Scope
from specmodel.layers.windows import (
    DATA_FORMAT,
    DILATION_RATE,
    KERNEL_SIZE,
    PADDING,
    STRIDES,
)
from specmodel.ops.conv import Conv, DepthwiseConv
from specmodel.ops.elementwise import cast
from specmodel.ops.value import Value


class _DepthwiseConv(Layer):
    spatial: ClassVar[int]

    kernel_size: tuple[int, ...] = Field(description=KERNEL_SIZE)
    strides: tuple[int, ...] = Field(description=STRIDES)
    padding: Padding = Field("valid", description=PADDING)
    depth_multiplier: PosInt = Field(1, description="Number of filters for each channel.")
    data_format: DataFormat = Field(None, description=DATA_FORMAT)
    dilation_rate: tuple[int, ...] = Field(description=DILATION_RATE)
    activation: Activation = Field("linear", description="Applied to the sum.")
    use_bias: bool = Field(True, description="Whether a bias is added.")
    depthwise_initializer: Initializer = Field(
        "glorot_uniform", description="Start of `kernel`, (…, channels, depth_multiplier)."
    )
    bias_initializer: Initializer = Field("zeros", description="Start of `bias`, (channels*depth_multiplier,).")
    depthwise_regularizer: Regularizer = Field(None, description="Training only.")
    bias_regularizer: Regularizer = Field(None, description="Training only.")
    activity_regularizer: Regularizer = Field(None, description="Training only.")
    depthwise_constraint: Constraint = Field(None, description="Training only.")
    bias_constraint: Constraint = Field(None, description="Training only.")

    def build(self, b: Scope, inputs: Value) -> Value:
        """Each channel's sums of products with its own filters, and the bias; then the activation."""
        x = channels_last(b, inputs, self.spatial, self.data_format)
        channels = channel_count(b, x)
        shape = (*self.kernel_size, channels, self.depth_multiplier)
        kernel = b.weight("kernel", shape, self.depthwise_initializer)
        axis = first_spatial_axis(self.data_format)
        y = DepthwiseConv(self.strides, self.padding, self.dilation_rate, axis)(cast(x, kernel.dtype), kernel)
        if self.use_bias:
            y = y + b.weight("bias", (channels * self.depth_multiplier,), self.bias_initializer)
        return b.activation(self.activation, as_declared(y, self.data_format))


class DepthwiseConv1D(_DepthwiseConv):
    """Convolution of sequences, channel by channel: each has `depth_multiplier` filters of its own.

    Input (batch, steps, channels), channels known; output (batch, windows, channels*depth_multiplier).
    """

    spatial = 1

    kernel_size: Sizes1 = Field(description=KERNEL_SIZE)
    strides: Sizes1 = Field((1,), description=STRIDES)
    dilation_rate: Sizes1 = Field((1,), description=DILATION_RATE)

    examples = (
        Example({"kernel_size": 3}, inputs=((None, 10, 4),), output=(None, 8, 4), params=16),
        Example(
            {"kernel_size": 3, "depth_multiplier": 2, "padding": "same", "strides": 2},
            inputs=((None, "seq", 3),),
            output=(None, "(seq - 1)//2 + 1", 6),
            params=24,
        ),
        Example(
            {"kernel_size": 11, "strides": 5}, inputs=((4, 10, 3),), error="a window of 11 does not fit into axis 1"
        ),
    )


class DepthwiseConv2D(_DepthwiseConv):
    """Convolution of images, channel by channel: each has `depth_multiplier` filters of its own.

    Input (batch, height, width, channels), channels known; output (batch, rows, columns, channels*depth_multiplier).
    """

    spatial = 2

    kernel_size: Sizes2 = Field(description=KERNEL_SIZE)
    strides: Sizes2 = Field((1, 1), description=STRIDES)
    dilation_rate: Sizes2 = Field((1, 1), description=DILATION_RATE)

    examples = (
        Example(
            {"kernel_size": 3, "padding": "same"}, inputs=((None, "h", "w", 8),), output=(None, "h", "w", 8), params=80
        ),
        Example(
            {"kernel_size": [3, 2], "depth_multiplier": 3, "data_format": "channels_first", "use_bias": False},
            inputs=((None, 2, 6, 6),),
            output=(None, 6, 4, 5),
            params=36,
        ),
        Example(
            {"kernel_size": 2, "strides": [1, 0]},
            error="`strides[1]` of DepthwiseConv2D must be greater than 0, found 0",
        ),
    )


class _SeparableConv(Layer):
    spatial: ClassVar[int]

    filters: PosInt = Field(description="Number of output channels.")
    kernel_size: tuple[int, ...] = Field(description=KERNEL_SIZE)
    strides: tuple[int, ...] = Field(description=STRIDES)
    padding: Padding = Field("valid", description=PADDING)
    data_format: DataFormat = Field(None, description=DATA_FORMAT)
    dilation_rate: tuple[int, ...] = Field(description=DILATION_RATE)
    depth_multiplier: PosInt = Field(1, description="Number of depthwise filters for each channel.")
    activation: Activation = Field("linear", description="Applied to the sum.")
    use_bias: bool = Field(True, description="Whether a bias is added.")
    depthwise_initializer: Initializer = Field(
        "glorot_uniform", description="Start of `depthwise_kernel`, (…, channels, depth_multiplier)."
    )
    pointwise_initializer: Initializer = Field(
        "glorot_uniform", description="Start of `pointwise_kernel`, (1…, channels*depth_multiplier, filters)."
    )
    bias_initializer: Initializer = Field("zeros", description="Start of `bias`, (filters,).")
    depthwise_regularizer: Regularizer = Field(None, description="Training only.")
    pointwise_regularizer: Regularizer = Field(None, description="Training only.")
    bias_regularizer: Regularizer = Field(None, description="Training only.")
    activity_regularizer: Regularizer = Field(None, description="Training only.")
    depthwise_constraint: Constraint = Field(None, description="Training only.")
    pointwise_constraint: Constraint = Field(None, description="Training only.")
    bias_constraint: Constraint = Field(None, description="Training only.")

    def build(self, b: Scope, inputs: Value) -> Value:
        """A depthwise convolution, one of single pixels, and the bias; then the activation."""
        x = channels_last(b, inputs, self.spatial, self.data_format)
        channels = channel_count(b, x)
        shape = (*self.kernel_size, channels, self.depth_multiplier)
        depthwise = b.weight("depthwise_kernel", shape, self.depthwise_initializer)
        ones = (1,) * self.spatial
        shape = (*ones, channels * self.depth_multiplier, self.filters)
        pointwise = b.weight("pointwise_kernel", shape, self.pointwise_initializer)
        axis = first_spatial_axis(self.data_format)
        y = DepthwiseConv(self.strides, self.padding, self.dilation_rate, axis)(cast(x, depthwise.dtype), depthwise)
        y = Conv(ones, "valid", ones)(y, pointwise)
        if self.use_bias:
            y = y + b.weight("bias", (self.filters,), self.bias_initializer)
        return b.activation(self.activation, as_declared(y, self.data_format))


class SeparableConv1D(_SeparableConv):
    """Convolution of sequences in two steps: channel by channel, then over the channels of each step.

    Input (batch, steps, channels), channels known; output (batch, windows, filters).
    """

    spatial = 1

    kernel_size: Sizes1 = Field(description=KERNEL_SIZE)
    strides: Sizes1 = Field((1,), description=STRIDES)
    dilation_rate: Sizes1 = Field((1,), description=DILATION_RATE)

    examples = (
        Example({"filters": 5, "kernel_size": 3}, inputs=((None, "seq", 4),), output=(None, "seq - 2", 5), params=37),
        Example(
            {"filters": 5, "kernel_size": 3, "depth_multiplier": 2, "padding": "same", "activation": "relu"},
            inputs=((None, 10, 4),),
            output=(None, 10, 5),
            params=69,
        ),
        Example({"filters": 0, "kernel_size": 1}, error="`filters` of SeparableConv1D must be greater than 0, found 0"),
    )


class SeparableConv2D(_SeparableConv):
    """Convolution of images in two steps: channel by channel, then over the channels of each pixel.

    Input (batch, height, width, channels), channels known; output (batch, rows, columns, filters).
    """

    spatial = 2

    kernel_size: Sizes2 = Field(description=KERNEL_SIZE)
    strides: Sizes2 = Field((1, 1), description=STRIDES)
    dilation_rate: Sizes2 = Field((1, 1), description=DILATION_RATE)

    examples = (
        Example(
            {"filters": 8, "kernel_size": 3, "padding": "same", "strides": 2, "use_bias": False},
            inputs=((None, "h", "w", 3),),
            output=(None, "(h - 1)//2 + 1", "(w - 1)//2 + 1", 8),
            params=51,
        ),
        Example(
            {"filters": 4, "kernel_size": 2, "depth_multiplier": 2, "data_format": "channels_first"},
            inputs=((None, 3, 6, 5),),
            output=(None, 4, 5, 4),
            params=52,
        ),
        Example(
            {"filters": 8, "kernel_size": 5}, inputs=((2, 4, 4, 3),), error="a window of 5 does not fit into axis 1"
        ),
    )
