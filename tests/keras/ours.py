"""One use of a layer of this project: built on types, run on arrays."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from specmodel.execute import execute
from specmodel.graph.graph import Graph, GraphInput
from specmodel.layers import find
from specmodel.layers.base import Layer
from specmodel.layers.call import call_layer
from specmodel.layers.scope import POLICIES, Masked, Scope
from specmodel.ops.source import Input, WeightSpec
from specmodel.ops.value import Value
from specmodel.plan.compile import compile_graph
from specmodel.record import Record
from specmodel.spec.model import InputSpec, Place
from specmodel.types.dim import Dim, unknown
from specmodel.types.tensor import TensorType
from tests.keras.inputs import Given
from tests.keras.uses import Use

Array = np.ndarray[Any, Any]


class Built(Record):
    """A layer on its inputs: values and masks in, values and masks out, and the weights in their order."""

    inputs: tuple[GraphInput, ...]
    outputs: tuple[Masked, ...]
    weights: tuple[WeightSpec, ...]


def declared(use: Use) -> Layer:
    """The layer of a use; raises `ArgumentError`."""
    kind = find(use.layer)
    assert kind is not None
    return kind.declare(use.arguments, **use.beside)


def built(layer: Layer, use: Use, types: Sequence[TensorType]) -> Built:
    """The layer on inputs of these types; a mask has the sizes of its input. Raises `Fault`."""
    inputs: list[GraphInput] = []

    def entering(kind: TensorType) -> Value:
        spec = InputSpec(f"x{len(inputs)}", kind, Place())
        inputs.append(GraphInput(spec, Input(spec.name, kind)()))
        return inputs[-1].value

    arguments: dict[str, Any] = {}
    for given, kind in zip(use.inputs, types, strict=True):
        mask = TensorType(kind.shape[: len(given.mask)], "bool") if given.mask is not None else None
        value = Masked(entering(kind), entering(mask) if mask is not None else None)
        arguments.setdefault(given.call, []).append(value)
    plural = type(layer).takes_list
    for name, values in arguments.items():
        arguments[name] = values if len(values) > 1 or (plural and name == "inputs") or name == "states" else values[0]
    scope = Scope("layer", POLICIES[use.policy], {}, trainable=layer.own_trainable)
    outputs = call_layer(scope, layer, arguments)
    return Built(tuple(inputs), outputs, tuple(value.call.op.spec for value in scope.declared.values()))  # type: ignore[attr-defined]


def run(found: Built, weights: Mapping[str, Array], arrays: Sequence[Array]) -> tuple[list[Array], list[Array | None]]:
    """Every output and its mask; `arrays` are inputs, each followed by its mask."""
    masks = [output.mask for output in found.outputs if output.mask is not None]
    wanted = [output.value for output in found.outputs] + masks
    plan = compile_graph(Graph("model", found.inputs, (), (), (), ()), weights, wanted)
    results = [np.array(array) for array in execute(plan, arrays)]
    left = iter(results[len(found.outputs) :])
    return results[: len(found.outputs)], [None if output.mask is None else next(left) for output in found.outputs]


def known_types(use: Use, dtypes: Sequence[str]) -> list[TensorType]:
    """The types of the arrays."""
    return [TensorType(given.shape, dtype) for given, dtype in zip(use.inputs, dtypes, strict=True)]


def open_types(use: Use, dtypes: Sequence[str]) -> list[TensorType]:
    """The types with the batch and every axis that may be open unknown."""
    return [
        TensorType(tuple(_open(given, number, axis) for axis in range(len(given.shape))), dtype)
        for number, (given, dtype) in enumerate(zip(use.inputs, dtypes, strict=True))
    ]


def _open(given: Given, number: int, axis: int) -> Dim:
    if axis == 0:
        return unknown("batch")
    return unknown(f"x{number}.{axis}") if axis in given.open else given.shape[axis]
