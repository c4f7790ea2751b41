"""The rules of the linter: what they are silent on, beside the examples of their pages."""

import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import specmodel
from specmodel import layers
from specmodel.diagnostics import codes
from specmodel.layers.base import Example, Layer
from specmodel.lint import RULES
from tests.diagnostics.reports import codes_of

LINT = Path(specmodel.__file__).parent / "lint"

CONV = "inputs: [28, 28, 1]\nlayers:\n"
DENSE = "inputs: [4]\nlayers:\n"
SILENT = {
    "a frozen normalization keeps the mean that it has": (
        CONV + "  - Conv2D: {filters: 8, kernel_size: 3}\n  - trainable: false\n    BatchNormalization:\n"
    ),
    "a group that is frozen, too": (
        CONV + "  - trainable: false\n    layers:\n      - Conv2D: {filters: 8, kernel_size: 3}\n"
        "      - BatchNormalization\n"
    ),
    "a normalization over another axis": (
        CONV + "  - Conv2D: {filters: 8, kernel_size: 3}\n  - BatchNormalization: {axis: 1}\n"
    ),
    "a normalization over the features themselves": (
        CONV + "  - Conv2D: {filters: 8, kernel_size: 3}\n  - LayerNormalization\n"
    ),
    "one that subtracts nothing": CONV + "  - Conv2D: {filters: 8, kernel_size: 3}\n  - RMSNormalization\n",
    "groups of several features": (
        CONV + "  - Conv2D: {filters: 8, kernel_size: 3}\n  - GroupNormalization: {groups: 4}\n"
    ),
    "a bias that another call shows": (
        DENSE + "  - name: a\n    Dense: 4\n  - name: b\n    BatchNormalization:\n  - reuse: a\n  - inputs: [_, b]\n"
        "    Add:\n"
    ),
    "a bias that goes out": (
        DENSE + "  - name: a\n    Dense: 4\n  - name: b\n    BatchNormalization:\noutputs: [a, b]\n"
    ),
    "an activation of an activation through weights": (
        DENSE + "  - Dense: {units: 4, activation: relu}\n  - Dense: {units: 4, activation: relu}\n"
    ),
    "what a pooling lies between": (
        CONV + "  - Conv2D: {filters: 3, kernel_size: 3, activation: relu}\n  - GlobalAveragePooling2D\n  - Softmax\n"
    ),
    "the activation of a cell": "inputs: [5, 4]\nlayers:\n  - LSTM: 4\n  - Activation: relu\n",
    "an open size": (
        "inputs: [seq, 4]\nlayers:\n  - MaxPooling1D: 2\n  - Conv1D: {filters: 2, kernel_size: 3, padding: same}\n"
    ),
    "attention over one key": (
        "inputs: {q: [5, 4], k: [1, 4]}\nlayers:\n  - inputs: {query: q, value: k}\n"
        "    MultiHeadAttention: {num_heads: 1, key_dim: 2}\n"
    ),
    "two that are linear, and small": DENSE + "  - Dense: 8\n  - Dense: 2\n",
    "a narrow layer between wide ones": (
        "inputs: [1000]\nlayers:\n  - Dense: 10\n  - Dense: {units: 1000, activation: relu}\n"
    ),
    "a layer that is read twice": (
        "inputs: [500]\nlayers:\n  - name: a\n    Dense: 500\n  - Dense: 500\n  - inputs: [_, a]\n    Add:\n"
    ),
    "an argument that an expression makes idle": (
        "params: {rate: 0.0}\n" + DENSE + "  - Dropout: $(rate)\n  - Dense: 2\n"
    ),
    "a block that is flat here and not there": (
        "inputs: {a: [4], b: [2, 2]}\nblocks: {Flat: {layers: [Flatten]}}\nlayers:\n"
        "  - name: x\n    inputs: a\n    Flat:\n"
        "  - name: y\n    inputs: b\n    Flat:\n  - inputs: [x, y]\n    Add:\n"
    ),
    "float32 holds more": "inputs: [4]\nlayers:\n  - Rescaling: 1.0e+9\n",
    "bfloat16 holds more": "dtype: bfloat16\ninputs: [4]\nlayers:\n  - Rescaling: 1.0e+9\n",
    "sizes that must only be large enough": "inputs: [seq, 4]\nlayers:\n  - Conv1D: {filters: 2, kernel_size: 9}\n",
    "two names that must be one": ("inputs: {a: [n], b: [n]}\nlayers:\n  - inputs: [a, b]\n    Add:\n"),
    "a param that only a default reads": ("params: {a: 2, b: $(2 * a)}\ninputs: [4]\nlayers:\n  - Dense: $(b)\n"),
    "a param that only an expectation reads": (
        "params: {a: 2}\ninputs: [4]\nlayers:\n  - Dense: 2\nexpect: {outputs: {dense: [$(a)]}}\n"
    ),
    "a param in a text": "params: {a: 2}\ninputs: [4]\nlayers:\n  - name: head$(a)\n    Dense: 2\n",
}


