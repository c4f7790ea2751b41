"""Specs as Keras models: what is written, and that reading it back gives the same spec."""

import ast
import json
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import specmodel
from specmodel import layers
from specmodel.cli import cli
from specmodel.diagnostics import SpecError
from specmodel.layers.base import Example
from specmodel.spec.style import document
from specmodel.summary.example import example_spec

ROOT = Path(__file__).parents[2]
CHAIN = "name: chain\ninputs: [4]\nlayers:\n  - Dense: {units: 3, activation: relu}\n  - name: head\n    Dense: 2\n"
GRAPH = """\
name: graph
dtype: mixed_float16
inputs:
  title: {shape: [words], dtype: int32}
  tags: [12]
layers:
  - name: title_vector
    inputs: title
    Embedding: {input_dim: 100, output_dim: 8, mask_zero: true}
  - name: states
    LSTM: {units: 6, return_state: true}
  - inputs: [states, tags, states/1]
    Concatenate:
  - name: priority
    Dense:
      units: 12
      activation: {leaky_relu: {negative_slope: 0.1}}
      kernel_initializer: {RandomNormal: {stddev: 0.02}}
  - name: again
    inputs: {x1: priority}
    MultiplyOp: {x2: 2.0}
  - name: sliced
    inputs: again
    GetItem: ":, 1:4"
  - inputs: [priority, tags]
    name: sum
    Add:
  - name: shared
    inputs: sum
    Dense: 18
  - name: out
    inputs: title_vector
    TimeDistributed: {layer: {Dense: 2}}
outputs: {score: shared, cut: sliced, each: out}
"""
UNSAID = {"Weight", "PositionEmbedding", "SinePositionEncoding"}
"""Layers that Keras has not."""
ELSEWISE = {
    "Slice": "it is `x[…]` in Keras, GetItem here",
    **dict.fromkeys(
        ("Searchsorted", "SliceUpdate"), "an input beside constants has the name that Keras' call has for it"
    ),
    "Normalize": "the axis of its example is the last, which is what is meant where none is written",
}
"""Layers whose example comes back in other words that mean the same."""


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, [*arguments, "-q"], standalone_mode=False)


def export(text: str, output: str, *more: str) -> None:
    Path("a.yaml").write_text(text)
    result = run("export", "a.yaml", "-o", output, *more)
    assert result.exception is None, result.exception


def test_a_chain_is_a_sequential() -> None:
    export(CHAIN, "a.json")
    config = json.loads(Path("a.json").read_text())
    assert (config["module"], config["class_name"], config["config"]["name"]) == ("keras", "Sequential", "chain")
    given, first, second = config["config"]["layers"]
    assert (given["class_name"], given["config"]["batch_shape"]) == ("InputLayer", [None, 4])
    assert first["config"] == {"name": "dense", "units": 3, "activation": "relu"}
    assert second["config"] == {"name": "head", "units": 2}


def test_a_graph_is_functional() -> None:
    export(GRAPH, "a.json")
    config = json.loads(Path("a.json").read_text())["config"]
    assert config["input_layers"] == [["title", 0, 0], ["tags", 0, 0]]
    assert config["output_layers"] == {"score": ["shared", 0, 0], "cut": ["sliced", 0, 0], "each": ["out", 0, 0]}
    by_name = {layer["name"]: layer for layer in config["layers"]}
    assert by_name["again"]["inbound_nodes"][0]["args"][1] == 2.0
    assert by_name["priority"]["config"]["dtype"]["config"] == {"name": "mixed_float16"}
    histories = [one["config"]["keras_history"] for one in by_name["concatenate"]["inbound_nodes"][0]["args"][0]]
    assert histories == [["states", 0, 0], ["tags", 0, 0], ["states", 0, 1]]


@pytest.mark.parametrize("text", [CHAIN, GRAPH], ids=["chain", "graph"])
def test_reading_it_back_gives_the_same_spec_and_numbers(text: str) -> None:
    text = text.replace("[words]", "[5]").replace("mixed_float16", "float32")
    export(text, "a.keras")
    assert run("import", "a.keras", "-o", "b.yaml").exception is None
    before, after = specmodel.load("a.yaml"), specmodel.load("b.yaml")
    numbers = [{weight.path: weight.numpy().tolist() for weight in model.weights} for model in (before, after)]
    assert numbers[0] == numbers[1]
    rows = [sorted(map(str, model.describe()["layers"])) for model in (before, after)]
    assert rows[0] == rows[1]
    assert before.describe()["outputs"] == after.describe()["outputs"]


@pytest.mark.parametrize("name", [name for name in layers.NAMES if name not in UNSAID])
def test_every_layer_comes_back(name: str) -> None:
    layer = layers.find(name)
    assert layer is not None
    good = [example for example in layer.examples if example.error is None]
    example = next((example for example in good if _sizes_known(example)), good[0])
    text = document(example_spec(layer, example))
    Path("a.yaml").write_text(text)
    result = run("export", "a.yaml", "-o", "a.keras")
    if isinstance(result.exception, SpecError):
        assert {one.code for one in result.exception.diagnostics} == {"E601"}
        return
    assert result.exception is None
    assert run("import", "a.keras", "-o", "b.yaml").exception is None
    found = json.loads(run("diff", "a.yaml", "b.yaml", "--format", "json").stdout)
    changed = [one for one in found["layers"] for change in one["changes"] if change["before"] is not None]
    assert bool([one for one in changed if not _only_sizes(one)]) == (name in ELSEWISE)


