"""The recurrent layers: LSTM, GRU, SimpleRNN. Each runs its cell over the steps of a sequence."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Field

from specmodel.layers.base import Example, Layer
from specmodel.layers.cells import Begun, Cell, GRUCell, LSTMCell, SimpleRNNCell, given_states, zero_states, zeros
from specmodel.layers.fields import Activation, Constraint, Initializer, PosInt, Rate, Regularizer
from specmodel.layers.naming import snake_case
from specmodel.layers.scope import Scope
from specmodel.layers.validation import refuse
from specmodel.ops.elementwise import cast, where
from specmodel.ops.reduce import reduce
from specmodel.ops.scan import Body, Values, scan
from specmodel.ops.shape import flip, reshape
from specmodel.ops.value import Value


def _not_stateful(value: bool) -> bool:
    if value:
        message = "`stateful: true` keeps states between calls, and a model here is the same in every call"
        raise refuse(message, "feed the states through `initial_state`, and read them with `return_state: true`")
    return value


Stateful = Annotated[bool, AfterValidator(_not_stateful)]


class Recurrent(Layer):
    """Base of the layers that run a cell along the steps of (batch, steps, …)."""

    cell_class: ClassVar[type[Cell]]
    supports_masking = True

    if TYPE_CHECKING:  # each layer declares these where Keras has them
        return_sequences: bool
        return_state: bool
        go_backwards: bool
        unroll: bool
        zero_output_for_mask: bool

    def cell(self) -> Cell:
        """The cell, made of the layer's own arguments."""
        kind = self.cell_class
        return kind.model_construct(**{name: getattr(self, name) for name in kind.model_fields})

    def build(
        self, b: Scope, sequences: Value, initial_state: "Value | list[Value] | None" = None, mask: Value | None = None
    ) -> Value | tuple[Value, ...]:
        """The output of the last step, or of all; behind it the last states, if `return_state`."""
        b.require_rank(sequences, 3, "(batch, steps, features)")
        cell = self.cell()
        begun = cell.begin(b.inside(cell, snake_case(type(cell).__name__)), sequences)
        batch = sequences.shape[0]
        if initial_state is None:
            states = zero_states(b, begun, batch)
        else:
            states = given_states(b, initial_state, cell, begun, batch, "initial_state")
        count, read = len(states), [begun.sequence]
        if mask is not None:
            read.append(_step_mask(b, sequences, mask))
        remembers = mask is not None and (self.unroll or self.zero_output_for_mask)
        if remembers:
            states.append(zeros(b, (batch, *begun.shapes[begun.output])))
        if self.go_backwards:
            read = [flip(x, 1) for x in read]
        last, outputs = scan(read, states, self._body(begun, count))
        output = outputs[0] if self.return_sequences else last[-1 if remembers else begun.output]
        return (output, *last[:count]) if self.return_state else output

    def _body(self, begun: Begun, count: int) -> Body:
        """One step of the loop. Where the mask says no, states stay, and the output is that of the step before.

        With `zero_output_for_mask` it is zero instead. As in Keras, `unroll` knows no `zero_output_for_mask`, and takes
        zeros for the output before the first, where the other loop takes the initial state.
        """

        def body(slices: Values, states: Values) -> tuple[Values, Values]:
            old, before = states[:count], states[count:]
            new = begun.step(slices[0], old)
            output = new[begun.output]
            if len(slices) > 1:
                kept = slices[1]
                new = tuple(_where(kept, after, state) for after, state in zip(new, old, strict=True))
                if before:
                    output = _where(kept, output, before[0] if self.unroll else 0.0)
                    new = (*new, output)
                else:
                    output = new[begun.output]
            return new, [output] if self.return_sequences else []

        return body

    def compute_mask(self, b: Scope, values: Mapping[str, Any], mask: Any) -> Value | None:
        """The mask of the steps, if the output has steps."""
        found: Value | None = mask[0] if isinstance(mask, list) else mask
        return found if self.return_sequences else None


def _where(kept: Value, new: Value, old: Value | float) -> Value:
    return where(reshape(kept, (kept.shape[0], *(1,) * (new.rank - 1))), new, old)


def _step_mask(b: Scope, sequences: Value, mask: Value) -> Value:
    """The mask as (batch, steps); one with an axis more counts a step where any of its elements does."""
    batch, steps = sequences.shape[:2]
    message = f"`mask` must have the shape (batch, steps) of the input {sequences.type}, found {mask.type}"
    b.require(mask.rank in (2, 3), message, field="mask")
    for found, size in zip(mask.shape, (batch, steps), strict=False):
        b.assume.equal(found, size, "`mask` marks each step", message=message, field="mask")
    return cast(mask, "bool") if mask.rank == 2 else reduce("Any", mask, 2)


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
    return_sequences: bool = Field(False, description="Whether the output holds every step, or the last alone.")
    return_state: bool = Field(False, description="Whether the last states follow as outputs: hidden, carry.")
    go_backwards: bool = Field(False, description="Whether to go from the last step to the first.")
    stateful: Stateful = Field(False, description="Not supported; false.")
    unroll: bool = Field(False, description="Matters to masked steps alone: zeros stand before the first output.")
    use_cudnn: bool | Literal["auto"] = Field("auto", description="Without effect.")
    zero_output_for_mask: bool = Field(False, description="Whether the output of a masked step is zero.")
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
        Example({"units": 4, "stateful": True}, error="`stateful: true` keeps states between calls"),
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
    return_sequences: bool = Field(False, description="Whether the output holds every step, or the last alone.")
    return_state: bool = Field(False, description="Whether the last state follows as an output.")
    go_backwards: bool = Field(False, description="Whether to go from the last step to the first.")
    stateful: Stateful = Field(False, description="Not supported; false.")
    unroll: bool = Field(False, description="Matters to masked steps alone: zeros stand before the first output.")
    reset_after: bool = Field(True, description="Whether the state is reset after its matrix product, or before.")
    use_cudnn: bool | Literal["auto"] = Field("auto", description="Without effect.")
    zero_output_for_mask: bool = Field(False, description="Whether the output of a masked step is zero.")
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
    return_sequences: bool = Field(False, description="Whether the output holds every step, or the last alone.")
    return_state: bool = Field(False, description="Whether the last state follows as an output.")
    go_backwards: bool = Field(False, description="Whether to go from the last step to the first.")
    stateful: Stateful = Field(False, description="Not supported; false.")
    unroll: bool = Field(False, description="Matters to masked steps alone: zeros stand before the first output.")
    seed: int | None = Field(None, description="Training only.")
    zero_output_for_mask: bool = Field(False, description="Whether the output of a masked step is zero.")

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
