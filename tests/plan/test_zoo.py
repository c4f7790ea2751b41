"""Published networks, small: their plans give what they give without passes, to 2e-6 of the largest number."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from specmodel.execute import execute
from specmodel.graph.bind import build_bound
from specmodel.graph.graph import Graph
from specmodel.model.opening import open_spec
from specmodel.plan.compile import compile_graph
from specmodel.plan.program import lowered
from specmodel.spec.params import Choice
from specmodel.types.tensor import TensorType, numbers
from specmodel.weights.store import initial_weights
from specmodel.yaml import Node
from tests.layers.harness import sample
from tests.plan.verify import verified

SPECS = Path(__file__).parents[2] / "specs"
TOLERANCE = 2e-6
LARGE, SIDE, LENGTH, BATCH = 96, 64, 7, 2
"""Images larger than the first have the second as their sides; then the length of open axes, and of batches."""

SMALL: dict[str, dict[str, Any]] = {
    "zoo/bert": {"depth": 1, "width": 16, "heads": 2, "vocabulary": 30, "segments": 5},
    "zoo/convnext": {"width": 8, "deep": 1},
    "zoo/dcgan_generator": {"start": [2, 2, 16], "filters": [8, 6, 4]},
    "zoo/densenet": {"depths": [2, 2, 2, 2], "growth": 8},
    "zoo/efficientnet": {"width": 0.2, "depth": 0.1, "size": SIDE},
    "zoo/gpt2": {"depth": 1, "width": 16, "heads": 2, "vocabulary": 30, "positions": 20},
    "zoo/lenet5": {},
    "zoo/lstm_text_classifier": {"words": 30, "embedding": 8, "units": [8, 8]},
    "zoo/mlp_mixer": {"depth": 1, "channels": 16, "tokens_mlp": 8, "channels_mlp": 24, "size": 32},
    "zoo/mlperf_tiny_autoencoder": {},
    "zoo/mlperf_tiny_ds_cnn": {},
    "zoo/mlperf_tiny_mobilenet": {},
    "zoo/mlperf_tiny_resnet8": {},
    "zoo/mobilenet_v1": {"width": 0.25},
    "zoo/mobilenet_v2": {"width": 0.3},
    "zoo/mobilenet_v3": {"width": 0.3},
    "zoo/resnet": {"depths": [1, 2, 1, 1], "groups": 4, "group_width": 4},
    "zoo/resnet_keras": {"depths": [1, 2, 1, 1]},
    "zoo/resnet_v2": {"depths": [2, 2, 2, 2]},
    "zoo/seq2seq_gru": {"source_words": 30, "target_words": 20, "embedding": 8, "units": 8},
    "zoo/squeezenet": {},
    "zoo/unet": {"size": 32, "width": 4},
    "zoo/vit": {"depth": 1, "width": 16, "heads": 2, "image": 32},
    "zoo/wavenet_stack": {"levels": 16, "stacks": 1, "layers": 4, "residual": 8, "skip": 12},
    "siamese": {},
    "two_inputs_two_outputs": {},
    **{f"networks/{name}": {} for name in ("mini_xception", "mnist_lstm", "mobilenet_v1_vww", "resnet8", "textgenrnn")},
}
"""Specs, and the params that make them small."""


def small(name: str) -> Graph:
    """The graph of a spec with numbers for all its sizes."""
    given = SMALL[name]
    choice = Choice(None, Node.from_plain({"params": given}).items["params"].items if given else {})
    opened = open_spec(SPECS / f"{name}.yaml", choice=choice)
    spec, _ = opened.sound()
    assert spec.inputs is not None
    inputs = tuple(one.replace(type=TensorType(_shape(one.type.shape), one.type.dtype)) for one in spec.inputs)
    return build_bound(spec.replace(inputs=inputs), {one.name: numbers(one.type.shape) for one in inputs})[1]


def _shape(shape: tuple[Any, ...]) -> tuple[int, ...]:
    sizes = [size if isinstance(size, int) else LENGTH for size in shape[1:]]
    return (BATCH, *(SIDE if len(shape) == 4 and size > LARGE else size for size in sizes))


def started(graph: Graph) -> dict[str, Any]:
    """The weights as they start, but statistics and biases as if there had been training."""
    generator = np.random.default_rng(0)
    found = initial_weights(list(graph.weights()), 0)
    return {path: _trained(path.rsplit("/", 1)[-1], array, generator) for path, array in found.items()}


def _trained(name: str, array: Any, generator: np.random.Generator) -> Any:
    if name in ("gamma", "moving_variance"):
        return generator.uniform(0.7, 1.4, array.shape).astype(array.dtype)
    if name in ("beta", "moving_mean", "bias"):
        return (array + generator.normal(0, 0.1, array.shape)).astype(array.dtype)
    return array


@pytest.mark.parametrize("name", SMALL)
def test_a_network_gives_what_it_gives_without_passes(name: str) -> None:
    graph = small(name)
    weights = started(graph)
    generator = np.random.default_rng(1)
    arrays = [sample(given.value.type, generator) for given in graph.inputs]
    verified(lowered(graph, [output.value for output in graph.outputs]))
    plain = execute(compile_graph(graph, weights, plain=True), arrays)
    for found, expected in zip(execute(compile_graph(graph, weights, threads=2), arrays), plain, strict=True):
        assert np.abs(found - expected).max() <= TOLERANCE * np.abs(expected).max()
