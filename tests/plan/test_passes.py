"""Passes change what a network costs and not what it gives."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from specmodel.execute import execute
from specmodel.graph.bind import build_bound
from specmodel.graph.graph import Graph
from specmodel.model.opening import open_mapping
from specmodel.plan.compile import compile_graph
from specmodel.plan.passes import PASSES
from specmodel.plan.program import lowered
from tests.keras.graphs import Network, network
from tests.layers.harness import random_weights, sample
from tests.plan.verify import verified

TOLERANCE = 2e-6
"""Of the largest number of an output, between a plan with passes and one without."""
SIZES = {"steps": 5, "height": 8, "width": 6}
"""What the unknown sizes of random networks are."""


def test_every_pass_stands_in_the_file_of_its_name() -> None:
    for one in PASSES:
        assert one.__module__ == f"specmodel.plan.passes.{one.__name__}"


def graph_of(found: Network, policy: str) -> Graph:
    opened = open_mapping({**found.spec(), "dtype": policy}, Path())
    spec, graph = opened.sound()
    shapes = {
        found.name_of(number): (3, *(size if isinstance(size, int) else SIZES[size] for size in shape))
        for number, (shape, _) in enumerate(found.inputs)
    }
    return build_bound(spec, shapes, graph)[1]


@pytest.mark.parametrize("number", range(150))
def test_a_random_network_gives_what_it_gives_without_passes(number: int) -> None:
    generator = np.random.default_rng(number)
    graph = graph_of(network(number), "float32" if number % 5 else "mixed_float16")
    weights = random_weights(graph, generator)
    arrays = [sample(given.value.type, generator) for given in graph.inputs]
    verified(lowered(graph, [output.value for output in graph.outputs]))
    results = execute(compile_graph(graph, weights), arrays)
    for found, plain in zip(results, execute(compile_graph(graph, weights, plain=True), arrays), strict=True):
        assert_same(found, plain)


def assert_same(found: Any, plain: Any) -> None:
    assert found.shape == plain.shape
    assert found.dtype == plain.dtype
    if plain.dtype.kind == "f":
        assert np.abs(found - plain).max(initial=0) <= TOLERANCE * np.abs(plain).max(initial=0)
    else:
        np.testing.assert_array_equal(found, plain)
