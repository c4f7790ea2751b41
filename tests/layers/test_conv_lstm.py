"""ConvLSTM against sums over windows, written out."""

from collections.abc import Mapping
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.layers.alone import refusal, shape
from tests.layers.test_rnn import called, sigmoid, uniform


def convolved(x: Any, kernel: Any, stride: int, same: bool, dilation: int) -> Any:
    """The sums of products of (batch, *sizes, channels) with every window."""
    taps, sizes = kernel.shape[:-2], x.shape[1:-1]
    extents = [(tap - 1) * dilation + 1 for tap in taps]
    if same:
        lengths = [-(-size // stride) for size in sizes]
        total = [max((n - 1) * stride + e - s, 0) for n, e, s in zip(lengths, extents, sizes, strict=True)]
        x = np.pad(x, [(0, 0), *((t // 2, t - t // 2) for t in total), (0, 0)])
    else:
        lengths = [(size - extent) // stride + 1 for size, extent in zip(sizes, extents, strict=True)]
    y = np.zeros((len(x), *lengths, kernel.shape[-1]))
    for at, tap in product(np.ndindex(*lengths), np.ndindex(*taps)):
        place = tuple(a * stride + t * dilation for a, t in zip(at, tap, strict=True))
        y[(slice(None), *at)] += x[(slice(None), *place)] @ kernel[tap]
    return y


def twin(arguments: Mapping[str, Any], weights: Mapping[str, Any], x: Any, mask: Any) -> tuple[list[Any], Any]:
    """The hidden states after every step, and the last carry state; a masked sample keeps its states."""
    names = ("kernel", "recurrent_kernel", "bias")
    kernel, recurrent, bias = (weights.get(f"conv_lstm_cell/{name}", np.zeros(1)) for name in names)
    same, stride = arguments["padding"] == "same", arguments["strides"]
    hidden = carry = 0.0
    seen = []
    for step in range(x.shape[1]):
        z = convolved(x[:, step], kernel, stride, same, arguments["dilation_rate"]) + bias
        z = z + (convolved(hidden, recurrent, 1, True, 1) if step else 0)
        i, f, candidate, o = np.split(z, 4, -1)
        new = sigmoid(f) * carry + sigmoid(i) * np.tanh(candidate)
        kept = mask[:, step].reshape(-1, *(1,) * (z.ndim - 1))
        carry = np.where(kept, new, carry)
        hidden = np.where(kept, sigmoid(o) * np.tanh(new), hidden)
        seen.append(hidden)
    return seen, carry


@st.composite
def uses(draw: st.DrawFn) -> tuple[dict[str, Any], tuple[int, ...], bool]:
    rank, stride = draw(st.integers(1, 3)), draw(st.integers(1, 2))
    arguments = {
        "filters": draw(st.integers(1, 2)),
        "kernel_size": draw(st.lists(st.integers(1, 2), min_size=rank, max_size=rank)),
        "strides": stride,
        "dilation_rate": 1 if stride > 1 else draw(st.integers(1, 2)),
        "padding": draw(st.sampled_from(["valid", "same"])),
        "use_bias": draw(st.booleans()),
    }
    sizes = tuple(draw(st.integers(3, 4)) for _ in range(rank))
    shape = (draw(st.integers(1, 2)), draw(st.integers(1, 3)), *sizes, draw(st.integers(1, 2)))
    return arguments, shape, draw(st.booleans())


@settings(max_examples=40, deadline=None)
@given(uses(), st.booleans())
def test_each_step_convolves_the_input_and_the_state(
    case: tuple[dict[str, Any], tuple[int, ...], bool], sequences: bool
) -> None:
    arguments, sizes, masked = case
    x = uniform(*sizes)
    mask = np.random.default_rng(3).integers(0, 2, sizes[:2]).astype(bool) if masked else np.ones(sizes[:2], bool)
    given_arguments = {**arguments, "return_sequences": sequences, "return_state": True}
    arrays, call = ([x, mask], ["sequences", "mask"]) if masked else ([x], ["sequences"])
    (output, hidden, carry), weights = called(f"ConvLSTM{len(sizes) - 3}D", given_arguments, arrays, call)
    wanted, last = twin(arguments, weights, x, mask)
    np.testing.assert_allclose(hidden, wanted[-1], rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(carry, last, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(output, np.stack(wanted, 1) if sequences else wanted[-1], rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("more", [{}, {"return_sequences": True}, {"go_backwards": True, "strides": 2}])
def test_channels_first_is_channels_last_moved(more: dict[str, Any]) -> None:
    arguments = {"filters": 3, "kernel_size": [2, 3], "return_state": True, **more}
    x, first = uniform(2, 3, 5, 6, 2), {**arguments, "data_format": "channels_first"}
    last, _ = called("ConvLSTM2D", arguments, [x])
    moved, _ = called("ConvLSTM2D", first, [np.moveaxis(x, -1, 2)])
    for one, other in zip(last, moved, strict=True):
        np.testing.assert_allclose(np.moveaxis(one, -1, -3), other, rtol=1e-5)


def test_an_activation_along_an_axis_sees_the_layers_own_layout() -> None:
    arguments = {"filters": 2, "kernel_size": 1, "activation": "softmax", "data_format": "channels_first"}
    x = uniform(1, 1, 3, 4)
    (_, hidden, carry), weights = called("ConvLSTM1D", {**arguments, "return_state": True}, [x])
    z = np.moveaxis(x[:, 0], 1, -1) @ weights["conv_lstm_cell/kernel"][0] + weights["conv_lstm_cell/bias"]
    i, _, candidate, o = np.split(np.moveaxis(z, -1, 1), 4, 1)
    wanted = sigmoid(i) * np.exp(candidate) / np.exp(candidate).sum(-1, keepdims=True)
    np.testing.assert_allclose(carry, wanted, rtol=1e-5)
    np.testing.assert_allclose(hidden, sigmoid(o) * np.exp(wanted) / np.exp(wanted).sum(-1, keepdims=True), rtol=1e-5)


def test_given_states_have_the_layers_own_layout() -> None:
    arguments = {"filters": 2, "kernel_size": 1, "return_state": True}
    x, states = uniform(1, 2, 3, 4), [uniform(1, 3, 2, seed=seed) for seed in (1, 2)]
    call = ["sequences", "initial_state", "initial_state"]
    last, _ = called("ConvLSTM1D", arguments, [x, *states], call)
    moved = [np.moveaxis(x, -1, 2), *(np.moveaxis(state, -1, 1) for state in states)]
    first, _ = called("ConvLSTM1D", {**arguments, "data_format": "channels_first"}, moved, call)
    for one, other in zip(last, first, strict=True):
        np.testing.assert_allclose(np.moveaxis(one, -1, 1), other, rtol=1e-5)


def test_the_steps_may_have_a_name() -> None:
    arguments = {"filters": 2, "kernel_size": 3, "return_sequences": True}
    assert shape("ConvLSTM2D", arguments, "steps", 5, 6, 3) == ("steps", 3, 4, 2)


@pytest.mark.parametrize(
    ("more", "sizes", "wanted"),
    [
        ({}, (4, 5, 3), "(batch, steps, height, width, channels)"),
        ({"data_format": "channels_first"}, (4, 5, 3), "(batch, steps, channels, height, width)"),
        ({}, (4, "h", 5, 3), "the size of axis 2 of the input must be known"),
        ({"data_format": "channels_first"}, (4, 3, 5, None), "the size of axis 4 of the input must be known"),
        ({}, (4, 5, 5, None), "the number of the input's channels must be known"),
        ({}, (4, 5, 2, 3), "a window of 3 does not fit into axis 3"),
        ({"strides": 2, "dilation_rate": 2}, (), "cannot both be above 1"),
        ({"padding": "causal"}, (), "must be `valid` or `same`"),
        ({"stateful": True}, (4, 5, 5, 3), "how many there are is not known"),
        ({"filters": 0}, (), "`filters` of ConvLSTM2D must be greater than 0"),
    ],
)
def test_wrong_uses_are_refused(more: dict[str, Any], sizes: tuple[Any, ...], wanted: str) -> None:
    assert wanted in refusal("ConvLSTM2D", {"filters": 2, "kernel_size": 3, **more}, *sizes)
