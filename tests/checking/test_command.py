"""Where the reports of `check` go, and in which form."""

import json
from pathlib import Path

import pytest

from tests.checking.commands import GOOD, WARNED, WRONG, said, write


@pytest.fixture(autouse=True)
def specs(folder: Path) -> None:
    write(good=GOOD, warned=WARNED, wrong=WRONG)


def test_the_last_line_counts() -> None:
    assert said(".").split("\n")[-2] == "3 specs checked: 1 error, 1 warning"
    assert said("good.yaml", "-q") == ""
    assert "checked" not in said(".", "-q")


def test_several_reports_at_once() -> None:
    shown = said(".", "--report", "sarif=a.sarif", "--report", "junit=a.xml", "--report", "text=a.txt")
    assert Path("a.txt").read_text() == shown
    assert json.loads(Path("a.sarif").read_text())["version"] == "2.1.0"
    assert Path("a.xml").read_text().startswith("<?xml")


def test_a_report_to_a_file_leaves_the_screen_alone() -> None:
    assert said(".", "--format", "sarif", "-o", "a.sarif") == ""
    assert len(json.loads(Path("a.sarif").read_text())["runs"][0]["results"]) == 2


def test_a_report_that_cannot_be_written_leaves_nothing() -> None:
    Path("old.txt").write_text("before")
    assert "E506" in said("wrong.yaml", "--report", "text=wrong.yaml") or Path("wrong.yaml").read_text() == WRONG
    before = sorted(Path().iterdir())
    said(".", "--report", "sarif=no/such/folder.sarif")
    assert sorted(Path().iterdir()) == before


@pytest.mark.parametrize(
    ("arguments", "environment", "start"),
    [
        (
            ["wrong.yaml"],
            "true",
            "::error title=specmodel (E209),file=wrong.yaml,line=3,col=12,endLine=3,endColumn=13::",
        ),
        (["wrong.yaml"], "", "wrong.yaml:3:12: error[E209]"),
        (["wrong.yaml", "--format", "text"], "true", "wrong.yaml:3:12: error[E209]"),
        (["wrong.yaml", "-o", "-"], "true", "::error "),
    ],
)
def test_in_github_actions_lines_are_annotated(
    arguments: list[str], environment: str, start: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", environment)
    assert said(*arguments).startswith(start)


def test_a_file_is_never_coloured_unless_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[" in said("wrong.yaml")
    said("wrong.yaml", "-o", "plain.txt")
    said("wrong.yaml", "-o", "painted.txt", "--color", "always")
    assert "\x1b[" not in Path("plain.txt").read_text()
    assert "\x1b[" in Path("painted.txt").read_text()
    assert "\x1b[" not in said("wrong.yaml", "--color", "always", "--format", "concise")
