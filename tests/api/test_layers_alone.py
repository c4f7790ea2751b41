"""Layers called on arrays, outside any model."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import numpy as np
import pytest

from specmodel import Input, Sequential, SpecError, layers

STEPS = np.random.default_rng(0).normal(size=(2, 5, 4)).astype(np.float32)


def test_a_list_is_what_merging_layers_take() -> None:
    np.testing.assert_array_equal(layers.Add()([[[1.0, 2.0]], [[10.0, 20.0]]]), [[11.0, 22.0]])


def test_several_call_arguments_stand_in_order_or_by_name() -> None:
    layer = layers.MultiHeadAttention(2, 3)
    query, value = STEPS, STEPS[:, :3]
    np.testing.assert_array_equal(layer(query, value), layer(value=value, query=query))


def test_call_arguments_that_are_no_arrays_are_the_layers_own() -> None:
    output, scores = layers.MultiHeadAttention(2, 3, return_attention_scores=True, use_causal_mask=True)(STEPS, STEPS)
    assert output.shape == (2, 5, 4)
    np.testing.assert_array_equal(scores[:, :, 0, 1:], np.zeros((2, 2, 4)))


def test_a_mask_is_a_keyword() -> None:
    layer = layers.LSTM(3)
    mask = np.array([[True] * 3 + [False] * 2] * 2)
    np.testing.assert_allclose(layer(STEPS, mask=mask), layer(STEPS[:, :3]), rtol=1e-6)


def test_states_are_a_list() -> None:
    layer = layers.LSTM(3, return_sequences=True, return_state=True)
    whole, *_ = layer(STEPS)
    _, h, c = layer(STEPS[:, :2])
    rest, *_ = layer(STEPS[:, 2:], initial_state=[h, c])
    np.testing.assert_allclose(rest, whole[:, 2:], rtol=1e-5, atol=1e-7)


def test_several_outputs_are_a_list() -> None:
    found = layers.GRU(3, return_state=True)(STEPS)
    assert [one.shape for one in found] == [(2, 3), (2, 3)]


def test_nested_lists_of_integers_stay_integers() -> None:
    layer = layers.Embedding(10, 3)
    rows = layer([[1, 2], [2, 1]])
    np.testing.assert_array_equal(rows[0], layer.weights[0].numpy()[[1, 2]])


def test_a_layer_takes_other_sizes_after_its_first_call() -> None:
    layer = layers.Conv2D(2, 3)
    assert layer(np.ones((1, 8, 8, 3))).shape == (1, 6, 6, 2)
    assert layer(np.ones((2, 5, 9, 3))).shape == (2, 3, 7, 2)
    with pytest.raises(SpecError, match=r"`conv2d/kernel` has the shape \(3, 3, 3, 2\)"):
        layer(np.ones((1, 8, 8, 4)))


def test_a_layer_that_fails_has_no_weights() -> None:
    layer = layers.Dense(3)
    with pytest.raises(SpecError, match="expected an input of at least 2 axes"):
        layer(np.ones(4))
    assert layer.weights == []


def test_the_weights_of_a_layer_with_a_name_start_with_it() -> None:
    layer = layers.LSTM(2, name="memory")
    layer(STEPS)
    assert [weight.path for weight in layer.weights] == [
        "memory/lstm_cell/kernel",
        "memory/lstm_cell/recurrent_kernel",
        "memory/lstm_cell/bias",
    ]
    assert {weight.trainable for weight in layer.weights} == {True}


def test_numbers_of_a_weight_are_a_copy() -> None:
    layer = layers.Dense(2)
    layer(STEPS)
    layer.weights[0].numpy()[:] = 0
    assert layer.weights[0].numpy().any()


def test_a_copied_layer_starts_from_the_same_numbers_and_goes_its_own_way() -> None:
    layer, x = layers.Dense(2), np.ones((1, 4))
    y = layer(x)
    copy = deepcopy(layer)
    np.testing.assert_array_equal(copy(x), y)
    model = Sequential([copy])
    model(x)
    model.set_weights([np.zeros((4, 2)), np.zeros(2)])
    np.testing.assert_array_equal(layer(x), y)
    np.testing.assert_array_equal(copy(x), [[0.0, 0.0]])


def test_an_untrainable_layer_has_untrainable_weights() -> None:
    layer = layers.Dense(2, trainable=False, dtype="float64")
    assert layer(STEPS).dtype == np.float64
    assert [(weight.trainable, weight.dtype) for weight in layer.weights] == [(False, "float64")] * 2


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: layers.Dense(2)(Input((4,))), "a layer is called on arrays.*there is no functional Model"),
        (lambda: layers.Dense(2)(layers.Dense(3)), "a layer is called on arrays"),
        (lambda: layers.Dense(2)(), "Dense is called with inputs; `inputs` is missing"),
        (lambda: layers.Dense(2)(STEPS, STEPS), "Dense is called with inputs, got 2 arguments"),
        (lambda: layers.Dense(2)(STEPS, inputs=STEPS), "Dense got `inputs` twice"),
        (lambda: layers.LSTM(2)(STEPS, maks=STEPS), "did you mean `mask`"),
        (lambda: layers.Dense(2)(STEPS, training=True), "no argument `training`"),
        (lambda: layers.MultiHeadAttention(2, 2)(STEPS, STEPS, use_causal_mask=True), r"use_causal_mask=…\)"),
        (lambda: layers.Add()(STEPS), "Add takes a list of arrays, got a ndarray"),
        (lambda: layers.Dense(2, 3, *[None] * 20), "Dense takes at most"),
        (lambda: layers.Dense(2, units=3), "Dense got `units` twice"),
    ],
)
def test_what_is_no_call_is_a_type_error(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        call()


@pytest.mark.parametrize(
    ("call", "code", "message"),
    [
        (lambda: layers.Dense("2"), "E209", "`units` of Dense must be an integer"),
        (lambda: layers.Dense(unit=2), "E207", "unknown argument `unit`"),
        (lambda: layers.Dense(), "E208", "Dense needs the argument `units`"),
        (lambda: layers.Dense(2, name="a b")(STEPS), "E210", "`a b`"),
        (lambda: layers.Add()([STEPS, STEPS[:, :3]]), "E302", "do not fit together"),
        (lambda: layers.Embedding(3, 2)([[3]]), "E507", "the value 3 is outside the table of 3 rows"),
        (lambda: layers.Dense(2)([[object()]]), "E502", "the data for `inputs` must be numbers"),
    ],
)
def test_mistakes_are_diagnostics(call: Callable[[], Any], code: str, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        call()
    assert [one.code for one in caught.value.diagnostics] == [code]
    assert message in caught.value.diagnostics[0].message
