"""ConvLSTM: an LSTM over the steps of images, whose matrix products are convolutions."""

from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from specmodel.layers.base import Example
from specmodel.layers.cells import Begun, States
from specmodel.layers.channels import channel_count
from specmodel.layers.fields import (
    Activation,
    Constraint,
    DataFormat,
    Initializer,
    Padding,
    PosInt,
    Rate,
    Regularizer,
    Sizes1,
    Sizes2,
    Sizes3,
)
from specmodel.layers.lstm_step import LSTMStep
from specmodel.layers.objects import Named
from specmodel.layers.recurrence import (
    GO_BACKWARDS,
    RETURN_SEQUENCES,
    STATEFUL,
    UNROLL,
    ZERO_OUTPUT,
    Recurrent,
)
from specmodel.layers.scope import Scope
from specmodel.layers.validation import refuse_all
from specmodel.layers.windows import DATA_FORMAT, DILATION_RATE, KERNEL_SIZE, PADDING, STRIDES, strides_and_dilation
from specmodel.ops.conv import Conv
from specmodel.ops.shape import reshape, transpose
from specmodel.ops.value import Value
from specmodel.types.tensor import product

ALONG_AN_AXIS = frozenset({"log_softmax", "softmax", "sparsemax"})
"""Activations that see more than one element: their axis is one of the layer's own layout."""


class ConvLSTMCell(LSTMStep):
    """One step of a ConvLSTM, with the channels last; `data_format` is the layout that the activations see."""

    filters: int = Field(description="Number of channels of each state.")
    kernel_size: tuple[int, ...] = Field(description=KERNEL_SIZE)
    strides: tuple[int, ...] = Field(description=STRIDES)
    padding: Padding = Field(description=PADDING)
    data_format: DataFormat = Field(description=DATA_FORMAT)
    dilation_rate: tuple[int, ...] = Field(description=DILATION_RATE)
    activation: Activation = Field(description="Applied to the candidate and to the carry state.")
    recurrent_activation: Activation = Field(description="Applied to the three gates.")
    use_bias: bool = Field(description="Whether a bias is added.")
    kernel_initializer: Initializer = Field(description="Start of `kernel`.")
    recurrent_initializer: Initializer = Field(description="Start of `recurrent_kernel`.")
    bias_initializer: Initializer = Field(description="Start of `bias`.")
    unit_forget_bias: bool = Field(description="Whether the forget gate's bias starts with ones.")

    size_field = "filters"

    def begin(self, b: Scope, inputs: Value) -> Begun:
        """Convolve the inputs (batch, …, spatial axes, channels) of all steps; the state keeps its size in a step."""
        rank, gates = len(self.kernel_size), 4 * self.filters
        front, spatial, channels = inputs.shape[: -rank - 1], inputs.shape[-rank - 1 : -1], channel_count(b, inputs)
        first = len(front) + (self.data_format == "channels_first")
        for number, size in enumerate(spatial):
            b.known(
                size, f"the size of axis {first + number} of the input", "give that axis a size where it comes from"
            )
        kernel = b.weight("kernel", (*self.kernel_size, channels, gates), self.kernel_initializer)
        shape = (*self.kernel_size, self.filters, gates)
        recurrent = b.weight("recurrent_kernel", shape, self.recurrent_initializer)
        images = reshape(inputs, (product(front), *spatial, channels))
        x = Conv(self.strides, self.padding, self.dilation_rate, first)(images, kernel)
        if self.use_bias:
            x = x + b.weight("bias", (gates,), self.bias_start())
        within = Conv((1,) * rank, "same", (1,) * rank, first)

        def step(x: Value, states: States) -> tuple[Value, ...]:
            hidden, carry = states
            return self.states_of(b, x + within(hidden, recurrent), carry)

        state = (*x.shape[1:-1], self.filters)
        return Begun(reshape(x, (*front, *x.shape[1:])), (state, state), step)

    def activated(self, b: Scope, field: Literal["activation", "recurrent_activation"], x: Value) -> Value:
        """The activation in the layer's own layout, where that matters."""
        given: str | Named = getattr(self, field)
        name = given if isinstance(given, str) else given.name
        if self.data_format != "channels_first" or name not in ALONG_AN_AXIS:
            return super().activated(b, field, x)
        return _channels_last(super().activated(b, field, _channels_first(x, 1)), 1)


def _channels_last(x: Value, front: int) -> Value:
    """Move the channels from behind the first `front` axes to the end."""
    return transpose(x, (*range(front), *range(front + 1, x.rank), front))


