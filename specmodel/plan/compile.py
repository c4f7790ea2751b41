"""Compile a graph of known sizes into a plan."""

from collections.abc import Mapping, Sequence

from specmodel.graph.graph import Graph
from specmodel.kernels import Array
from specmodel.kernels.dtypes import physical
from specmodel.kernels.source import constant_array
from specmodel.ops.source import Constant, Iota, Weight
from specmodel.ops.value import Call, Value
from specmodel.plan.bind import Workspace, aligned_block, bind_all, prepare
from specmodel.plan.buffers import assign
from specmodel.plan.plan import Plan, Step
from specmodel.plan.schedule import schedule


def compile_graph(graph: Graph, weights: Mapping[str, Array], outputs: Sequence[Value] | None = None) -> Plan:
    """The plan of a graph whose sizes are all known; `outputs` are its own unless others are asked for."""
    wanted = [output.value for output in graph.outputs] if outputs is None else list(outputs)
    timetable = schedule(graph, wanted)
    inputs = [given.value for given in graph.inputs]
    pool = Workspace()
    arrays: dict[Value, Array] = {}
    for call in _sources(timetable.prepared, timetable.running, wanted):
        arrays[call.outputs[0]] = _source_array(call, weights)
    for call in timetable.prepared:
        prepare(call, arrays, pool)
    buffers = assign(inputs, timetable.running, wanted, set(arrays))
    steps = [
        Step(timetable.path_of.get(call, ""), call, bound, tuple(arrays[value] for value in call.outputs))
        for call, bound in bind_all(timetable.running, buffers, aligned_block(buffers.total), arrays, pool)
    ]
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
