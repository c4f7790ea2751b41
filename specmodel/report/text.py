"""Diagnostics as text: what, where, the line with carets, notes, help."""

from collections.abc import Iterable

from specmodel.diagnostics import Diagnostic, Note
from specmodel.report.results import Results
from specmodel.text import SourceFile, Span

_COLORS = {"error": "31", "warning": "33", "note": "36"}
_WIDEST = 240
"""Characters of a source line that are shown; of a longer one, those around the place."""
_BEFORE = 60


def report(results: Results, color: bool = False) -> str:
    """All diagnostics, and a last line that counts them."""
    return "\n".join(part for part in (render(results.found, color), *results.summary()) if part)


def render(diagnostics: Iterable[Diagnostic], color: bool = False) -> str:
    """All diagnostics, a blank line between two; empty text for none."""
    return "\n".join(_render(diagnostic, color) for diagnostic in diagnostics)


def _render(diagnostic: Diagnostic, color: bool) -> str:
    severity = diagnostic.severity
    head = _paint(f"{severity}[{diagnostic.code}]", f"1;{_COLORS[severity]}", color)
    where = printable(str(diagnostic.span) if diagnostic.span is not None else diagnostic.place)
    message = printable(diagnostic.message)
    lines = [f"{where}: {head} {message}" if where else f"{head} {message}"]
    margin = 1
    if diagnostic.span is not None:
        excerpt = _excerpt(diagnostic.span)
        margin = len(str(diagnostic.span.line))
        lines += [*excerpt[:-1], _paint_carets(excerpt[-1], _COLORS[severity], color)]
    label = f"{' ' * margin} ="
    lines += [f"{label} {printable(noted(note))}" for note in diagnostic.notes]
    if diagnostic.help is not None:
        lines.append(f"{label} help: {printable(diagnostic.help)}")
    if severity != "note":
        lines.append(f"{label} explain: specmodel explain {diagnostic.code}")
    return "\n".join(lines) + "\n"


def noted(note: Note) -> str:
    """A note on one line, its place first."""
    return f"from: {note.span} {note.message}" if note.span is not None else f"note: {note.message}"


def _excerpt(span: Span) -> list[str]:
    """The lines of the span's excerpt; of a very long line a stretch around the place."""
    line = span.source.line(span.line)
    if len(line) <= _WIDEST:
        return span.excerpt().split("\n")
    start = max(0, span.column - 1 - _BEFORE)
    end = span.end_column if span.end_line == span.line else len(line) + 1
    cut = SourceFile(span.source.path, line[start : start + _WIDEST])
    near = Span(cut, 1, span.column - start, 1, min(end - start, _WIDEST + 1))
    number = str(span.line)
    gutters = (" " * len(number), number, " " * len(number))
    return [f"{gutter}{shown[1:]}" for gutter, shown in zip(gutters, near.excerpt().split("\n"), strict=True)]


def printable(text: str) -> str:
    """A text on one line, without what moves a terminal's cursor."""
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)


def _paint(text: str, style: str, color: bool) -> str:
    return f"\x1b[{style}m{text}\x1b[0m" if color else text


def _paint_carets(line: str, style: str, color: bool) -> str:
    start = line.find("^")
    return line[:start] + _paint(line[start:], style, color) if color and start >= 0 else line