def _channels_first(x: Value, front: int) -> Value:
    """Move the channels from the end to behind the first `front` axes."""
    return transpose(x, (*range(front), x.rank - 1, *range(front, x.rank - 1)))


class _ConvLSTM(Recurrent):
    spatial: ClassVar[int]

    filters: PosInt = Field(description="Number of output channels, and of each state.")
    kernel_size: tuple[int, ...] = Field(description=KERNEL_SIZE)
    strides: tuple[int, ...] = Field(description=STRIDES)
    padding: Padding = Field("valid", description=PADDING)
    data_format: DataFormat = Field(None, description=DATA_FORMAT)
    dilation_rate: tuple[int, ...] = Field(description=DILATION_RATE)
    activation: Activation = Field("tanh", description="Applied to the candidate and to the carry state.")
    recurrent_activation: Activation = Field("sigmoid", description="Applied to the three gates.")
    use_bias: bool = Field(True, description="Whether a bias is added.")
    kernel_initializer: Initializer = Field(
        "glorot_uniform", description="Start of `kernel`, (…, channels, 4 * filters)."
    )
    recurrent_initializer: Initializer = Field(
        "orthogonal", description="Start of `recurrent_kernel`, (…, filters, 4 * filters)."
    )
    bias_initializer: Initializer = Field("zeros", description="Start of `bias`, (4 * filters,).")
    unit_forget_bias: bool = Field(True, description="Whether the forget gate's bias starts with ones.")
    kernel_regularizer: Regularizer = Field(None, description="Training only.")
    recurrent_regularizer: Regularizer = Field(None, description="Training only.")
    bias_regularizer: Regularizer = Field(None, description="Training only.")
    activity_regularizer: Regularizer = Field(None, description="Training only.")
    kernel_constraint: Constraint = Field(None, description="Training only.")
    recurrent_constraint: Constraint = Field(None, description="Training only.")
    bias_constraint: Constraint = Field(None, description="Training only.")
    dropout: Rate = Field(0.0, description="Training only.")
    recurrent_dropout: Rate = Field(0.0, description="Training only.")
    seed: int | None = Field(None, description="Training only.")
    return_sequences: bool = Field(False, description=RETURN_SEQUENCES)
    return_state: bool = Field(False, description="Whether the last states follow as outputs: hidden, carry.")
    go_backwards: bool = Field(False, description=GO_BACKWARDS)
    stateful: bool = Field(False, description=STATEFUL)
    unroll: bool = Field(False, description=UNROLL)
    zero_output_for_mask: bool = Field(False, description=ZERO_OUTPUT)

    cell_class = ConvLSTMCell

    @model_validator(mode="after")
    def _agree(self) -> Self:
        faults = strides_and_dilation(type(self).__name__, self.strides, self.dilation_rate)
        if faults:
            raise refuse_all(faults)
        return self

    @property
    def axes(self) -> str:  # type: ignore[override]  # the layout is an argument
        """The axes of the input, by name."""
        spatial = ("depth", "height", "width")[-self.spatial :]
        if self.data_format == "channels_first":
            return f"(batch, steps, channels, {', '.join(spatial)})"
        return f"(batch, steps, {', '.join(spatial)}, channels)"

    def build(
        self, b: Scope, sequences: Value, initial_state: "Value | list[Value] | None" = None, mask: Value | None = None
    ) -> Value | tuple[Value, ...]:
        """The LSTM on the steps with the channels last, its outputs in the layer's own layout."""
        if self.data_format != "channels_first":
            return super().build(b, sequences, initial_state, mask)
        b.require_rank(sequences, self.spatial + 3, self.axes)
        made = super().build(b, _channels_last(sequences, 2), self._states_with_channels_last(initial_state), mask)
        outputs = made if isinstance(made, tuple) else (made,)
        back = tuple(_channels_first(x, x.rank - self.spatial - 1) for x in outputs)
        return back if len(back) > 1 else back[0]

    def _states_with_channels_last(self, given: "Value | list[Value] | None") -> "list[Value] | None":
        if given is None:
            return None
        states = given if isinstance(given, list) else [given]
        return [_channels_last(state, 1) if state.rank == self.spatial + 2 else state for state in states]


