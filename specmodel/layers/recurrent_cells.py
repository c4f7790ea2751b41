"""The cells SimpleRNNCell, LSTMCell and GRUCell: what one step of the recurrent layers does."""

from pydantic import Field

from specmodel.layers.base import Example
from specmodel.layers.cells import Begun, Cell, States, Step, activated, columns, features
from specmodel.layers.fields import Activation, Constraint, Initializer, PosInt, Rate, Regularizer
from specmodel.layers.lstm_step import LSTMStep
from specmodel.layers.scope import Scope
from specmodel.ops.shape import reshape, slice_axis
from specmodel.ops.value import Value


class SimpleRNNCell(Cell):
    """One step of a SimpleRNN: `activation(inputs @ kernel + bias + state @ recurrent_kernel)`.

    Input (batch, features), features known, and the state, (batch, units); outputs the step's output and the new state,
    which are the same.
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
    kernel_constraint: Constraint = Field(None, description="Training only.")
    recurrent_constraint: Constraint = Field(None, description="Training only.")
    bias_constraint: Constraint = Field(None, description="Training only.")
    dropout: Rate = Field(0.0, description="Training only.")
    recurrent_dropout: Rate = Field(0.0, description="Training only.")
    seed: int | None = Field(None, description="Training only.")

    examples = (
        Example(
            {"units": 4}, inputs=((None, 3), (None, 4)), call=("inputs", "states"), output=((None, 4),) * 2, params=32
        ),
        Example({"units": 0}, error="`units` of SimpleRNNCell must be greater than 0, found 0"),
        Example(
            {"units": 4},
            inputs=((None, 5, 3), (None, 4)),
            call=("inputs", "states"),
            error="expected an input of rank 2, (batch, features)",
        ),
    )

    def begin(self, b: Scope, inputs: Value) -> Begun:
        """One matrix for the inputs, one for the state."""
        kernel = b.weight("kernel", (features(b, inputs), self.units), self.kernel_initializer)
        recurrent = b.weight("recurrent_kernel", (self.units, self.units), self.recurrent_initializer)
        x = inputs @ kernel
        if self.use_bias:
            x = x + b.weight("bias", (self.units,), self.bias_initializer)

        def step(x: Value, states: States) -> tuple[Value, ...]:
            return (activated(b, self.activation, x + states[0] @ recurrent, "activation"),)

        return Begun(x, ((self.units,),), step)


class LSTMCell(LSTMStep):
    """One step of an LSTM. The columns of its weights are the input, forget, candidate and output gates.

    Input (batch, features), features known, and the states hidden and carry, (batch, units) each; outputs the step's
    output and the two new states.
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
    kernel_constraint: Constraint = Field(None, description="Training only.")
    recurrent_constraint: Constraint = Field(None, description="Training only.")
    bias_constraint: Constraint = Field(None, description="Training only.")
    dropout: Rate = Field(0.0, description="Training only.")
    recurrent_dropout: Rate = Field(0.0, description="Training only.")
    seed: int | None = Field(None, description="Training only.")

    examples = (
        Example(
            {"units": 4},
            inputs=((None, 3), (None, 4), (None, 4)),
            call=("inputs", "states", "states"),
            output=((None, 4),) * 3,
            params=128,
        ),
        Example(
            {"units": 4},
            inputs=((None, 3), (None, 4)),
            call=("inputs", "states"),
            error="`states` must be the hidden state and the carry state, 2 in all, found 1",
        ),
        Example({"units": 4, "recurrent_activation": "sigmoyd"}, error="unknown activation `sigmoyd`"),
    )

    def begin(self, b: Scope, inputs: Value) -> Begun:
        """All gates in one matrix for the inputs and one for the state."""
        kernel = b.weight("kernel", (features(b, inputs), 4 * self.units), self.kernel_initializer)
        recurrent = b.weight("recurrent_kernel", (self.units, 4 * self.units), self.recurrent_initializer)
        x = inputs @ kernel
        if self.use_bias:
            x = x + b.weight("bias", (4 * self.units,), self.bias_start())

        def step(x: Value, states: States) -> tuple[Value, ...]:
            hidden, carry = states
            return self.states_of(b, x + hidden @ recurrent, carry)

        return Begun(x, ((self.units,), (self.units,)), step)


