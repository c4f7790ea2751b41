"""LSTM, GRU and SimpleRNN against loops over single samples and steps."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specmodel import layers
from specmodel.layers.base import Layer
from specmodel.layers.objects import Pieces
from specmodel.layers.validation import ArgumentError
from specmodel.types.dim import symbol, unknown
from specmodel.types.tensor import TensorType
from tests.layers.harness import graph_of, outputs_of, run

STATES = {"LSTM": 2, "GRU": 1, "SimpleRNN": 1}


def declared(kind: str, arguments: dict[str, Any], **own: Any) -> Layer:
    found = layers.find(kind)
    assert found is not None
    return found.declare(arguments, **own)


def logistic(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def cell_step(kind: str, weights: list[Any], x: Any, states: list[Any], reset_after: bool) -> list[Any]:
    """The new states of one sample, by the textbook's formulas, gate by gate."""
    kernel, recurrent, bias = weights
    units = len(states[0])

    def part(matrix: Any, gate: int) -> Any:
        return matrix[..., gate * units : (gate + 1) * units]

    if kind == "SimpleRNN":
        return [np.tanh(x @ kernel + states[0] @ recurrent + bias)]
    if kind == "LSTM":
        h, c = states
        i, f, g, o = (x @ part(kernel, gate) + h @ part(recurrent, gate) + part(bias, gate) for gate in range(4))
        c = logistic(f) * c + logistic(i) * np.tanh(g)
        return [logistic(o) * np.tanh(c), c]
    (h,) = states
    of_input, of_state = bias if bias.ndim == 2 else (bias, np.zeros_like(bias))
    z, r = (
        logistic(x @ part(kernel, gate) + part(of_input, gate) + h @ part(recurrent, gate) + part(of_state, gate))
        for gate in range(2)
    )
    inner = r * (h @ part(recurrent, 2) + part(of_state, 2)) if reset_after else (r * h) @ part(recurrent, 2)
    return [z * h + (1 - z) * np.tanh(x @ part(kernel, 2) + part(of_input, 2) + inner)]


def naive(kind: str, arguments: dict[str, Any], weights: list[Any], x: Any, starts: list[Any], mask: Any) -> list[Any]:
    """The outputs of all steps, in the order they are made, and the last states."""
    outputs, finals = [], []
    order = range(x.shape[1])[:: -1 if arguments.get("go_backwards") else 1]
    unroll, zero = arguments.get("unroll", False), arguments.get("zero_output_for_mask", False)
    for sample in range(x.shape[0]):
        states = [start[sample] for start in starts]
        previous = np.zeros_like(states[0]) if unroll else states[0]
        line = []
        for step in order:
            if mask is None or mask[sample, step]:
                states = cell_step(kind, weights, x[sample, step], states, arguments.get("reset_after", True))
                previous = output = states[0]
            else:
                output = np.zeros_like(previous) if zero and not unroll else previous
            line.append(output)
        outputs.append(line)
        finals.append(states)
    return [np.array(outputs), *(np.array([states[n] for states in finals]) for n in range(STATES[kind]))]


@st.composite
def cases(draw: st.DrawFn) -> tuple[str, dict[str, Any], tuple[int, int, int], bool, bool]:
    kind = draw(st.sampled_from(sorted(STATES)))
    arguments: dict[str, Any] = {"units": draw(st.integers(1, 4))}
    flags = ["return_sequences", "return_state", "go_backwards", "unroll", "zero_output_for_mask"]
    for flag in [*flags, "reset_after"] if kind == "GRU" else flags:
        arguments[flag] = draw(st.booleans())
    shape = draw(st.tuples(st.integers(1, 3), st.integers(1, 4), st.integers(1, 3)))
    return kind, arguments, shape, draw(st.booleans()), draw(st.booleans())


