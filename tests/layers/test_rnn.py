"""Cells by themselves, stacked, and run over sequences, against plain loops."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specmodel import layers
from specmodel.graph.graph import Graph
from specmodel.layers.cells import Begun, Cell, States
from specmodel.layers.scope import Scope
from specmodel.ops.value import Value
from specmodel.types.dim import symbol, unknown
from specmodel.types.tensor import TensorType
from tests.layers.alone import refusal
from tests.layers.harness import graph_of, outputs_of, random_weights, run


def built(name: str, arguments: Mapping[str, Any], types: Sequence[TensorType], call: Sequence[str] = ()) -> Graph:
    graph, diagnostics = graph_of(layers.find(name).declare(arguments), types, call)  # type: ignore[union-attr]
    assert [found.message for found in diagnostics] == []
    return graph


def called(
    name: str, arguments: Mapping[str, Any], arrays: Sequence[Any], call: Sequence[str] = ()
) -> tuple[list[Any], dict[str, Any]]:
    """Every output, and the weights, by their path below the layer."""
    graph = built(name, arguments, [TensorType(array.shape, array.dtype.name) for array in arrays], call)
    weights = {path: array - 0.6 for path, array in random_weights(graph, np.random.default_rng(2)).items()}
    results = run(graph, weights, arrays)
    assert [result.shape for result in results] == [value.shape for value in outputs_of(graph)]
    return results, {path.removeprefix("layer/"): array for path, array in weights.items()}


def uniform(*sizes: int, seed: int = 5) -> Any:
    return np.random.default_rng(seed).uniform(-2, 2, sizes).astype(np.float32)


def sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def twin_step(kind: str, weights: Mapping[str, Any], below: str, x: Any, states: list[Any]) -> list[Any]:
    """The new states of a cell with its default arguments."""
    kernel, recurrent, bias = (weights[f"{below}/{name}"] for name in ("kernel", "recurrent_kernel", "bias"))
    hidden = states[0]
    if kind == "SimpleRNNCell":
        return [np.tanh(x @ kernel + hidden @ recurrent + bias)]
    if kind == "LSTMCell":
        i, f, candidate, o = np.split(x @ kernel + hidden @ recurrent + bias, 4, -1)
        carry = sigmoid(f) * states[1] + sigmoid(i) * np.tanh(candidate)
        return [sigmoid(o) * np.tanh(carry), carry]
    own, given = np.split(hidden @ recurrent + bias[1], 3, -1), np.split(x @ kernel + bias[0], 3, -1)
    update, reset = sigmoid(given[0] + own[0]), sigmoid(given[1] + own[1])
    return [update * hidden + (1 - update) * np.tanh(given[2] + reset * own[2])]


def names_of(kinds: Sequence[str]) -> list[str]:
    """The cells' names as they are numbered."""
    snake = {"SimpleRNNCell": "simple_rnn_cell", "LSTMCell": "lstm_cell", "GRUCell": "gru_cell"}
    counts = [kinds[:number].count(kind) for number, kind in enumerate(kinds)]
    return [snake[kind] + (f"_{count}" if count else "") for kind, count in zip(kinds, counts, strict=True)]


CELLS = st.lists(
    st.tuples(st.sampled_from(["SimpleRNNCell", "LSTMCell", "GRUCell"]), st.integers(1, 3)), min_size=1, max_size=3
)


@settings(max_examples=40, deadline=None)
@given(CELLS, st.tuples(*[st.integers(1, 3)] * 3), st.booleans(), st.booleans(), st.booleans())
def test_a_stack_reads_from_below_at_each_step(
    cells: list[tuple[str, int]], sizes: tuple[int, int, int], masked: bool, sequences: bool, backwards: bool
) -> None:
    batch, steps, _ = sizes
    x, mask = uniform(*sizes), np.random.default_rng(1).integers(0, 2, (batch, steps)).astype(bool)
    arguments = {
        "cell": [{kind: units} for kind, units in cells],
        "return_sequences": sequences,
        "return_state": True,
        "go_backwards": backwards,
    }
    arrays, call = ([x, mask], ["sequences", "mask"]) if masked else ([x], ["sequences"])
    (output, *last), weights = called("RNN", arguments, arrays, call)
    kinds = [kind for kind, _ in cells]
    states = [[np.zeros((batch, units))] * (2 if kind == "LSTMCell" else 1) for kind, units in cells]
    outputs = []
    for step in reversed(range(steps)) if backwards else range(steps):
        reads, kept = x[:, step], mask[:, step, None] if masked else True
        for number, (kind, name) in enumerate(zip(kinds, names_of(kinds), strict=True)):
            new = twin_step(kind, weights, f"stacked_rnn_cells/{name}", reads, states[number])
            reads = new[0]
            states[number] = [np.where(kept, a, b) for a, b in zip(new, states[number], strict=True)]
        outputs.append(states[-1][0])
    wanted = np.stack(outputs, 1) if sequences else outputs[-1]
    np.testing.assert_allclose(output, wanted, rtol=1e-5, atol=1e-5)
    for found, state in zip(last, [state for cell in states for state in cell], strict=True):
        np.testing.assert_allclose(found, state, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("kind", ["SimpleRNN", "LSTM", "GRU"])
def test_rnn_of_a_cell_is_the_layer_of_that_name(kind: str) -> None:
    x, mask = uniform(2, 4, 3), np.array([[1, 1, 0, 1], [0, 1, 1, 0]], bool)
    for more in ({}, {"return_sequences": True, "unroll": True}, {"go_backwards": True, "zero_output_for_mask": True}):
        (found,), weights = called("RNN", {"cell": {f"{kind}Cell": 2}, **more}, [x, mask], ["sequences", "mask"])
        (wanted,), same = called(kind, {"units": 2, **more}, [x, mask], ["sequences", "mask"])
        assert list(weights) == list(same)
        np.testing.assert_array_equal(found, wanted)


class Doubled(Cell):
    """The sum of the inputs so far is the state; twice that is the output."""

    def begin(self, b: Scope, inputs: Value) -> Begun:
        size = (inputs.shape[-1],)

        def step(x: Value, states: States) -> tuple[Value, ...]:
            total = x + states[0]
            return total, total * 2.0

        return Begun(inputs, (size,), step, 1, size)


@pytest.mark.parametrize("cell", [Doubled(), [Doubled(), Doubled()]])
@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        ({}, [0, 2, 2, 6]),
        ({"unroll": True}, [0, 2, 2, 6]),
        ({"zero_output_for_mask": True}, [0, 2, 0, 6]),
    ],
)
def test_the_output_of_a_cell_may_be_none_of_its_states(
    cell: Any, arguments: dict[str, Any], wanted: list[int]
) -> None:
    x, mask = np.array([[[7], [1], [7], [2]]], np.float32), np.array([[0, 1, 0, 1]], bool)
    stacked = isinstance(cell, list)
    if stacked:  # the upper cell sums up what the lower one puts out: 2 * 1, then 2 * (1 + 2) more
        wanted = [{2: 4, 6: 16}.get(number, number) for number in wanted]
    for sequences in (True, False):
        given = {"cell": cell, "return_sequences": sequences, "return_state": True, **arguments}
        (output, *last), _ = called("RNN", given, [x, mask], ["sequences", "mask"])
        assert output.ravel().tolist() == (wanted if sequences else wanted[-1:])
        assert [state.item() for state in last] == ([3, 8] if stacked else [3])


