"""The figures of a model: the dictionary that `summary --format json` prints; docs/figures.md states the rules."""

from collections.abc import Callable, Iterable
from math import prod
from typing import Any

from specmodel.graph.graph import Graph, Node
from specmodel.graph.memory import ONE_SAMPLE, activation_bytes, peak_activation_bytes
from specmodel.ops.source import WeightSpec
from specmodel.spec.model import ModelSpec
from specmodel.types.dim import Dim, evaluate
from specmodel.types.formula import shown
from specmodel.types.tensor import DTYPES

Figures = dict[str, Any]


def figures(spec: ModelSpec, graph: Graph | None) -> Figures:
    """All figures of a model; without a graph, those of an unbuilt one."""
    if graph is None:
        return _unbuilt(spec)
    memory = activation_bytes(graph)
    return {
        "specmodel": 1,
        "name": graph.name,
        "built": True,
        "inputs": [
            {"name": i.spec.name, "shape": i.value.type.shown_shape, "dtype": i.value.dtype} for i in graph.inputs
        ],
        "outputs": [
            {"name": o.name, "shape": o.value.type.shown_shape, "dtype": _delivered(o.value.dtype)}
            for o in graph.outputs
        ],
        "layers": [_layer(node, memory[node.path]) for node in graph.nodes],
        "totals": {key: total(graph) for key, total in TOTALS.items()},
    }


def parameter_count(weights: Iterable[WeightSpec]) -> int:
    """How many numbers the weights hold."""
    return sum(prod(spec.shape) for spec in weights)


def weight_bytes(weights: Iterable[WeightSpec]) -> int:
    """How many bytes the weights take in their own dtypes."""
    return sum(prod(spec.shape) * DTYPES[spec.dtype].itemsize for spec in weights)


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


def _layer(node: Node, memory: Dim) -> Figures:
    return {
        "path": node.path,
        "type": type(node.layer).__name__,
        "inputs": [str(ref) for ref in node.entry.refs()],
        "output_shapes": [output.value.type.shown_shape for output in node.outputs],
        "parameters": parameter_count(node.weights),
        "trainable": parameter_count(spec for spec in node.weights if spec.trainable),
        "flops": shown(evaluate(node.flops(), ONE_SAMPLE)),
        "activation_bytes": shown(memory),
    }


def _unbuilt(spec: ModelSpec) -> Figures:
    layers = [
        {
            "path": entry.path,
            "type": type(entry.layer).__name__,
            "inputs": [str(ref) for ref in entry.refs()],
            "output_shapes": None,
            "parameters": None,
            "trainable": None,
            "flops": None,
            "activation_bytes": None,
        }
        for entry in spec.entries
    ]
    return {
        "specmodel": 1,
        "name": spec.name,
        "built": False,
        "inputs": [],
        "outputs": [{"name": output.name, "shape": None, "dtype": None} for output in spec.outputs],
        "layers": layers,
        "totals": {**dict.fromkeys(TOTALS), "layers": len(layers)},
    }


def _delivered(dtype: str) -> str:
    """The dtype in which an output leaves: NumPy has no bfloat16."""
    return "float32" if dtype == "bfloat16" else dtype
