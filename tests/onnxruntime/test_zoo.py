"""The zoo at small sizes: every layer's output is the executor's, in each opset that can be asked for."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from specmodel.convert.onnx.export import NEWEST_OPSET, OPSET
from specmodel.execute import execute
from specmodel.graph.graph import Graph
from specmodel.model.opening import Opened
from specmodel.plan.compile import compile_graph
from tests.onnx.exported import bound, graph_of, shaken
from tests.onnx.zoo import SMALL, opened
from tests.onnxruntime.running import assert_alike, with_every_layer


def sample(graph: Graph) -> list[Any]:
    """Arrays for a graph of known sizes: pixels and other numbers, words, and masks."""
    generator, found = np.random.default_rng(0), []
    for given in graph.inputs:
        shape = tuple(int(str(size)) for size in given.value.shape)
        if "int" in given.value.dtype:
            most = 2 if "mask" in given.spec.name or "segment" in given.spec.name else 8
            found.append(generator.integers(0, most, shape).astype(given.value.dtype))
        else:
            found.append(generator.normal(size=shape).astype(given.value.dtype))
    return found


def agree(network: Opened, folder: Path, opset: int = OPSET) -> None:
    known, graph = bound(network), graph_of(network)
    weights, arrays = shaken(list(graph.weights())), sample(known)
    every = with_every_layer(known)
    wanted = execute(compile_graph(every, weights), arrays)
    assert_alike(with_every_layer(graph), weights, arrays, wanted, folder, opset)
    assert_alike(graph, weights, arrays, execute(compile_graph(known, weights), arrays), folder, opset)


@pytest.mark.parametrize("name", SMALL)
def test_a_network_gives_what_the_executor_gives(name: str, tmp_path: Path) -> None:
    agree(opened(name), tmp_path)


@pytest.mark.parametrize("opset", range(OPSET + 1, NEWEST_OPSET + 1))
@pytest.mark.parametrize("name", ["lenet5", "bert", "convnext", "lstm_text_classifier", "seq2seq_gru"])
def test_in_newer_opsets(name: str, opset: int, tmp_path: Path) -> None:
    agree(opened(name), tmp_path, opset)
