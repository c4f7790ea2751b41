"""`expand`: the flat text means the same, and is its own expansion."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from specmodel.cli import cli
from tests.diagnostics.good import WRITTEN
from tests.spec.flat import expanded, opened
from tests.spec.test_docs import FILES, WHOLE
from tests.spec.test_expansion import CASES

TEXTS = [*("inputs: [4]\n" + text for text, _ in CASES.values()), *WRITTEN.values(), *WHOLE]


def meaning(text: str) -> object:
    """What a spec builds: every layer with its wiring and arguments, its weights, and the outputs."""
    spec, graph = opened(text).sound()
    entries = [(e.path, e.owner, e.arguments, type(e.layer), e.layer.changed_arguments()) for e in spec.entries]
    weights = [(w.path, w.shape, w.dtype, w.trainable) for w in graph.weights()] if graph is not None else None
    return entries, weights, [(output.name, output.ref) for output in spec.outputs]


@pytest.mark.parametrize("text", TEXTS)
def test_the_expansion_means_the_same_and_expands_to_itself(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, content in FILES.items():
        Path(name).write_text(content, encoding="utf-8")
    flat = expanded(text)
    assert meaning(flat) == meaning(text)
    assert expanded(flat) == flat


def test_the_command_prints_the_flat_spec(tmp_path: Path) -> None:
    path = tmp_path / "model.yaml"
    path.write_text("params: {n: 1}\ninputs: [4]\nlayers:\n  - {name: g, repeat: $(n), Dense: $(2 * n)}\n")
    result = CliRunner().invoke(cli, ["expand", str(path), "--set", "n=2"])
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines() == [
        *("x-expanded: true", "name: model", "inputs: [4]", "layers:", "  - name: g/0", "    Dense: 4"),
        *("  - name: g/1", "    Dense: 4", "outputs:", "  g: g/1"),
    ]


def test_paths_are_names_in_such_a_spec_alone() -> None:
    text = "inputs: [4]\nlayers:\n  - {name: g/0, Dense: 4}\n"
    assert [one.code for one in opened(text).diagnostics] == ["E210"]
    assert [entry.path for entry in opened(f"x-expanded: true\n{text}").sound()[0].entries] == ["g/0"]
