"""Bidirectional and TimeDistributed against the layers they wrap, run by themselves."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specmodel import layers
from specmodel.diagnostics import codes
from specmodel.layers.base import Layer
from specmodel.layers.call import call_layer
from specmodel.layers.scope import POLICIES, Masked, Scope
from specmodel.layers.validation import ArgumentError
from specmodel.ops.source import Input
from specmodel.types.dim import symbol, unknown
from specmodel.types.tensor import TensorType
from tests.layers.harness import graph_of, outputs_of, run

GENERATOR = np.random.default_rng(0)
X = GENERATOR.normal(size=(2, 4, 3))
MASK = np.array([[True, False, True, False], [False, True, True, True]])


def declared(kind: str, arguments: dict[str, Any], **own: Any) -> Layer:
    found = layers.find(kind)
    assert found is not None
    return found.declare(arguments, **own)


def output(layer: Layer, weights: dict[str, Any], arrays: list[Any], call: list[str]) -> list[Any]:
    graph, diagnostics = graph_of(layer, [TensorType(array.shape, array.dtype.name) for array in arrays], call)
    assert not diagnostics.failed
    return run(graph, weights, arrays)


def weights_of(layer: Layer, x: Any = X) -> dict[str, Any]:
    graph, _ = graph_of(layer, [TensorType(x.shape, "float64")])
    return {spec.path: GENERATOR.normal(size=spec.shape) for spec in graph.weights()}


MERGED: dict[str | None, Any] = {
    "concat": lambda a, b: [np.concatenate([a, b], -1)],
    "sum": lambda a, b: [a + b],
    "mul": lambda a, b: [a * b],
    "ave": lambda a, b: [(a + b) / 2],
    None: lambda a, b: [a, b],
}


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["LSTM", "GRU", "SimpleRNN"]),
    st.sampled_from(list(MERGED)),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
def test_both_directions_are_the_layer_by_itself(
    kind: str, mode: str | None, sequences: bool, states: bool, masked: bool
) -> None:
    inner = {"units": 2, "return_sequences": sequences, "return_state": states}
    layer = declared("Bidirectional", {"layer": {kind: inner}, "merge_mode": mode}, dtype="float64")
    weights = weights_of(layer)
    arrays, call = ([X, MASK], ["sequences", "mask"]) if masked else ([X], ["sequences"])
    found = output(layer, weights, arrays, call)

    def direction(prefix: str, **more: Any) -> list[Any]:
        own = {
            path.replace(f"/{prefix}_", "/").replace(
                f"layer/{path.split('/')[1].removeprefix(prefix + '_')}", "layer"
            ): array
            for path, array in weights.items()
            if f"/{prefix}_" in path
        }
        alone = declared(kind, {**inner, **more, "zero_output_for_mask": sequences}, dtype="float64")
        return output(alone, own, arrays, call)

    forward, *forward_states = direction("forward")
    backward, *backward_states = direction("backward", go_backwards=True)
    if sequences:
        backward = backward[:, ::-1]
    wanted = [*MERGED[mode](forward, backward), *forward_states, *backward_states]
    assert len(found) == len(wanted)
    for one, other in zip(found, wanted, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12)


def test_the_first_half_of_the_states_is_for_the_forward_direction() -> None:
    layer = declared("Bidirectional", {"layer": {"SimpleRNN": {"units": 1, "use_bias": False, "activation": "linear"}}})
    graph, _ = graph_of(layer, [TensorType((1, 2, 1), "float32")])
    ones = {spec.path: np.ones(spec.shape, "float32") for spec in graph.weights()}
    arrays = [np.array([[[1], [2]]], "float32"), np.array([[10]], "float32"), np.array([[200]], "float32")]
    (found,) = output(layer, ones, arrays, ["sequences", "initial_state", "initial_state"])
    assert found.tolist() == [[13, 203]]


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        ({"layer": {"LSTM": 2}}, ["forward_lstm", "backward_lstm"]),
        ({"layer": {"LSTM": 2, "name": "title"}}, ["forward_title", "backward_title"]),
        ({"layer": {"LSTM": 2, "name": "forward_a"}}, ["forward_a", "backward_forward_a"]),
        (
            {"layer": {"LSTM": 2}, "backward_layer": {"LSTM": {"units": 2, "go_backwards": True}, "name": "b"}},
            ["forward_lstm", "b"],
        ),
        (
            {"layer": {"GRU": 2}, "backward_layer": {"LSTM": {"units": 2, "go_backwards": True}}},
            ["forward_gru", "backward_lstm"],
        ),
    ],
)
def test_the_directions_have_keras_names(arguments: dict[str, Any], names: list[str]) -> None:
    paths = list(weights_of(declared("Bidirectional", arguments)))
    assert list(dict.fromkeys(path.split("/")[1] for path in paths)) == names


@pytest.mark.parametrize(
    ("arguments", "masked"),
    [
        ({"layer": {"LSTM": 2}}, [False]),
        ({"layer": {"LSTM": {"units": 2, "return_sequences": True}}}, [True]),
        ({"layer": {"LSTM": {"units": 2, "return_sequences": True}}, "merge_mode": None}, [True, True]),
        ({"layer": {"GRU": {"units": 2, "return_sequences": True, "return_state": True}}}, [True, False, False]),
    ],
)
def test_the_mask_goes_on_with_outputs_that_have_steps(arguments: dict[str, Any], masked: list[bool]) -> None:
    x, mask = (Input("x", kind)() for kind in (TensorType((2, 4, 3), "float32"), TensorType((2, 4), "bool")))
    made = call_layer(
        Scope("layer", POLICIES["float32"], {}), declared("Bidirectional", arguments), {"sequences": Masked(x, mask)}
    )
    assert [output.mask is mask for output in made] == masked


@pytest.mark.parametrize(
    ("inner", "shape"),
    [
        ({"Dense": 5}, (2, 4, 3)),
        ({"Dense": 5}, (2, 4, 3, 2)),
        ({"LSTM": 2}, (2, 4, 3, 2)),
        ({"GRU": {"units": 2, "return_sequences": True}}, (2, 4, 3, 2)),
    ],
)
def test_each_step_is_the_layer_by_itself(inner: dict[str, Any], shape: tuple[int, ...]) -> None:
    x = GENERATOR.normal(size=shape)
    layer = declared("TimeDistributed", {"layer": inner}, dtype="float64")
    weights = weights_of(layer, x)
    ((kind, value),) = inner.items()
    alone = declared(kind, value if isinstance(value, dict) else {"units": value}, dtype="float64")
    own = {f"layer/{path.split('/', 2)[2]}": array for path, array in weights.items()}
    steps = [output(alone, own, [x[:, step]], [])[0] for step in range(shape[1])]
    (found,) = output(layer, weights, [x], [])
    np.testing.assert_allclose(found, np.stack(steps, 1), rtol=1e-12)


def test_the_layer_sees_the_masks_of_its_step() -> None:
    x, mask = GENERATOR.normal(size=(2, 3, 4, 2)), GENERATOR.integers(0, 2, (2, 3, 4)).astype(bool)
    layer = declared("TimeDistributed", {"layer": {"SimpleRNN": 3}}, dtype="float64")
    weights = weights_of(layer, x)
    own = {path.replace("simple_rnn/", ""): array for path, array in weights.items()}
    alone = declared("SimpleRNN", {"units": 3}, dtype="float64")
    steps = [output(alone, own, [x[:, step], mask[:, step]], ["sequences", "mask"])[0] for step in range(3)]
    (found,) = output(layer, weights, [x, mask], ["inputs", "mask"])
    np.testing.assert_allclose(found, np.stack(steps, 1), rtol=1e-12)


def test_steps_and_batch_may_stay_unknown() -> None:
    batch, steps = unknown("batch"), symbol("seq")
    graph, _ = graph_of(
        declared("TimeDistributed", {"layer": {"Dense": 5}}), [TensorType((batch, steps, 3), "float32")]
    )
    assert [value.shape for value in outputs_of(graph)] == [(batch, steps, 5)]
    assert list(graph.requirements) == []


@pytest.mark.parametrize("shape", [(5, 6), (4, 6), (4,)])
def test_a_mask_of_other_steps_is_refused(shape: tuple[int, ...]) -> None:
    types = [TensorType((4, 5, 3), "float32"), TensorType(shape, "bool")]
    _, diagnostics = graph_of(declared("TimeDistributed", {"layer": {"Dense": 5}}), types, ["inputs", "mask"])
    (message,) = [found.message for found in diagnostics if found.severity == "error"]
    assert "`mask` must begin with the axes (batch, steps) of the input (4, 5, 3)" in message


def test_a_fault_inside_tells_which_layer_it_is_of() -> None:
    _, diagnostics = graph_of(declared("TimeDistributed", {"layer": {"GRU": 5}}), [TensorType((4, 5, 3), "float32")])
    (message,) = [found.message for found in diagnostics if found.severity == "error"]
    assert "on one step, GRU: expected an input of rank 3, (batch, steps, features)" in message


def test_an_odd_number_of_states_is_refused() -> None:
    types = [TensorType((4, 5, 3), "float32"), TensorType((4, 2), "float32")]
    _, diagnostics = graph_of(declared("Bidirectional", {"layer": {"GRU": 2}}), types, ["sequences", "initial_state"])
    (message,) = [found.message for found in diagnostics if found.severity == "error"]
    assert "an even number, found 1" in message


@pytest.mark.parametrize(
    ("written", "code", "location", "message"),
    [
        (
            {"Dense": {"units": 0}},
            codes.BAD_ARGUMENT,
            ("layer", "Dense", "units"),
            "`units` of Dense must be greater than 0",
        ),
        ({"Dense": 0}, codes.BAD_ARGUMENT, ("layer", "Dense"), "`units` of Dense must be greater than 0"),
        (
            {"Dense": {"unit": 3}},
            codes.UNKNOWN_ARGUMENT,
            ("layer", "Dense", "unit"),
            "unknown argument `unit` of Dense",
        ),
        ({"Dens": 3}, codes.UNKNOWN_LAYER, ("layer", "Dens"), "unknown layer `Dens`"),
        ("Dens", codes.UNKNOWN_LAYER, ("layer",), "unknown layer `Dens`"),
        ({"Lambda": 3}, codes.REFUSED_LAYER, ("layer", "Lambda"), "`Lambda` cannot stand in a spec"),
        ({"Dense": 3, "name": "a/b"}, codes.BAD_NAME, ("layer", "name"), "a name is a text without `/`"),
        ({"Dense": 3, "dtype": "float99"}, codes.BAD_ARGUMENT, ("layer", "dtype"), "`dtype` must be one of"),
        (
            {"Dense": 3, "GRU": 3},
            codes.BAD_ARGUMENT,
            ("layer",),
            "a layer is one key with its arguments, found `Dense`, `GRU`",
        ),
        ({}, codes.BAD_ARGUMENT, ("layer",), "a layer is one key with its arguments, found none"),
        (3, codes.BAD_ARGUMENT, ("layer",), "a layer is a name or one key with its arguments, found 3"),
    ],
)
def test_a_written_layer_is_refused_where_it_is_wrong(written: Any, code: str, location: Any, message: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        declared("TimeDistributed", {"layer": written})
    (fault,) = caught.value.faults
    assert (fault.code, fault.location) == (code, location)
    assert message in fault.message


def test_a_layer_may_be_given_as_one() -> None:
    dense = declared("Dense", {"units": 3}, name="head")
    layer = declared("TimeDistributed", {"layer": dense})
    assert list(weights_of(layer)) == ["layer/head/kernel", "layer/head/bias"]
    assert (
        weights_of(declared("TimeDistributed", {"layer": {"Dense": 3, "name": "head"}})).keys()
        == weights_of(layer).keys()
    )


@pytest.mark.parametrize("trainable", [True, False])
def test_what_stands_beside_the_written_layer_holds_for_it(trainable: bool) -> None:
    layer = declared("TimeDistributed", {"layer": {"Dense": 3, "trainable": trainable, "dtype": "float64"}})
    graph, _ = graph_of(layer, [TensorType((2, 4, 3), "float32")])
    assert {(spec.trainable, spec.dtype) for spec in graph.weights()} == {(trainable, "float64")}
