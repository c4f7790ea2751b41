"""The figures of a model: the dictionary that `summary --format json` prints; docs/figures.md states the rules."""

from collections.abc import Callable
from typing import Any

from specmodel.graph.graph import Graph
from specmodel.graph.memory import ONE_SAMPLE, peak_activation_bytes
from specmodel.spec.model import ModelSpec
from specmodel.summary.counts import parameter_count, weight_bytes
from specmodel.summary.rows import Row, rows_of
from specmodel.types.dim import Dim, evaluate
from specmodel.types.formula import shown

Figures = dict[str, Any]


def figures(spec: ModelSpec, graph: Graph | None, depth: int | None = None) -> Figures:
    """All figures of a model; without a graph, those of an unbuilt one. `depth` folds what lies deeper in blocks."""
    return {
        "specmodel": 1,
        "name": graph.name if graph is not None else spec.name,
        "built": graph is not None,
        **ends(spec, graph),
        "layers": [_layer(row) for row in rows_of(spec, graph, depth)],
        "totals": totals(spec, graph),
    }


def ends(spec: ModelSpec, graph: Graph | None) -> Figures:
    """The inputs and outputs; of an unbuilt model, only the outputs' names are known."""
    if graph is None:
        return {"inputs": [], "outputs": [{"name": one.name, "shape": None, "dtype": None} for one in spec.outputs]}
    return {
        "inputs": [
            {"name": i.spec.name, "shape": i.value.type.shown_shape, "dtype": i.value.dtype} for i in graph.inputs
        ],
        "outputs": [
            {"name": o.name, "shape": o.value.type.shown_shape, "dtype": _delivered(o.value.dtype)}
            for o in graph.outputs
        ],
    }


def totals(spec: ModelSpec, graph: Graph | None) -> Figures:
    """The figures of the whole model; an unbuilt one has only a number of layers."""
    if graph is None:
        return {**dict.fromkeys(TOTALS), "layers": len(spec.entries)}
    return {key: total(graph) for key, total in TOTALS.items()}


def _flops(graph: Graph) -> int | str | None:
    total: Dim = 0
    for node in graph.nodes:
        total = total + node.flops()
    return shown(evaluate(total, ONE_SAMPLE))


def _trainable(graph: Graph) -> int:
    return parameter_count(spec for spec in graph.weights() if spec.trainable)


TOTALS: dict[str, Callable[[Graph], int | str | None]] = {
    "layers": lambda graph: len(graph.nodes),
    "parameters": lambda graph: parameter_count(graph.weights()),
    "trainable": _trainable,
    "non_trainable": lambda graph: parameter_count(graph.weights()) - _trainable(graph),
    "weight_bytes": lambda graph: weight_bytes(graph.weights()),
    "flops": _flops,
    "peak_activation_bytes": peak_activation_bytes,
}
"""The figures of a whole model; `expect` computes those it names."""


def _layer(row: Row) -> Figures:
    """A layer; a folded block says how many `layers` it stands for, too."""
    built = row.outputs is not None
    return {
        "path": row.path,
        "type": row.kind,
        "inputs": list(row.inputs),
        "output_shapes": [value.type.shown_shape for value in row.outputs] if row.outputs is not None else None,
        "parameters": row.parameters() if built else None,
        "trainable": row.trainable() if built else None,
        "flops": shown(row.flops()) if built else None,
        "activation_bytes": shown(row.activation_bytes()) if built else None,
        **({"layers": len(row.entries)} if row.folded else {}),
    }


def _delivered(dtype: str) -> str:
    """The dtype in which an output leaves: NumPy has no bfloat16."""
    return "float32" if dtype == "bfloat16" else dtype
