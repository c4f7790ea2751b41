"""What the layers that run a cell along the steps of a sequence share."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from specmodel.diagnostics import codes
from specmodel.layers.base import Layer
from specmodel.layers.cells import Begun, Cell, given_states, zero_states, zeros
from specmodel.layers.scope import Scope
from specmodel.ops.elementwise import cast, where
from specmodel.ops.reduce import reduce
from specmodel.ops.scan import Body, Values, scan
from specmodel.ops.shape import flip, reshape
from specmodel.ops.value import Value
from specmodel.types.dim import Dim

RETURN_SEQUENCES = "Whether the output holds every step, or the last alone."
GO_BACKWARDS = "Whether to go from the last step to the first."
STATEFUL = "Whether Keras keeps the states for its next call. Here every call begins anew, as Keras' first."
UNROLL = "Matters to masked steps alone: zeros stand before the first output."
ZERO_OUTPUT = "Whether the output of a masked step is zero."


class Recurrent(Layer):
    """Base of the layers that run a cell along the steps of (batch, steps, …)."""

    cell_class: ClassVar[type[Cell]]
    axes: ClassVar[str] = "(batch, steps, features)"
    """The axes of the input, by name."""
    supports_masking = True

    if TYPE_CHECKING:  # each layer declares these where Keras has them
        return_sequences: bool
        return_state: bool
        go_backwards: bool
        stateful: bool
        unroll: bool
        zero_output_for_mask: bool

    def made_cell(self) -> Cell:
        """The cell, made of the layer's own arguments."""
        kind = self.cell_class
        return kind.model_construct(**{name: getattr(self, name) for name in kind.model_fields})

    def build(
        self, b: Scope, sequences: Value, initial_state: "Value | list[Value] | None" = None, mask: Value | None = None
    ) -> Value | tuple[Value, ...]:
        """The output of the last step, or of all; behind it the last states, if `return_state`."""
        b.require_rank(sequences, self.axes.count(",") + 1, self.axes)
        cell = self.made_cell()
        inner = b.inside(cell, cell.declared_name)
        begun = cell.begin(inner, cast(sequences, inner.policy.compute))
        batch = sequences.shape[0]
        if self.stateful:
            self._begin_anew(b, batch)
        if initial_state is None:
            states = zero_states(inner, begun, batch)
        else:
            states = given_states(inner, initial_state, cell, begun, batch, "initial_state")
        count, read = len(states), [begun.sequence]
        if mask is not None:
            read.append(_step_mask(b, sequences, mask))
        apart = begun.output >= count  # the output is none of the states, so the loop has to carry it
        remembers = apart or (mask is not None and (self.unroll or self.zero_output_for_mask))
        if remembers:
            states.append(zeros(inner, (batch, *begun.output_shape)))
        if self.go_backwards:
            read = [flip(x, 1) for x in read]
        last, outputs = scan(read, states, self._body(begun, count))
        output = outputs[0] if self.return_sequences else last[-1 if remembers else begun.output]
        made = tuple(cast(x, b.policy.compute) for x in (output, *last[:count]))
        return made if self.return_state else made[0]

    def _begin_anew(self, b: Scope, batch: Dim) -> None:
        """Say that no states are kept; as in Keras, there must be a state for each sample of a known batch."""
        message = "`stateful: true` keeps a state for each sample, and how many there are is not known"
        help = "give the input its `batch`, or take `stateful` out: states are not kept here"
        b.require(isinstance(batch, int), message, field="stateful", code=codes.UNKNOWN_SIZE, help=help)
        message = "keeps no states between calls: each begins with zeros, as the first one in Keras"
        help = "to hand states over, feed them through `initial_state` and read them with `return_state: true`"
        b.warn(codes.STATE_NOT_KEPT, message, help)

    def _body(self, begun: Begun, count: int) -> Body:
        """One step of the loop. Where the mask says no, states stay, and the output is that of the step before.

        With `zero_output_for_mask` it is zero instead. As in Keras, `unroll` knows no `zero_output_for_mask`, and takes
        zeros for the output before the first, where the other loop takes the initial state. An output that is no state
        has zeros before it in both.
        """

        def body(slices: Values, states: Values) -> tuple[Values, Values]:
            old, before = states[:count], states[count:]
            made = begun.step(slices[0], old)
            new, output = made[:count], made[begun.output]
            if len(slices) > 1:
                kept = slices[1]
                new = tuple(_where(kept, after, state) for after, state in zip(new, old, strict=True))
                zero = self.zero_output_for_mask and not self.unroll
                output = _where(kept, output, 0.0 if zero else before[0]) if before else new[begun.output]
            return (*new, output) if before else new, [output] if self.return_sequences else []

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
