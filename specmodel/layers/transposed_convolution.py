"""Transposed convolutions: each input element adds a kernel, times itself, to the output."""

from typing import ClassVar, Self

from pydantic import Field, model_validator

from specmodel.diagnostics.codes import BAD_ARGUMENT
from specmodel.layers.base import Example, Layer
from specmodel.layers.channels import as_declared, channel_count, channels_last
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
    Sizes3,
    SizesOrZeros1,
    SizesOrZeros2,
    SizesOrZeros3,
)
from specmodel.layers.scope import Scope
from specmodel.layers.validation import ArgumentFault, refuse_all
from specmodel.layers.windows import DATA_FORMAT, DILATION_RATE, KERNEL_SIZE, strides_and_dilation
from specmodel.ops.conv_transpose import ConvTranspose
from specmodel.ops.elementwise import cast
from specmodel.ops.value import Value

_STRIDES = "Distance, in the output, between what neighbouring input elements add."
_PADDING = "`valid` keeps all that is added to; `same` cuts the output to the input's size times `strides`."
_OUTPUT_PADDING = "Elements behind the shortest output, fewer than `strides`; null chooses them by `padding`."


class _ConvTranspose(Layer):
    spatial: ClassVar[int]

    filters: PosInt = Field(description="Number of output channels.")
    kernel_size: tuple[int, ...] = Field(description=KERNEL_SIZE)
    strides: tuple[int, ...] = Field(description=_STRIDES)
    padding: Padding = Field("valid", description=_PADDING)
    output_padding: tuple[int, ...] | None = Field(None, description=_OUTPUT_PADDING)
    data_format: DataFormat = Field(None, description=DATA_FORMAT)
    dilation_rate: tuple[int, ...] = Field(description=DILATION_RATE)
    activation: Activation = Field("linear", description="Applied to the sum.")
    use_bias: bool = Field(True, description="Whether a bias is added.")
    kernel_initializer: Initializer = Field("glorot_uniform", description="Start of `kernel`, (…, filters, channels).")
    bias_initializer: Initializer = Field("zeros", description="Start of `bias`, (filters,).")
    kernel_regularizer: Regularizer = Field(None, description="Training only.")
    bias_regularizer: Regularizer = Field(None, description="Training only.")
    activity_regularizer: Regularizer = Field(None, description="Training only.")
    kernel_constraint: Constraint = Field(None, description="Training only.")
    bias_constraint: Constraint = Field(None, description="Training only.")

    @model_validator(mode="after")
    def _agree(self) -> Self:
        owner = type(self).__name__
        faults = strides_and_dilation(owner, self.strides, self.dilation_rate)
        extra = self.output_padding
        if extra is not None and any(more >= stride for more, stride in zip(extra, self.strides, strict=True)):
            message = (
                f"`output_padding` of {owner} must be less than `strides` along every axis, "
                f"found {list(extra)} and {list(self.strides)}"
            )
            faults.append(ArgumentFault(("output_padding",), BAD_ARGUMENT, message))
        if faults:
            raise refuse_all(faults)
        return self

    def build(self, b: Scope, inputs: Value) -> Value:
        """The sum of all kernels, each times its input element, and the bias; then the activation."""
        x = channels_last(b, inputs, self.spatial, self.data_format)
        shape = (*self.kernel_size, self.filters, channel_count(b, x))
        kernel = b.weight("kernel", shape, self.kernel_initializer)
        op = ConvTranspose(self.strides, self.padding, self.output_padding, self.dilation_rate)
        y = op(cast(x, kernel.dtype), kernel)
        if self.use_bias:
            y = y + b.weight("bias", (self.filters,), self.bias_initializer)
        return b.activation(self.activation, as_declared(y, self.data_format))


