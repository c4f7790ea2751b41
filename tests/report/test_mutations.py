"""Any change of a good spec gives a good spec, or diagnostics inside of it, in every form of a report."""

import json
import random
from collections.abc import Callable
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specmodel.diagnostics import Diagnostic
from specmodel.diagnostics.cut import without_texts
from specmodel.report import FORMS, rendered
from specmodel.report.results import Results
from specmodel.text import Span
from tests.diagnostics.good import GOOD, SPECS
from tests.diagnostics.reports import checked, repaired
from tests.diagnostics.test_mutations import assert_sound, cut, nodes, tree

ZOO = {path.stem: path.read_text(encoding="utf-8") for path in sorted((SPECS / "zoo").glob("*.yaml"))}
CASES = {
    path.stem: path.read_text(encoding="utf-8")
    for path in sorted((SPECS.parent / "tests/diagnostics/cases").glob("W*.yaml"))
}
ALL = {name: text for name, text in {**GOOD, **ZOO, **CASES}.items() if len(text) < 8000}
READERS: dict[str, Callable[[str], object]] = {
    **dict.fromkeys(("json", "sarif", "gitlab", "rdjson"), json.loads),
    **dict.fromkeys(("junit", "checkstyle"), ElementTree.fromstring),
    "jsonl": lambda text: [json.loads(line) for line in text.splitlines()],
}


def stretches(source: str) -> list[Span]:
    """The places of all keys and values."""
    found = [span for node in nodes(tree(source)) for span in (node.span, *node.key_spans.values())]
    return sorted(
        {span for span in found if span is not None}, key=lambda span: (span.line, span.column, span.end_line)
    )


def mutated(source: str, chance: random.Random) -> str:
    """The text with one key or value taken out, doubled, or exchanged for another one."""
    places = stretches(source)
    start, end = cut(source, chance.choice(places))
    low, high = cut(source, chance.choice(places))
    match chance.choice(["delete", "double", "copy", "swap"]):
        case "delete":
            return source[:start] + source[end:]
        case "double":
            return source[:end] + chance.choice([" ", ", ", "\n"]) + source[start:end] + source[end:]
        case "copy":
            return source[:start] + source[low:high] + source[end:]
        case _:
            if start > low:
                start, end, low, high = low, high, start, end
            if end > low:
                return source[:start] + source[low:high] + source[end:]
            return source[:start] + source[low:high] + source[end:low] + source[start:end] + source[high:]


def assert_reported(found: list[Diagnostic]) -> None:
    results = Results(without_texts(found), ("spec.yaml",))
    for form in FORMS:
        report = rendered(form, results)
        READERS.get(form, str)(report)
        assert all(one.code in report for one in found)
    assert len(json.loads(rendered("sarif", results))["runs"][0]["results"]) == len(found)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(ALL)), st.randoms(use_true_random=False))
def test_any_change_of_keys_and_scalars_is_reported_in_every_form(name: str, chance: random.Random) -> None:
    source = mutated(ALL[name], chance)
    found = checked(source)
    assert_sound(source, found)
    assert_reported(found)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(ALL)), st.randoms(use_true_random=False))
def test_what_fixes_make_of_any_change_is_no_worse(name: str, chance: random.Random) -> None:
    source = mutated(ALL[name], chance)
    fixed = repaired(source, "unsafe")
    if fixed is not None:
        assert_sound(fixed, checked(fixed))
        assert not any(one.code.startswith("E1") for one in checked(fixed)) or any(
            one.code.startswith("E1") for one in checked(source)
        )


@pytest.mark.parametrize("form", FORMS)
def test_a_flood_of_mistakes_fits_into_a_report(form: str) -> None:
    found = checked("layers:\n" + "".join(f"- Dens{i}: {{}}\n" for i in range(2000)))
    assert len(rendered(form, Results(found, ("spec.yaml",)))) < 1_000_000