class GRUCell(Cell):
    """One step of a GRU. The columns of its weights are the update gate, the reset gate and the candidate.

    Input (batch, features), features known, and the state, (batch, units); outputs the step's output and the new state,
    which are the same.
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
    kernel_constraint: Constraint = Field(None, description="Training only.")
    recurrent_constraint: Constraint = Field(None, description="Training only.")
    bias_constraint: Constraint = Field(None, description="Training only.")
    dropout: Rate = Field(0.0, description="Training only.")
    recurrent_dropout: Rate = Field(0.0, description="Training only.")
    reset_after: bool = Field(True, description="Whether the state is reset after its matrix product, or before.")
    seed: int | None = Field(None, description="Training only.")

    examples = (
        Example(
            {"units": 4}, inputs=((None, 3), (None, 4)), call=("inputs", "states"), output=((None, 4),) * 2, params=108
        ),
        Example(
            {"units": 4, "reset_after": False, "use_bias": False},
            inputs=((None, 3), (None, 4)),
            call=("inputs", "states"),
            output=((None, 4),) * 2,
            params=84,
        ),
        Example(
            {"units": 4},
            inputs=((None, 3), (None, 5)),
            call=("inputs", "states"),
            error="a state in `states` must have the shape (None, 4), found (None, 5)",
        ),
    )

    def begin(self, b: Scope, inputs: Value) -> Begun:
        """All gates in one matrix for the inputs and one for the state."""
        units = self.units
        kernel = b.weight("kernel", (features(b, inputs), 3 * units), self.kernel_initializer)
        recurrent = b.weight("recurrent_kernel", (units, 3 * units), self.recurrent_initializer)
        x, recurrent_bias = inputs @ kernel, None
        if self.use_bias and self.reset_after:
            bias = b.weight("bias", (2, 3 * units), self.bias_initializer)
            x = x + reshape(slice_axis(bias, 0, 0, 1), (3 * units,))
            recurrent_bias = reshape(slice_axis(bias, 0, 1, 1), (3 * units,))
        elif self.use_bias:
            x = x + b.weight("bias", (3 * units,), self.bias_initializer)
        inner = (
            self._reset_after(b, recurrent, recurrent_bias) if self.reset_after else self._reset_before(b, recurrent)
        )

        def step(x: Value, states: States) -> tuple[Value, ...]:
            update, total = inner(x, states)
            candidate = activated(b, self.activation, total, "activation")
            return (update * (states[0] - candidate) + candidate,)

        return Begun(x, ((units,),), step)

    def _reset_after(self, b: Scope, recurrent: Value, bias: Value | None) -> Step:
        def inner(x: Value, states: States) -> tuple[Value, ...]:
            product = states[0] @ recurrent
            if bias is not None:
                product = product + bias
            update, reset = self._gates(b, x, product)
            return update, self._last(x) + reset * self._last(product)

        return inner

    def _reset_before(self, b: Scope, recurrent: Value) -> Step:
        of_gates, of_candidate = slice_axis(recurrent, 1, 0, 2 * self.units), self._last(recurrent)

        def inner(x: Value, states: States) -> tuple[Value, ...]:
            update, reset = self._gates(b, x, states[0] @ of_gates)
            return update, self._last(x) + (reset * states[0]) @ of_candidate

        return inner

    def _gates(self, b: Scope, x: Value, product: Value) -> tuple[Value, ...]:
        """The update and reset gates of the first two thirds of the columns, in one where the activation allows."""
        both = slice_axis(x, -1, 0, 2 * self.units) + slice_axis(product, -1, 0, 2 * self.units)
        if self.recurrent_activation == "sigmoid":
            return columns(activated(b, "sigmoid", both, "recurrent_activation"), self.units, 2)
        return tuple(
            activated(b, self.recurrent_activation, gate, "recurrent_activation")
            for gate in columns(both, self.units, 2)
        )

    def _last(self, x: Value) -> Value:
        return slice_axis(x, -1, 2 * self.units, self.units)
