"""One layer by its name and arguments: what it makes of arrays, of shapes, and how it refuses."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from specmodel import layers
from specmodel.graph.graph import Graph
from specmodel.layers.base import Example
from specmodel.layers.validation import ArgumentError
from specmodel.types.tensor import TensorType
from tests.layers.harness import dtype_of, graph_of, outputs_of, run, types_of


def output(
    name: str, arguments: Mapping[str, Any], *arrays: Any, call: Sequence[str] = (), dtype: str = "float32"
) -> Any:
    """The layer's output on arrays, as it is executed."""
    types = [TensorType(array.shape, dtype_of(array)) for array in arrays]
    graph = _graph(name, arguments, types, call, dtype)
    result = run(graph, {}, arrays)[0]
    assert result.shape == outputs_of(graph)[0].shape
    return result


def shape(name: str, arguments: Mapping[str, Any], *sizes: int | str | None) -> tuple[int | str | None, ...]:
    """The output's shape behind the batch, for an input of these sizes behind the batch; a text is a named size."""
    graph = _graph(name, arguments, types_of(Example({}, inputs=((None, *sizes),))), (), "float32")
    batch, *rest = outputs_of(graph)[0].type.shown_shape
    assert batch is None
    return tuple(rest)


def requirements(name: str, arguments: Mapping[str, Any], *sizes: int | str | None) -> list[str]:
    """What has to hold for the named sizes of an input."""
    graph = _graph(name, arguments, types_of(Example({}, inputs=((None, *sizes),))), (), "float32")
    return [found.constraint.text for found in graph.requirements]


def refusal(name: str, arguments: Mapping[str, Any], *sizes: int | str | None) -> str:
    """The one message with which the layer refuses its arguments, or an input of these sizes behind the batch."""
    try:
        layer = layers.find(name).declare(arguments)  # type: ignore[union-attr]
    except ArgumentError as error:
        (fault,) = error.faults
        return fault.message
    _, diagnostics = graph_of(layer, types_of(Example({}, inputs=((None, *sizes),))))
    (found,) = diagnostics
    return found.message.removeprefix(f"{name} `layer`: ")


def numbers(*sizes: int) -> Any:
    """Different numbers, some negative, in no order."""
    return np.random.default_rng(7).permutation(int(np.prod(sizes))).reshape(sizes).astype(np.float32) - 5


def to_first(x: Any) -> Any:
    """An array whose channels are last with its channels behind the batch."""
    return np.moveaxis(x, -1, 1)


def _graph(
    name: str, arguments: Mapping[str, Any], types: Sequence[TensorType], call: Sequence[str], dtype: str
) -> Graph:
    layer = layers.find(name).declare(arguments, dtype=dtype)  # type: ignore[union-attr]
    graph, diagnostics = graph_of(layer, types, call)
    assert [found.message for found in diagnostics if found.severity != "note"] == []
    return graph
