"""Write transposed convolutions as convolutions, one for each place of output elements between the strides."""

from collections.abc import Sequence
from itertools import product

from specmodel.ops.conv import Conv
from specmodel.ops.conv_transpose import ConvTranspose
from specmodel.ops.interleave import Interleave
from specmodel.ops.shape import expand, pad, slice_axis, transpose
from specmodel.ops.source import constant
from specmodel.ops.value import Value
from specmodel.plan.program import Instruction, Program, rewritten
from specmodel.record import Record
from specmodel.types.tensor import numbers
from specmodel.types.window import transposed_padding, window_extent


class _Phase(Record):
    """The windows that make the elements of one place along an axis: `count` of them, the first at `start`.

    They see `taps` elements, `dilation` apart; the kernel's taps for these are `first`, `first - step`, ….
    """

    start: int
    count: int
    taps: int
    first: int
    step: int
    dilation: int

    @property
    def end(self) -> int:
        """Behind the last element that is seen."""
        return self.start + self.count + (self.taps - 1) * self.dilation


def transposed_convolutions(program: Program) -> Program:
    """The program with convolutions that take turns, for transposed convolutions with fixed kernels.

    Output element `q*stride + r` of an axis is a window of stride 1 on the input with every stride-th tap, from one on
    that r decides.
    """
    fixed = program.fixed()
    return rewritten(program, lambda one: _in_turn(one) if one.inputs[1:] and one.inputs[1] in fixed else None)


def _in_turn(instruction: Instruction) -> Value | None:
    op = instruction.op
    if not isinstance(op, ConvTranspose):
        return None
    lines = list(zip(op.strides, op.dilation, strict=True))
    if any(stride > 1 and dilation > 1 for stride, dilation in lines):
        return None
    x, kernel = instruction.inputs
    sizes = numbers(instruction.outputs[0].shape[1:-1])
    axes = [_phases(op, axis, numbers(kernel.shape)[axis], sizes[axis]) for axis in range(len(sizes))]
    if not all(phase.count for phases in axes for phase in phases):
        return None
    seen = [[phase for phase in phases if phase.taps] for phases in axes]
    before = [max(0, *(-phase.start for phase in phases)) for phases in seen]
    lengths = numbers(x.shape[1:-1])
    after = [max(0, *(phase.end - size for phase in phases)) for phases, size in zip(seen, lengths, strict=True)]
    padded = pad(x, [(0, 0), *zip(before, after, strict=True), (0, 0)])
    turns = [_convolved(padded, kernel, phases, before) for phases in product(*axes)]
    return Interleave(op.strides, sizes)(*turns) if len(turns) > 1 else turns[0]


def _phases(op: ConvTranspose, axis: int, taps: int, size: int) -> list[_Phase]:
    stride, dilation, extra = op.strides[axis], op.dilation[axis], op.extra[axis]
    cut = window_extent(taps, dilation) - 1 - transposed_padding(taps, stride, op.padding, extra, dilation)[0]
    found = []
    for place in range(stride):
        lowest = (place + cut) % stride  # input element i and tap t meet at i*stride + t*dilation - cut
        own = len(range(lowest, taps, stride))
        last = lowest + (own - 1) * stride
        start = (place + cut - (last if stride > 1 else last * dilation)) // stride
        found.append(_Phase(start, len(range(place, size, stride)), own, last, stride, dilation))
    return found


def _convolved(x: Value, kernel: Value, phases: Sequence[_Phase], before: Sequence[int]) -> Value:
    """The elements of one place: x is padded, by so many zeros in front."""
    filters = kernel.shape[-2]
    if not all(phase.taps for phase in phases):
        zero = constant(0.0, x.dtype)
        return expand(zero, (x.shape[0], *(phase.count for phase in phases), filters))
    for axis, (phase, more) in enumerate(zip(phases, before, strict=True)):
        x = slice_axis(x, axis + 1, phase.start + more, phase.end - phase.start)
        kernel = slice_axis(kernel, axis, phase.first, phase.taps, -phase.step)
    turned = transpose(kernel, (*range(len(phases)), kernel.rank - 1, kernel.rank - 2))
    ones = (1,) * len(phases)
    return Conv(ones, "valid", tuple(phase.dilation for phase in phases))(x, turned)
