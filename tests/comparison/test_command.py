"""`specmodel diff`: what it tells, in each form, and of git commits."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from specmodel.cli.diff import command
from specmodel.diagnostics import SpecError

BEFORE = """\
inputs: [4]
layers:
  - Dense: 10
  - Dropout: 0.5
  - name: head
    Dense: 3
"""
AFTER = """\
dtype: float16
inputs: [4]
layers:
  - Dense: 64
  - Dense: 10
  - name: head
    Dense: {units: 4, use_bias: false}
"""
SPECS = sorted((Path(__file__).parents[2] / "specs").rglob("*.yaml"))
needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.yaml").write_text(BEFORE)
    Path("b.yaml").write_text(AFTER)


def diff(*arguments: str, stdin: str | None = None) -> Result:
    result = CliRunner().invoke(command, [*arguments], input=stdin, standalone_mode=False)
    if result.exception is not None and not isinstance(result.exception, SpecError):
        raise result.exception
    return result


def as_json(*arguments: str) -> Any:
    return json.loads(diff(*arguments, "--format", "json").stdout)


def test_the_text_tells_layers_totals_and_weights() -> None:
    result = diff("a.yaml", "b.yaml")
    assert result.return_value == 1
    assert result.stdout.splitlines() == [
        "--- a.yaml",
        "+++ b.yaml",
        "~ dtype: float32 -> float16",
        "~ output head: (None, 3) float32 -> (None, 4) float16",
        "+ dense (Dense) (None, 64), 320 parameters",
        "~ dense -> dense_1 (Dense)",
        "    inputs: [input] -> [dense]",
        "    parameters: 50 -> 650 (+600)",
        "    trainable: 50 -> 650 (+600)",
        "    FLOPs: 90 -> 1,290 (+1,200)",
        "    activation bytes: 40 -> 20 (-20)",
        "- dropout (Dropout) (None, 10), 0 parameters",
        "~ head (Dense)",
        "    units: 3 -> 4",
        "    use_bias: true -> false",
        "    inputs: [dropout] -> [dense_1]",
        "    output: (None, 3) -> (None, 4)",
        "    parameters: 33 -> 40 (+7)",
        "    trainable: 33 -> 40 (+7)",
        "    FLOPs: 63 -> 80 (+17)",
        "    activation bytes: 12 -> 8 (-4)",
        "",
        "  parameters: 83 -> 1,010 (+927)",
        "  trainable: 83 -> 1,010 (+927)",
        "  weight bytes: 332 -> 2,020 (+1,688)",
        "  FLOPs: 153 -> 1,946 (+1,793)",
        "  peak activation bytes: 80 -> 148 (+68)",
        "  weights: those of the first do not load into the second",
        "    changed: dense/bias (10,) float32 -> (64,) float16",
        "    changed: dense/kernel (4, 10) float32 -> (4, 64) float16",
        "    changed: head/kernel (10, 3) float32 -> (10, 4) float16",
        "    missing: dense_1/bias (10,) float16",
        "    missing: dense_1/kernel (64, 10) float16",
        "    left out: head/bias (3,) float32",
    ]


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_a_spec_does_not_differ_from_itself(path: Path) -> None:
    result = diff(str(path), str(path))
    assert (result.return_value, result.stdout) == (0, "")


def test_comments_names_of_files_and_spelled_out_defaults_are_no_difference() -> None:
    Path("c.yaml").write_text(
        "# same\ninputs: {input: [4]}\nlayers: [{Dense: {units: 10, use_bias: true}}, {Dropout: 0.5}]\n"
    )
    Path("d.yaml").write_text("inputs: [4]\nlayers:\n  - Dense: 10\n  - Dropout: 0.5\n")
    assert diff("c.yaml", "d.yaml").return_value == 0
    assert diff("c.yaml", "d.yaml", "--format", "markdown").stdout.endswith("No differences.\n")


def test_a_new_name_alone_is_a_rename_and_the_weights_are_likely_renamed() -> None:
    Path("c.yaml").write_text(BEFORE.replace("head", "top"))
    found = as_json("a.yaml", "c.yaml")
    assert found["layers"] == [{"change": "renamed", "before": "head", "after": "top", "type": "Dense", "changes": []}]
    assert found["weights"]["load"] is False
    assert {one["status"] for one in found["weights"]["differences"]} == {"likely renamed"}


def test_weights_load_where_only_figures_differ() -> None:
    Path("c.yaml").write_text(BEFORE.replace("0.5", "0.1"))
    found = as_json("a.yaml", "c.yaml")
    assert found["differs"] is True
    assert found["weights"] == {"load": True, "differences": []}
    assert found["totals"]["parameters"] == {"before": 83, "after": 83}


def test_markdown_is_a_table_a_list_and_a_verdict() -> None:
    lines = diff("a.yaml", "b.yaml", "--format", "markdown").stdout.splitlines()
    assert lines[0] == "### `a.yaml` → `b.yaml`"
    assert "| parameters | 83 | 1,010 | +927 |" in lines
    assert "- **added** `dense (Dense) (None, 64), 320 parameters`" in lines
    assert "**Weights:** those of the first do **not** load into the second." in lines


def test_presets_of_one_file_may_be_compared() -> None:
    Path("p.yaml").write_text(
        "params: {n: 1}\npresets: {two: {n: 2}, three: {n: 3}}\ninputs: [4]\n"
        "layers: [{Dense: $(n)}]\noutputs: [dense]\n"
    )
    lines = diff("p.yaml", "p.yaml", "--preset", "two", "--to-preset", "three").stdout.splitlines()
    assert "    units: 2 -> 3" in lines


def test_an_unbuilt_model_has_no_figures_and_a_shape_builds_it() -> None:
    Path("u.yaml").write_text("layers:\n  - Dense: 3\n")
    Path("v.yaml").write_text("layers:\n  - Dense: 4\n")
    assert "  weights: an unbuilt model's are not known" in diff("u.yaml", "v.yaml").stdout
    assert "    parameters: 15 -> 20 (+5)" in diff("u.yaml", "v.yaml", "--input-shape", "None,4").stdout


def test_a_wrong_spec_is_reported() -> None:
    Path("w.yaml").write_text("layers: [{Dense: {unit: 3}}]\n")
    result = diff("a.yaml", "w.yaml")
    assert isinstance(result.exception, SpecError)
    assert [one.code for one in result.exception.diagnostics] == ["E207"]


@needs_git
def test_a_commit_is_compared_with_the_working_tree(monkeypatch: pytest.MonkeyPatch) -> None:
    def git(*arguments: str) -> None:
        identity = ("-c", "user.name=n", "-c", "user.email=e@example.org")
        subprocess.run(["git", *identity, *arguments], check=True, capture_output=True)

    Path("specs").mkdir()
    Path("specs/block.yaml").write_text("inputs: [4]\nlayers:\n  - Dense: 2\n")
    Path("specs/main.yaml").write_text("blocks: {Inner: {file: block.yaml}}\ninputs: [4]\nlayers:\n  - Inner\n")
    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "first")
    Path("specs/block.yaml").write_text("inputs: [4]\nlayers:\n  - Dense: 3\n")
    assert "    units: 2 -> 3" in diff("HEAD:specs/main.yaml", "specs/main.yaml").stdout.splitlines()
    assert diff("HEAD:specs/main.yaml", "HEAD:specs/main.yaml").return_value == 0
    monkeypatch.chdir("specs")
    assert diff("HEAD:./main.yaml", "main.yaml").return_value == 1
    for wrong in ("HEAD:specs/none.yaml", "NONE:specs/main.yaml", "-x:specs/main.yaml", "HEAD:../../main.yaml"):
        error = diff("--", wrong, "main.yaml").exception
        assert isinstance(error, SpecError)
        assert [one.code for one in error.diagnostics] == ["E001"]
