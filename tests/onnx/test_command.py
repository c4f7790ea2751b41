"""`specmodel export -o FILE.onnx`: what is written, what is said, and what is not written."""

import sys
from pathlib import Path

import onnx
import pytest
from click.testing import CliRunner, Result

from specmodel.cli.export import command
from specmodel.diagnostics import SpecError

SPEC = "inputs: [4]\nlayers:\n  - Dense: {units: 2, activation: relu}\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("model.yaml").write_text(SPEC)
    return tmp_path


def export(*arguments: str) -> Result:
    return CliRunner().invoke(command, ["model.yaml", *arguments], standalone_mode=False)


def refused(*arguments: str) -> list[str]:
    found = export(*arguments).exception
    assert isinstance(found, SpecError)
    return [f"{one.code} {one.message}" for one in found.diagnostics]


def test_a_spec_becomes_a_model_of_the_stated_opset() -> None:
    done = export("-o", "model.onnx")
    assert done.return_value is None
    assert done.stderr.endswith("model.onnx: 2 nodes of ONNX opset 18\n")
    model = onnx.load("model.onnx")
    assert [(one.domain, one.version) for one in model.opset_import] == [("", 18)]
    assert model.producer_name == "specmodel"


def test_another_opset_may_be_asked_for() -> None:
    export("-o", "model.onnx", "--opset", "22")
    assert onnx.load("model.onnx").opset_import[0].version == 22


def test_equal_specs_give_equal_bytes() -> None:
    export("-o", "one.onnx")
    export("-o", "other.onnx")
    assert Path("one.onnx").read_bytes() == Path("other.onnx").read_bytes()


def test_the_suffix_tells_the_format() -> None:
    found = str(export("-o", "model.onx").exception)
    assert "the suffix of FILE tells the format, .onnx or .keras or .json or .py; 'model.onx' ends in '.onx'" in found


def test_an_unbuilt_spec_needs_a_shape() -> None:
    Path("model.yaml").write_text("layers:\n  - Dense: 2\n")
    assert refused("-o", "model.onnx") == ["E505 the model is unbuilt: its weights have no shapes yet"]
    assert export("-o", "model.onnx", "--input-shape", "None,4").exception is None


def test_without_the_onnx_package_the_message_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    found = export("-o", "model.onnx").exception
    assert isinstance(found, SpecError)
    (error,) = found.diagnostics
    assert (error.code, error.help) == ("E008", "`pip install 'specmodel[onnx]'` brings it")


def test_all_that_onnx_cannot_express_is_named_at_once_and_nothing_is_written() -> None:
    Path("model.yaml").write_text(
        "inputs: {words: {shape: [3], dtype: string}}\n"
        "layers:\n"
        "  - {name: one, inputs: words, Hashing: 10}\n"
        "  - {name: two, inputs: words, Hashing: 20}\n"
        "outputs: [one, two]\n"
    )
    found = export("-o", "model.onnx").exception
    assert isinstance(found, SpecError)
    (error,) = found.diagnostics
    assert (error.code, error.message) == (
        "E601",
        "2 layers of the model cannot be expressed in ONNX: nothing was written",
    )
    assert [note.message.partition(":")[0] for note in error.notes] == ["Hashing `one`", "Hashing `two`"]
    assert not Path("model.onnx").exists()
