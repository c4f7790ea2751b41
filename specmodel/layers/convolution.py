"""Convolutions: a window slides along the spatial axes, and a kernel sums up what it sees."""

from typing import ClassVar, Self

from pydantic import Field, model_validator

from specmodel.diagnostics.codes import BAD_ARGUMENT
from specmodel.layers.base import Example, Layer
from specmodel.layers.channels import as_declared, channel_count, channels_last, first_spatial_axis
from specmodel.layers.fields import (
    Activation,
    Constraint,
    DataFormat,
    Initializer,
    Padding,
    PosInt,
    Real,
    Regularizer,
    Sizes1,
    Sizes2,
    Sizes3,
)
from specmodel.layers.lora import LORA_ALPHA, LORA_RANK, adapted, require_unconstrained
from specmodel.layers.scope import Scope
from specmodel.layers.validation import ArgumentFault, refuse_all
from specmodel.layers.windows import (
    CAUSAL_PADDING,
    DATA_FORMAT,
    DILATION_RATE,
    KERNEL_SIZE,
    PADDING,
    STRIDES,
    CausalPadding,
    strides_and_dilation,
)
from specmodel.ops.conv import Conv
from specmodel.ops.elementwise import cast
from specmodel.ops.value import Value


class _Conv(Layer):
    spatial: ClassVar[int]

    filters: PosInt = Field(description="Number of output channels.")
    kernel_size: tuple[int, ...] = Field(description=KERNEL_SIZE)
    strides: tuple[int, ...] = Field(description=STRIDES)
    padding: CausalPadding = Field("valid", description=PADDING)
    data_format: DataFormat = Field(None, description=DATA_FORMAT)
    dilation_rate: tuple[int, ...] = Field(description=DILATION_RATE)
    groups: PosInt = Field(1, description="Parts the channels are split into; each filter sees one part.")
    activation: Activation = Field("linear", description="Applied to the sum.")
    use_bias: bool = Field(True, description="Whether a bias is added.")
    kernel_initializer: Initializer = Field(
        "glorot_uniform", description="Start of `kernel`, (…, channels/groups, filters)."
    )
    bias_initializer: Initializer = Field("zeros", description="Start of `bias`, (filters,).")
    kernel_regularizer: Regularizer = Field(None, description="Training only.")
    bias_regularizer: Regularizer = Field(None, description="Training only.")
    activity_regularizer: Regularizer = Field(None, description="Training only.")
    kernel_constraint: Constraint = Field(None, description="Training only.")
    bias_constraint: Constraint = Field(None, description="Training only.")
    lora_rank: PosInt | None = Field(None, description=LORA_RANK.format("kernel"))
    lora_alpha: Real | None = Field(None, description=LORA_ALPHA)

    @model_validator(mode="after")
    def _agree(self) -> Self:
        owner = type(self).__name__
        faults = strides_and_dilation(owner, self.strides, self.dilation_rate)
        if self.filters % self.groups:
            message = f"`filters` of {owner} must be a multiple of `groups`, {self.groups}, found {self.filters}"
            faults.append(ArgumentFault(("groups",), BAD_ARGUMENT, message))
        if faults:
            raise refuse_all(faults)
        require_unconstrained(owner, self.lora_rank, "kernel_constraint", self.kernel_constraint)
        return self

    def build(self, b: Scope, inputs: Value) -> Value:
        """The sums of products of window and kernel, and the bias; then the activation."""
        x = channels_last(b, inputs, self.spatial, self.data_format)
        channels = channel_count(b, x)
        message = f"the input's {channels} channels cannot be split into {self.groups} equal groups"
        b.require(channels % self.groups == 0, message, field="groups")
        shape = (*self.kernel_size, channels // self.groups, self.filters)
        kernel = b.weight("kernel", shape, self.kernel_initializer, trainable=self.lora_rank is None)
        bias = b.weight("bias", (self.filters,), self.bias_initializer) if self.use_bias else None
        kernel = adapted(b, "lora_kernel", kernel, self.lora_rank, self.lora_alpha)
        axis = first_spatial_axis(self.data_format)
        y = Conv(self.strides, self.padding, self.dilation_rate, axis, self.groups)(cast(x, kernel.dtype), kernel)
        if bias is not None:
            y = y + bias
        return b.activation(self.activation, as_declared(y, self.data_format))


class Conv1D(_Conv):
    """Convolution of sequences: each filter sums the window's products with its kernel.

    Input (batch, steps, channels), channels known; output (batch, windows, filters).
    """

    spatial = 1

    kernel_size: Sizes1 = Field(description=KERNEL_SIZE)
    strides: Sizes1 = Field((1,), description=STRIDES)
    padding: CausalPadding = Field("valid", description=CAUSAL_PADDING)
    dilation_rate: Sizes1 = Field((1,), description=DILATION_RATE)

    examples = (
        Example({"filters": 4, "kernel_size": 3}, inputs=((None, 10, 2),), output=(None, 8, 4), params=28),
        Example(
            {"filters": 4, "kernel_size": 3, "padding": "causal", "dilation_rate": 2},
            inputs=((None, "seq", 2),),
            output=(None, "seq", 4),
            params=28,
        ),
        Example(
            {"filters": 4, "kernel_size": 2, "strides": 2},
            inputs=((None, "seq", 2),),
            output=(None, "seq//2", 4),
            params=20,
        ),
        Example(
            {"filters": 2, "kernel_size": 3, "data_format": "channels_first", "activation": "softmax"},
            inputs=((None, 2, 6),),
            output=(None, 2, 4),
            params=14,
        ),
        Example(
            {"filters": 4, "kernel_size": 11}, inputs=((None, 10, 2),), error="a window of 11 does not fit into axis 1"
        ),
        Example(
            {"filters": 4, "kernel_size": 3}, inputs=((None, 10),), error="(batch, steps, channels), found (None, 10)"
        ),
    )


class Conv2D(_Conv):
    """Convolution of images: each filter sums the window's products with its kernel.

    Input (batch, height, width, channels), channels known; output (batch, rows, columns, filters).
    """

    spatial = 2

    kernel_size: Sizes2 = Field(description=KERNEL_SIZE)
    strides: Sizes2 = Field((1, 1), description=STRIDES)
    padding: Padding = Field("valid", description=PADDING)
    dilation_rate: Sizes2 = Field((1, 1), description=DILATION_RATE)

    examples = (
        Example({"filters": 8, "kernel_size": 3}, inputs=((None, 28, 28, 1),), output=(None, 26, 26, 8), params=80),
        Example(
            {"filters": 8, "kernel_size": [3, 5], "strides": 2, "padding": "same", "use_bias": False},
            inputs=((None, "h", "w", 3),),
            output=(None, "(h - 1)//2 + 1", "(w - 1)//2 + 1", 8),
            params=360,
        ),
        Example(
            {"filters": 6, "kernel_size": 3, "groups": 2}, inputs=((None, 5, 5, 4),), output=(None, 3, 3, 6), params=114
        ),
        Example(
            {"filters": 2, "kernel_size": 1, "data_format": "channels_first", "activation": "relu"},
            inputs=((None, 3, "h", "w"),),
            output=(None, 2, "h", "w"),
            params=8,
        ),
        Example(
            {"filters": 8, "kernel_size": [1, 0]}, error="`kernel_size[1]` of Conv2D must be greater than 0, found 0"
        ),
        Example(
            {"filters": 2, "kernel_size": 2, "strides": 2, "dilation_rate": [2, 1]},
            error="`strides` and `dilation_rate` of Conv2D cannot both be above 1",
        ),
        Example({"filters": 5, "kernel_size": 2, "groups": 2}, error="must be a multiple of `groups`, 2, found 5"),
        Example(
            {"filters": 6, "kernel_size": 2, "groups": 3},
            inputs=((None, 5, 5, 4),),
            error="the input's 4 channels cannot be split into 3 equal groups",
        ),
        Example(
            {"filters": 6, "kernel_size": 5}, inputs=((3, 4, 4, 4),), error="a window of 5 does not fit into axis 1"
        ),
        Example(
            {"filters": 6, "kernel_size": 3}, inputs=((None, 5, 5, None),), error="the number of the input's channels"
        ),
        Example({"filters": 6, "kernel_size": 3, "padding": "causal"}, error="must be `valid` or `same`"),
    )


class Conv3D(_Conv):
    """Convolution of volumes: each filter sums the window's products with its kernel.

    Input (batch, depth, height, width, channels), channels known; output (batch, …, filters).
    """

    spatial = 3

    kernel_size: Sizes3 = Field(description=KERNEL_SIZE)
    strides: Sizes3 = Field((1, 1, 1), description=STRIDES)
    padding: Padding = Field("valid", description=PADDING)
    dilation_rate: Sizes3 = Field((1, 1, 1), description=DILATION_RATE)

    examples = (
        Example({"filters": 2, "kernel_size": 3}, inputs=((None, 5, 6, 7, 1),), output=(None, 3, 4, 5, 2), params=56),
        Example(
            {"filters": 2, "kernel_size": [1, 2, 3], "padding": "same", "strides": [2, 1, 1]},
            inputs=((None, "d", "h", "w", 3),),
            output=(None, "(d - 1)//2 + 1", "h", "w", 2),
            params=38,
        ),
        Example({"filters": 2, "kernel_size": 3}, inputs=((None, 5, 5, 1),), error="expected an input of rank 5"),
    )
