"""Every code has a page, and every page tells the truth: its wrong example gives the code, its right one is clean."""

import re

import pytest
from click.testing import CliRunner

from specmodel.cli import cli
from specmodel.diagnostics import codes, pages
from tests.diagnostics.reports import checked, codes_of

CODES = {name: code for code, name in codes.NAMES.items()}
NEEDS_FILES = {
    *("E001", "E002", "E003", "E005", "E006", "E007", "E008", "E111"),
    *("E402", "E404", "E501", "E502", "E503", "E504", "E505", "E506", "E507", "E508"),
    *("W401", "W402", "N401", "N501", "N502"),
    "E601",
    *("E611", "E612", "W611", "N611"),
}
"""Codes that no text of a spec gives by itself: `test_files.py` has a case for each."""
FORM = re.compile(r"# ([EWN]\d{3}): [^\n]+\n\n.+\n\n## Wrong\n\n(.+)\n## Right\n\n(.+)", re.DOTALL)
YAML = re.compile(r"```yaml\n(.*?)```", re.DOTALL)


def parts(code: str) -> tuple[str, str]:
    """The wrong and the right part of a page."""
    found = FORM.fullmatch(pages.page(code) or "")
    assert found is not None, f"{code}.md is not in the form of a page"
    assert found[1] == code
    return found[2], found[3]


def test_the_codes_are_distinct() -> None:
    assert len(set(CODES.values())) == len(CODES)


def test_every_code_has_a_page_and_every_page_a_code() -> None:
    assert set(pages.titles()) == set(CODES.values())


@pytest.mark.parametrize("code", sorted(CODES.values()))
def test_a_page_has_a_wrong_and_a_right_part_with_examples(code: str) -> None:
    assert all("```" in part for part in parts(code))


def examples(part: int) -> list[object]:
    """The specs of the wrong (0) or right (1) parts of all pages, each with its code."""
    return [
        pytest.param(code, example, id=f"{code}-{number}")
        for code in sorted(set(CODES.values()) - NEEDS_FILES)
        for number, example in enumerate(YAML.findall(parts(code)[part]))
    ]


@pytest.mark.parametrize("code", sorted(set(CODES.values()) - NEEDS_FILES))
def test_a_page_has_a_wrong_example(code: str) -> None:
    assert YAML.findall(parts(code)[0])


@pytest.mark.parametrize(("code", "example"), examples(0))
def test_a_wrong_example_gives_the_code_alone(code: str, example: str) -> None:
    assert {diagnostic.code for diagnostic in checked(example)} == {code}


@pytest.mark.parametrize(("code", "example"), examples(1))
def test_a_right_example_is_clean(code: str, example: str) -> None:
    assert codes_of(example) == set()


@pytest.mark.parametrize("code", ["E301", "e301"])
def test_explain_prints_the_page(code: str) -> None:
    result = CliRunner().invoke(cli, ["explain", code])
    assert (result.exit_code, result.stdout) == (0, pages.page("E301"))


@pytest.mark.parametrize("code", ["E999", "../codes", "", "E30"])
def test_explain_lists_the_codes_where_there_is_no_such_one(code: str) -> None:
    result = CliRunner().invoke(cli, ["explain", code])
    assert result.exit_code == 2
    assert "E301  a size must be known" in result.stderr
