"""Source text and places in it: what a diagnostic points at."""

import unicodedata
from collections.abc import Iterable
from functools import cached_property

from specmodel.record import Record


class SourceFile:
    """A text that was read, under the name the user gave it."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text

    @cached_property
    def lines(self) -> list[str]:
        """The text's lines without their ends; only the line breaks of YAML 1.2 (LF, CRLF, CR) count."""
        return self.text.replace("\r\n", "\n").replace("\r", "\n").split("\n")

    def line(self, number: int) -> str:
        """A line by its number, from 1; empty where the text has none."""
        return self.lines[number - 1] if number <= len(self.lines) else ""

    def cut(self, numbers: Iterable[int]) -> "SourceFile":
        """The same file with these lines alone: all that a report shows of a text that need not be kept."""
        return _CutFile(self.path, {number: self.line(number) for number in numbers})

    def __repr__(self) -> str:
        return f"SourceFile({self.path!r})"


class _CutFile(SourceFile):
    """A file of which a few lines are known."""

    def __init__(self, path: str, kept: dict[int, str]) -> None:
        super().__init__(path, "")
        self._kept = kept

    def line(self, number: int) -> str:
        return self._kept.get(number, "")


class Span(Record):
    """A stretch of a source text. Lines and columns count characters from 1; `end_column` is exclusive."""

    source: SourceFile
    line: int
    column: int
    end_line: int
    end_column: int

    def to(self, other: "Span") -> "Span":
        """The stretch from this one's start to the other's end."""
        return Span(self.source, self.line, self.column, other.end_line, other.end_column)

    def __str__(self) -> str:
        return f"{self.source.path}:{self.line}:{self.column}"

    def excerpt(self) -> str:
        """The first line of the stretch under a gutter, with carets below it."""
        line = self.source.line(self.line)
        shown = "".join(_visible(character) for character in line)
        end = self.end_column if self.end_line == self.line else len(line.rstrip()) + 1
        before = sum(_width(character) for character in line[: self.column - 1])
        before += max(0, self.column - 1 - len(line))
        width = sum(_width(character) for character in line[self.column - 1 : end - 1])
        number = str(self.line)
        gutter = " " * len(number)
        return f"{gutter} |\n{number} | {shown}\n{gutter} | {' ' * before}{'^' * max(1, width)}"


def _visible(character: str) -> str:
    """What stands for a character in an excerpt: control characters would move the terminal's cursor."""
    if character == "\t":
        return " "
    return character if character.isprintable() else "\N{REPLACEMENT CHARACTER}"


def _width(character: str) -> int:
    """Terminal columns that a character takes."""
    if character.isascii():
        return 1
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
