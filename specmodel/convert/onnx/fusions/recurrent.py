"""Loops that are one of Keras' recurrent layers, which ONNX has as operators.

Whether a loop is one is not read off its body: the loop that the layer itself builds on the same sequence and states is
held against it. What that one has weights for stands in the same places of the loop that was found.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np

from specmodel.convert.onnx.builder import Builder
from specmodel.convert.onnx.fusions.reading import Fused, Reading
from specmodel.convert.onnx.ir import Tensor
from specmodel.convert.onnx.lowerings.shape import backwards
from specmodel.layers.recurrence import Recurrent
from specmodel.layers.recurrent import GRU, LSTM, SimpleRNN
from specmodel.layers.scope import POLICIES, Scope
from specmodel.ops.elementwise import Binary
from specmodel.ops.linear import MatMul
from specmodel.ops.scan import Scan
from specmodel.ops.shape import Expand, Slice
from specmodel.ops.source import Constant, Weight
from specmodel.ops.value import Value
from specmodel.plan.program import Instruction
from specmodel.record import Record
from specmodel.types.fault import Fault

_ACTIVATIONS: dict[str, tuple[str, tuple[float, ...], tuple[float, ...]]] = {
    "tanh": ("Tanh", (), ()),
    "sigmoid": ("Sigmoid", (), ()),
    "relu": ("Relu", (), ()),
    "hard_sigmoid": ("HardSigmoid", (1 / 6,), (0.5,)),
    "linear": ("Affine", (1.0,), (0.0,)),
    "elu": ("Elu", (1.0,), ()),
    "softsign": ("Softsign", (), ()),
    "softplus": ("Softplus", (), ()),
}
"""Keras' names of the functions that ONNX's operators know: the name there, and alpha and beta where it has them."""

_STEPS_FIRST = (1, 0, 2)
"""The order of sequences in ONNX."""


class Candidate(Record):
    """A layer that a loop may be: its activation, then that of its gates if it has any, and further arguments."""

    kind: type[Recurrent]
    units: int
    activations: tuple[str, ...]
    more: tuple[tuple[str, object], ...]

    def layer(self, *, backwards: bool, every: bool, bias: bool) -> Recurrent:
        """The layer with these arguments."""
        given: dict[str, Any] = {"units": self.units, "activation": self.activations[0], **dict(self.more)}
        if len(self.activations) > 1:
            given["recurrent_activation"] = self.activations[1]
        return self.kind.declare({**given, "go_backwards": backwards, "return_sequences": every, "use_bias": bias})


class Found(Record):
    """A loop that was recognised: what it reads, and how."""

    candidate: Candidate
    x: Value
    weights: Mapping[str, Value]
    states: tuple[Value, ...]
    backwards: bool


def recurrent(reading: Reading, last: Instruction) -> Fused | None:
    """An LSTM, GRU or SimpleRNN without a mask."""
    op = last.op
    if not isinstance(op, Scan) or op.sequences != 1 or last.outputs[0].dtype != "float32":
        return None
    found = _recognised(reading, last, op)
    if found is None:
        return None
    reads = (found.x, *found.weights.values(), *(state for state in found.states if not _is_zero(reading, state)))
    return Fused(reads, frozenset(), lambda b: _lower(b, reading, found, last), _STEPS_FIRST)


def _recognised(reading: Reading, last: Instruction, op: Scan) -> Found | None:
    sequence, states = last.inputs[0], last.inputs[1 : 1 + op.states]
    flipped = _flipped(reading, sequence)
    summed = flipped if flipped is not None else sequence
    added = reading.maker(summed, Binary)
    multiplied = reading.maker(added.inputs[0] if added is not None else summed, MatMul)
    if multiplied is None or len(states) not in (1, 2) or states[0].rank != 2:
        return None
    every = len(last.outputs) > op.states
    x, units, gates = multiplied.inputs[0], states[0].shape[1], sequence.shape[-1]
    for candidate in _candidates(len(states), units, gates):
        layer = candidate.layer(backwards=flipped is not None, every=every, bias=added is not None)
        weights = _same(reading, layer, x, states, last)
        if weights is not None:
            return Found(candidate, x, weights, states, flipped is not None)
    return None


def _candidates(states: int, units: object, gates: object) -> Iterator[Candidate]:
    """The layers with so many states and gates, those with the usual functions first."""
    if not isinstance(units, int):
        return
    if states == 2 and gates == 4 * units:
        for pair in product(_ACTIVATIONS, repeat=2):
            yield Candidate(LSTM, units, pair, ())
    elif states == 1 and gates == 3 * units:
        for pair, after in product(product(_ACTIVATIONS, repeat=2), (True, False)):
            yield Candidate(GRU, units, pair, (("reset_after", after),))
    elif states == 1 and gates == units:
        for one in _ACTIVATIONS:
            yield Candidate(SimpleRNN, units, (one,), ())


def _flipped(reading: Reading, x: Value) -> Value | None:
    """What a value is backwards along its second axis, if it is."""
    made = reading.maker(x, Slice)
    if made is None or not isinstance(made.op, Slice) or made.op.axis != 1 or made.op.step != -1:
        return None
    return made.inputs[0] if made.op.size == x.shape[1] == made.inputs[0].shape[1] else None


def _is_zero(reading: Reading, state: Value) -> bool:
    """Whether a state begins with zeros."""
    made = reading.maker(state, Expand)
    op = made.inputs[0].call.op if made is not None else None
    return isinstance(op, Constant) and op.value == 0


# Holding a loop against another


def _same(
    reading: Reading, layer: Recurrent, x: Value, states: Sequence[Value], last: Instruction
) -> dict[str, Value] | None:
    """The values in the places of the layer's weights, by name, where the layer builds the same loop."""
    scope = Scope("layer", POLICIES["float32"], {})
    try:
        made = layer.build(scope, x, list(states))
    except Fault:  # an activation that does not fit
        return None
    loop = (made[0] if isinstance(made, tuple) else made).call
    if not isinstance(loop.op, Scan) or not isinstance(last.op, Scan):
        return None
    outside = dict(zip(last.op.captured, last.inputs[len(last.op.arguments) :], strict=True))
    compared = _Comparison(reading, {x, *states}, outside)
    if not compared.loops(loop.op, last.op) or not compared.all(loop.inputs, last.inputs):
        return None
    return {path.rpartition("/")[2]: value for path, value in compared.weights.items()}