class Conv1DTranspose(_ConvTranspose):
    """Transposed convolution of sequences, which makes them longer: the gradient of Conv1D by its input.

    Input (batch, steps, channels), channels known; output (batch, length, filters).
    """

    spatial = 1

    kernel_size: Sizes1 = Field(description=KERNEL_SIZE)
    strides: Sizes1 = Field((1,), description=_STRIDES)
    output_padding: SizesOrZeros1 | None = Field(None, description=_OUTPUT_PADDING)
    dilation_rate: Sizes1 = Field((1,), description=DILATION_RATE)

    examples = (
        Example({"filters": 4, "kernel_size": 3}, inputs=((None, 5, 2),), output=(None, 7, 4), params=28),
        Example(
            {"filters": 4, "kernel_size": 3, "strides": 2, "padding": "same"},
            inputs=((None, "seq", 2),),
            output=(None, "2*seq", 4),
            params=28,
        ),
        Example({"filters": 0, "kernel_size": 1}, error="`filters` of Conv1DTranspose must be greater than 0, found 0"),
        Example(
            {"filters": 2, "kernel_size": 2, "padding": "same", "output_padding": 0},
            inputs=((None, 1, 2),),
            error="an axis of the size 1 becomes one of 0",
        ),
    )


class Conv2DTranspose(_ConvTranspose):
    """Transposed convolution of images, which makes them larger: the gradient of Conv2D by its input.

    Input (batch, height, width, channels), channels known; output (batch, rows, columns, filters).
    """

    spatial = 2

    kernel_size: Sizes2 = Field(description=KERNEL_SIZE)
    strides: Sizes2 = Field((1, 1), description=_STRIDES)
    output_padding: SizesOrZeros2 | None = Field(None, description=_OUTPUT_PADDING)
    dilation_rate: Sizes2 = Field((1, 1), description=DILATION_RATE)

    examples = (
        Example(
            {"filters": 5, "kernel_size": 2, "strides": 2, "use_bias": False},
            inputs=((None, "h", "w", 3),),
            output=(None, "2*h", "2*w", 5),
            params=60,
        ),
        Example(
            {
                "filters": 2,
                "kernel_size": [3, 2],
                "strides": [2, 3],
                "output_padding": [1, 0],
                "data_format": "channels_first",
            },
            inputs=((None, 3, 4, 4),),
            output=(None, 2, 10, 11),
            params=38,
        ),
        Example(
            {"filters": 2, "kernel_size": 3, "strides": [2, 3], "output_padding": [1, 3]},
            error="must be less than `strides` along every axis, found [1, 3] and [2, 3]",
        ),
        Example({"filters": 2, "kernel_size": 3}, inputs=((None, 4, 4),), error="expected an input of rank 4"),
    )


class Conv3DTranspose(_ConvTranspose):
    """Transposed convolution of volumes, which makes them larger: the gradient of Conv3D by its input.

    Input (batch, depth, height, width, channels), channels known; output (batch, …, filters).
    """

    spatial = 3

    kernel_size: Sizes3 = Field(description=KERNEL_SIZE)
    strides: Sizes3 = Field((1, 1, 1), description=_STRIDES)
    output_padding: SizesOrZeros3 | None = Field(None, description=_OUTPUT_PADDING)
    dilation_rate: Sizes3 = Field((1, 1, 1), description=DILATION_RATE)

    examples = (
        Example(
            {"filters": 2, "kernel_size": 3, "strides": 2, "padding": "same"},
            inputs=((None, 2, "h", "w", 3),),
            output=(None, 4, "2*h", "2*w", 2),
            params=164,
        ),
        Example(
            {"filters": 8, "kernel_size": 3, "output_padding": 1},
            error="`output_padding` of Conv3DTranspose must be less than `strides`",
        ),
    )

    @classmethod
    def positional(cls) -> tuple[str, ...]:
        """As in Keras, `data_format` before `output_padding`."""
        names = list(super().positional())
        first, second = names.index("output_padding"), names.index("data_format")
        names[first], names[second] = names[second], names[first]
        return tuple(names)
