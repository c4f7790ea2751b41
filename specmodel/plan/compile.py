"""Compile a graph of known sizes into a plan."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from specmodel.graph.graph import Graph
from specmodel.kernels import Array, Bound, kernel_of, view_of
from specmodel.kernels.dtypes import physical, rounding
from specmodel.kernels.source import constant_array
from specmodel.ops.source import Constant, Iota, Weight
from specmodel.ops.value import Call, Value
from specmodel.plan.buffers import assign, concrete
from specmodel.plan.plan import Plan, Step
from specmodel.plan.schedule import schedule
from specmodel.plan.scratch import Pool


def compile_graph(graph: Graph, weights: Mapping[str, Array], outputs: Sequence[Value] | None = None) -> Plan:
    """The plan of a graph whose sizes are all known; `outputs` are its own unless others are asked for."""
    wanted = [output.value for output in graph.outputs] if outputs is None else list(outputs)
    timetable = schedule(graph, wanted)
    inputs = [given.value for given in graph.inputs]
    pool = Pool()
    arrays: dict[Value, Array] = {}
    for call in _sources(timetable.prepared, timetable.running, wanted):
        arrays[call.outputs[0]] = _source_array(call, weights)
    for call in timetable.prepared:
        _prepare(call, arrays, pool)
    buffers = assign(inputs, timetable.running, wanted, set(arrays))
    arena = _aligned_block(buffers.total)
    for value, offset in buffers.offsets.items():
        arrays[value] = _buffer(arena, offset, value)
    steps = []
    for call in timetable.running:
        if call.outputs[0] in buffers.views:
            arrays[call.outputs[0]] = _view(call, arrays)
            continue
        bound = _bind(call, arrays, pool)
        steps.append(Step(timetable.path_of.get(call, ""), call, bound, tuple(arrays[v] for v in call.outputs)))
    return Plan(
        tuple(arrays[value] for value in inputs),
        tuple(arrays[value] for value in wanted),
        tuple(value.dtype for value in wanted),
        tuple(steps),
        tuple(call for step in steps for call in step.bound),
        buffers.total,
        pool.total,
    )


def _sources(prepared: Sequence[Call], running: Sequence[Call], wanted: Sequence[Value]) -> list[Call]:
    """The weights and constants that are read."""
    read = [value for call in (*prepared, *running) for value in call.inputs] + list(wanted)
    return list(dict.fromkeys(value.call for value in read if isinstance(value.call.op, Weight | Constant | Iota)))


def _source_array(call: Call, weights: Mapping[str, Array]) -> Array:
    op = call.op
    if isinstance(op, Weight):
        array = weights[op.spec.path]
        wanted = physical(op.spec.dtype)
        return array if array.dtype == wanted else array.astype(wanted)
    assert isinstance(op, Constant | Iota)
    return constant_array(op)


def _prepare(call: Call, arrays: dict[Value, Array], pool: Pool) -> None:
    """Run a call whose inputs never change, once, into an array of its own."""
    view = view_of(type(call.op))
    seen = view(call.op, arrays[call.inputs[0]]) if view is not None else None
    if seen is not None:
        arrays[call.outputs[0]] = seen
        return
    for value in call.outputs:
        arrays[value] = np.empty(concrete(value.type), physical(value.dtype))
    with np.errstate(all="ignore"):
        for bound in _bind(call, arrays, pool):
            bound()


def _bind(call: Call, arrays: Mapping[Value, Array], pool: Pool) -> tuple[Bound, ...]:
    outputs = [arrays[value] for value in call.outputs]
    pool.reset()
    bound = list(kernel_of(type(call.op))(call.op, [arrays[value] for value in call.inputs], outputs, pool))
    for value, out in zip(call.outputs, outputs, strict=True):
        bound.extend(rounding(value.dtype, out, pool))
    return tuple(bound)


def _view(call: Call, arrays: Mapping[Value, Array]) -> Array:
    view = view_of(type(call.op))
    seen = view(call.op, arrays[call.inputs[0]]) if view is not None else None
    assert seen is not None, call
    return seen


def _aligned_block(size: int) -> Array:
    """Uninitialised bytes that start at a multiple of 64."""
    block = np.empty(size + 64, np.uint8)
    start = -block.ctypes.data % 64
    return block[start : start + size]


def _buffer(arena: Array, offset: int, value: Value) -> Array:
    shape, dtype = concrete(value.type), physical(value.dtype)
    size = dtype.itemsize
    for axis in shape:
        size *= axis
    found: np.ndarray[Any, Any] = arena[offset : offset + size].view(dtype).reshape(shape)
    return found