@pytest.mark.parametrize("kind", ["SimpleRNNCell", "LSTMCell", "GRUCell"])
def test_a_cell_by_itself_makes_one_step(kind: str) -> None:
    x, states = uniform(3, 2), [uniform(3, 4, seed=seed) for seed in range(2 if kind == "LSTMCell" else 1)]
    (output, *new), weights = called(kind, {"units": 4}, [x, *states], ["inputs"] + ["states"] * len(states))
    wanted = twin_step(kind, {f"cell/{name}": array for name, array in weights.items()}, "cell", x, states)
    np.testing.assert_array_equal(output, new[0])
    for found, state in zip(new, wanted, strict=True):
        np.testing.assert_allclose(found, state, rtol=1e-5, atol=1e-5)


def test_given_states_are_those_of_all_cells_in_order() -> None:
    x, states = uniform(2, 1, 3), [uniform(2, size, seed=size) for size in (1, 1, 4)]
    arguments = {"cell": [{"LSTMCell": 1}, {"GRUCell": 4}], "return_state": True}
    (output, *last), weights = called("RNN", arguments, [x, *states], ["sequences"] + ["initial_state"] * 3)
    first = twin_step("LSTMCell", weights, "stacked_rnn_cells/lstm_cell", x[:, 0], states[:2])
    second = twin_step("GRUCell", weights, "stacked_rnn_cells/gru_cell", first[0], states[2:])
    for found, wanted in zip([output, *last], [*second, *first, *second], strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-5)


def test_cells_keep_the_names_they_are_given() -> None:
    cells = [{"GRUCell": 1, "name": "low"}, {"GRUCell": 1}, {"GRUCell": 1}]
    graph = built("RNN", {"cell": cells}, [TensorType((1, 2, 3), "float32")])
    owners = dict.fromkeys(spec.path.split("/")[2] for spec in graph.weights())
    assert list(owners) == ["low", "gru_cell", "gru_cell_1"]


def test_a_bidirectional_layer_may_hold_an_rnn() -> None:
    arguments = {"layer": {"RNN": {"cell": [{"LSTMCell": 2}, {"GRUCell": 3}], "return_sequences": True}}}
    (found,), _ = called("Bidirectional", arguments, [uniform(2, 4, 3)])
    assert found.shape == (2, 4, 6)


def test_the_steps_may_have_a_name() -> None:
    kind = TensorType((unknown("batch"), symbol("steps"), 3), "float32")
    graph = built("RNN", {"cell": [{"LSTMCell": 2}, {"GRUCell": 4}], "return_sequences": True}, [kind])
    assert outputs_of(graph)[0].type.shown_shape == [None, "steps", 4]
    assert graph.requirements == ()


@pytest.mark.parametrize(
    ("name", "arguments", "wanted"),
    [
        ("RNN", {}, "RNN needs the argument `cell`"),
        ("RNN", {"cell": "Flatten"}, "`cell` of RNN must be a cell, found Flatten"),
        ("RNN", {"cell": []}, "must be a list of cells, found an empty list"),
        ("RNN", {"cell": [{"GRUCell": 1}, {"LSTM": 2}]}, "must be a cell, found LSTM"),
        ("RNN", {"cell": {"GRUCell": {"unit": 2}}}, "unknown argument `unit` of GRUCell"),
        ("StackedRNNCells", {"cells": {"GRUCell": 2}}, "must be a list of cells, found a mapping"),
    ],
)
def test_wrong_cells_are_refused(name: str, arguments: Mapping[str, Any], wanted: str) -> None:
    assert wanted in refusal(name, arguments)
