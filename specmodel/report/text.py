"""Diagnostics as text: what, where, the line with carets, notes, help."""

from collections.abc import Iterable

from specmodel.diagnostics import Diagnostic, Note

_COLORS = {"error": "31", "warning": "33", "note": "36"}


def render(diagnostics: Iterable[Diagnostic], color: bool = False) -> str:
    """All diagnostics, a blank line between two; empty text for none."""
    return "\n".join(_render(diagnostic, color) for diagnostic in diagnostics)


def _render(diagnostic: Diagnostic, color: bool) -> str:
    severity = diagnostic.severity
    head = _paint(f"{severity}[{diagnostic.code}]", f"1;{_COLORS[severity]}", color)
    where = str(diagnostic.span) if diagnostic.span is not None else diagnostic.place
    lines = [f"{where}: {head} {diagnostic.message}" if where else f"{head} {diagnostic.message}"]
    margin = 1
    if diagnostic.span is not None:
        excerpt = diagnostic.span.excerpt().split("\n")
        margin = len(str(diagnostic.span.line))
        lines += [*excerpt[:-1], _paint_carets(excerpt[-1], _COLORS[severity], color)]
    label = f"{' ' * margin} ="
    lines += [f"{label} {_note(note)}" for note in diagnostic.notes]
    if diagnostic.help is not None:
        lines.append(f"{label} help: {diagnostic.help}")
    if severity != "note":
        lines.append(f"{label} explain: specmodel explain {diagnostic.code}")
    return "\n".join(lines) + "\n"


def _note(note: Note) -> str:
    return f"from: {note.span} {note.message}" if note.span is not None else f"note: {note.message}"


def _paint(text: str, style: str, color: bool) -> str:
    return f"\x1b[{style}m{text}\x1b[0m" if color else text


def _paint_carets(line: str, style: str, color: bool) -> str:
    start = line.find("^")
    return line[:start] + _paint(line[start:], style, color) if color and start >= 0 else line
