"""Models that the real Keras saves, imported: every layer, random networks, and what only functional models have."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers, ops

from specmodel import layers as catalogue
from tests.keras import twins
from tests.keras.compare import TOLERANCE, array_of
from tests.keras.graphs import network, open_shape
from tests.keras.round_trip import differences, randomized
from tests.keras.test_layers import NAMES
from tests.keras.test_networks import functional
from tests.keras.uses import Use, use_of

Array = np.ndarray[Any, Any]
_ATTEMPTS = 8

NOT_ALONE = ("LSTMCell", "GRUCell", "SimpleRNNCell", "StackedRNNCells", "MaxNumBoundingBoxes", "Equalization")
"""Layers that Keras makes no functional model of by themselves."""


def of_one_layer(use: Use) -> Any:
    """A functional model of a single layer."""
    kind = catalogue.find(use.layer)
    assert kind is not None
    layer = twins.made(use.layer, use.arguments, use.beside)
    values = [keras.Input(batch_shape=given.shape, dtype=_dtype(given.kind)) for given in use.inputs]
    more = twins.call_arguments(layer, use.layer, use.arguments)
    outputs = twins.called(layer, kind, [given.call for given in use.inputs], values, more)
    return keras.Model(values, outputs)


def _dtype(kind: str) -> str:
    return "float32" if kind in ("float", "whole") else kind


def saveable(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments without what Keras does not save: activations with arguments of their own, LoRA weights."""
    return {
        key: "tanh" if key.endswith("activation") and isinstance(value, Mapping) else value
        for key, value in arguments.items()
        if not key.startswith("lora")
    }


def layer_case(name: str, number: int, folder: Path) -> list[str]:
    """What differs for one use of a layer; uses that Keras refuses, or cannot save, are passed over."""
    for attempt in range(_ATTEMPTS):
        use = use_of(name, number, attempt)
        use = use.replace(
            arguments=saveable(use.arguments),
            beside={key: value for key, value in use.beside.items() if key != "dtype" or value != "float64"},
            inputs=tuple(given.replace(mask=None) for given in use.inputs),
        )
        keras.backend.clear_session(free_memory=False)
        try:
            model = randomized(of_one_layer(use), number)
            model.get_config()
        except Exception:  # whatever Keras raises is a refusal
            continue
        generator = np.random.default_rng(number)
        arrays = [array_of(given, generator) for given in use.inputs]
        found = differences(model, arrays, folder, TOLERANCE.get(use.policy, 1e-4))
        return [f"{use}\n  {text}" for text in found]
    return [f"no use of {name} that Keras can save, case {number}"]


@pytest.mark.parametrize("name", [name for name in NAMES if name not in NOT_ALONE])
def test_a_layer_comes_back(name: str, cases: range, tmp_path: Path) -> None:
    found = [text for number in cases for text in layer_case(name, number, tmp_path)]
    assert not found, "\n\n".join(found)


def test_random_networks_come_back(cases: range, tmp_path: Path) -> None:
    failures = []
    for number in range(cases.start, cases.start + 2 * len(cases)):
        found = network(number)
        model = randomized(functional(found), number)
        generator = np.random.default_rng(number)
        arrays = [_sample(open_shape(shape), dtype, generator) for shape, dtype in found.inputs]
        for suffix in (".keras", ".h5"):
            texts = differences(model, arrays, tmp_path, 1e-4, suffix)
            failures += [f"network {number}{suffix}: {text}" for text in texts]
    assert not failures, "\n\n".join(failures)


def _sample(shape: tuple[int | None, ...], dtype: str, generator: np.random.Generator) -> Array:
    sizes = (3, *(6 if size is None else size for size in shape))
    return (
        generator.integers(0, 4, sizes).astype(dtype)
        if dtype == "int32"
        else generator.normal(size=sizes).astype(dtype)
    )


def two_towers() -> Any:
    """A model inside a model that is called twice, and several outputs by name."""
    left, right = keras.Input((4, 5), name="left"), keras.Input((4, 5), name="right")
    inside = keras.Input((4, 5))
    encoder = keras.Model(
        inside, layers.LayerNormalization()(layers.Dense(3, activation="gelu")(inside)), name="encoder"
    )
    a, b = encoder(left), encoder(right)
    return keras.Model([left, right], {"sum": layers.Add()([a, b]), "both": [a, b]})


def shared_layer() -> Any:
    """A layer that is called three times, once on what it made."""
    x = keras.Input((6,))
    dense = layers.Dense(6, activation="tanh")
    return keras.Model(x, layers.Concatenate()([dense(x), dense(dense(x))]))


def nested_sequential() -> Any:
    """Models in models in a Sequential, one without a shape of its own."""
    base = keras.Sequential([keras.Input((8, 8, 3)), layers.Conv2D(4, 3, strides=2), layers.BatchNormalization()])
    head = keras.Sequential([layers.Flatten(), keras.Sequential([layers.Dense(5), layers.ReLU()], name="inner")])
    return keras.Sequential([base, head, layers.Dense(2)])


def operations() -> Any:
    """Operations as nodes, with constants on either side, indices and reductions."""
    x = keras.Input((4, 6))
    y = 1.0 - x * 2 + ops.mean(x, axis=-1, keepdims=True)
    y = ops.concatenate([y[:, 1:], ops.maximum(y, 0.25)[:, :1]], axis=1)
    z = ops.softmax(ops.matmul(y, ops.transpose(x, (0, 2, 1))) / 3.0, axis=-1)
    z = ops.where(z > 0.2, z, 0.0)
    return keras.Model(x, [ops.reshape(ops.einsum("bij,bjk->bik", z, x), (-1, 24)), ops.leaky_relu(y, 0.3)[..., None]])


