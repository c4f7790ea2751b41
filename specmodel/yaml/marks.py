"""Places in a source text as character offsets: cheap to keep, turned into spans on demand."""

import re
from bisect import bisect_right

from specmodel.text import SourceFile, Span

_LINE_BREAK = re.compile(r"\r\n?|\n")


class Marks:
    """Turns the offsets of one source text into spans.

    The YAML parser counts lines its own way (its Unicode line breaks are not ours), but its offsets are plain
    characters, so lines and columns are derived here and always agree with `SourceFile.lines`.
    """

    __slots__ = ("_line_starts", "_spans", "source")

    def __init__(self, source: SourceFile) -> None:
        self.source = source
        self._line_starts: list[int] | None = None
        self._spans: dict[tuple[int, int], Span] = {}

    def span(self, start: int, end: int) -> Span:
        """The stretch from one offset up to, not including, another."""
        found = self._spans.get((start, end))
        if found is None:  # a line that is repeated is asked for again and again
            found = Span(self.source, *self._position(start), *self._position(max(start, end)))
            self._spans[start, end] = found
        return found

    def offset(self, line: int, column: int) -> int:
        """The offset of a line and column, as spans count them."""
        return self._starts()[line - 1] + column - 1

    def _starts(self) -> list[int]:
        if self._line_starts is None:
            self._line_starts = [0, *(found.end() for found in _LINE_BREAK.finditer(self.source.text))]
        return self._line_starts

    def _position(self, offset: int) -> tuple[int, int]:
        starts = self._starts()
        line = bisect_right(starts, offset)
        return line, offset - starts[line - 1] + 1