@pytest.mark.parametrize("what", SILENT)
def test_the_rules_are_silent_on(what: str) -> None:
    assert codes_of(SILENT[what]) == set()


def test_the_weights_of_a_trained_network_are_not_questioned(tmp_path: Path) -> None:
    text = "inputs: [500]\nlayers:\n  - Dense: 500\n  - Dense: 500\n  - BatchNormalization\n"
    (tmp_path / "a.yaml").write_text(text)
    assert {found.code for found in specmodel.check(tmp_path / "a.yaml")} == {
        codes.CANCELLED_BIAS,
        codes.STACKED_LINEAR,
    }
    (tmp_path / "a.yaml").write_text(text + "weights: none.npz\n")
    assert {found.code for found in specmodel.check(tmp_path / "a.yaml")} == {codes.WEIGHTS_FILE}


def test_a_mapping_is_linted_too() -> None:
    spec = {"inputs": [4], "params": {"a": 1}, "layers": [{"Dense": 4}, "BatchNormalization", {"Dropout": 0.5}]}
    found = [(one.place, one.code) for one in specmodel.check(spec)]
    assert found == [("layers[0]", "W701"), ("layers[2]", "W705"), ("params.a", "W204")]


def test_a_wrong_spec_is_not_linted() -> None:
    assert codes_of(DENSE + "  - Dense: 4\n  - BatchNormalization\n  - Dense: 0\n") == {"E209"}


def test_every_module_is_a_rule_or_a_piece_of_one() -> None:
    pieces = {"__init__", "activations", "edits", "network", "rule", "tree"}
    assert {file.stem for file in LINT.glob("*.py")} == set(RULES.values()) | pieces
    for code, name in RULES.items():
        module = import_module(f"specmodel.lint.{name}")
        assert module.RULE.code == code
        assert re.match(rf"{code}: a?n?.+\.\Z", module.__doc__ or "")


def test_a_rule_that_is_not_wanted_is_not_loaded() -> None:
    program = (
        "import sys; from specmodel.cli import cli; "
        "cli.main(['check', '-', '--select', 'W702'], standalone_mode=False); "
        "print(sorted(name for name in sys.modules if name.startswith('specmodel.lint.')), file=sys.stderr)"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], input=DENSE + "  - Dense: 4\n", capture_output=True, text=True, check=True
    )
    assert "stacked_activations" in result.stderr
    assert "cancelled_bias" not in result.stderr


EXAMPLES = [
    pytest.param(layers.find(name), example, id=f"{name}-{number}")
    for name in layers.NAMES
    for number, example in enumerate(getattr(layers.find(name), "examples", ()))
    if example.error is None
    and len(example.inputs) == 1
    and all(isinstance(size, int | None) for size in example.inputs[0])
]


@pytest.mark.parametrize(("layer", "example"), EXAMPLES)
def test_no_layer_takes_a_rule_by_surprise(layer: type[Layer], example: Example) -> None:
    dtype = example.dtypes[0] if example.dtypes else "float32"
    inputs = {"x": {"shape": list(example.inputs[0][1:]), "dtype": dtype}}
    entry = {layer.__name__: dict(example.arguments)}
    for following in ([], ["BatchNormalization"], ["Flatten", "Softmax"]):
        found = specmodel.check({"inputs": inputs, "layers": [entry, *following], "dtype": "mixed_float16"})
        assert all(one.code[0] in "EWN" for one in found)
