"""The recurrent layers LSTM, GRU and SimpleRNN. Each runs its cell over the steps of a sequence."""

from typing import Literal

from pydantic import Field

from specmodel.layers.base import Example
from specmodel.layers.fields import Activation, Constraint, Initializer, PosInt, Rate, Regularizer
from specmodel.layers.recurrence import (
    GO_BACKWARDS,
    RETURN_SEQUENCES,
    STATEFUL,
    UNROLL,
    ZERO_OUTPUT,
    Recurrent,
)
from specmodel.layers.recurrent_cells import GRUCell, LSTMCell, SimpleRNNCell


class LSTM(Recurrent):
    """Long short-term memory (Hochreiter and Schmidhuber, 1997).

    Input (batch, steps, features), features known; output (batch, units), or (batch, steps, units).
    """

    units: PosInt = Field(description="Size of each state and of the output.")
    activation: Activation = Field("tanh", description="Applied to the candidate and to the carry state.")
    recurrent_activation: Activation = Field("sigmoid", description="Applied to the three gates.")
    use_bias: bool = Field(True, description="Whether a bias is added.")
    kernel_initializer: Initializer = Field("glorot_uniform", description="Start of `kernel`, (features, 4 * units).")
    recurrent_initializer: Initializer = Field(
        "orthogonal", description="Start of `recurrent_kernel`, (units, 4 * units)."
    )
    bias_initializer: Initializer = Field("zeros", description="Start of `bias`, (4 * units,).")
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
    use_cudnn: bool | Literal["auto"] = Field("auto", description="Without effect.")
    zero_output_for_mask: bool = Field(False, description=ZERO_OUTPUT)
    implementation: int = Field(2, description="Without effect.")

    cell_class = LSTMCell
    examples = (
        Example({"units": 4}, inputs=((None, 5, 3),), output=(None, 4), params=128),
        Example(
            {"units": 4, "return_sequences": True}, inputs=((None, "seq", 3),), output=(None, "seq", 4), params=128
        ),
        Example({"units": 4, "return_state": True}, inputs=((None, 5, 3),), output=((None, 4),) * 3, params=128),
        Example(
            {"units": 4, "use_bias": False, "go_backwards": True},
            inputs=((None, 5, 3), (None, 4), (None, 4)),
            call=("sequences", "initial_state", "initial_state"),
            output=(None, 4),
            params=112,
        ),
        Example({"units": 0}, error="`units` of LSTM must be greater than 0, found 0"),
        Example(
            {"units": 4, "stateful": True},
            inputs=((None, 5, 3),),
            error="`stateful: true` keeps a state for each sample",
        ),
        Example({"units": 4}, inputs=((None, 5),), error="expected an input of rank 3, (batch, steps, features)"),
        Example({"units": 4}, inputs=((None, 5, None),), error="the input's last axis, its features, must be known"),
        Example(
            {"units": 4},
            inputs=((None, 5, 3), (None, 4)),
            error="the hidden state and the carry state, 2 in all, found 1",
        ),
    )


class GRU(Recurrent):
    """Gated recurrent unit (Cho et al., 2014).

    Input (batch, steps, features), features known; output (batch, units), or (batch, steps, units).
    """

    units: PosInt = Field(description="Size of the state and of the output.")
    activation: Activation = Field("tanh", description="Applied to the candidate.")
    recurrent_activation: Activation = Field("sigmoid", description="Applied to the two gates.")
    use_bias: bool = Field(True, description="Whether a bias is added.")
    kernel_initializer: Initializer = Field("glorot_uniform", description="Start of `kernel`, (features, 3 * units).")
    recurrent_initializer: Initializer = Field(
        "orthogonal", description="Start of `recurrent_kernel`, (units, 3 * units)."
    )
    bias_initializer: Initializer = Field("zeros", description="Start of `bias`, (2, 3 * units), or (3 * units,).")
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
    return_state: bool = Field(False, description="Whether the last state follows as an output.")
    go_backwards: bool = Field(False, description=GO_BACKWARDS)
    stateful: bool = Field(False, description=STATEFUL)
    unroll: bool = Field(False, description=UNROLL)
    reset_after: bool = Field(True, description="Whether the state is reset after its matrix product, or before.")
    use_cudnn: bool | Literal["auto"] = Field("auto", description="Without effect.")
    zero_output_for_mask: bool = Field(False, description=ZERO_OUTPUT)
    implementation: int = Field(2, description="Without effect.")

    cell_class = GRUCell
    examples = (
        Example({"units": 4}, inputs=((None, 5, 3),), output=(None, 4), params=108),
        Example({"units": 4, "reset_after": False}, inputs=((None, "seq", 3),), output=(None, 4), params=96),
        Example(
            {"units": 4, "return_sequences": True, "return_state": True},
            inputs=((None, "seq", 3), (None, 4)),
            output=((None, "seq", 4), (None, 4)),
            params=108,
        ),
        Example({"units": 4, "reset_after": "yes"}, error="`reset_after` of GRU must be true or false"),
        Example(
            {"units": 4},
            inputs=((None, 5, 3), (None, 6)),
            error="a state in `initial_state` must have the shape (None, 4)",
        ),
    )


class SimpleRNN(Recurrent):
    """Fully connected recurrence: the output of a step is the state of the next.

    Input (batch, steps, features), features known; output (batch, units), or (batch, steps, units).
    """

    units: PosInt = Field(description="Size of the state and of the output.")
    activation: Activation = Field("tanh", description="Applied to the sum.")
    use_bias: bool = Field(True, description="Whether a bias is added.")
    kernel_initializer: Initializer = Field("glorot_uniform", description="Start of `kernel`, (features, units).")
    recurrent_initializer: Initializer = Field("orthogonal", description="Start of `recurrent_kernel`, (units, units).")
    bias_initializer: Initializer = Field("zeros", description="Start of `bias`, (units,).")
    kernel_regularizer: Regularizer = Field(None, description="Training only.")
    recurrent_regularizer: Regularizer = Field(None, description="Training only.")
    bias_regularizer: Regularizer = Field(None, description="Training only.")
    activity_regularizer: Regularizer = Field(None, description="Training only.")
    kernel_constraint: Constraint = Field(None, description="Training only.")
    recurrent_constraint: Constraint = Field(None, description="Training only.")
    bias_constraint: Constraint = Field(None, description="Training only.")
    dropout: Rate = Field(0.0, description="Training only.")
    recurrent_dropout: Rate = Field(0.0, description="Training only.")
    return_sequences: bool = Field(False, description=RETURN_SEQUENCES)
    return_state: bool = Field(False, description="Whether the last state follows as an output.")
    go_backwards: bool = Field(False, description=GO_BACKWARDS)
    stateful: bool = Field(False, description=STATEFUL)
    unroll: bool = Field(False, description=UNROLL)
    seed: int | None = Field(None, description="Training only.")
    zero_output_for_mask: bool = Field(False, description=ZERO_OUTPUT)

    cell_class = SimpleRNNCell
    examples = (
        Example({"units": 4}, inputs=((None, 5, 3),), output=(None, 4), params=32),
        Example(
            {"units": 4, "return_sequences": True, "use_bias": False},
            inputs=((None, "seq", 3),),
            output=(None, "seq", 4),
            params=28,
        ),
        Example({"activation": "relu"}, error="SimpleRNN needs the argument `units`"),
    )
