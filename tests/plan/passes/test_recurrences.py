"""Loops of LSTM and GRU layers are one op, whatever stands around them, and give what the loops gave."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from specmodel.execute import execute
from specmodel.graph.bind import build_bound
from specmodel.graph.graph import Graph
from specmodel.kernels import products
from specmodel.model.opening import open_mapping
from specmodel.plan.compile import compile_graph
from specmodel.plan.passes.dead_code import dead_code
from specmodel.plan.passes.recurrences import recurrences
from specmodel.plan.program import Program, lowered
from tests.layers.harness import random_weights, sample
from tests.plan.programs import text
from tests.plan.verify import verify

FEATURES, STEPS = 3, 5
Case = dict[str, Any]
LOOPS: dict[str, Case] = {
    "lstm": {"LSTM": {"units": 4}},
    "lstm of all steps": {"LSTM": {"units": 4, "return_sequences": True}},
    "lstm backwards with states": {"LSTM": {"units": 4, "go_backwards": True, "return_state": True}},
    "lstm without bias": {"LSTM": {"units": 4, "use_bias": False}},
    "gru": {"GRU": {"units": 4, "return_sequences": True}},
    "gru without bias": {"GRU": {"units": 4, "use_bias": False, "return_state": True}},
    "both ways": {"Bidirectional": {"layer": {"GRU": {"units": 4, "return_sequences": True}}}},
    "zeros for masked steps": {"LSTM": {"units": 4, "zero_output_for_mask": True, "return_sequences": True}},
    "zero for a masked end": {"GRU": {"units": 4, "zero_output_for_mask": True, "return_state": True}},
    "cell": {"RNN": {"cell": {"LSTMCell": {"units": 4}}}},
}
STAY: dict[str, Case] = {
    "other activation": {"LSTM": {"units": 4, "activation": "relu"}},
    "other gates": {"GRU": {"units": 4, "recurrent_activation": "hard_sigmoid"}},
    "reset before": {"GRU": {"units": 4, "reset_after": False}},
    "plain": {"SimpleRNN": {"units": 4}},
    "images": {"ConvLSTM1D": {"filters": 4, "kernel_size": 2}},
}


def graph_of(case: Case, batch: int, *, masked: bool = False, dtype: str = "float32") -> Graph:
    images = "ConvLSTM1D" in case
    shape = [STEPS, 6, FEATURES] if images else [STEPS, FEATURES]
    layers = [{"name": "masking", "Masking": {"mask_value": 0.0}}] if masked else []
    spec = {"dtype": dtype, "inputs": {"x": shape}, "layers": [*layers, {"name": "loop", **case}]}
    kind = next(iter(case.values()))
    spec["outputs"] = ["loop", "loop/1"] if kind.get("return_state") else ["loop"]
    model, graph = open_mapping(spec, Path()).sound()
    return build_bound(model, {"x": (batch, *shape)}, graph)[1]


def program_of(graph: Graph) -> Program:
    found = recurrences(lowered(graph, [output.value for output in graph.outputs]))
    verify(found)
    return dead_code(found)


def runs(graph: Graph, seed: int = 0) -> tuple[list[Any], list[Any]]:
    """With passes and without."""
    generator = np.random.default_rng(seed)
    weights = random_weights(graph, generator)
    arrays = [sample(given.value.type, generator) for given in graph.inputs]
    for array in arrays:
        array[:, 1] = array[-1, STEPS - 1] = 0  # what a mask leaves out
    with_passes, plain = (execute(compile_graph(graph, weights, plain=plain), arrays) for plain in (False, True))
    return with_passes, plain


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("name", LOOPS)
def test_these_become_one_op(name: str, masked: bool) -> None:
    kinds = {type(one.op).__name__ for one in program_of(graph_of(LOOPS[name], 2, masked=masked)).instructions}
    assert "Scan" not in kinds
    assert kinds & {"LSTMLoop", "GRULoop"}


@pytest.mark.parametrize("dtype", ["float32", "mixed_float16", "mixed_bfloat16"])
@pytest.mark.parametrize("name", STAY)
def test_these_stay_loops(name: str, dtype: str) -> None:
    assert "Scan" in text(program_of(graph_of(STAY[name], 2, dtype=dtype)))


@pytest.mark.parametrize("dtype", ["mixed_float16", "mixed_bfloat16"])
def test_what_is_rounded_after_each_op_stays_a_loop(dtype: str) -> None:
    assert "Scan" in text(program_of(graph_of(LOOPS["lstm"], 2, dtype=dtype)))


def test_an_output_that_stays_with_a_masked_step_stays_a_loop() -> None:
    case = {"LSTM": {"units": 4, "return_sequences": True, "unroll": True}}
    assert "Scan" in text(program_of(graph_of(case, 2, masked=True)))


def test_kernel_and_bias_of_the_inputs_are_changed_before_anything_runs() -> None:
    program = program_of(graph_of(LOOPS["lstm"], 2))
    names = [type(one.op).__name__ for one in program.instructions if one.outputs[0] not in program.fixed()]
    assert names == ["MatMul", "Binary", "LSTMLoop"]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("batch", [1, 2, 40])
@pytest.mark.parametrize(
    ("name", "masked"), [(name, masked) for name in (*LOOPS, *STAY) for masked in (False, True) if name != "images"]
)
def test_a_loop_gives_what_it_gives_without_passes(name: str, batch: int, masked: bool, dtype: str) -> None:
    case = LOOPS[name] if name in LOOPS else STAY[name]
    for found, plain in zip(*runs(graph_of(case, batch, masked=masked, dtype=dtype)), strict=True):
        np.testing.assert_allclose(found, plain, rtol=0, atol=2e-6 * np.abs(plain).max())


@pytest.mark.parametrize("layer", ["LSTM", "GRU"])
def test_a_state_wide_enough_for_tiles_gives_the_same(layer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(products, "AT_ONCE", 10_000)
    case = {layer: {"units": 128, "return_sequences": True}}
    for found, plain in zip(*runs(graph_of(case, 6)), strict=True):
        np.testing.assert_allclose(found, plain, rtol=0, atol=2e-6 * np.abs(plain).max())


def test_what_reads_the_sums_of_the_inputs_too_keeps_its_numbers() -> None:
    spec = {
        "inputs": {"x": [STEPS, 8]},
        "layers": [
            {"name": "sums", "Dense": 16},
            {"name": "loop", "LSTM": {"units": 4, "use_bias": False}},
        ],
        "outputs": ["sums", "loop"],
    }
    model, graph = open_mapping(spec, Path()).sound()
    bound = build_bound(model, {"x": (2, STEPS, 8)}, graph)[1]
    for found, plain in zip(*runs(bound), strict=True):
        np.testing.assert_allclose(found, plain, rtol=0, atol=2e-6 * np.abs(plain).max())
