"""Exported models in the real Keras: they open with safe_mode and give the same numbers, as do the programs."""

import random
from pathlib import Path
from typing import Any

import keras
import numpy as np
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
EXCEPTED = {
    **dict.fromkeys(
        ("Hashing", "HashedCrossing", "IntegerLookup", "StringLookup", "TextVectorization"),
        "Keras runs it on TensorFlow alone",
    ),
    "Equalization": "Keras takes its output, the input itself, for a cycle",
    "Nanprod": "Keras compiles it for axes that must be a tuple, and reads a list from its own files",
    "BroadcastTo": "an unknown size has no form in Keras",
}
"""Layers with an example that cannot be compared, each with the reason."""
NETWORKS = ["lenet5", "mobilenet_v2", "seq2seq_gru", "lstm_text_classifier"]
EXAMPLES = [
    (name, number)
    for name in layers.NAMES
    for number, example in enumerate(layers.find(name).examples)  # type: ignore[union-attr]
    if example.error is None
]


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def export(path: str, output: str) -> Result:
    return CliRunner().invoke(cli, ["export", path, "-o", output, "-q"], standalone_mode=False)


def data(model: Any) -> list[Any]:
    """Random inputs of a batch of two."""
    rng = np.random.default_rng(0)
    made = []
    for given in model.inputs:
        batch, *sizes = given.shape
        shape = [batch if isinstance(batch, int) else 2, *(size if isinstance(size, int) else 6 for size in sizes)]
        whole = given.dtype.startswith(("int", "uint"))
        made.append((rng.integers(0, 3, shape) if whole else rng.random(shape)).astype(given.dtype))
    return made


def outputs(found: Any) -> list[Any]:
    values = list(found.values()) if isinstance(found, dict) else found if isinstance(found, list | tuple) else [found]
    return [np.asarray(value).astype(np.float64) for value in values]


def compare(path: str, tolerance: float = 1e-4) -> None:
    """Hold the archive and the program of a spec against the spec itself."""
    ours = specmodel.load(path)
    given = data(ours)
    given = given if len(given) > 1 else given[0]
    expected = outputs(ours(given))
    assert export(path, "a.keras").exception is None
    opened = keras.models.load_model("a.keras", safe_mode=True, compile=False)
    for one, other in zip(outputs(opened(given)), expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=tolerance, atol=tolerance)
    assert export(path, "a.py").exception is None
    keras.backend.clear_session()
    made: dict[str, Any] = {}
    exec(Path("a.py").read_text(), made)
    made["model"].set_weights(opened.get_weights())
    for one, other in zip(outputs(made["model"](given)), expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=tolerance, atol=tolerance)
    keras.config.set_dtype_policy("float32")


@pytest.fixture
def chosen(request: pytest.FixtureRequest) -> set[tuple[str, int]]:
    """The examples to try: as many as the cases asked for, times twenty, the same every time."""
    return set(random.Random(0).sample(EXAMPLES, min(20 * request.config.getoption("--cases"), len(EXAMPLES))))


@pytest.mark.parametrize(("name", "number"), EXAMPLES)
def test_a_layer_opens_and_gives_the_same(name: str, number: int, chosen: set[tuple[str, int]]) -> None:
    if (name, number) not in chosen or name in EXCEPTED:
        pytest.skip(EXCEPTED.get(name, "not among the chosen"))
    layer = layers.find(name)
    assert layer is not None
    example: Example = layer.examples[number]
    Path("a.yaml").write_text(document(example_spec(layer, example)))
    refused = export("a.yaml", "a.json").exception
    if isinstance(refused, SpecError):
        assert {one.code for one in refused.diagnostics} == {"E601"}
        return
    compare("a.yaml", 2e-3 if "16" in str(example.dtypes) else 1e-4)


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_opens_and_gives_the_same(name: str) -> None:
    compare(str(ROOT / "specs" / "zoo" / f"{name}.yaml"))
