"""The figures of a model: the dictionary that `summary --format json` prints; docs/figures.md states the rules."""

from collections.abc import Iterable
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
    weights = list(graph.weights())
    flops: Dim = 0
    for node in graph.nodes:
        flops = flops + node.flops()
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
        "totals": {
            "layers": len(graph.nodes),
            **_counts(weights),
            "weight_bytes": weight_bytes(weights),
            "flops": shown(evaluate(flops, ONE_SAMPLE)),
            "peak_activation_bytes": peak_activation_bytes(graph),
        },
    }


def parameter_count(weights: Iterable[WeightSpec]) -> int:
    """How many numbers the weights hold."""
    total = 0
    for spec in weights:
        count = 1
        for size in spec.shape:
            count *= size
        total += count
    return total


def weight_bytes(weights: Iterable[WeightSpec]) -> int:
    """How many bytes the weights take in their own dtypes."""
    return sum(parameter_count([spec]) * DTYPES[spec.dtype].itemsize for spec in weights)


def _counts(weights: Iterable[WeightSpec]) -> dict[str, int]:
    found = list(weights)
    trainable = parameter_count(spec for spec in found if spec.trainable)
    total = parameter_count(found)
    return {"parameters": total, "trainable": trainable, "non_trainable": total - trainable}


def _layer(node: Node, memory: Dim) -> Figures:
    counts = _counts(node.weights)
    return {
        "path": node.path,
        "type": type(node.layer).__name__,
        "inputs": [str(ref) for ref in node.entry.refs()],
        "output_shapes": [output.value.type.shown_shape for output in node.outputs],
        "parameters": counts["parameters"],
        "trainable": counts["trainable"],
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
    keys = ("parameters", "trainable", "non_trainable", "weight_bytes", "flops", "peak_activation_bytes")
    return {
        "specmodel": 1,
        "name": spec.name,
        "built": False,
        "inputs": [],
        "outputs": [{"name": output.name, "shape": None, "dtype": None} for output in spec.outputs],
        "layers": layers,
        "totals": {"layers": len(layers), **dict.fromkeys(keys)},
    }


def _delivered(dtype: str) -> str:
    """The dtype in which an output leaves: NumPy has no bfloat16."""
    return "float32" if dtype == "bfloat16" else dtype
