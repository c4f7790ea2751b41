"""Which values own memory, which are views of others, and where in the arena each lies."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from specmodel.kernels import Array, View, view_of
from specmodel.kernels.dtypes import physical
from specmodel.ops.elementwise import Binary, Cast, Clip, Unary
from specmodel.ops.value import Value
from specmodel.plan.arena import Life, place
from specmodel.plan.inlays import Inlay, inlays
from specmodel.plan.program import Instruction
from specmodel.record import Record
from specmodel.types.tensor import TensorType, numbers

IN_PLACE = (Unary, Binary, Clip, Cast)
"""Ops whose kernel may write over an input of the same size, element by element."""


class Buffers(Record):
    """Where every value lies: an owner's offset in the arena; a view's base; the host of an inlay."""

    offsets: Mapping[Value, int]
    views: Mapping[Value, Value]
    inlays: Mapping[Value, Inlay]
    total: int


def byte_size(kind: TensorType) -> int:
    """Bytes of a value's buffer in the arena, where texts have none."""
    if kind.dtype == "string":
        return 0
    count = 1
    for size in numbers(kind.shape):
        count *= size
    return int(count * physical(kind.dtype).itemsize)


def assign(
    inputs: Sequence[Value],
    running: Sequence[Instruction],
    outputs: Sequence[Value],
    fixed: set[Value],
    carried: Mapping[Value, Value] | None = None,
) -> Buffers:
    """Place the inputs and the results of the running calls; `fixed` values have arrays of their own.

    For the body of a loop, `carried` leads inputs to the outputs that they become in the next round. Calls may then
    write over the inputs, and such an output lies where its input lay, if that is no longer read.
    """
    bound = {*fixed, *(carried or ()), *(outputs if carried is not None else ())}
    inlaid = inlays(inputs, running, bound)
    views = _views(inputs, running, fixed, inlaid)
    lying = {**views, **{value: inlay.host for value, inlay in inlaid.items()}}
    roots = {value: _root(value, lying) for value in (*inputs, *fixed)}
    start = dict.fromkeys((roots[value] for value in inputs), -1)
    for step, call in enumerate(running):
        for value in call.outputs:
            roots[value] = _root(value, lying)
            if roots[value] not in fixed:
                start.setdefault(roots[value], step)
    last = _last_uses(running, outputs, roots)
    protected = fixed if carried is not None else {*fixed, *inputs}
    heirs = _in_place(running, lying, roots, last, protected)
    groups: dict[Value, list[Value]] = {}
    for value in start:
        head = value
        while head in heirs:
            head = heirs[head]
        groups.setdefault(head, []).append(value)
    lives = {
        head: Life(byte_size(head.type), min(start[v] for v in group), max(last.get(v, start[v]) for v in group))
        for head, group in groups.items()
    }
    if carried:
        _hand_over(carried, groups, lives, len(running))
    offsets, total = place(list(lives.values()))
    placed = {value: offset for offset, head in zip(offsets, lives, strict=True) for value in groups[head]}
    return Buffers(placed, views, inlaid, total)


def _hand_over(
    carried: Mapping[Value, Value], groups: dict[Value, list[Value]], lives: dict[Value, Life], end: int
) -> None:
    """Join the buffers of carried outputs with those of their inputs; these then live to the end, joined or not."""
    head_of = {value: head for head, group in groups.items() for value in group}
    for before, after in carried.items():
        old, new = head_of[before], head_of.get(after)
        if new is not None and new is not old and lives[old].end < lives[new].start:
            groups[old].extend(groups.pop(new))
            lives[old] = lives[old].replace(end=lives.pop(new).end)
            head_of.update(dict.fromkeys(groups[old], old))
        lives[old] = lives[old].replace(end=end)


def _root(value: Value, lying: Mapping[Value, Value]) -> Value:
    """The value whose memory a value lies in."""
    while value in lying:
        value = lying[value]
    return value


def _views(
    inputs: Sequence[Value], running: Sequence[Instruction], fixed: set[Value], inlaid: Mapping[Value, Inlay]
) -> dict[Value, Value]:
    """The values that are views, each with its base, told from strides alone: no memory is touched."""
    ghosts: dict[Value, Array] = {}

    def ghost_of(value: Value) -> Array:
        if value not in ghosts:
            inlay = inlaid.get(value)
            ghosts[value] = ghost(value.type) if inlay is None else ghost_of(inlay.host)[inlay.place]
        return ghosts[value]

    views: dict[Value, Value] = {}
    for call in running:
        view: View | None = view_of(type(call.op))
        seen = view(call.op, ghost_of(call.inputs[0])) if view is not None else None
        if seen is not None:
            views[call.outputs[0]] = call.inputs[0]
            ghosts[call.outputs[0]] = seen
    return views


def ghost(kind: TensorType) -> Array:
    """An array with the shape and strides of a contiguous buffer, over no memory of its own: never to be read."""
    shape = numbers(kind.shape)
    dtype = physical("uint64" if kind.dtype == "string" else kind.dtype)  # what is no reference must not look like one
    strides, step = [], dtype.itemsize
    for size in reversed(shape):
        strides.append(step)
        step *= max(size, 1)
    base: Any = np.empty(1, dtype)
    return np.lib.stride_tricks.as_strided(base, shape, tuple(reversed(strides)), writeable=False)


def _last_uses(
    running: Sequence[Instruction], outputs: Sequence[Value], roots: Mapping[Value, Value]
) -> dict[Value, int]:
    last: dict[Value, int] = {}
    for step, call in enumerate(running):
        for value in call.inputs:
            last[roots[value]] = step
    for value in outputs:
        last[roots[value]] = len(running)
    return last


def _in_place(
    running: Sequence[Instruction],
    lying: Mapping[Value, Value],
    roots: Mapping[Value, Value],
    last: Mapping[Value, int],
    protected: set[Value],
) -> dict[Value, Value]:
    """Results that take over the buffer of an input which nobody reads afterwards: result -> input.

    The input must own its buffer whole: as a view it would be written in another order than it is read.
    """
    heirs: dict[Value, Value] = {}
    for step, call in enumerate(running):
        if not isinstance(call.op, IN_PLACE) or call.outputs[0] in lying:
            continue
        out = call.outputs[0]
        for value in call.inputs:
            alone = sum(roots[other] is roots[value] for other in call.inputs) == 1
            same = value.shape == out.shape and physical(value.dtype) == physical(out.dtype)
            if same and alone and roots[value] is value and value not in protected and last[value] == step:
                heirs[out] = value
                break
    return heirs
