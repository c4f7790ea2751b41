"""Run the loops of LSTM and GRU layers as one op each."""

from collections.abc import Callable, Iterator, Sequence

from specmodel.kernels.blas import multiplies_small_at_once
from specmodel.kernels.products import AT_ONCE, WIDTH
from specmodel.ops.elementwise import Binary, sigmoid, tanh, where
from specmodel.ops.linear import MatMul
from specmodel.ops.packed import Pack
from specmodel.ops.recurrent import GRULoop, LSTMLoop
from specmodel.ops.scan import Scan
from specmodel.ops.shape import concat, reshape, slice_axis
from specmodel.ops.source import Constant, Input, constant
from specmodel.ops.value import Call, Value
from specmodel.plan.patterns import Bindings, made_as
from specmodel.plan.program import Instruction, Program, Rewrite, program_of
from specmodel.record import Record
from specmodel.types.tensor import TensorType, numbers

Values = Sequence[Value]


def recurrences(program: Program) -> Program:
    """The program with the loops that are those of an LSTM or a GRU, masked or not, in float32 or float64."""
    rewrite = Rewrite(program.inputs)
    sums = Sums(program, rewrite)
    changed = False
    for old in program.instructions:
        instruction = rewrite.current(old)
        made = _loop(instruction, sums)
        if made is None:
            rewrite.keep(instruction)
        else:
            changed = True
            for before, after in zip(instruction.outputs, made, strict=True):
                rewrite.replace(before, after, instruction.path)
    return rewrite.program(program) if changed else program


class Sums:
    """What the inputs of a loop make of themselves, `inputs @ kernel + bias`, with its columns changed."""

    def __init__(self, program: Program, rewrite: Rewrite) -> None:
        self._makers = program.makers()
        self._fixed = program.fixed()
        self._alone = program.only_reader().keys()
        self._rewrite = rewrite

    def changed(self, x: Value, change: Callable[[Value], Value]) -> Value:
        """`change(x)`, which treats columns apart; done with kernel and bias where x is made of them for this alone."""
        maker = self._makers.get(x)
        if maker is None or x not in self._alone:
            return change(x)
        a, *more = self._rewrite.current(maker).inputs
        if len(more) != 1 or more[0] not in self._fixed:
            return change(x)
        if isinstance(maker.op, MatMul) and more[0].rank == 2:
            return a @ change(more[0])
        if maker.op == Binary("Add") and more[0].shape == x.shape[-1:]:
            return self.changed(a, change) + change(more[0])
        return change(x)


class Loop(Record):
    """What a `Scan` turned out to be, with the values it reads.

    `mask` is empty or has one value. With `blank` the output of a masked step is zero, with `sequences` all outputs are
    wanted.
    """

    x: Value
    states: tuple[Value, ...]
    mask: tuple[Value, ...]
    kernel: Value
    bias: Value | None
    blank: bool
    sequences: bool


class Kind(Record):
    """A kind of loop: how many states and gates it has, and its step, as layers write it.

    `step` makes the new states of x, the states, the kernel and the bias of the states, which is there or may be.
    `made` is the op on a loop's values: its outputs are the states as they end, then all outputs, if they are wanted.
    """

    states: int
    gates: int
    biased: tuple[bool, ...]
    step: Callable[[Value, Values, Value, Value | None], Values]
    made: Callable[[Loop, Sums], Values]


def _loop(instruction: Instruction, sums: Sums) -> Values | None:
    """What stands for the outputs of a `Scan` of some kind."""
    op = instruction.op
    if not isinstance(op, Scan) or not 1 <= op.sequences <= 2 or len(op.results) - op.states > 1:
        return None
    kinds = {value.dtype for value in instruction.outputs}
    if kinds not in ({"float32"}, {"float64"}) or any(value.rank != 2 for value in op.arguments[op.sequences :]):
        return None
    for kind in KINDS:
        for biased in kind.biased:
            loop = _recognised(instruction, op, kind, biased)
            if loop is not None:
                return _blanked(loop, kind.states, kind.made(loop, sums))
    return None


