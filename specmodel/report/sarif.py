"""Diagnostics as SARIF 2.1.0, which GitHub code scanning, Azure DevOps and editors read.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from specmodel.diagnostics import Diagnostic, Fix, Note, codes, pages
from specmodel.diagnostics.diagnostic import type_of_code
from specmodel.report.fingerprints import fingerprints
from specmodel.report.paths import in_repository
from specmodel.report.results import Results
from specmodel.text import Span
from specmodel.version import __version__

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_FINGERPRINT = "specmodel/v1"


def report(results: Results) -> str:
    """One run: the tool, a rule for each code that occurs, and a result for each diagnostic."""
    import json

    found = results.found
    index = {code: number for number, code in enumerate(sorted({diagnostic.code for diagnostic in found}))}
    driver = {"name": "specmodel", "version": __version__, "semanticVersion": __version__, "rules": _rules(index)}
    made = fingerprints(found)
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(diagnostic, index, own) for diagnostic, own in zip(found, made, strict=True)],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False)


def _rules(index: Mapping[str, int]) -> list[dict[str, Any]]:
    return [_rule(code, codes.NAMES[code].title().replace("_", "")) for code in index]


def _rule(code: str, name: str) -> dict[str, Any]:
    page = pages.page(code) or ""
    heading, _, body = page.partition("\n")
    title, reason = heading.partition(": ")[2], body.partition("\n## ")[0]
    return {
        "id": code,
        "name": name,
        "shortDescription": {"text": title},
        "fullDescription": {"text": " ".join(reason.split())},
        "help": {"text": page, "markdown": page},
        "defaultConfiguration": {"level": type_of_code[code[0]]},
    }


def _result(diagnostic: Diagnostic, index: Mapping[str, int], fingerprint: str) -> dict[str, Any]:
    help = f"\nhelp: {diagnostic.help}" if diagnostic.help is not None else ""
    result: dict[str, Any] = {
        "ruleId": diagnostic.code,
        "ruleIndex": index[diagnostic.code],
        "level": diagnostic.severity,
        "message": {"text": _literal(f"{diagnostic.message}{help}")},
        "locations": [_location(diagnostic.path, diagnostic.span)],
        "partialFingerprints": {_FINGERPRINT: fingerprint},
    }
    related = [_related(note, note.span) for note in diagnostic.notes if note.span is not None]
    if related:
        result["relatedLocations"] = related
    if diagnostic.fix is not None:
        result["fixes"] = [_fix(diagnostic.fix)]
    return result


def _related(note: Note, span: Span) -> dict[str, Any]:
    return {**_location(span.source.path, span), "message": {"text": _literal(note.message)}}


def _location(path: str, span: Span | None) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": _uri(path)}}
    if span is not None:
        place["region"] = _region(span)
    return {"physicalLocation": place}


def _region(span: Span) -> dict[str, int]:
    return {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }


def _fix(fix: Fix) -> dict[str, Any]:
    changes: dict[str, list[dict[str, Any]]] = {}
    for edit in fix.edits:
        replacement = {"deletedRegion": _region(edit.span), "insertedContent": {"text": edit.text}}
        changes.setdefault(edit.span.source.path, []).append(replacement)
    listed = [{"artifactLocation": {"uri": _uri(path)}, "replacements": made} for path, made in changes.items()]
    return {"description": {"text": _literal(fix.message)}, "artifactChanges": listed}


def _uri(path: str) -> str:
    """A relative reference, from the repository's root where that is known; a file URI of an absolute path."""
    shown = in_repository(path)
    return Path(shown).as_uri() if Path(shown).is_absolute() else quote(shown, errors="replace")


def _literal(text: str) -> str:
    """A message without placeholders: SARIF writes its braces twice."""
    return text.replace("{", "{{").replace("}", "}}")
