"""Which calls run, in which order, and for how long their results are needed."""

from collections.abc import Sequence

from specmodel.graph.graph import Graph
from specmodel.ops.source import Constant, Input, Iota, Weight
from specmodel.ops.value import Call, Value
from specmodel.record import Record


class Schedule(Record):
    """The calls to run. `prepared` depend on weights and constants alone: they run once, when the plan is made."""

    prepared: tuple[Call, ...]
    running: tuple[Call, ...]
    path_of: dict[Call, str]


def schedule(graph: Graph, outputs: Sequence[Value]) -> Schedule:
    """The calls that the outputs need, in the order of the graph's nodes; what nothing needs is left out."""
    needed = _needed(outputs)
    path_of: dict[Call, str] = {}
    ordered: dict[Call, None] = {}
    for node in graph.in_order():
        for call in node.calls:
            if call in needed:
                path_of[call] = node.path
                ordered[call] = None
    for call in needed:
        ordered.setdefault(call, None)
    fixed = {call for call in ordered if isinstance(call.op, Weight | Constant | Iota)}
    prepared, running = [], []
    for call in ordered:
        if isinstance(call.op, Input) or call in fixed:
            continue
        if call.inputs and all(value.call in fixed for value in call.inputs):
            fixed.add(call)
            prepared.append(call)
        else:
            running.append(call)
    return Schedule(tuple(prepared), tuple(running), path_of)


def _needed(outputs: Sequence[Value]) -> dict[Call, None]:
    """Every call the outputs depend on, inputs first."""
    found: dict[Call, None] = {}
    stack = [(value.call, False) for value in reversed(outputs)]
    while stack:
        call, ready = stack.pop()
        if ready:
            found[call] = None
        elif call not in found:
            stack.append((call, True))
            stack.extend((value.call, False) for value in reversed(call.inputs))
    return found