@settings(max_examples=120, deadline=None)
@given(cases())
def test_a_recurrent_layer_is_its_cell_step_after_step(case: Any) -> None:
    kind, arguments, shape, starts_given, masked = case
    generator = np.random.default_rng(3)
    arrays: list[Any] = [generator.normal(size=shape)]
    call = ["sequences"]
    starts: list[Any] = [np.zeros((shape[0], arguments["units"]))] * STATES[kind]
    if starts_given:
        starts = [generator.normal(size=start.shape) for start in starts]
        arrays += starts
        call += ["initial_state"] * len(starts)
    mask = generator.integers(0, 2, shape[:2]).astype(bool) if masked else None
    if mask is not None:
        arrays.append(mask)
        call.append("mask")
    layer = declared(kind, arguments, dtype="float64")
    graph, diagnostics = graph_of(layer, [TensorType(array.shape, array.dtype.name) for array in arrays], call)
    assert not diagnostics.failed
    specs = list(graph.weights())
    assert [spec.path.rpartition("/")[2] for spec in specs] == ["kernel", "recurrent_kernel", "bias"]
    weights = [generator.normal(size=spec.shape) for spec in specs]
    found = run(graph, {spec.path: weight for spec, weight in zip(specs, weights, strict=True)}, arrays)
    every, *states = naive(kind, arguments, weights, arrays[0], starts, mask)
    wanted = [every if arguments["return_sequences"] else every[:, -1], *(states if arguments["return_state"] else ())]
    assert [value.shape for value in outputs_of(graph)] == [array.shape for array in wanted]
    for one, other in zip(found, wanted, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12)


def test_a_linear_recurrence_with_ones_is_a_running_sum() -> None:
    layer = declared("SimpleRNN", {"units": 1, "activation": None, "use_bias": False, "return_sequences": True})
    graph, _ = graph_of(layer, [TensorType((1, 4, 2), "float32")])
    ones = {
        f"layer/simple_rnn_cell/{name}": np.ones(shape, "float32")
        for name, shape in (("kernel", (2, 1)), ("recurrent_kernel", (1, 1)))
    }
    (found,) = run(graph, ones, [np.array([[[1, 2], [3, 4], [5, 6], [7, 8]]], "float32")])
    assert found[0, :, 0].tolist() == [3, 10, 21, 36]


def test_other_activations_take_the_place_of_the_usual_ones() -> None:
    arguments = {"units": 1, "activation": "linear", "recurrent_activation": "relu"}
    layer = declared("LSTM", arguments)
    graph, _ = graph_of(layer, [TensorType((1, 1, 1), "float32")])
    weights = {"kernel": [[1.0, 5.0, 2.0, 3.0]], "recurrent_kernel": [[0.0] * 4], "bias": [0.5, 0.0, 0.0, -1.0]}
    arrays = {f"layer/lstm_cell/{name}": np.array(array, "float32") for name, array in weights.items()}
    (found,) = run(graph, arrays, [np.array([[[2.0]]], "float32")])
    assert found.tolist() == [[(2 * 1 + 0.5) * (2 * 2) * (2 * 3 - 1)]]  # input gate, candidate, output gate


@pytest.mark.parametrize(("arguments", "pieces"), [({}, True), ({"unit_forget_bias": False}, False)])
def test_the_forget_gate_starts_open(arguments: dict[str, Any], pieces: bool) -> None:
    layer = declared("LSTM", {"units": 3, **arguments})
    graph, _ = graph_of(layer, [TensorType((1, 2, 2), "float32")])
    start = next(spec.initializer for spec in graph.weights() if spec.path.endswith("bias"))
    assert start == (Pieces((("zeros", 3), ("ones", 3), ("zeros", 6))) if pieces else "zeros")


@pytest.mark.parametrize(
    ("kind", "shapes"),
    [
        ("LSTM", {"kernel": (5, 16), "recurrent_kernel": (4, 16), "bias": (16,)}),
        ("GRU", {"kernel": (5, 12), "recurrent_kernel": (4, 12), "bias": (2, 12)}),
        ("SimpleRNN", {"kernel": (5, 4), "recurrent_kernel": (4, 4), "bias": (4,)}),
    ],
)
def test_weights_stand_below_the_cell_and_the_rest_may_stay_unknown(
    kind: str, shapes: dict[str, tuple[int, ...]]
) -> None:
    batch, steps = unknown("batch"), symbol("seq")
    layer = declared(kind, {"units": 4, "return_sequences": True, "return_state": True})
    graph, _ = graph_of(layer, [TensorType((batch, steps, 5), "float32")])
    cell = {"LSTM": "lstm_cell", "GRU": "gru_cell", "SimpleRNN": "simple_rnn_cell"}[kind]
    assert {spec.path: spec.shape for spec in graph.weights()} == {
        f"layer/{cell}/{name}": shape for name, shape in shapes.items()
    }
    assert [value.shape for value in outputs_of(graph)] == [(batch, steps, 4)] + [(batch, 4)] * STATES[kind]


