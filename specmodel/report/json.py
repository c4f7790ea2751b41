"""Diagnostics as JSON, for programs."""

from collections.abc import Iterable
from typing import Any

from specmodel.diagnostics import Diagnostic, Fix, Note
from specmodel.report.results import Results
from specmodel.text import Span


def report(results: Results) -> str:
    """All diagnostics as one list."""
    return render(results.found)


def render(diagnostics: Iterable[Diagnostic]) -> str:
    """A JSON list of diagnostics; lines and columns count from 1, `end_column` is exclusive."""
    import json

    return json.dumps([as_dict(diagnostic) for diagnostic in diagnostics], indent=2, ensure_ascii=False)


def as_dict(diagnostic: Diagnostic) -> dict[str, Any]:
    """One diagnostic as the contract in docs/cli.md has it; places are null where there is no text to point into.

    `fix` is there if there is one.
    """
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity,
        "message": diagnostic.message,
        "path": diagnostic.path or None,
        **_place(diagnostic.span),
        "notes": [_note(note) for note in diagnostic.notes],
        "help": diagnostic.help,
        **({"fix": _fix(diagnostic.fix)} if diagnostic.fix is not None else {}),
    }


def _note(note: Note) -> dict[str, Any]:
    return {
        "message": note.message,
        "path": note.span.source.path if note.span is not None else None,
        **_place(note.span),
    }


def _fix(fix: Fix) -> dict[str, Any]:
    edits = [{"path": edit.span.source.path, **_place(edit.span), "text": edit.text} for edit in fix.edits]
    return {"message": fix.message, "safe": fix.safe, "edits": edits}


def _place(span: Span | None) -> dict[str, int | None]:
    if span is None:
        return dict.fromkeys(("line", "column", "end_line", "end_column"))
    return {"line": span.line, "column": span.column, "end_line": span.end_line, "end_column": span.end_column}
