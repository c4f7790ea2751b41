"""Bind instructions to arrays: kernels, views, and the bodies of loops."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial

import numpy as np

from specmodel.kernels import Array, Body, Bound, Tiles, Work, in_turn, kernel_of, view_of
from specmodel.kernels.dtypes import physical, rounding
from specmodel.kernels.source import constant_array
from specmodel.ops.source import Constant, Iota, Weight
from specmodel.ops.value import Call, Op, Value
from specmodel.plan.buffers import Buffers, assign, byte_size
from specmodel.plan.inlays import Inlay
from specmodel.plan.passes import Pass
from specmodel.plan.program import Instruction, program_of
from specmodel.plan.schedule import schedule
from specmodel.plan.scratch import Pool
from specmodel.plan.team import WORTH, Team
from specmodel.types.tensor import numbers


class Workspace(Pool):
    """Scratch arrays of one step, and the bodies of ops that have one, which pass through `transform` first.

    `team` shares the tiles of large steps; each other member has scratch arrays of its own. `still` are the ids of the
    arrays that no run changes.
    """

    def __init__(self, transform: Pass, team: Team) -> None:
        super().__init__()
        self._transform = transform
        self._team = team
        self._others = [Pool() for _ in range(team.size - 1)]
        self.still: set[int] = set()

    def calls(self, work: Iterable[Work]) -> Iterator[Bound]:
        """The calls of a step's work: tiles that are worth it are one call, which shares them."""
        for one in work:
            if not isinstance(one, Tiles):
                yield one
            elif self._team.size > 1 and one.count > 1 and one.nanoseconds >= WORTH:
                yield partial(self._team.run, [_each(one, pool) for pool in (self, *self._others)])
            else:
                yield from in_turn([one], self)

    def bytes(self) -> int:
        """What all members have."""
        return self.total + sum(pool.total for pool in self._others)

    def body(
        self,
        arguments: Sequence[Value],
        calls: Sequence[Call],
        results: Sequence[Value],
        captured: Mapping[Value, Array],
        carried: Mapping[Value, Value],
    ) -> Body:
        """Bind a body to buffers that are scratch of the current step; see `specmodel.kernels.BodyScratch`.

        What depends on captured arrays alone that no run changes is done now, once.
        """
        still = frozenset(value for value, array in captured.items() if id(array) in self.still)
        program = program_of([*captured, *arguments], results, calls).replace(still=still)
        program = self._transform(program)
        became = dict(zip(results, program.outputs, strict=True))
        handed_over = {before: became[after] for before, after in carried.items()}
        timetable = schedule(program)
        inner = Workspace(self._transform, self._team)
        arrays = {**captured, **{one.outputs[0]: source_array(one.op, {}) for one in timetable.sources}}
        for one in timetable.prepared:
            prepare(one, arrays, inner, lambda value: np.empty(numbers(value.type.shape), physical(value.dtype)))
        inner.still = {id(array) for value, array in arrays.items() if value not in captured or value in still}
        buffers = assign(arguments, timetable.running, program.outputs, set(arrays), handed_over)
        bound = bind_all(timetable.running, buffers, self((buffers.total,), np.uint8), arrays, inner)
        self.total += inner.bytes()
        return Body(
            tuple(arrays[value] for value in arguments),
            tuple(arrays[value] for value in program.outputs),
            tuple(one for _, group in bound for one in group),
        )


def bind_all(
    instructions: Sequence[Instruction], buffers: Buffers, arena: Array, arrays: dict[Value, Array], pool: Workspace
) -> list[tuple[Instruction, tuple[Bound, ...]]]:
    """Every instruction that does work with its bound calls; `arrays` receives the array of every value.

    Texts are objects, which have no place in the arena: theirs are arrays of their own.
    """
    for value, offset in buffers.offsets.items():
        shape, dtype = numbers(value.type.shape), physical(value.dtype)
        if dtype.hasobject:
            arrays[value] = np.empty(shape, dtype)
        else:
            arrays[value] = arena[offset : offset + byte_size(value.type)].view(dtype).reshape(shape)
    for value in buffers.inlays:
        _lay_in(value, buffers.inlays, arrays)
    bound = []
    for instruction in instructions:
        if instruction.outputs[0] in buffers.views:
            seen = _view(instruction, arrays)
            assert seen is not None, instruction
            arrays[instruction.outputs[0]] = seen
        else:
            bound.append((instruction, _bind(instruction, arrays, pool)))
    return bound


def _lay_in(value: Value, inlays: Mapping[Value, Inlay], arrays: dict[Value, Array]) -> Array:
    if value not in arrays:
        arrays[value] = _lay_in(inlays[value].host, inlays, arrays)[inlays[value].place]
    return arrays[value]


def source_array(op: Op, weights: Mapping[str, Array]) -> Array:
    """The array of a weight or a constant."""
    if isinstance(op, Weight):
        array = weights[op.spec.path]
        wanted = physical(op.spec.dtype)
        return array if array.dtype == wanted else array.astype(wanted)
    assert isinstance(op, Constant | Iota)
    return constant_array(op)


def prepare(
    instruction: Instruction, arrays: dict[Value, Array], pool: Workspace, room: Callable[[Value], Array]
) -> None:
    """Run an instruction whose inputs never change, once, into arrays that `room` gives."""
    seen = _view(instruction, arrays)
    if seen is not None:
        arrays[instruction.outputs[0]] = seen
        return
    for value in instruction.outputs:
        arrays[value] = room(value)
    with np.errstate(all="ignore"):
        for bound in _bind(instruction, arrays, pool):
            bound()


def _bind(instruction: Instruction, arrays: Mapping[Value, Array], pool: Workspace) -> tuple[Bound, ...]:
    outputs = [arrays[value] for value in instruction.outputs]
    pool.reset()
    kernel = kernel_of(type(instruction.op))
    work = kernel(instruction.op, [arrays[value] for value in instruction.inputs], outputs, pool)
    bound = list(pool.calls(work))
    for value, out in zip(instruction.outputs, outputs, strict=True):
        bound.extend(rounding(value.dtype, out, pool))
    return tuple(bound)


def _each(tiles: Tiles, pool: Pool) -> list[tuple[Bound, ...]]:
    """The calls of each tile; all use the same bytes."""
    begin, found = pool.part(), []
    for number in range(tiles.count):
        begin()
        found.append(tuple(tiles.calls(number, pool)))
    return found


def _view(instruction: Instruction, arrays: Mapping[Value, Array]) -> Array | None:
    view = view_of(type(instruction.op))
    return view(instruction.op, arrays[instruction.inputs[0]]) if view is not None else None
