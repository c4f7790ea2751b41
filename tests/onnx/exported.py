"""Models exported for tests, checked as strictly as the onnx package can."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import shape_inference

from specmodel.convert.onnx.export import OPSET, export_onnx
from specmodel.convert.onnx.model import onnx_model
from specmodel.graph.bind import build_bound
from specmodel.graph.graph import Graph, GraphOutput
from specmodel.model.opening import Opened, open_mapping
from specmodel.ops.source import WeightSpec
from specmodel.spec.model import Ref
from specmodel.weights.store import initial_weights

Spec = dict[str, Any]
Arrays = Mapping[str, Any]


def graph_of(opened: Opened) -> Graph:
    """The graph of a spec that must be right and built."""
    _, graph = opened.sound()
    assert graph is not None
    return graph


def exported(
    spec: Spec | Graph, folder: Path, weights: Arrays | None = None, opset: int = OPSET, strict: bool = True
) -> onnx.ModelProto:
    """The file that a spec becomes, read back; with full shape inference, which must agree with what is declared."""
    graph = spec if isinstance(spec, Graph) else graph_of(open_mapping(spec, Path()))
    path = folder / "model.onnx"
    export_onnx(path, graph, weights if weights is not None else shaken(list(graph.weights())), opset)
    if strict:
        onnx.checker.check_model(str(path), full_check=True)
    return onnx.load(path)


def refusals(graph: Graph) -> list[str]:
    """The reasons why a graph cannot be exported, each once; none where it can."""
    _, found = onnx_model(graph, {}, OPSET)
    return list(dict.fromkeys(refusal.reason for refusal in found))


def inferred_shapes(model: onnx.ModelProto) -> list[list[int | None]]:
    """The outputs' shapes as ONNX infers them from the inputs' alone; None for what it cannot tell or has a name."""
    bare = onnx.ModelProto()
    bare.CopyFrom(model)
    del bare.graph.value_info[:]
    for output in bare.graph.output:
        output.type.tensor_type.ClearField("shape")
    found = shape_inference.infer_shapes(bare, check_type=True, strict_mode=True, data_prop=True)
    return [
        [dim.dim_value if dim.HasField("dim_value") else None for dim in output.type.tensor_type.shape.dim]
        for output in found.graph.output
    ]


def agree(inferred: list[list[int | None]], graph: Graph) -> bool:
    """Whether inferred shapes contradict the graph's own nowhere: same ranks, and no other numbers."""
    own = [output.value.shape for output in graph.outputs]
    return [len(shape) for shape in inferred] == [len(shape) for shape in own] and all(
        size is None or size == wanted
        for shape, wanted_shape in zip(inferred, own, strict=True)
        for size, wanted in zip(shape, wanted_shape, strict=True)
    )


def kinds(model: onnx.ModelProto) -> list[str]:
    """The operators in order."""
    return [node.op_type for node in model.graph.node]


def count(model: onnx.ModelProto, kind: str) -> int:
    """How many nodes of a kind there are."""
    return Counter(kinds(model))[kind]


def weight_names(model: onnx.ModelProto) -> list[str]:
    """The initializers that are no helpers."""
    return [one.name for one in model.graph.initializer if not one.name.startswith("constant")]


def with_all_outputs(graph: Graph) -> Graph:
    """The graph of one layer that gives out all that the layer does."""
    (node,) = graph.nodes
    refs = [Ref(node.path, index) for index in range(len(node.outputs))]
    outputs = [GraphOutput(str(ref), node.outputs[ref.index].value, ref) for ref in refs]
    return graph.replace(outputs=tuple(outputs))


def shaken(specs: list[WeightSpec], seed: int = 0) -> dict[str, Any]:
    """Weights as after some training: no zeros and ones in rows that would hide what is done with them."""
    start, generator, found = initial_weights(specs, seed), np.random.default_rng(seed), {}
    for spec in specs:
        name, drawn = spec.path.rpartition("/")[2], start[spec.path]
        if name in ("moving_variance", "gamma"):
            drawn = generator.uniform(0.5, 1.5, spec.shape)
        elif np.issubdtype(drawn.dtype, np.number) and not drawn.any():
            drawn = generator.normal(0, 0.1, spec.shape)
        found[spec.path] = np.asarray(drawn, start[spec.path].dtype)
    return found


def bound(opened: Opened, size: int = 6, batch: int = 2) -> Graph:
    """The graph with all sizes known: those that are open become `size`."""
    spec, graph = opened.sound()
    shapes = {
        given.name: tuple(
            one if isinstance(one, int) else batch if axis == 0 else size for axis, one in enumerate(given.type.shape)
        )
        for given in spec.inputs or ()
    }
    return build_bound(spec, shapes, graph)[1]
