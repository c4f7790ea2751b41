"""A layer's example as a spec that runs."""

from typing import Any

from specmodel.diagnostics import Diagnostics
from specmodel.graph.build import build
from specmodel.graph.graph import Graph
from specmodel.layers.base import Example, Layer, Shape, call_parameters
from specmodel.layers.naming import snake_case
from specmodel.spec.model import ModelSpec
from specmodel.spec.read import read_spec
from specmodel.spec.style import document
from specmodel.yaml import Node


def example_spec(layer: type[Layer], example: Example) -> dict[str, Any]:
    """The spec of one layer on the example's inputs, as a mapping."""
    names = ["x"] if len(example.inputs) == 1 else [f"x{number}" for number in range(1, len(example.inputs) + 1)]
    dtypes = example.dtypes or ("float32",) * len(names)
    inputs = {name: _declared(shape, dtype) for name, shape, dtype in zip(names, example.inputs, dtypes, strict=True)}
    entry: dict[str, Any] = {}
    if len(names) > 1 or layer.takes_list or example.call:
        entry["inputs"] = names if layer.takes_list else _by_argument(layer, example, names)
    entry[layer.__name__] = dict(example.arguments) or None
    return {"inputs": inputs, "layers": [entry]}


def example_text(layer: type[Layer], example: Example) -> str:
    """The spec as YAML."""
    return document(example_spec(layer, example))


def example_graph(layer: type[Layer], example: Example) -> tuple[ModelSpec, Graph]:
    """The spec read and built; raises `SpecError` for an example that is wrong."""
    diagnostics = Diagnostics()
    spec = read_spec(Node.from_plain(example_spec(layer, example)), snake_case(layer.__name__), diagnostics)
    diagnostics.raise_errors()
    graph = build(spec, diagnostics)
    diagnostics.raise_errors()
    return spec, graph


def _declared(shape: Shape, dtype: str) -> Any:
    sizes = list(shape[1:])
    beside: dict[str, Any] = {"dtype": dtype} if dtype != "float32" else {}
    if shape and isinstance(shape[0], int):
        beside["batch"] = shape[0]
    return {"shape": sizes, **beside} if beside else sizes


def _by_argument(layer: type[Layer], example: Example, names: list[str]) -> dict[str, Any]:
    """The inputs by the names of the layer's call arguments; a name that comes again makes a list."""
    bound: dict[str, Any] = {}
    for argument, name in zip(example.call or call_parameters(layer), names, strict=False):
        if argument in bound:
            known = bound[argument]
            bound[argument] = [*known, name] if isinstance(known, list) else [known, name]
        else:
            bound[argument] = name
    return bound