class _Comparison:
    """Whether values are made alike.

    A weight of the first may be any value of its type that the program makes, the same throughout. `given` are the same
    in both; `outside` leads from what the second loop's body reads to what it is outside.
    """

    def __init__(self, reading: Reading, given: set[Value], outside: Mapping[Value, Value]) -> None:
        self.reading = reading
        self.given = given
        self.outside = outside
        self.weights: dict[str, Value] = {}
        self.pairs: dict[Value, Value] = {}

    def loops(self, one: Scan, other: Scan) -> bool:
        """Whether two loops do the same with their arguments; what they read from outside is compared, too."""
        if len(one.arguments) != len(other.arguments) or len(one.results) != len(other.results):
            return False
        self.pairs.update(zip(one.arguments, other.arguments, strict=True))
        return self.all(one.results, other.results)

    def all(self, ones: Sequence[Value], others: Sequence[Value]) -> bool:
        """Whether values are made alike, pair by pair; those of `others` may be more."""
        return all(self.same(*pair) for pair in zip(ones, others, strict=False))

    def same(self, one: Value, other: Value) -> bool:
        """Whether two values are made alike."""
        other = self.outside.get(other, other)
        if one in self.pairs:
            return self.pairs[one] is other
        self.pairs[one] = other
        if one is other:
            return True
        op, made = one.call.op, self.reading.makers.get(other)
        if isinstance(op, Weight):
            fits = made is not None and one.type == other.type  # what a step makes is no weight
            return fits and self.weights.setdefault(op.spec.path, other) is other
        found, inputs, index = (
            (made.op, made.inputs, made.outputs.index(other))
            if made is not None
            else (other.call.op, other.call.inputs, other.index)
        )
        if one in self.given or op != found or one.index != index or len(one.call.inputs) != len(inputs):
            return False
        return self.all(one.call.inputs, inputs)


# Lowering


