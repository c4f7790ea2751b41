"""Wrong specs and what is said of them, as it is printed: `cases/NAME.yaml` and `cases/NAME.out`, some as JSON too."""

from pathlib import Path

import pytest

from specmodel.report import json, text
from tests.diagnostics.reports import HERE, checked, repaired
from tests.diagnostics.test_pages import CODES, NEEDS_FILES

CASES = sorted((HERE / "cases").glob("*.yaml"))
AS_JSON = sorted((HERE / "cases").glob("*.json"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_the_report_is_as_recorded(case: Path, update_golden: bool) -> None:
    report = text.render(checked(case.read_bytes(), case.name))
    recorded = case.with_suffix(".out")
    if update_golden:
        recorded.write_text(report, encoding="utf-8")
    assert report == recorded.read_text(encoding="utf-8")


@pytest.mark.parametrize("recorded", AS_JSON, ids=lambda recorded: recorded.stem)
def test_the_json_is_as_recorded(recorded: Path, update_golden: bool) -> None:
    case = recorded.with_suffix(".yaml")
    report = json.render(checked(case.read_bytes(), case.name)) + "\n"
    if update_golden:
        recorded.write_text(report, encoding="utf-8")
    assert report == recorded.read_text(encoding="utf-8")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_what_fixes_make_of_it_is_as_recorded(case: Path, update_golden: bool) -> None:
    fixed = repaired(case.read_text(encoding="utf-8"), "unsafe")
    recorded = case.with_suffix(".fixed")
    if update_golden:
        recorded.unlink(missing_ok=True)
        if fixed is not None:
            recorded.write_text(fixed, encoding="utf-8")
    assert fixed == (recorded.read_text(encoding="utf-8") if recorded.exists() else None)


def test_there_is_a_case_for_each_code() -> None:
    found = {diagnostic.code for case in CASES for diagnostic in checked(case.read_bytes(), case.name)}
    assert set(CODES.values()) - found == NEEDS_FILES


def test_a_case_that_is_named_for_a_code_gives_it() -> None:
    named = [case for case in CASES if case.stem[0] in "EWN" and case.stem[1:4].isdigit()]
    wrong = [
        case.stem for case in named if case.stem[:4] not in {d.code for d in checked(case.read_bytes(), case.name)}
    ]
    assert named
    assert wrong == []
