"""Build and run one layer by itself, from its declaration: what the tests of layers share."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from specmodel.diagnostics import Diagnostics
from specmodel.execute import execute
from specmodel.graph.build import build
from specmodel.graph.graph import Graph
from specmodel.layers.base import Example, Layer, call_parameters
from specmodel.plan.compile import compile_graph
from specmodel.spec.model import Entry, InputSpec, ModelSpec, OutputSpec, Place, Ref
from specmodel.types.dim import Dim, evaluate, unknown, variables
from specmodel.types.formula import parse_dim
from specmodel.types.tensor import TensorType


def graph_of(layer: Layer, inputs: Sequence[TensorType], call: Sequence[str] = ()) -> tuple[Graph, Diagnostics]:
    """The graph of one layer on inputs of these types; `call` names its call arguments, in the inputs' order."""
    diagnostics = Diagnostics()
    given = tuple(InputSpec(f"x{number}", kind, Place()) for number, kind in enumerate(inputs))
    refs = tuple(Ref(one.name) for one in given)
    arguments: dict[str, Any] = {}
    lists = type(layer).list_arguments() if type(layer).takes_list else ()
    names = call or (call_parameters(type(layer))[:1] * len(refs) if lists else call_parameters(type(layer)))
    for name, ref in zip(names, refs, strict=False):
        arguments[name] = (*arguments[name], ref) if name in arguments else (ref,)
    arguments = {
        name: found[0] if len(found) == 1 and name not in lists else found for name, found in arguments.items()
    }
    entry = Entry("layer", layer, tuple(arguments.items()), Place(), {}, "layer")
    spec = ModelSpec("model", given, (entry,), (0,), (OutputSpec("layer", Ref("layer"), Place()),))
    return build(spec, diagnostics), diagnostics


def outputs_of(graph: Graph) -> list[Any]:
    """All output values of the layer."""
    return [output.value for output in graph.nodes[0].outputs]


def run(graph: Graph, weights: Mapping[str, Any], arrays: Sequence[Any]) -> list[Any]:
    """Every output of the layer on arrays; `weights` by path (`layer/kernel`)."""
    plan = compile_graph(graph, weights, outputs_of(graph))
    return execute(plan, arrays)


def types_of(example: Example) -> list[TensorType]:
    """The input types of an example: None is the batch in front, an unknown size elsewhere; a text is a named size."""
    return [
        TensorType(tuple(_size(size, axis, number) for axis, size in enumerate(shape)), dtype)
        for number, (shape, dtype) in enumerate(zip(example.inputs, _dtypes(example), strict=True))
    ]


def concrete_types(example: Example, batch: int = 2, size: int = 6) -> list[TensorType]:
    """The input types with the batch and every size that is not a number filled in."""

    def known(dim: Dim) -> Dim:
        return evaluate(dim, {name: batch if name == "?batch" else size for name in variables(dim)})

    return [TensorType(tuple(known(dim) for dim in kind.shape), kind.dtype) for kind in types_of(example)]


def sample(kind: TensorType, generator: np.random.Generator) -> Any:
    """An array of a type: small integers from 0, normal numbers, or words."""
    shape = tuple(int(str(size)) for size in kind.shape)
    if kind.dtype == "string":
        return generator.choice(["the cat", "sat", "", "Ünder!"], shape)
    if kind.dtype == "bool":
        return generator.integers(0, 2, shape).astype(bool)
    if "int" in kind.dtype:
        return generator.integers(0, 5, shape).astype(kind.dtype)
    return generator.normal(size=shape).astype(kind.dtype)


def dtype_of(array: Any) -> str:
    """The name of a result's dtype, as types have it."""
    return "string" if array.dtype.kind == "U" else str(array.dtype.name)


def random_weights(graph: Graph, generator: np.random.Generator) -> dict[str, Any]:
    """An array for each weight; positive, so that a variance is one."""
    return {spec.path: generator.uniform(0.1, 1.0, spec.shape).astype(spec.dtype) for spec in graph.weights()}


def _size(size: int | str | None, axis: int, number: int) -> Dim:
    if size is None:
        return unknown("batch") if axis == 0 else unknown(f"x{number}.{axis}")
    return parse_dim(size) if isinstance(size, str) else size


def _dtypes(example: Example) -> Sequence[str]:
    return example.dtypes or ("float32",) * len(example.inputs)
