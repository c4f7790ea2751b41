"""The cells of recurrent layers: what one step does."""

from collections.abc import Callable, Sequence
from typing import ClassVar, Literal

from pydantic import Field

from specmodel.layers.base import Layer
from specmodel.layers.fields import Activation, Constraint, Initializer, PosInt, Rate, Regularizer
from specmodel.layers.objects import Named, Pieces
from specmodel.layers.scope import Scope
from specmodel.ops.elementwise import cast, tanh
from specmodel.ops.shape import expand, reshape, slice_axis
from specmodel.ops.source import constant
from specmodel.ops.value import Value
from specmodel.record import Record
from specmodel.types.dim import Dim
from specmodel.types.tensor import shape_text

States = Sequence[Value]
Step = Callable[[Value, States], tuple[Value, ...]]


class Begun(Record):
    """A cell on its way through a sequence.

    `sequence` is what the steps read, made for all of them at once; `shapes` are those of the states, behind the batch.
    `step` makes the new states of its slice of `sequence` and the states; the one at `output` is the step's output.
    """

    sequence: Value
    shapes: tuple[tuple[Dim, ...], ...]
    step: Step
    output: int = 0


class Cell(Layer):
    """Base of the cells. A cell called by itself makes one step: its output, then the new states."""

    state_names: ClassVar[tuple[str, ...]] = ("hidden",)
    """What messages call the states, in order."""

    def begin(self, b: Scope, inputs: Value) -> Begun:
        """Start on inputs (batch, …, features) of one step or of all: declare the weights, multiply the inputs."""
        raise NotImplementedError(type(self).__name__)

    def build(self, b: Scope, inputs: Value, states: Value | list[Value]) -> tuple[Value, ...]:
        """One step: the output, then the new states."""
        b.require_rank(inputs, 2, "(batch, features)")
        begun = self.begin(b, inputs)
        new = begun.step(begun.sequence, given_states(b, states, self, begun, inputs.shape[0], "states"))
        return (new[begun.output], *new)


def given_states(
    b: Scope, given: "Value | list[Value]", cell: Cell, begun: Begun, batch: Dim, field: str
) -> list[Value]:
    """The states of a call, checked, in the dtype the layer computes in; `field` is the call argument."""
    states = given if isinstance(given, list) else [given]
    wanted = len(begun.shapes)
    names = " and ".join(f"the {name} state" for name in cell.state_names)
    message = f"`{field}` must be {names}, {wanted} in all, found {len(states)}"
    b.require(len(states) == wanted, message, field=field)
    for state, shape in zip(states, begun.shapes, strict=True):
        needed = (batch, *shape)
        message = f"a state in `{field}` must have the shape {shape_text(needed)}, found {state.type}"
        b.require(state.rank == len(needed), message, field=field)
        for found, size in zip(state.shape, needed, strict=True):
            b.assume.equal(found, size, f"`{field}` has one state for each sample", message=message, field=field)
    return [
        cast(expand(state, (batch, *shape)), b.policy.compute)
        for state, shape in zip(states, begun.shapes, strict=True)
    ]


def zero_states(b: Scope, begun: Begun, batch: Dim) -> list[Value]:
    """States to begin with where none are given."""
    return [zeros(b, (batch, *shape)) for shape in begun.shapes]


def zeros(b: Scope, shape: tuple[Dim, ...]) -> Value:
    """Zeros of a shape, in the dtype the layer computes in."""
    return expand(constant(0.0, b.policy.compute), shape)


class SimpleRNNCell(Cell):
    """One step of a SimpleRNN: `activation(inputs @ kernel + bias + state @ recurrent_kernel)`."""

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


class LSTMCell(Cell):
    """One step of an LSTM. The columns of its weights are the input, forget, candidate and output gates."""

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

    state_names = ("hidden", "carry")

    def begin(self, b: Scope, inputs: Value) -> Begun:
        """All gates in one matrix for the inputs and one for the state."""
        kernel = b.weight("kernel", (features(b, inputs), 4 * self.units), self.kernel_initializer)
        recurrent = b.weight("recurrent_kernel", (self.units, 4 * self.units), self.recurrent_initializer)
        x = inputs @ kernel
        if self.use_bias:
            x = x + b.weight("bias", (4 * self.units,), self._bias_start())
        gates = self._gates_at_once if self._is_plain(x.dtype) else self._gates

        def step(x: Value, states: States) -> tuple[Value, ...]:
            hidden, carry = states
            i, f, candidate, o = gates(b, x + hidden @ recurrent)
            carry = f * carry + i * candidate
            return o * activated(b, self.activation, carry, "activation"), carry

        return Begun(x, ((self.units,), (self.units,)), step)

    def _bias_start(self) -> str | Named | Pieces:
        if not self.unit_forget_bias:
            return self.bias_initializer
        start, units = self.bias_initializer, self.units
        return Pieces(((start, units), ("ones", units), (start, 2 * units)))

    def _is_plain(self, dtype: str) -> bool:
        """Whether the usual functions are asked for, in a dtype where `(1 + tanh(x / 2)) / 2` loses nothing."""
        usual = self.activation == "tanh" and self.recurrent_activation == "sigmoid"
        return usual and dtype in ("float32", "float64")

    def _gates(self, b: Scope, z: Value) -> tuple[Value, ...]:
        i, f, candidate, o = columns(z, self.units, 4)
        return (
            activated(b, self.recurrent_activation, i, "recurrent_activation"),
            activated(b, self.recurrent_activation, f, "recurrent_activation"),
            activated(b, self.activation, candidate, "activation"),
            activated(b, self.recurrent_activation, o, "recurrent_activation"),
        )

    def _gates_at_once(self, b: Scope, z: Value) -> tuple[Value, ...]:
        """One tanh for all four, since `sigmoid(x) = tanh(x / 2) / 2 + 1/2`: a step is short, and each call costs."""
        half, zero, one = ((number,) * self.units for number in (0.5, 0.0, 1.0))
        scale, shift = constant(half + half + one + half, z.dtype), constant(half + half + zero + half, z.dtype)
        return columns(tanh(z * scale) * scale + shift, self.units, 4)


class GRUCell(Cell):
    """One step of a GRU. The columns of its weights are the update gate, the reset gate and the candidate."""

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


def features(b: Scope, inputs: Value) -> int:
    """The size of the last axis, which the kernel's shape needs."""
    return b.known(
        inputs.shape[-1], "the input's last axis, its features,", "give that axis a size where it comes from"
    )


def columns(x: Value, units: int, count: int) -> tuple[Value, ...]:
    """The first `count` parts of the last axis, of `units` each."""
    return tuple(slice_axis(x, -1, part * units, units) for part in range(count))


def activated(
    b: Scope, activation: str | Named, x: Value, field: Literal["activation", "recurrent_activation"]
) -> Value:
    """An activation function applied to a value, whose shape it must keep."""
    y = b.activation(activation, x)
    name = activation if isinstance(activation, str) else activation.name
    b.require(
        y.shape == x.shape, f"`{field}` must keep the shape of what it is applied to, `{name}` does not", field=field
    )
    return y
