"""A loop: its body is bound once, to buffers that every step uses again."""

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np

from specmodel.kernels import Array, BodyScratch, Bound
from specmodel.ops import scan as ops

Move = tuple[Array, Array]
"""A destination and a source; along a first axis of steps where one of them belongs to a sequence."""


def scan(op: ops.Scan, inputs: Sequence[Array], outputs: Sequence[Array], scratch: BodyScratch) -> Iterator[Bound]:
    """Copy each step's slices in, run the body, copy its outputs and the new states to their places."""
    first, last = op.sequences, len(op.arguments)
    carried = dict(zip(op.arguments[first:], op.results, strict=False))
    body = scratch.body(op.arguments, op.calls, op.results, dict(zip(op.captured, inputs[last:], strict=True)), carried)
    slots, states = body.arguments[:first], body.arguments[first:]
    feed = [(slot, np.moveaxis(x, 1, 0)) for slot, x in zip(slots, inputs[:first], strict=True)]
    drain = [
        (np.moveaxis(out, 1, 0), y) for out, y in zip(outputs[op.states :], body.results[op.states :], strict=True)
    ]
    for state, start in zip(states, inputs[first:last], strict=True):
        yield partial(np.copyto, state, start)
    yield partial(_steps, feed, body.calls, drain, _handover(states, body.results[: op.states], scratch))
    for out, state in zip(outputs, states, strict=False):
        yield partial(np.copyto, out, state)


def _steps(feed: Sequence[Move], calls: Sequence[Bound], drain: Sequence[Move], handover: Sequence[Bound]) -> None:
    for step in range(len(feed[0][1])):
        for slot, sequence in feed:
            np.copyto(slot, sequence[step])
        for call in calls:
            call()
        for collected, output in drain:
            np.copyto(collected[step], output)
        for call in handover:
            call()


def _handover(states: Sequence[Array], new: Sequence[Array], scratch: BodyScratch) -> list[Bound]:
    """The copies that make new states the old ones; none for a state that was written in place."""
    moves = [(state, after) for state, after in zip(states, new, strict=True) if not _same(state, after)]
    overlapping = any(np.may_share_memory(after, state) for state, _ in moves for _, after in moves)
    if not overlapping:
        return [partial(np.copyto, state, after) for state, after in moves]
    aside = [(scratch(state.shape, state.dtype), state, after) for state, after in moves]
    saved: list[Bound] = [partial(np.copyto, saved, after) for saved, _, after in aside]
    return [*saved, *(partial(np.copyto, state, saved) for saved, state, _ in aside)]


def _same(a: Array, b: Array) -> bool:
    return a.ctypes.data == b.ctypes.data and a.strides == b.strides
