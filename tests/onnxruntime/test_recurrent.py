"""Recurrent layers as ONNX's operators: every activation they know, in both directions, with states given and taken."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from specmodel.execute import execute
from specmodel.model.opening import open_mapping
from specmodel.plan.compile import compile_graph
from tests.onnx.exported import bound, graph_of, shaken
from tests.onnxruntime.running import assert_alike

KNOWN = ("tanh", "sigmoid", "relu", "hard_sigmoid", "linear", "elu", "softsign", "softplus")
LAYERS = [
    *({"SimpleRNN": {"units": 3, "activation": one}} for one in KNOWN),
    *({kind: {"units": 3, "activation": one}} for kind in ("LSTM", "GRU") for one in KNOWN),
    *({kind: {"units": 3, "recurrent_activation": one}} for kind in ("LSTM", "GRU") for one in KNOWN),
    *({kind: {"units": 3, "use_bias": False}} for kind in ("LSTM", "GRU", "SimpleRNN")),
    *({kind: {"units": 3, "go_backwards": True, "return_sequences": True}} for kind in ("LSTM", "GRU", "SimpleRNN")),
    {"GRU": {"units": 3, "reset_after": False, "return_sequences": True}},
]


def agree(layers: list[Any], folder: Path, inputs: Any = ("steps", 4), outputs: Any = None) -> list[str]:
    """The operators of a model that gives what the executor gives."""
    whole = {"inputs": list(inputs) if not isinstance(inputs, dict) else inputs, "layers": layers}
    opened = open_mapping(whole if outputs is None else {**whole, "outputs": outputs}, Path())
    graph, known = graph_of(opened), bound(opened, size=5)
    weights, generator = shaken(list(graph.weights())), np.random.default_rng(0)
    arrays = [
        generator.normal(size=tuple(int(str(size)) for size in given.value.shape)).astype(np.float32)
        for given in known.inputs
    ]
    assert_alike(graph, weights, arrays, execute(compile_graph(known, weights), arrays), folder)
    return [node.op_type for node in onnx.load(folder / "model.onnx").graph.node]


@pytest.mark.parametrize("layer", LAYERS, ids=str)
def test_a_layer(layer: Any, tmp_path: Path) -> None:
    found = agree([layer], tmp_path)
    assert "Scan" not in found
    assert {"LSTM", "GRU", "RNN"} & set(found)


@pytest.mark.parametrize("kind", ["LSTM", "GRU", "SimpleRNN"])
def test_states_in_and_out(kind: str, tmp_path: Path) -> None:
    names = ["h", "c"] if kind == "LSTM" else ["h"]
    inputs = {"x": ["steps", 4], **{name: [3] for name in names}}
    layer = {"units": 3, "return_state": True, "return_sequences": True}
    wiring = {"sequences": "x", "initial_state": names}
    outputs = {"every": "r", **{name: f"r/{number}" for number, name in enumerate((f"last_{n}" for n in names), 1)}}
    found = agree([{"name": "r", "inputs": wiring, kind: layer}], tmp_path, inputs, outputs)
    assert "Scan" not in found


@pytest.mark.parametrize("kind", ["LSTM", "GRU"])
@pytest.mark.parametrize("merge", ["concat", "sum", None])
def test_both_directions(kind: str, merge: str | None, tmp_path: Path) -> None:
    both = {"layer": {kind: {"units": 3, "return_sequences": True}}, "merge_mode": merge}
    outputs = {"a": "b", "z": "b/1"} if merge is None else ["b"]
    found = agree([{"name": "b", "Bidirectional": both}], tmp_path, outputs=outputs)
    assert found.count(kind) == 2
    assert "Slice" not in found
