"""Every form of a report, as recorded, and by what those who read it require."""

import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from specmodel.diagnostics import Diagnostic, codes, pages
from specmodel.report import FORMS, rendered
from specmodel.report.results import Results
from specmodel.text import SourceFile, Span
from tests.report.runs import CASES, results

SPECS = ("first.yaml", "second.yaml", "third.yaml")
NOTHING = Results((), ("good.yaml",))
CI = ("GITHUB_WORKSPACE", "CI_PROJECT_DIR")


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(CASES)
    for name in CI:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("form", FORMS)
def test_the_report_is_as_recorded(form: str, update_golden: bool) -> None:
    report = rendered(form, results(*SPECS)) + "\n"
    recorded = CASES / f"report.{form}"
    if update_golden:
        recorded.write_text(report, encoding="utf-8")
    assert report == recorded.read_text(encoding="utf-8")


@pytest.mark.parametrize("form", FORMS)
def test_a_report_shows_the_path_and_code_of_each_diagnostic(form: str) -> None:
    found = results(*SPECS)
    report = rendered(form, found)
    assert len(found.found) == 5
    assert all(one.code in report and one.path in report for one in found.found)


@pytest.mark.parametrize("form", FORMS)
def test_colours_are_for_text_alone(form: str) -> None:
    assert ("\x1b[" in rendered(form, results(*SPECS), color=True)) == (form == "text")


def test_nothing_wrong() -> None:
    shown = {form: rendered(form, NOTHING) for form in FORMS}
    verdict = "1 spec checked: no mistakes"
    assert [shown[form] for form in ("text", "concise", "github")] == [verdict] * 3
    assert [json.loads(shown[form]) for form in ("json", "gitlab")] == [[], []]
    assert shown["jsonl"] == ""
    assert json.loads(shown["rdjson"]) == {"source": {"name": "specmodel"}, "diagnostics": []}
    assert json.loads(shown["sarif"])["runs"][0]["results"] == []
    assert [one.get("name") for one in ElementTree.fromstring(shown["checkstyle"])] == ["good.yaml"]


# JUnit


def junit(found: Results) -> ElementTree.Element:
    return ElementTree.fromstring(rendered("junit", found))


@pytest.mark.parametrize("found", [NOTHING, Results((), ())])
def test_junit_is_never_empty(found: Results) -> None:
    root = junit(found)
    assert [root.get("tests"), root.get("failures")] == ["1", "0"]
    assert len(list(root.iter("testcase"))) == 1


def test_junit_counts_what_it_holds() -> None:
    root = junit(results(*SPECS))
    cases = list(root.iter("testcase"))
    assert root.get("tests") == str(len(cases)) == "6"  # the third spec passed
    assert root.get("failures") == str(len(list(root.iter("failure")))) == "3"
    for suite in root:
        assert suite.get("tests") == str(len(suite.findall("testcase")))
        assert all(case.get("name") and case.get("classname") == suite.get("name") for case in suite)
    passed = [case for case in cases if case.find("failure") is None]
    assert [case.find("system-out") is not None for case in passed] == [True, True, False]


def test_text_that_xml_cannot_hold_is_replaced() -> None:
    span = Span(SourceFile('a\x00<&>".yaml', "\x01\x02 <&> \ufffe \ud800"), 1, 1, 1, 2)
    found = Results([Diagnostic("E101", "<\x1b[31m & \ud800>", span)], [])
    for form in ("junit", "checkstyle"):
        ElementTree.fromstring(rendered(form, found).encode())


# GitHub


def test_a_command_of_github_holds_on_one_line_what_it_separates_with() -> None:
    span = Span(SourceFile("a,b:c%.yaml", "x"), 1, 1, 1, 2)
    report = rendered("github", Results([Diagnostic("E209", "50%, a: b", span, help="do::it")], [], verdict=False))
    assert report == (
        "::error title=specmodel (E209),file=a%2Cb%3Ac%25.yaml,line=1,col=1,endLine=1,endColumn=2"
        "::50%25, a: b%0Ahelp: do::it"
    )


def test_columns_stand_where_the_lines_are_one() -> None:
    span = Span(SourceFile("a.yaml", "x\ny"), 1, 1, 2, 2)
    found = [Diagnostic("W201", "m", span), Diagnostic("N301", "m", place="a.yaml")]
    assert rendered("github", Results(found, [], verdict=False)).split("\n") == [
        "::warning title=specmodel (W201),file=a.yaml,line=1,endLine=2::m",
        "::notice title=specmodel (N301),file=a.yaml::m",
    ]