def test_the_input_products_of_all_steps_are_one_matrix_product() -> None:
    layer = declared("LSTM", {"units": 4})
    graph, _ = graph_of(layer, [TensorType((2, 7, 3), "float32")])
    assert [type(call.op).__name__ for call in graph.nodes[0].calls].count("MatMul") == 1


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "mixed_float16"])
def test_half_precision_stays_near_double(dtype: str) -> None:
    generator = np.random.default_rng(0)
    x = generator.normal(size=(2, 4, 3)).astype("float32")
    results: list[Any] = []
    weights: dict[str, Any] = {}
    for policy in (dtype, "float64"):
        layer = declared("LSTM", {"units": 4}, dtype=policy)
        graph, _ = graph_of(layer, [TensorType(x.shape, "float32")])
        weights = weights or {spec.path: generator.normal(size=spec.shape) * 0.5 for spec in graph.weights()}
        rounded = {
            spec.path: weights[spec.path].astype("float32" if spec.dtype == "bfloat16" else spec.dtype)
            for spec in graph.weights()
        }
        results.append(run(graph, rounded, [x])[0].astype("float64"))
    np.testing.assert_allclose(results[0], results[1], atol=2e-2 if dtype == "bfloat16" else 4e-3)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"units": 2, "dropout": 1.5}, "`dropout` of LSTM must be at most 1"),
        ({"units": 2, "use_cudnn": "never"}, "`use_cudnn` of LSTM must be"),
        ({"units": 2, "activation": "thanh"}, "unknown activation `thanh`"),
        ({"units": 2, "time_major": True}, "unknown argument `time_major` of LSTM"),
    ],
)
def test_wrong_arguments_are_refused(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        declared("LSTM", arguments)
    assert len(caught.value.faults) == 1
    assert message in caught.value.faults[0].message


@pytest.mark.parametrize(
    ("arguments", "shapes", "call", "message"),
    [
        (
            {},
            [(2, 5, 3), (2, 4)],
            ["sequences", "mask"],
            "`mask` must have the shape (batch, steps) of the input (2, 5, 3), found (2, 4)",
        ),
        ({}, [(2, 5, 3), (2,)], ["sequences", "mask"], "`mask` must have the shape (batch, steps)"),
        (
            {},
            [(2, 5, 3), (3, 4), (3, 4)],
            ["sequences"] + ["initial_state"] * 2,
            "must have the shape (2, 4), found (3, 4)",
        ),
        (
            {"activation": "glu"},
            [(2, 5, 3)],
            ["sequences"],
            "`activation` must keep the shape of what it is applied to, `glu` does not",
        ),
    ],
)
def test_wrong_inputs_are_refused(arguments: dict[str, Any], shapes: list[Any], call: list[str], message: str) -> None:
    layer = declared("LSTM", {"units": 4, **arguments})
    types = [
        TensorType(shape, "bool" if name == "mask" else "float32") for shape, name in zip(shapes, call, strict=True)
    ]
    _, diagnostics = graph_of(layer, types, call)
    (fault,) = [found.message for found in diagnostics if found.severity == "error"]
    assert message in fault


def test_a_cell_by_itself_makes_one_step() -> None:
    from specmodel.layers.recurrent_cells import GRUCell

    layer = GRUCell.declare({"units": 2}, dtype="float64")
    generator = np.random.default_rng(5)
    arrays = [generator.normal(size=(3, 4)), generator.normal(size=(3, 2))]
    graph, _ = graph_of(layer, [TensorType(array.shape, "float64") for array in arrays])
    weights = {spec.path: generator.normal(size=spec.shape) for spec in graph.weights()}
    output, state = run(graph, weights, arrays)
    expected = [cell_step("GRU", list(weights.values()), x, [h], True)[0] for x, h in zip(*arrays, strict=True)]
    np.testing.assert_allclose(output, expected, rtol=1e-12)
    np.testing.assert_array_equal(output, state)
