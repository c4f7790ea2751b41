"""Diagnostics that outlive the texts they speak of."""

from collections.abc import Callable, Iterable, Iterator

from specmodel.diagnostics.diagnostic import Diagnostic
from specmodel.text import SourceFile, Span


def without_texts(found: Iterable[Diagnostic]) -> list[Diagnostic]:
    """The diagnostics with the lines they point at in place of whole texts, which need not be kept for a report."""
    listed = list(found)
    sources: dict[int, SourceFile] = {}
    lines: dict[int, set[int]] = {}
    for one in listed:
        for span in _spans(one):
            sources[id(span.source)] = span.source
            lines.setdefault(id(span.source), set()).update((span.line, span.end_line))
    cut = {key: source.cut(lines[key]) for key, source in sources.items()}
    return [_moved(one, lambda span: span.replace(source=cut[id(span.source)])) for one in listed]


def _spans(one: Diagnostic) -> Iterator[Span]:
    if one.span is not None:
        yield one.span
    yield from (note.span for note in one.notes if note.span is not None)
    yield from (edit.span for edit in one.fix.edits) if one.fix is not None else ()


def _moved(one: Diagnostic, moved: Callable[[Span], Span]) -> Diagnostic:
    """The diagnostic with other spans."""
    notes = tuple(note.replace(span=moved(note.span)) if note.span is not None else note for note in one.notes)
    fix = one.fix
    if fix is not None:
        fix = fix.replace(edits=tuple(edit.replace(span=moved(edit.span)) for edit in fix.edits))
    return one.replace(span=moved(one.span) if one.span is not None else None, notes=notes, fix=fix)
