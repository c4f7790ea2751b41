"""Passes change what a network costs and not what it gives."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from specmodel.execute import execute
from specmodel.graph.bind import build_bound
from specmodel.graph.graph import Graph
from specmodel.kernels import depthwise, elementwise, gathered, half_gathered, linear, packed, products
from specmodel.model.opening import open_mapping
from specmodel.plan.compile import compile_graph
from specmodel.plan.passes import PASSES
from specmodel.plan.program import lowered
from tests.keras.graphs import network
from tests.layers.harness import random_weights, sample
from tests.plan.images import Images
from tests.plan.verify import verified

TOLERANCE = 2e-6
"""Of the largest number of an output."""
Spec = dict[str, Any]
TILE_SIZES = [
    *((gathered, name) for name in ("GATHERED_BYTES", "RESULT_BYTES", "FEWEST_ROWS")),
    *((depthwise, name) for name in ("TILE_BYTES", "KERNEL_BYTES")),
    *((linear, name) for name in ("TILE_BYTES", "FEWEST_ROWS")),
    *((half_gathered, name) for name in ("GATHERED_BYTES", "RESULT_BYTES", "FEWEST_ROWS")),
    *((packed, name) for name in ("TILE_BYTES", "FEWEST_ROWS")),
    (products, "AT_ONCE"),
    (elementwise, "TILE_BYTES"),
]


def test_every_pass_stands_in_the_file_of_its_name() -> None:
    for one in PASSES:
        assert one.__module__ == f"specmodel.plan.passes.{one.__name__}"


def graph_of(found: Spec, policy: str) -> Graph:
    opened = open_mapping({**found, "dtype": policy}, Path())
    spec, graph = opened.sound()
    assert graph is not None
    sizes = [[size if isinstance(size, int) else 6 for size in given.value.shape] for given in graph.inputs]
    shapes = {given.spec.name: (3, *rest) for given, (_, *rest) in zip(graph.inputs, sizes, strict=True)}
    return build_bound(spec, shapes, graph)[1]


def runs(found: Spec, policy: str, seed: int) -> tuple[list[Any], list[Any]]:
    """The outputs with passes, which are verified, and without."""
    generator = np.random.default_rng(seed)
    graph = graph_of(found, policy)
    weights = random_weights(graph, generator)
    arrays = [sample(given.value.type, generator) for given in graph.inputs]
    verified(lowered(graph, [output.value for output in graph.outputs]))
    with_passes, plain = (execute(compile_graph(graph, weights, plain=plain), arrays) for plain in (False, True))
    return with_passes, plain


def assert_alike(found: Spec, seed: int) -> None:
    """As near to the result in double precision as without passes, where layers make small differences large."""
    _, precise = runs(found, "float64", seed)
    for optimised, plain, right in zip(*runs(found, "float32", seed), precise, strict=True):
        assert (optimised.shape, optimised.dtype) == (plain.shape, plain.dtype)
        assert off(optimised, right) <= TOLERANCE + 3 * off(plain, right)


@pytest.mark.parametrize("number", range(150))
def test_a_random_network_gives_what_it_gives_without_passes(number: int) -> None:
    assert_alike(network(number).spec(), number)


@pytest.mark.parametrize("number", range(150))
def test_a_random_network_on_images_does(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    if number % 2:  # tiles of a few elements
        for module, name in TILE_SIZES:
            monkeypatch.setattr(module, name, 300)
        monkeypatch.setattr(products, "multiplies_small_at_once", lambda: True)
        if number % 4 == 1:  # where it is possible, tiles are transformed
            monkeypatch.setattr(half_gathered, "COPY", 1000.0)
    assert_alike(Images(number).spec(), number)


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
@pytest.mark.parametrize("number", range(25))
def test_what_is_rounded_after_each_op_stays_the_same(number: int, policy: str) -> None:
    spec = Images(number).spec() if number % 2 else network(number).spec()
    for found, plain in zip(*runs(spec, policy, number), strict=True):
        np.testing.assert_array_equal(found, plain)


def off(found: Any, right: Any) -> float:
    """The largest difference, as a part of the largest number."""
    return float(np.abs(found - right).max(initial=0) / max(np.abs(right).max(initial=0), 1e-30))