def _sizes_known(example: Example) -> bool:
    return all(isinstance(size, int) for shape in example.inputs for size in shape[1:])


def _only_sizes(layer: dict[str, Any]) -> bool:
    """Whether a layer differs in sizes alone: names of sizes do not survive Keras."""
    return all(change["what"] in ("output", "flops", "activation_bytes") for change in layer["changes"])


@pytest.mark.parametrize("name", ["resnet", "mobilenet_v2", "lenet5", "seq2seq_gru", "unet", "wavenet_stack"])
def test_the_zoo_comes_back_with_its_parameters(name: str) -> None:
    path = str(ROOT / "specs" / "zoo" / f"{name}.yaml")
    assert run("export", path, "-o", "a.json").exception is None
    assert run("import", "a.json", "-o", "b.yaml").exception is None
    totals = [json.loads(run("summary", one, "--format", "json").stdout)["totals"] for one in (path, "b.yaml")]
    assert totals[0]["parameters"] == totals[1]["parameters"]
    assert totals[0]["layers"] == totals[1]["layers"]


def test_equal_specs_give_equal_bytes() -> None:
    export(CHAIN, "a.keras")
    first = Path("a.keras").read_bytes()
    export(CHAIN, "a.keras")
    assert Path("a.keras").read_bytes() == first
    with zipfile.ZipFile("a.keras") as archive:
        assert archive.namelist() == ["metadata.json", "config.json", "model.weights.h5"]


def test_all_that_keras_has_not_is_named_at_once_and_nothing_is_written() -> None:
    Path("a.yaml").write_text(
        "inputs: [4]\nlayers:\n  - Dense: {units: 3, activation: {gelu: {approximate: true}}}\n"
        "  - {name: w, Weight: [3]}\n  - {inputs: [dense, w], Add: }\n"
    )
    for suffix in ("keras", "json", "py"):
        error = run("export", "a.yaml", "-o", f"a.{suffix}").exception
        assert isinstance(error, SpecError)
        (found,) = error.diagnostics
        assert (found.code, [note.message.partition(":")[0] for note in found.notes]) == (
            "E601",
            ["Dense `dense`", "Weight `w`"],
        )
        assert not Path(f"a.{suffix}").exists()


def test_an_unbuilt_chain_has_a_config_and_a_program_but_no_archive() -> None:
    unbuilt = "layers:\n  - Dense: 3\n"
    export(unbuilt, "a.json")
    assert json.loads(Path("a.json").read_text())["config"]["layers"][0]["class_name"] == "Dense"
    export(unbuilt, "a.py")
    error = run("export", "a.yaml", "-o", "a.keras").exception
    assert isinstance(error, SpecError)
    assert [one.code for one in error.diagnostics] == ["E505"]
    export(unbuilt, "a.keras", "--input-shape", "None,4")


def test_without_h5py_the_message_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "h5py", None)
    Path("a.yaml").write_text(CHAIN)
    error = run("export", "a.yaml", "-o", "a.keras").exception
    assert isinstance(error, SpecError)
    assert [(one.code, one.help) for one in error.diagnostics] == [
        ("E008", "`pip install 'specmodel[keras]'` brings it")
    ]


def test_a_chain_as_a_program() -> None:
    export(CHAIN, "a.py")
    assert (
        Path("a.py").read_text()
        == """\
import keras
from keras import layers

model = keras.Sequential(
    [
        keras.Input(shape=(4,)),
        layers.Dense(3, activation="relu"),
        layers.Dense(2, name="head"),
    ],
    name="chain",
)
"""
    )


def test_a_graph_as_a_program() -> None:
    export(GRAPH, "a.py")
    assert (
        Path("a.py").read_text()
        == """\
import keras
from keras import layers, ops

keras.config.set_dtype_policy("mixed_float16")

title = keras.Input(shape=(None,), dtype="int32", name="title")
tags = keras.Input(shape=(12,), name="tags")

title_vector = layers.Embedding(100, 8, mask_zero=True, name="title_vector")(title)
states = layers.LSTM(6, return_state=True, name="states")(title_vector)
x = layers.Concatenate()([states[0], tags, states[1]])
priority = layers.Dense(
    12,
    activation=layers.LeakyReLU(negative_slope=0.1),
    kernel_initializer=keras.initializers.RandomNormal(stddev=0.02),
    name="priority",
)(x)
x = priority * 2.0
sliced = x[:, 1:4]
x = layers.Add(name="sum")([priority, tags])
shared = layers.Dense(18, name="shared")(x)
out = layers.TimeDistributed(layers.Dense(2), name="out")(title_vector)

model = keras.Model([title, tags], {"score": shared, "cut": sliced, "each": out}, name="graph")
"""
    )


@pytest.mark.parametrize("path", sorted((ROOT / "specs").rglob("*.yaml")), ids=lambda path: path.stem)
def test_every_program_is_python(path: Path) -> None:
    result = run("export", str(path), "-o", "a.py")
    if isinstance(result.exception, SpecError):
        assert {one.code for one in result.exception.diagnostics} == {"E601"}
    else:
        assert result.exception is None
        ast.parse(Path("a.py").read_text())
