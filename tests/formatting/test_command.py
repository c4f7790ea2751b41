"""`specmodel fmt`: what it writes, and what it says."""

import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from specmodel.cli.fmt import command
from specmodel.model.loading import load
from specmodel.spec.formatting import formatted
from specmodel.yaml import read_source

UGLY = "layers:   [ Flatten ]  # all of it\ninputs: [2,3]\n"
NEAT = "inputs: [2, 3]\nlayers:                # all of it\n  - Flatten\n"
SPECS = Path(__file__).parents[2] / "specs"


def fmt(*args: str, stdin: str | None = None) -> Result:
    result = CliRunner().invoke(command, [*args], input=stdin, standalone_mode=False)
    assert result.exception is None
    return result


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_file_is_rewritten_in_place_with_its_permissions() -> None:
    Path("a.yaml").write_text(UGLY)
    os.chmod("a.yaml", 0o640)
    result = fmt("a.yaml")
    assert (result.return_value, result.stdout, result.stderr) == (0, "", "1 file changed\n")
    assert Path("a.yaml").read_text() == NEAT
    assert Path("a.yaml").stat().st_mode & 0o777 == 0o640
    assert fmt("a.yaml").stderr == "0 files changed, 1 is in style already\n"


def test_check_writes_nothing_and_fails_where_something_would_change() -> None:
    Path("a.yaml").write_text(UGLY)
    Path("b.yml").write_text(NEAT)
    result = fmt("--check", ".")
    assert (result.return_value, result.stdout) == (1, "would change a.yaml\n")
    assert result.stderr == "1 file would be changed, 1 is in style already\n"
    assert Path("a.yaml").read_text() == UGLY
    assert fmt("--check", "b.yml").return_value == 0


def test_diff_shows_what_would_change() -> None:
    Path("a.yaml").write_text(UGLY)
    result = fmt("--diff", "-q", "a.yaml")
    assert result.return_value == 0
    assert result.stdout.splitlines()[:4] == ["--- a.yaml", "", "+++ a.yaml", ""] or "+inputs: [2, 3]" in result.stdout
    assert Path("a.yaml").read_text() == UGLY


def test_standard_input_goes_to_the_standard_output() -> None:
    result = fmt("-", stdin=UGLY)
    assert (result.stdout, result.stderr) == (NEAT, "")


def test_a_wrong_file_is_reported_and_the_others_are_written() -> None:
    Path("a.yaml").write_text("layers: [\n")
    Path("b.yaml").write_text(UGLY)
    result = fmt("a.yaml", "b.yaml", "c.yaml")
    assert result.return_value == 1
    assert "a.yaml:1:9: error[E101]" in result.stderr
    assert "c.yaml: error" in result.stderr
    assert Path("a.yaml").read_text() == "layers: [\n"
    assert Path("b.yaml").read_text() == NEAT


@pytest.mark.parametrize("name", ["resnet", "unet", "bert", "efficientnet"])
def test_what_the_tool_writes_is_in_style(name: str, tmp_path: Path) -> None:
    load(SPECS / "zoo" / f"{name}.yaml").save(tmp_path / "saved.yaml")
    source = read_source(str(tmp_path / "saved.yaml"))
    assert formatted(source) == source.text
