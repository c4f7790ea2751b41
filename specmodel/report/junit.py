"""Diagnostics as JUnit's XML: a suite for each spec, a failed test for each error.

The elements and attributes are those of the schema that Jenkins publishes (junit-10.xsd).
"""

from collections.abc import Sequence

from specmodel.diagnostics import Diagnostic
from specmodel.report import text
from specmodel.report.results import Results
from specmodel.report.xml import attributes, escaped


def report(results: Results) -> str:
    """Warnings and notes are tests that passed and have something to say; a spec without any is one that passed.

    A file without tests is an error for the services that read it: a run without specs has a test that says so.
    """
    suites: dict[str, list[Diagnostic]] = {path: [] for path in results.specs}
    for diagnostic in results.found:
        suites.setdefault(diagnostic.path, []).append(diagnostic)
    suites = suites or {"specmodel": []}
    tests = sum(max(1, len(found)) for found in suites.values())
    total = attributes(name="specmodel", tests=tests, failures=_failures(results.found), errors=0)
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f"<testsuites {total}>"]
    for path, found in suites.items():
        lines += _suite(path, found)
    return "\n".join([*lines, "</testsuites>"])


def _suite(path: str, found: Sequence[Diagnostic]) -> list[str]:
    total = attributes(name=path, tests=max(1, len(found)), failures=_failures(found), errors=0)
    cases = [line for diagnostic in found for line in _case(path, diagnostic)]
    cases = cases or [f"    <testcase {attributes(name='check', classname=path)}/>"]
    return [f"  <testsuite {total}>", *cases, "  </testsuite>"]


def _case(path: str, diagnostic: Diagnostic) -> list[str]:
    span = diagnostic.span
    place = f" at {span.line}:{span.column}" if span is not None else ""
    head = attributes(name=f"{diagnostic.code}{place}", classname=path)
    shown = "\n".join(escaped(text.printable(line)) for line in text.render([diagnostic]).rstrip("\n").split("\n"))
    if diagnostic.severity == "error":
        failure = attributes(message=diagnostic.message, type=diagnostic.code)
        inner = f"      <failure {failure}>{shown}</failure>"
    else:
        inner = f"      <system-out>{shown}</system-out>"
    return [f"    <testcase {head}>", inner, "    </testcase>"]


def _failures(found: Sequence[Diagnostic]) -> int:
    return sum(diagnostic.severity == "error" for diagnostic in found)
