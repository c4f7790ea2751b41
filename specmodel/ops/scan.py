"""A loop over the steps of a sequence, whose body is a graph of ordinary values."""

from collections.abc import Callable, Sequence

from specmodel.ops.elementwise import cast
from specmodel.ops.source import Input
from specmodel.ops.value import Call, Op, Value
from specmodel.types.assume import Assume
from specmodel.types.dim import Dim
from specmodel.types.tensor import TensorType

Values = Sequence[Value]
Body = Callable[[Values, Values], tuple[Values, Values]]
"""What one step does: from a slice of each sequence and the states, the new states and the step's outputs."""


class Scan(Op):
    """`states, outputs = body(slices, states)` for each index of axis 1 of the sequences, one after the other.

    Inputs: `sequences` arrays (batch, steps, …), the states as they start, and the outer values that the body reads.
    Outputs: the states as they end, then each output of all steps, (batch, steps, …).

    `arguments` are the body's slices and states, `results` its new states and outputs, `captured` the outer values;
    `calls` lead from these to the results, in an order that can run.
    """

    sequences: int
    arguments: tuple[Value, ...]
    results: tuple[Value, ...]
    captured: tuple[Value, ...]
    calls: tuple[Call, ...]

    @property
    def states(self) -> int:
        """How many states there are."""
        return len(self.arguments) - self.sequences

    def infer(self, assume: Assume, *inputs: TensorType) -> tuple[TensorType, ...]:
        """The states' types as they start, then the outputs' with the steps along axis 1."""
        steps = inputs[0].shape[1]
        for kind in inputs[1 : self.sequences]:
            assume.equal(steps, kind.shape[1], "the sequences of a loop have as many steps as each other")
        states = [value.type for value in self.arguments[self.sequences :]]
        for before, after in zip(states, self.results, strict=False):
            for one, other in zip(before.shape, after.shape, strict=True):
                assume.equal(one, other, "a state keeps its shape from step to step")
        for call in self.calls:
            for constraint in call.constraints:
                assume.add(constraint)
        outputs = [value.type for value in self.results[self.states :]]
        collected = [TensorType((kind.shape[0], steps, *kind.shape[1:]), kind.dtype) for kind in outputs]
        return (*states, *collected)

    def flops(self, inputs: Sequence[TensorType], outputs: Sequence[TensorType]) -> Dim:
        """Those of the body, once a step."""
        total: Dim = 0
        for call in self.calls:
            total = total + call.flops()
        return inputs[0].shape[1] * total

    def keeps_rows(self, inputs: Sequence[TensorType], outputs: Sequence[TensorType], rows: Sequence[bool]) -> bool:
        """Where every call of the body does; the states are taken to differ from sample to sample."""
        own = [True] * self.states
        by_row = dict(zip(self.arguments, [*rows[: self.sequences], *own], strict=True))
        by_row.update(zip(self.captured, rows[len(self.arguments) :], strict=True))
        for call in self.calls:
            read = [by_row[value] for value in call.inputs]
            kinds = [value.type for value in call.inputs], [value.type for value in call.outputs]
            if any(read) and not call.op.keeps_rows(*kinds, read):
                return False
            by_row.update(dict.fromkeys(call.outputs, any(read)))
        return True


def scan(sequences: Values, states: Values, body: Body) -> tuple[tuple[Value, ...], tuple[Value, ...]]:
    """Loop over axis 1 of sequences (batch, steps, …): the states as they end, and the outputs of all steps.

    `body` is called once, on placeholders. What it computes without them is computed before the loop.
    """
    slices = [Input("slice", TensorType((x.shape[0], *x.shape[2:]), x.dtype))() for x in sequences]
    carried = [Input("state", state.type)() for state in states]
    new, outputs = body(slices, carried)
    kept = [cast(after, before.dtype) for after, before in zip(new, states, strict=True)]
    arguments, results = (*slices, *carried), (*kept, *outputs)
    calls, captured = _body(arguments, results)
    op = Scan(len(slices), arguments, results, captured, calls)
    made = Call(op, (*sequences, *states, *captured)).outputs
    return made[: len(states)], made[len(states) :]


def _body(arguments: Values, results: Values) -> tuple[tuple[Call, ...], tuple[Value, ...]]:
    """The calls between arguments and results, inputs first, and the values they read that depend on no argument."""
    inside = {value.call for value in arguments}
    calls: list[Call] = []
    seen: set[Call] = set(inside)
    stack = [(value.call, False) for value in reversed(results)]
    while stack:
        call, ready = stack.pop()
        if ready and any(value.call in inside for value in call.inputs):
            inside.add(call)
            calls.append(call)
        elif not ready and call not in seen:
            seen.add(call)
            stack.append((call, True))
            stack.extend((value.call, False) for value in reversed(call.inputs))
    read = [value for call in calls for value in call.inputs] + list(results)
    return tuple(calls), tuple(dict.fromkeys(value for value in read if value.call not in inside))
