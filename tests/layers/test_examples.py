"""Every layer's own examples are true: shape, parameters, errors, and the shape of what really comes out."""

from typing import Any

import numpy as np
import pytest

from specmodel import layers
from specmodel.layers.base import Example
from specmodel.layers.validation import ArgumentError
from tests.layers.harness import concrete_types, dtype_of, graph_of, outputs_of, random_weights, run, sample, types_of

CASES = [
    pytest.param(name, example, id=f"{name}-{number}")
    for name in layers.NAMES
    for number, example in enumerate(layers.find(name).examples)  # type: ignore[union-attr]
]
GOOD = [case for case in CASES if case.values[1].error is None]
BAD = [case for case in CASES if case.values[1].error is not None]


@pytest.mark.parametrize("name", layers.NAMES)
def test_a_layer_has_a_good_and_a_described_example(name: str) -> None:
    kind = layers.find(name)
    assert kind is not None
    assert any(example.error is None for example in kind.examples)
    assert all(info.description for info in kind.model_fields.values())
    assert kind.__doc__


@pytest.mark.parametrize(("name", "example"), GOOD)
def test_the_inferred_shape_and_parameters_are_those_stated(name: str, example: Example) -> None:
    graph, diagnostics = graph_of(layers.find(name).declare(example.arguments), types_of(example), example.call)  # type: ignore[union-attr]
    assert [str(found) for found in diagnostics if found.severity == "error"] == []
    wanted = example.output if isinstance(example.output[0], tuple) else (example.output,)  # type: ignore[index]
    assert tuple(tuple(value.type.shown_shape) for value in outputs_of(graph)) == wanted
    assert sum(int(np.prod(spec.shape)) for spec in graph.weights()) == example.params


@pytest.mark.parametrize(("name", "example"), GOOD)
def test_the_executed_shape_and_dtype_are_the_inferred_ones(name: str, example: Example) -> None:
    generator = np.random.default_rng(0)
    types = concrete_types(example)
    graph, diagnostics = graph_of(layers.find(name).declare(example.arguments), types, example.call)  # type: ignore[union-attr]
    assert [str(found) for found in diagnostics if found.severity == "error"] == []
    results: list[Any] = run(graph, random_weights(graph, generator), [sample(kind, generator) for kind in types])
    inferred = [(value.shape, value.dtype) for value in outputs_of(graph)]
    assert [(result.shape, dtype_of(result)) for result in results] == inferred


@pytest.mark.parametrize(("name", "example"), BAD)
def test_a_bad_use_is_refused_with_the_stated_message(name: str, example: Example) -> None:
    kind = layers.find(name)
    assert kind is not None
    try:
        layer = kind.declare(example.arguments)
    except ArgumentError as error:
        messages = [fault.message for fault in error.faults]
    else:
        _, diagnostics = graph_of(layer, types_of(example), example.call)
        messages = [found.message for found in diagnostics if found.severity == "error"]
    assert len(messages) == 1
    assert example.error in messages[0]  # type: ignore[operator]
