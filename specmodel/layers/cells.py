"""What the cells of recurrent layers share: a cell says what one step does."""

from collections.abc import Callable, Sequence
from typing import ClassVar, Literal

from specmodel.layers.base import Layer
from specmodel.layers.objects import Named
from specmodel.layers.scope import Scope
from specmodel.ops.elementwise import cast
from specmodel.ops.shape import expand, slice_axis
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
    `step` makes the new states of its slice of `sequence` and the states, and behind them, if the step's output is none
    of them, the output; `output` is its place, and `shape` is stated where no state has it.
    """

    sequence: Value
    shapes: tuple[tuple[Dim, ...], ...]
    step: Step
    output: int = 0
    shape: tuple[Dim, ...] | None = None

    @property
    def output_shape(self) -> tuple[Dim, ...]:
        """The shape of a step's output, behind the batch: `shape`, or that of the state that it is."""
        return self.shapes[self.output] if self.shape is None else self.shape


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
        made = begun.step(begun.sequence, given_states(b, states, self, begun, inputs.shape[0], "states"))
        return (made[begun.output], *made[: len(begun.shapes)])


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