def masks() -> Any:
    """Masks that travel, written out by Keras as operations."""
    words = keras.Input((7,), dtype="int32", name="words")
    x = layers.Embedding(9, 5, mask_zero=True)(words)
    x = layers.Bidirectional(layers.LSTM(4, return_sequences=True))(x)
    x = layers.Dropout(0.3)(x)
    attended = layers.MultiHeadAttention(2, 3)(x, x)
    return keras.Model(words, [layers.GRU(3)(x), layers.GlobalAveragePooling1D()(attended)])


def explicit_mask() -> Any:
    """A mask that is no travelling one."""
    x, keep = keras.Input((5, 3)), keras.Input((5,), dtype="bool")
    return keras.Model([x, keep], layers.LSTM(4)(x, mask=keep))


def states() -> Any:
    """An encoder's states start a decoder."""
    source, target = keras.Input((5, 3)), keras.Input((4, 3))
    _, *state = layers.LSTM(6, return_state=True)(source)
    sequence, *_ = layers.LSTM(6, return_sequences=True, return_state=True)(target, initial_state=state)
    return keras.Model([source, target], layers.Dense(2)(sequence))


def attention_arguments() -> Any:
    """Call arguments that are no tensors, and differ between two calls of one layer."""
    x = keras.Input((5, 8))
    attention = layers.MultiHeadAttention(2, 4)
    y, scores = attention(x, x, return_attention_scores=True, use_causal_mask=True)
    return keras.Model(x, [y, scores, attention(x, y), layers.Attention(use_scale=True)([x, y])])


def in_time() -> Any:
    """A model for every step, and a model of two outputs."""
    x = keras.Input((3, 8, 8, 1))
    inner = keras.Sequential([layers.Conv2D(2, 3), layers.Flatten(), layers.Dense(4)])
    y = layers.TimeDistributed(inner)(x)
    z = keras.Input((3, 4))
    two = keras.Model(z, [layers.Dense(2)(z), layers.LSTM(3)(z)], name="two")
    first, second = two(y)
    return keras.Model(x, [layers.Dense(1)(second), first])


def residual_in_time() -> Any:
    """A model with branches for every step, whose layers stand in another order than in its classes' groups."""
    x = keras.Input((3, 6, 6, 2))
    image = keras.Input((6, 6, 2))
    y = layers.Conv2D(4, 3, padding="same")(image)
    y = layers.BatchNormalization()(y)
    y = layers.Add()([layers.Conv2D(4, 1)(image), layers.Conv2D(4, 3, padding="same", activation="relu")(y)])
    inner = keras.Model(image, layers.LSTM(3)(ops.reshape(y, (-1, 36, 4))), name="net")
    return keras.Model(x, layers.GRU(2)(layers.TimeDistributed(inner)(x)))


def dictionaries() -> Any:
    """Inputs by name, for the model and for one inside it."""
    given = {"b": keras.Input((3,), name="b"), "a": keras.Input((2,), name="a")}
    inner = {"one": keras.Input((3,), name="one"), "two": keras.Input((2,), name="two")}
    joined = keras.Model(inner, layers.Dense(4)(layers.Concatenate()([inner["two"], inner["one"]])), name="joined")
    return keras.Model(given, joined({"two": given["a"], "one": given["b"]}))


def policies() -> Any:
    """Dtypes of single layers."""
    x = keras.Input((6,))
    y = layers.Dense(5, dtype="mixed_bfloat16")(x)
    return keras.Model(x, layers.Dense(3, dtype="float32")(layers.Dense(4, dtype="bfloat16")(y)))


def recurrent_stack() -> Any:
    """Cells in cells, and layers around layers."""
    x = keras.Input((5, 4))
    cells = [layers.LSTMCell(3), layers.GRUCell(4, reset_after=False), layers.LSTMCell(2)]
    y = layers.Bidirectional(layers.RNN(cells, return_sequences=True), merge_mode="sum")(x)
    y = layers.SpectralNormalization(layers.Conv1D(4, 2))(y)
    return keras.Model(
        x, layers.ConvLSTM1D(2, 2)(ops.expand_dims(y, 2)[..., :2, :] if False else ops.reshape(y, (-1, 2, 2, 4)))
    )


def strange_names() -> Any:
    """Names that no spec may have."""
    x = keras.Input((4,), name="my input")
    y = layers.Dense(3, name="dense 1")(x)
    return keras.Model(x, layers.Dense(3, name="-é-")(layers.Dense(3, name="7")(y)), name="a model")


MODELS: list[Callable[[], Any]] = [
    *(two_towers, shared_layer, nested_sequential, operations, masks, explicit_mask, states, attention_arguments),
    *(in_time, residual_in_time, dictionaries, policies, recurrent_stack, strange_names),
]


@pytest.mark.parametrize("suffix", [".keras", ".h5"])
@pytest.mark.parametrize("make", MODELS, ids=lambda make: make.__name__)
def test_a_functional_model_comes_back(make: Callable[[], Any], suffix: str, tmp_path: Path) -> None:
    keras.backend.clear_session(free_memory=False)
    model = randomized(make())
    generator = np.random.default_rng(0)
    shapes = [(tuple(size or 2 for size in given.shape), given.dtype) for given in twins.flat_inputs(model)]
    arrays = [_random(shape, dtype, generator) for shape, dtype in shapes]
    assert differences(model, arrays, tmp_path, 3e-2 if make is policies else 1e-4, suffix) == []


def _random(shape: tuple[int, ...], dtype: str, generator: np.random.Generator) -> Array:
    if dtype == "bool":
        return generator.random(shape) < 0.6
    return (
        generator.integers(0, 5, shape).astype(dtype) if "int" in dtype else generator.normal(size=shape).astype(dtype)
    )