def _lower(b: Builder, reading: Reading, found: Found, last: Instruction) -> None:
    kind, units = found.candidate.kind, found.candidate.units
    op = last.op
    assert isinstance(op, Scan)
    weights = found.weights
    order = _GATES[kind]
    key = (kind, *weights.values())
    given: list[Tensor | None] = [
        b.read(found.x, _STEPS_FIRST),
        b.once(("W", key), lambda: _stacked(b, weights["kernel"], units, order)),
        b.once(("R", key), lambda: _stacked(b, weights["recurrent_kernel"], units, order)),
        b.once(("B", key), lambda: _biases(b, kind, weights["bias"], units)) if "bias" in weights else None,
        None,
        *(None if _is_zero(reading, s) else b.reshape(b.read(s), (1, *s.shape)) for s in found.states),
    ]
    while given[-1] is None:
        given.pop()
    states, outputs = last.outputs[: op.states], last.outputs[op.states :]
    batch, steps = found.x.shape[:2]
    sequence = Tensor("float32", (steps, 1, batch, units))
    ends = [Tensor("float32", (1, batch, units)) for _ in states]
    read = [reading.is_read(state) for state in states]
    made = [sequence if outputs else None, *(end if is_read else None for end, is_read in zip(ends, read, strict=True))]
    b.emit(_NAMES[kind], given, made, **_attributes(found))
    for state, end in zip(states, ends, strict=True):
        b.place(state, b.reshape(end, state.shape))
    for output in outputs:
        every = b.node("Squeeze", sequence, b.ints([1]), shape=(steps, batch, units))
        b.place(output, backwards(b, every, 0) if found.backwards else every, _STEPS_FIRST)


_NAMES: dict[type[Recurrent], str] = {LSTM: "LSTM", GRU: "GRU", SimpleRNN: "RNN"}
_GATES: dict[type[Recurrent], tuple[int, ...]] = {LSTM: (0, 3, 1, 2), GRU: (0, 1, 2), SimpleRNN: (0,)}
"""Where each of ONNX's gates stands in Keras' columns: its LSTM has input, output, forget, cell."""


def _attributes(found: Found) -> dict[str, Any]:
    kind, names = found.candidate.kind, found.candidate.activations
    functions = [_ACTIVATIONS[name] for name in names[::-1]]  # the gates' first
    if kind is LSTM:
        functions.append(functions[-1])
    attributes: dict[str, Any] = {"hidden_size": found.candidate.units}
    if names != ("tanh", "sigmoid")[: len(names)]:
        attributes["activations"] = [name for name, _, _ in functions]
        for place, name in ((1, "activation_alpha"), (2, "activation_beta")):
            numbers = [number for function in functions for number in function[place]]
            if numbers:  # one for each function that has it, in order
                attributes[name] = numbers
    if found.backwards:
        attributes["direction"] = "reverse"
    if dict(found.candidate.more).get("reset_after"):
        attributes["linear_before_reset"] = 1
    return attributes


def _stacked(b: Builder, kernel: Value, units: int, order: Sequence[int]) -> Tensor:
    """A kernel (features, gates * units) as (1, gates * units, features), its gates in ONNX's order."""
    rows = b.read(kernel, (1, 0))
    features = kernel.shape[0]
    return b.reshape(_gates(b, rows, units, order, (len(order) * units, features)), (1, len(order) * units, features))


def _gates(b: Builder, x: Tensor, units: int, order: Sequence[int], shape: tuple[Any, ...]) -> Tensor:
    """The gates along the first axis in another order."""
    if tuple(order) == tuple(range(len(order))):
        return x
    places = [gate * units + unit for gate in order for unit in range(units)]
    return b.node("Gather", x, b.ints(places), shape=shape, axis=0)


def _biases(b: Builder, kind: type[Recurrent], bias: Value, units: int) -> Tensor:
    """The biases of both kernels in a row, (1, 2 * gates * units); where Keras has one, the second are zeros."""
    order = _GATES[kind]
    count = len(order) * units
    if bias.rank == 2:
        return b.reshape(b.read(bias), (1, 2 * count))
    zeros = b.constant(np.zeros(count, np.float32))
    gates = _gates(b, b.read(bias), units, order, (count,))
    return b.reshape(b.node("Concat", gates, zeros, shape=(2 * count,), axis=0), (1, 2 * count))
