"""Whether a model treats the samples of a batch apart, so that a long input can run in pieces."""

from collections.abc import Sequence

from specmodel.graph.graph import Graph
from specmodel.ops.shape import Expand
from specmodel.ops.source import Input, Iota
from specmodel.ops.value import Call, Value
from specmodel.types.dim import unknowns

BATCH = "batch"
"""The key of the unknown batch size."""


def mixing_layer(graph: Graph) -> str | None:
    """The path of the first layer that mixes samples or needs them all, or None where each row is by itself.

    The graph is one whose batch size is unknown; a fixed batch cannot be split, which is told as the name of its input.
    """
    rows: dict[Value, bool] = {}
    for given in graph.inputs:
        if not _has_batch_rows(given.value):
            return given.spec.name
        rows[given.value] = True
    for node in graph.in_order():
        for call in node.calls:
            by_row = [rows.get(value, False) for value in call.inputs]
            if any(by_row) and not _keeps(call, by_row):
                return node.path
            if isinstance(call.op, Iota) and call.op.axis == 0 and _has_batch_rows(call.outputs[0]):
                return node.path
            for value in call.outputs:
                rows[value] = any(by_row) or (isinstance(call.op, Expand) and _has_batch_rows(value))
    for output in graph.outputs:
        if not rows.get(output.value, False) or not _has_batch_rows(output.value):
            return output.ref.target
    return None


def _keeps(call: Call, by_row: Sequence[bool]) -> bool:
    inputs, outputs = [value.type for value in call.inputs], [value.type for value in call.outputs]
    return not isinstance(call.op, Input) and call.op.keeps_rows(inputs, outputs, by_row)


def _has_batch_rows(value: Value) -> bool:
    return bool(value.shape) and not isinstance(value.shape[0], int) and unknowns(value.shape[0]) == {f"?{BATCH}"}
