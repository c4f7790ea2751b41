"""What README.md and docs/ show is true: their specs are right, their output is what is printed, their program runs."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from specmodel import check, loads
from specmodel.cli import cli
from specmodel.cli.check import command as check_command
from specmodel.diagnostics import pages

ROOT = Path(__file__).parents[1]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


SPECS = [
    pytest.param(text, id=f"{page.name}-{number}")
    for page in PAGES
    for number, text in enumerate(blocks(page, "yaml"))
    if re.search(r"^layers:", text, re.MULTILINE)
]
CLASSIFIER = blocks(ROOT / "README.md", "yaml")[0]


@pytest.mark.parametrize("text", SPECS)
def test_a_spec_of_the_pages_is_right(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for page in PAGES:  # some name others, which begin with their names
        for other in blocks(page, "yaml"):
            if (name := re.match(r"# (\S+\.yaml)\n", other)) is not None:
                Path(name[1]).write_text(other, encoding="utf-8")
    loads(text)


def test_the_first_session_prints_what_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("classifier.yaml").write_text(CLASSIFIER, encoding="utf-8")
    session = blocks(ROOT / "README.md", "console")[0]
    shown = re.findall(r"^\$ specmodel (check|summary) (\S+)\n(.*?)(?=^\$)", session, re.DOTALL | re.MULTILINE)
    assert [command for command, _, _ in shown] == ["check", "summary"]
    for command, spec, output in shown:
        assert CliRunner().invoke(cli, [command, spec]).stdout == output


def test_the_mistake_is_reported_as_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("classifier.yaml").write_text(CLASSIFIER.replace("units: 3", "unit: 3"), encoding="utf-8")
    (shown,) = blocks(ROOT / "README.md", "text")
    assert CliRunner().invoke(check_command, ["classifier.yaml"]).stdout.startswith(shown)


def test_the_program_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("classifier.yaml").write_text(CLASSIFIER, encoding="utf-8")
    names: dict[str, object] = {}
    exec(compile(blocks(ROOT / "README.md", "python")[0], "README.md", "exec"), names)
    assert getattr(names["odds"], "shape", None) == (2, 3)
    assert check("small.yaml") == []


def test_the_page_on_checking_lists_the_codes() -> None:
    text = (ROOT / "docs" / "checking.md").read_text(encoding="utf-8")
    shown = text.split("<!-- codes -->\n")[1].split("<!-- /codes -->")[0]
    assert shown.strip() == pages.table(), "renew it with `specmodel explain --format markdown`"
