"""Diagnostics as reviewdog reads them (`-f=rdjson`), with suggestions that a reviewer accepts with a click.

https://github.com/reviewdog/reviewdog/tree/master/proto/rdf. Columns count bytes of UTF-8 there.
"""

from typing import Any

from specmodel.diagnostics import Diagnostic, Edit, Note
from specmodel.report.paths import in_repository
from specmodel.report.results import Results
from specmodel.text import Span

_SEVERITIES = {"error": "ERROR", "warning": "WARNING", "note": "INFO"}


def report(results: Results) -> str:
    """A JSON object with the tool and a list of diagnostics."""
    import json

    whole = {"source": {"name": "specmodel"}, "diagnostics": [_diagnostic(found) for found in results.found]}
    return json.dumps(whole, indent=2, ensure_ascii=False)


def _diagnostic(diagnostic: Diagnostic) -> dict[str, Any]:
    help = f"\nhelp: {diagnostic.help}" if diagnostic.help is not None else ""
    found: dict[str, Any] = {
        "message": f"{diagnostic.message}{help}",
        "location": _location(diagnostic.path, diagnostic.span),
        "severity": _SEVERITIES[diagnostic.severity],
        "code": {"value": diagnostic.code},
    }
    if diagnostic.fix is not None and len(diagnostic.fix.edits) == 1:  # each suggestion is taken by itself
        found["suggestions"] = [_suggestion(edit) for edit in diagnostic.fix.edits]
    related = [_related(note, note.span) for note in diagnostic.notes if note.span is not None]
    if related:
        found["related_locations"] = related
    return found


def _suggestion(edit: Edit) -> dict[str, Any]:
    return {"range": _range(edit.span), "text": edit.text}


def _related(note: Note, span: Span) -> dict[str, Any]:
    return {"message": note.message, "location": _location(span.source.path, span)}


def _location(path: str, span: Span | None) -> dict[str, Any]:
    place = {"path": in_repository(path)}
    return {**place, "range": _range(span)} if span is not None else place


def _range(span: Span) -> dict[str, Any]:
    return {
        "start": {"line": span.line, "column": _byte_column(span, span.line, span.column)},
        "end": {"line": span.end_line, "column": _byte_column(span, span.end_line, span.end_column)},
    }


def _byte_column(span: Span, line: int, column: int) -> int:
    before = span.source.line(line)[: column - 1]
    return column + len(before.encode("utf-8", "replace")) - len(before)