@pytest.mark.parametrize("variable", CI)
def test_paths_count_from_the_root_of_the_repository(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = results("second.yaml")
    monkeypatch.setenv(variable, str(CASES.parent))
    assert "file=cases/second.yaml," in rendered("github", found)
    assert json.loads(rendered("gitlab", found))[0]["location"]["path"] == "cases/second.yaml"
    monkeypatch.setenv(variable, str(CASES / "elsewhere"))
    assert "file=second.yaml," in rendered("github", found)


# Fingerprints


def fingerprints(found: Results) -> list[tuple[str, str]]:
    gitlab = json.loads(rendered("gitlab", found))
    sarif = json.loads(rendered("sarif", found))["runs"][0]["results"]
    assert [one["fingerprint"] for one in gitlab] == [one["partialFingerprints"]["specmodel/v1"] for one in sarif]
    return [(one["check_name"], one["fingerprint"]) for one in gitlab]


def test_fingerprints_survive_that_lines_move(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = (CASES / "first.yaml").read_text(encoding="utf-8")
    Path("first.yaml").write_text(text, encoding="utf-8")
    before = fingerprints(results("first.yaml"))
    Path("first.yaml").write_text(text.replace("layers:\n", "# moved\n\nlayers:\n\n"), encoding="utf-8")
    assert fingerprints(results("first.yaml")) == before


def test_equal_mistakes_have_fingerprints_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.yaml").write_text("inputs: [4]\nlayers:\n" + "  - Dense: 0\n" * 5)
    found = fingerprints(results("a.yaml"))
    assert len({fingerprint for _, fingerprint in found}) == len(found) == 5
    assert all(re.fullmatch("[0-9a-f]{32}", fingerprint) for _, fingerprint in found)


# GitLab, Checkstyle


def test_gitlab_has_what_it_requires() -> None:
    for one in json.loads(rendered("gitlab", results(*SPECS, "missing.yaml"))):
        assert one.keys() == {"description", "check_name", "fingerprint", "severity", "location"}
        assert one["severity"] in ("info", "minor", "major", "critical", "blocker")
        assert one["location"]["lines"]["begin"] >= 1


def test_checkstyle_lists_every_file() -> None:
    root = ElementTree.fromstring(rendered("checkstyle", results(*SPECS)))
    assert [(file.get("name"), len(file)) for file in root] == [
        ("first.yaml", 3),
        ("second.yaml", 2),
        ("third.yaml", 0),
    ]
    assert {error.get("severity") for error in root.iter("error")} == {"error", "warning", "info"}
    assert all(error.get("source", "").startswith("specmodel.") for error in root.iter("error"))


# rdjson


def test_the_columns_of_rdjson_count_bytes() -> None:
    source = SourceFile("a.yaml", "é: ü, x")
    (one,) = json.loads(rendered("rdjson", Results([Diagnostic("E101", "m", Span(source, 1, 7, 1, 8))], [])))[
        "diagnostics"
    ]
    assert one["location"]["range"] == {"start": {"line": 1, "column": 9}, "end": {"line": 1, "column": 10}}


# SARIF


def sarif(*paths: str) -> dict[str, Any]:
    log: dict[str, Any] = json.loads(rendered("sarif", results(*paths)))
    return log


def test_sarif_fits_its_schema() -> None:
    schema = pytest.importorskip("pydantic_sarif.model", reason="the extra `test` brings it")
    for paths in (SPECS, ("third.yaml",), ("missing.yaml",)):
        schema.StaticAnalysisResultsFormatSarifVersion210JsonSchema.model_validate(sarif(*paths))


def test_sarif_has_what_the_specification_requires() -> None:
    log = sarif(*SPECS, "missing.yaml")
    assert (log["version"], len(log["runs"])) == ("2.1.0", 1)
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in ("error", "warning", "note")
        assert result["message"]["text"]
        for location in result["locations"]:
            region = location["physicalLocation"].get("region")
            assert re.fullmatch(r"[\w.~%/-]+", location["physicalLocation"]["artifactLocation"]["uri"])
            assert region is None or all(value >= 1 for value in region.values())
    assert {rule["id"] for rule in rules} == {result["ruleId"] for result in run["results"]}


def test_the_rules_of_sarif_are_the_pages() -> None:
    for rule in sarif(*SPECS)["runs"][0]["tool"]["driver"]["rules"]:
        assert rule["help"]["markdown"] == pages.page(rule["id"])
        assert rule["shortDescription"]["text"] == pages.titles()[rule["id"]]
        assert rule["name"].upper() == codes.NAMES[rule["id"]].replace("_", "")
        assert "##" not in rule["fullDescription"]["text"]


def test_braces_are_no_placeholders() -> None:
    found = Results([Diagnostic("E209", "write {a: 1}", place="a b.yaml")], [])
    (result,) = json.loads(rendered("sarif", found))["runs"][0]["results"]
    assert result["message"]["text"] == "write {{a: 1}}"
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "a%20b.yaml"