class ConvLSTM1D(_ConvLSTM):
    """LSTM over steps that are sequences: the products with the input and with the hidden state are convolutions.

    Input (batch, steps, length, channels), all but batch and steps known;
    output (batch, windows, filters), or the same for every step. A mask marks steps of whole sequences.
    X. Shi and others, Convolutional LSTM Network (2015).
    """

    spatial = 1

    kernel_size: Sizes1 = Field(description=KERNEL_SIZE)
    strides: Sizes1 = Field((1,), description=STRIDES)
    dilation_rate: Sizes1 = Field((1,), description=DILATION_RATE)

    examples = (
        Example({"filters": 4, "kernel_size": 3}, inputs=((None, 5, 8, 2),), output=(None, 6, 4), params=304),
        Example(
            {"filters": 2, "kernel_size": 2, "padding": "same", "strides": 2, "return_sequences": True},
            inputs=((None, "steps", 7, 3),),
            output=(None, "steps", 4, 2),
            params=88,
        ),
        Example(
            {"filters": 2, "kernel_size": 3, "dilation_rate": 2, "return_state": True, "data_format": "channels_first"},
            inputs=((None, "steps", 1, 6), (None, 2, 2), (None, 2, 2)),
            call=("sequences", "initial_state", "initial_state"),
            output=((None, 2, 2),) * 3,
            params=80,
        ),
        Example(
            {"filters": 2, "kernel_size": 3},
            inputs=((None, 5, "length", 2),),
            error="the size of axis 2 of the input must be known",
        ),
        Example(
            {"filters": 1, "kernel_size": 1, "strides": 2, "dilation_rate": 3},
            error="`strides` and `dilation_rate` of ConvLSTM1D cannot both be above 1",
        ),
        Example(
            {"filters": 2, "kernel_size": 9}, inputs=((None, 5, 8, 2),), error="a window of 9 does not fit into axis 2"
        ),
    )


class ConvLSTM2D(_ConvLSTM):
    """LSTM over steps that are images: the products with the input and with the hidden state are convolutions.

    Input (batch, steps, height, width, channels), all but batch and steps known;
    output (batch, rows, columns, filters), or the same for every step. A mask marks steps of whole images.
    X. Shi and others, Convolutional LSTM Network (2015).
    """

    spatial = 2

    kernel_size: Sizes2 = Field(description=KERNEL_SIZE)
    strides: Sizes2 = Field((1, 1), description=STRIDES)
    dilation_rate: Sizes2 = Field((1, 1), description=DILATION_RATE)

    examples = (
        Example({"filters": 4, "kernel_size": 3}, inputs=((None, 5, 8, 7, 2),), output=(None, 6, 5, 4), params=880),
        Example(
            {"filters": 2, "kernel_size": [1, 2], "padding": "same", "return_sequences": True, "use_bias": False},
            inputs=((None, "steps", 4, 5, 3),),
            output=(None, "steps", 4, 5, 2),
            params=80,
        ),
        Example(
            {"filters": 2, "kernel_size": 3, "data_format": "channels_first"},
            inputs=((None, "steps", 1, 5, 6),),
            output=(None, 2, 3, 4),
            params=224,
        ),
        Example(
            {"filters": 2, "kernel_size": 3},
            inputs=((None, 8, 8, 2),),
            error="expected an input of rank 5, (batch, steps, height, width, channels)",
        ),
        Example({"filters": 2, "kernel_size": 3, "padding": "causal"}, error="must be `valid` or `same`"),
        Example(
            {"filters": 2, "kernel_size": 3, "stateful": True},
            inputs=((None, 5, 8, 7, 2),),
            error="`stateful: true` keeps a state for each sample",
        ),
    )


class ConvLSTM3D(_ConvLSTM):
    """LSTM over steps that are volumes: the products with the input and with the hidden state are convolutions.

    Input (batch, steps, depth, height, width, channels), all but batch and steps known;
    output (batch, …, filters), or the same for every step. A mask marks steps of whole volumes.
    X. Shi and others, Convolutional LSTM Network (2015).
    """

    spatial = 3

    kernel_size: Sizes3 = Field(description=KERNEL_SIZE)
    strides: Sizes3 = Field((1, 1, 1), description=STRIDES)
    dilation_rate: Sizes3 = Field((1, 1, 1), description=DILATION_RATE)

    examples = (
        Example(
            {"filters": 2, "kernel_size": 2}, inputs=((None, 3, 4, 5, 6, 1),), output=(None, 3, 4, 5, 2), params=200
        ),
        Example(
            {"filters": 1, "kernel_size": [1, 2, 3], "padding": "same", "return_sequences": True},
            inputs=((None, "steps", 2, 3, 4, 2),),
            output=(None, "steps", 2, 3, 4, 1),
            params=76,
        ),
        Example(
            {"filters": 2, "kernel_size": [3, 3]}, error="`kernel_size` of ConvLSTM3D must be an integer or a list of 3"
        ),
    )
