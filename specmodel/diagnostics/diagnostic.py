"""Diagnostics and the list they are collected in."""

import re
from collections.abc import Iterable, Iterator
from typing import Literal

from specmodel.record import Record
from specmodel.text import Span

type_of_code: dict[str, "Severity"] = {"E": "error", "W": "warning", "N": "note"}
Severity = Literal["error", "warning", "note"]


class Note(Record):
    """A further remark on a diagnostic, with a place of its own where it has one."""

    message: str
    span: Span | None = None


class Edit(Record):
    """A stretch of a source text and what to write in its place."""

    span: Span
    text: str


class Fix(Record):
    """How to write it right; `message` is an imperative.

    Edits do not overlap. A fix is safe if the spec means the same with it, or what it undoubtedly should.
    """

    message: str
    edits: tuple[Edit, ...]
    safe: bool = True


class Diagnostic(Record):
    """One mistake, said once.

    `span` is where it stands in a source text. `place` names the spot where there is no text: the path of a file,
    or the key path inside a mapping (`layers[0].Dense.units`). `level` is the severity that a configuration gives it.
    """

    code: str
    message: str
    span: Span | None = None
    place: str = ""
    notes: tuple[Note, ...] = ()
    help: str | None = None
    fix: Fix | None = None
    level: Severity | None = None

    @property
    def severity(self) -> Severity:
        """Told by the code's letter, unless a configuration says otherwise."""
        return self.level if self.level is not None else type_of_code[self.code[0]]

    @property
    def path(self) -> str:
        """The file it speaks of, or the place in a mapping."""
        return self.span.source.path if self.span is not None else self.place

    @property
    def order(self) -> tuple[list[tuple[int, str]], int, int, str, str]:
        """The sort key: file or place, in which numbers count as numbers, line, column, code, message."""
        line, column = (self.span.line, self.span.column) if self.span is not None else (0, 0)
        return (_natural(self.path), line, column, self.code, self.message)

    def __str__(self) -> str:
        where = str(self.span) if self.span is not None else self.place
        return (
            f"{where}: {self.severity}[{self.code}] {self.message}"
            if where
            else f"{self.severity}[{self.code}] {self.message}"
        )


def _natural(place: str) -> list[tuple[int, str]]:
    """A key that sorts `layers[2]` before `layers[10]`."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"([0-9]{1,9})", place)]


INNERMOST, OUTERMOST = 6, 3
"""The steps of a long way into an expansion that are named."""


class Frame(Record):
    """A step of an expansion that a mistake stands in: the use of a block, one time of a repeat.

    `identity` tells which block it is. Frames are compared by identity, not by value.
    """

    message: str
    span: Span | None
    parent: "Frame | None"
    identity: object = None

    def notes(self) -> list[Note]:
        """The steps from the innermost outwards; of very many, those at either end."""
        found: list[Note] = []
        frame: Frame | None = self
        while frame is not None:
            found.append(Note(frame.message, frame.span))
            frame = frame.parent
        if len(found) <= INNERMOST + OUTERMOST + 1:
            return found
        between = Note(f"{len(found) - INNERMOST - OUTERMOST} steps between these are not listed")
        return [*found[:INNERMOST], between, *found[-OUTERMOST:]]


Mistake = tuple[str, Span | None, str]
"""What makes a mistake in an expansion the same one in another repetition: code, span, place."""


class _Inside:
    """A frame that is entered: a context manager, by hand since every layer is in one."""

    __slots__ = ("_diagnostics", "_frame")

    def __init__(self, diagnostics: "Diagnostics", frame: Frame | None) -> None:
        self._diagnostics = diagnostics
        self._frame = frame

    def __enter__(self) -> None:
        self._diagnostics._frame, self._frame = self._frame, self._diagnostics._frame

    def __exit__(self, *error: object) -> None:
        self._diagnostics._frame = self._frame


class Diagnostics:
    """Collects the diagnostics of one run; equal ones are kept once.

    What is added while a frame of an expansion is entered tells the way to it; the same mistake in further frames is
    counted. `added` grows with every mistake, those that are only counted included.
    """

    def __init__(self, found: Iterable[Diagnostic] = ()) -> None:
        self.added = 0
        self._found: dict[Diagnostic, None] = dict.fromkeys(found)
        self._frame: Frame | None = None
        self._first: dict[Mistake, Frame] = {}
        self._last: dict[Mistake, tuple[Frame, int]] = {}

    def inside(self, frame: Frame | None) -> "_Inside":
        """Enter a frame of an expansion, by `with`; None is the spec itself."""
        return _Inside(self, frame)

    def add(
        self,
        code: str,
        message: str,
        span: Span | None = None,
        *,
        place: str = "",
        notes: Iterable[Note] = (),
        help: str | None = None,
        fix: Fix | None = None,
        meant: str | None = None,
    ) -> None:
        """Record one diagnostic; `code` is a constant of `specmodel.diagnostics.codes`.

        `meant` is the word that should stand at the span: a fix, but no safe one.
        """
        if meant is not None and span is not None:
            fix = Fix(f"write `{meant}`", (Edit(span, meant),), safe=False)
        self.added += 1
        frame = self._frame
        if frame is not None:
            mistake = (code, span, place)
            if self._first.setdefault(mistake, frame) is not frame:
                last, count = self._last.get(mistake, (None, 0))
                self._last[mistake] = (frame, count + (last is not frame))
                return
            notes = (*notes, *frame.notes())
        self._found[Diagnostic(code, message, span, place, tuple(notes), help, fix)] = None

    def extend(self, others: Iterable[Diagnostic]) -> None:
        """Record what another stage has found."""
        self._found.update(dict.fromkeys(others))

    def __iter__(self) -> Iterator[Diagnostic]:
        return iter(sorted(map(self._counted, self._found), key=lambda diagnostic: diagnostic.order))

    def _counted(self, diagnostic: Diagnostic) -> Diagnostic:
        """The diagnostic, with a note on how often the expansion repeats it."""
        _, count = self._last.get((diagnostic.code, diagnostic.span, diagnostic.place), (None, 0))
        if not count:
            return diagnostic
        note = Note(f"the same in {count:,} other {'place' if count == 1 else 'places'} of the expansion")
        return diagnostic.replace(notes=(*diagnostic.notes, note))

    def __len__(self) -> int:
        return len(self._found)

    @property
    def failed(self) -> bool:
        """Whether there is an error among them."""
        return any(diagnostic.severity == "error" for diagnostic in self._found)

    def raise_errors(self) -> None:
        """Raise `SpecError` with all that was found if there is an error among it."""
        if self.failed:
            raise SpecError(list(self))


class SpecError(Exception):
    """A spec, its weights, its data or a file is wrong; `.diagnostics` says what and where."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = list(diagnostics)
        super().__init__(self.diagnostics)

    def __str__(self) -> str:
        return "\n".join(str(diagnostic) for diagnostic in self.diagnostics)


def failure(
    code: str, message: str, span: Span | None = None, *, place: str = "", help: str | None = None
) -> SpecError:
    """A `SpecError` of a single diagnostic, for what cannot go on."""
    return SpecError([Diagnostic(code, message, span, place, (), help)])
