"""Compile a graph of known sizes into a plan."""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext

import numpy as np

from specmodel.graph.graph import Graph
from specmodel.kernels import Array
from specmodel.kernels.dtypes import physical
from specmodel.ops.value import Value
from specmodel.plan.arena import aligned
from specmodel.plan.bind import Workspace, bind_all, prepare, source_array
from specmodel.plan.buffers import assign, byte_size
from specmodel.plan.passes import optimised, optimised_fast, unchanged
from specmodel.plan.plan import Plan, Step
from specmodel.plan.program import Instruction, Program, lowered
from specmodel.plan.schedule import Schedule, schedule
from specmodel.plan.scratch import Store, aligned_block
from specmodel.plan.team import team_of
from specmodel.plan.threads import one_library_thread
from specmodel.types.dim import Dim
from specmodel.types.tensor import numbers

MUCH_WORK = 10**7
"""Floating-point operations from which on a library might start threads."""


def compile_graph(
    graph: Graph,
    weights: Mapping[str, Array],
    outputs: Sequence[Value] | None = None,
    *,
    threads: int = 1,
    fast_math: bool = False,
    plain: bool = False,
) -> Plan:
    """The plan of a graph whose sizes are all known; `outputs` are its own unless others are asked for.

    It runs on so many `threads`. With `fast_math` errors may be ten times as large. A `plain` plan is made without
    passes: it runs the ops as the layers wrote them.
    """
    wanted = [output.value for output in graph.outputs] if outputs is None else list(outputs)
    transform = unchanged if plain else optimised_fast if fast_math else optimised
    return compile_program(transform(lowered(graph, wanted)), weights, Workspace(transform, team_of(threads)))


def compile_program(program: Program, weights: Mapping[str, Array], pool: Workspace) -> Plan:
    """The plan of a program as it stands."""
    timetable = schedule(program)
    arrays = {one.outputs[0]: source_array(one.op, weights) for one in timetable.sources}
    _prepare(timetable, program.outputs, arrays, pool)
    pool.still = {id(array) for array in arrays.values()}
    buffers = assign(program.inputs, timetable.running, program.outputs, set(arrays))
    steps = [
        Step(one.path, one, bound, tuple(arrays[value] for value in one.outputs))
        for one, bound in bind_all(timetable.running, buffers, aligned_block(buffers.total), arrays, pool)
    ]
    return Plan(
        tuple(arrays[value] for value in program.inputs),
        tuple(arrays[value] for value in program.outputs),
        tuple(value.dtype for value in program.outputs),
        tuple(steps),
        tuple(call for step in steps for call in step.bound),
        buffers.total,
        pool.bytes(),
        one_library_thread() if _flops(timetable.running) >= MUCH_WORK else nullcontext(),
    )


def _flops(instructions: Sequence[Instruction]) -> int:
    total: Dim = 0
    for one in instructions:
        total += one.op.flops([value.type for value in one.inputs], [value.type for value in one.outputs])
    return int(total) if isinstance(total, int) else 0


def _prepare(timetable: Schedule, outputs: Sequence[Value], arrays: dict[Value, Array], pool: Workspace) -> None:
    """Make what depends on weights alone: what is read later in one block, what only leads to it in passing."""
    read = {*outputs, *(value for one in timetable.running for value in one.inputs)}
    made = [value for one in timetable.prepared for value in one.outputs]
    store = Store(sum(aligned(byte_size(value.type)) for value in made if value in read))

    def room(value: Value) -> Array:
        shape, dtype = numbers(value.type.shape), physical(value.dtype)
        return store(shape, dtype) if value in read and not dtype.hasobject else np.empty(shape, dtype)

    for one in timetable.prepared:
        prepare(one, arrays, pool, room)
