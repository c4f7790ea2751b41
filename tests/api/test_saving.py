"""A saved model means the same: random chains, every layer's examples, and specs with all of the language."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import specmodel
from specmodel import Input, Model, Sequential, SpecError, layers
from specmodel.diagnostics import Diagnostics
from specmodel.layers.base import Example
from specmodel.summary.example import example_spec
from specmodel.text import SourceFile
from specmodel.yaml import Node, compose
from specmodel.yaml.layout import lay_out
from specmodel.yaml.writing import item_of

ROOT = Path(__file__).parents[2]


def reloaded(model: Model, folder: Path) -> Model:
    model.save(folder / "saved.yaml")
    return specmodel.load(folder / "saved.yaml")


def assert_same(model: Model, other: Model) -> None:
    assert other.describe() == model.describe()
    assert [(w.path, w.shape, w.dtype, w.trainable) for w in other.weights] == [
        (w.path, w.shape, w.dtype, w.trainable) for w in model.weights
    ]


NAMES = st.none() | st.sampled_from(["a", "b", "dense", "dense_1", "re_lu", "true", "null", "x.y-z", "1e", "_x"])
ACTIVATIONS = st.sampled_from(
    ["linear", "relu", {"gelu": {"approximate": True}}, {"leaky_relu": {"negative_slope": 0.5}}]
)
INITIALIZERS = st.sampled_from(["zeros", "he_normal", {"RandomNormal": {"stddev": 1e-3}}, {"Constant": {"value": 2}}])
OWN = st.fixed_dictionaries(
    {"name": NAMES}, optional={"trainable": st.just(False), "dtype": st.sampled_from(["float64", "mixed_float16"])}
)
DENSE = st.builds(
    lambda units, activation, start, bias, own: layers.Dense(
        units, activation=activation, kernel_initializer=start, use_bias=bias, **own
    ),
    st.integers(1, 4),
    ACTIVATIONS,
    INITIALIZERS,
    st.booleans(),
    OWN,
)
OTHERS = st.builds(
    lambda make, own: make(own),
    st.sampled_from(
        [
            lambda own: layers.ReLU(max_value=6, **own),
            lambda own: layers.Dropout(0.25, **own),
            lambda own: layers.Reshape((-1, 1, 2), **own),
            lambda own: layers.Flatten(**own),
            lambda own: layers.BatchNormalization(epsilon=1e-05, **own),
            lambda own: layers.Activation("softmax", **own),
        ]
    ),
    OWN,
)


@st.composite
def chains(draw: st.DrawFn) -> Sequential:
    """A model of random layers; those that do not fit are left out."""
    model = Sequential(
        name=draw(st.text(max_size=8)),
        seed=draw(st.integers(0, 3)),
        dtype=draw(st.sampled_from(["float32", "float64"])),
    )
    model.add(Input((draw(st.integers(1, 4)),), name=draw(st.sampled_from([None, "x", "data"]))))
    for layer in draw(st.lists(DENSE | OTHERS, min_size=1, max_size=6)):
        try:
            model.add(layer)
        except SpecError:
            continue
    if not model.layers:
        model.add(layers.Dense(1))
    return model


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chains())
def test_any_chain_comes_back(tmp_path: Path, model: Sequential) -> None:
    other = reloaded(model, tmp_path)
    assert_same(model, other)
    x = np.linspace(-1, 1, 2 * model.inputs[0].shape[1]).reshape(2, -1)
    np.testing.assert_array_equal(other(x), model(x))
    assert_same(other, reloaded(other, tmp_path))


EXAMPLES = [
    pytest.param(name, example, id=f"{name}-{number}")
    for name in specmodel.layers.NAMES
    for number, example in enumerate(getattr(layers, name).examples)
    if example.error is None
]


@pytest.mark.parametrize(("name", "example"), EXAMPLES)
def test_every_layer_comes_back(tmp_path: Path, name: str, example: Example) -> None:
    model = specmodel.load(example_spec(getattr(layers, name), example))
    other = reloaded(model, tmp_path)
    assert_same(model, other)
    ours, theirs = model.layers[0], other.layers[0]
    assert {key: repr(getattr(ours, key)) for key in type(ours).model_fields} == {
        key: repr(getattr(theirs, key)) for key in type(theirs).model_fields
    }


GRAPHS = {
    "one output of several": (
        "inputs: [5, 3]\nlayers: [{name: rnn, LSTM: {units: 2, return_state: true}}]\noutputs: [rnn/2]"
    ),
    "outputs with names of their own": "inputs: [3]\nlayers: [{name: a, Dense: 2}]\noutputs: {y: a, same: a, x: input}",
    "all outputs of an entry": (
        "inputs: [5, 3]\nlayers:\n- {name: rnn, GRU: {units: 2, return_state: true}}\n- {inputs: rnn/*, Add: }"
    ),
    "call arguments by name": (
        "inputs: {x: [5, 3], h: [2], c: [2], m: {shape: [5], dtype: bool}}\n"
        "layers: [{inputs: {sequences: x, initial_state: [h, c], mask: m}, LSTM: 2}]"
    ),
    "a layer called twice": (
        "inputs: {a: [3], b: [3]}\nlayers:\n- {name: net, inputs: a, Dense: 2}\n- {inputs: b, reuse: net}\n"
        "- {inputs: [net, net_1], Concatenate: {axis: -1}}"
    ),
    "a layer called twice with other call arguments": (
        "inputs: [5, 4]\nlayers:\n"
        "- {name: mha, inputs: [input, input], MultiHeadAttention: {num_heads: 2, key_dim: 2, use_causal_mask: true}}\n"
        "- {inputs: [mha, input], reuse: {mha: {use_causal_mask: false}}}"
    ),
    "layers inside layers": (
        "inputs: [5, 3]\nlayers:\n- TimeDistributed: {layer: {Dense: 2, name: step, trainable: false}}\n"
        "- Bidirectional: {layer: {LSTM: {units: 2}}, backward_layer: {GRU: {units: 2, go_backwards: true}}}"
    ),
    "sizes and batches": (
        "inputs: {a: {shape: [2*n, null], dtype: int32, batch: 3}, b: [n]}\n"
        "layers: [{inputs: a, Identity: }, {inputs: b, Identity: }]\noutputs: [identity, identity_1]"
    ),
    "policies and seeds": (
        "seed: 5\ndtype: mixed_float16\ninputs: [3]\nlayers: [{Dense: 2, dtype: float64, trainable: false}]"
    ),
    "an entry before what it reads": (
        "inputs: [3]\nlayers: [{name: b, inputs: a, ReLU: }, {name: a, inputs: input, Dense: 2}]\noutputs: b"
    ),
    "names that look like other values": (
        'inputs: {"null": [3]}\nlayers: [{name: "true", Dense: 2}, {inputs: ["true"], ReLU: }]'
    ),
}


@pytest.mark.parametrize("text", GRAPHS.values(), ids=GRAPHS)
def test_every_form_of_the_language_comes_back(tmp_path: Path, text: str) -> None:
    model = specmodel.loads(text)
    other = reloaded(model, tmp_path)
    assert_same(model, other)
    again = (tmp_path / "saved.yaml").read_text()
    reloaded(other, tmp_path)
    assert (tmp_path / "saved.yaml").read_text() == again


@pytest.mark.parametrize("spec", ["magika/magika.yaml", "g2pm/g2pm.yaml", "mtcnn_pnet/mtcnn_pnet.yaml"])
def test_real_networks_come_back(tmp_path: Path, spec: str) -> None:
    model = specmodel.load(ROOT / "specs" / spec)
    assert_same(model, reloaded(model, tmp_path))


def test_the_form_is_the_one_people_write(tmp_path: Path) -> None:
    model = Sequential([Input((28, 28, 1)), layers.Conv2D(8, 3, activation="relu"), layers.Flatten()], name="tiny")
    model.add(layers.Dense(10, name="head", kernel_initializer={"RandomNormal": {"stddev": 0.5}}))
    model.save(tmp_path / "spec.yaml", weights=tmp_path / "tiny.npz")
    assert (tmp_path / "spec.yaml").read_text() == (
        "name: tiny\n"
        "weights: tiny.npz\n"
        "inputs: [28, 28, 1]\n"
        "layers:\n"
        "  - Conv2D: {filters: 8, kernel_size: 3, activation: relu}\n"
        "  - Flatten\n"
        "  - name: head\n"
        "    Dense: {units: 10, kernel_initializer: {RandomNormal: {stddev: 0.5}}}\n"
    )


def test_weights_go_beside_the_spec(tmp_path: Path) -> None:
    model, x = Sequential([layers.Dense(3)], seed=4), np.ones((2, 4))
    y = model(x)
    model.set_weights([array + 1 for array in model.get_weights()])
    model.save(tmp_path / "spec.yaml", weights="numbers.safetensors")
    assert (tmp_path / "numbers.safetensors").exists()
    np.testing.assert_array_equal(specmodel.load(tmp_path / "spec.yaml")(x), model(x))
    assert specmodel.check(tmp_path / "spec.yaml") == []
    model.save(tmp_path / "plain.yaml")
    np.testing.assert_array_equal(specmodel.load(tmp_path / "plain.yaml")(x), y)


def test_a_model_built_from_data_is_saved_with_its_batch_open(tmp_path: Path) -> None:
    model = Sequential([layers.Dense(3)])
    model(np.ones((2, 4)))
    assert reloaded(model, tmp_path).inputs[0].shape == (None, 4)


def test_an_unbuilt_model_is_saved_unbuilt(tmp_path: Path) -> None:
    other = reloaded(Sequential([layers.Dense(3)], name="later"), tmp_path)
    assert (other.name, other.built) == ("later", False)


def test_weights_that_the_spec_could_not_name_are_refused(tmp_path: Path) -> None:
    model = Sequential([Input((4,)), layers.Dense(3)])
    (tmp_path / "folder").mkdir()
    with pytest.raises(ValueError, match="a spec names weights in its own folder or below"):
        model.save(tmp_path / "folder" / "spec.yaml", weights=tmp_path / "w.npz")
    with pytest.raises(ValueError, match="the spec and its weights need two files"):
        model.save(tmp_path / "spec.yaml", weights=tmp_path / "spec.yaml")
    with pytest.raises(ValueError, match="has no layers, and a spec needs one"):
        Sequential().save(tmp_path / "spec.yaml")
    with pytest.raises(SpecError, match="E403"):
        model.save(tmp_path / "spec.yaml", weights="w.h5")
    with pytest.raises(SpecError, match="E006"):
        model.save(tmp_path / "none" / "spec.yaml")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder"]


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats(allow_nan=False) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(min_size=1, max_size=8), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.text(min_size=1, max_size=8), PLAIN, min_size=1, max_size=4), st.booleans())
def test_any_mapping_written_as_yaml_is_read_back(value: dict[str, Any], tall: bool) -> None:
    item = item_of(value)
    for slot in item.slots:
        slot.value.tall = tall
    text = lay_out(item)
    diagnostics = Diagnostics()
    node = compose(SourceFile("written.yaml", text), diagnostics)
    assert list(diagnostics) == []
    assert isinstance(node, Node)
    assert node.plain() == value