def _recognised(instruction: Instruction, op: Scan, kind: Kind, biased: bool) -> Loop | None:
    masked, sequences, blank = op.sequences == 2, len(op.results) > op.states, op.states > kind.states
    x, states = op.arguments[0], op.arguments[op.sequences : op.sequences + kind.states]
    units = states[-1].shape[-1]
    if op.states - blank != kind.states or (blank and not masked) or x.shape[-1:] != (kind.gates * units,):
        return None
    kernel = Input("kernel", TensorType((units, x.shape[-1]), x.dtype))()
    bias = Input("bias", TensorType(x.shape[-1:], x.dtype))() if biased else None
    new = list(kind.step(x, states, kernel, bias))
    output = new[0]
    if masked:
        kept = reshape(op.arguments[1], (x.shape[0], 1))
        output = where(kept, output, 0.0)
        new = [where(kept, *pair) for pair in zip(new, states, strict=True)]
    shown = output if blank else new[0]
    pattern = [*new, *[shown] * blank, *[shown] * sequences]
    bound: Bindings = {value: value for value in op.arguments}
    numbers_read = [value.call for value in op.captured if isinstance(value.call.op, Constant)]
    body = program_of(op.arguments, op.results, [*numbers_read, *op.calls]).makers()
    if not all(made_as(*pair, bound, body.get) for pair in zip(pattern, op.results, strict=True)):
        return None
    outer = dict(zip(op.captured, instruction.inputs[len(op.arguments) :], strict=True))
    if bound[kernel] not in outer or (bias is not None and bound[bias] not in outer):
        return None
    given = instruction.inputs
    return Loop(
        given[0],
        given[op.sequences : op.sequences + kind.states],
        given[1 : op.sequences],
        outer[bound[kernel]],
        outer[bound[bias]] if bias is not None else None,
        blank,
        sequences,
    )


def _blanked(loop: Loop, states: int, made: Values) -> Values:
    """The outputs of the `Scan`: for one with `blank`, the last output stands behind the states."""
    if not loop.blank:
        return made
    (mask,) = loop.mask
    batch, steps = mask.shape
    last = where(slice_axis(mask, 1, steps - 1, 1), made[0], 0.0)
    return [*made[:states], last, *(where(reshape(mask, (batch, steps, 1)), y, 0.0) for y in made[states:])]


def _columns(x: Value, count: int) -> Iterator[Value]:
    units = numbers(x.shape)[-1] // count
    return (slice_axis(x, -1, number * units, units) for number in range(count))


def _lstm(x: Value, states: Values, kernel: Value, bias: Value | None) -> Values:
    hidden, carry = states
    i, f, g, o = _columns(x + hidden @ kernel, 4)
    i, f, g, o = sigmoid(i), sigmoid(f), tanh(g), sigmoid(o)
    carry = f * carry + i * g
    return o * tanh(carry), carry


def _gru(x: Value, states: Values, kernel: Value, bias: Value | None) -> Values:
    (hidden,) = states
    size = numbers(x.shape)[-1]
    product = hidden @ kernel if bias is None else hidden @ kernel + bias
    (of_gates, x_last), (p_gates, p_last) = (
        (slice_axis(one, -1, 0, 2 * size // 3), slice_axis(one, -1, 2 * size // 3, size // 3)) for one in (x, product)
    )
    update, reset = _columns(sigmoid(of_gates + p_gates), 2)
    candidate = tanh(x_last + reset * p_last)
    return (update * (hidden - candidate) + candidate,)


def _made_lstm(loop: Loop, sums: Sums) -> Values:
    units = numbers(loop.states[0].shape)[-1]
    halved = constant((0.5,) * (3 * units) + (1.0,) * units, loop.x.dtype)

    def arranged(weights: Value) -> Value:
        i, f, g, o = _columns(weights, 4)
        return concat([i, f, o, g]) * halved

    width = _width(loop.states[0], loop.kernel)
    packed = _packed(arranged(loop.kernel) * 0.5, width)
    op = LSTMLoop(loop.sequences, bool(loop.mask), width)
    return Call(op, (sums.changed(loop.x, arranged), *loop.states, packed, *loop.mask)).outputs


def _made_gru(loop: Loop, sums: Sums) -> Values:
    units = numbers(loop.states[0].shape)[-1]
    halved = constant((0.5,) * (2 * units) + (1.0,) * units, loop.x.dtype)
    rows = [loop.kernel] if loop.bias is None else [loop.kernel, reshape(loop.bias, (1, *loop.bias.shape))]
    kernel = concat(rows, 0) * 0.5
    width = _width(loop.states[0], kernel)
    op = GRULoop(loop.sequences, bool(loop.mask), width)
    x = sums.changed(loop.x, lambda x: x * halved)
    return Call(op, (x, *loop.states, _packed(kernel, width), *loop.mask)).outputs


def _width(hidden: Value, kernel: Value) -> int | None:
    """The groups that the kernel is packed in for a batch: whole gates, or tiles where a gate is too much at once."""
    (batch, units), (depth, _) = numbers(hidden.shape), numbers(kernel.shape)
    if batch == 1:
        return None
    tiled = hidden.dtype == "float32" and multiplies_small_at_once() and units % WIDTH == 0
    return WIDTH if tiled and batch * depth * units > AT_ONCE else units


def _packed(kernel: Value, width: int | None) -> Value:
    return kernel if width is None else Pack(width)(kernel)


KINDS = (
    Kind(2, 4, (False,), _lstm, _made_lstm),
    Kind(1, 3, (True, False), _gru, _made_gru),
)
