"""Put right what can be put right by itself: `check --fix`."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Literal

from specmodel.diagnostics import Diagnostic, Fix, codes
from specmodel.diagnostics.diagnostic import failure
from specmodel.files.output import atomic_output
from specmodel.files.regular import open_regular
from specmodel.record import Record
from specmodel.text import SourceFile, Span
from specmodel.yaml.marks import Marks

Fixes = Literal["safe", "unsafe"]
"""Which fixes are made: `unsafe` ones beside the others, or not."""
Check = Callable[[SourceFile], Sequence[Diagnostic]]

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_MOST_ROUNDS = 20
"""Fixes uncover others: a param that only an unused one read, a shape behind a misspelt name."""


class Change(Record):
    """A file that was put right: its text before and after, and how many fixes were made."""

    path: str
    before: str
    after: str
    count: int


class Repair:
    """One text being put right; `source` is what it has become.

    `found` tells what is to be put right in a text, `errors` what is wrong with it in every variant: a fix that does
    harm is not made.
    """

    def __init__(self, source: SourceFile, found: Check, errors: Check, fixes: Fixes) -> None:
        self.source = source
        self._before = source.text
        self._count = 0
        self._found = found
        self._errors = errors
        self._unsafe = fixes == "unsafe"
        self._refused: set[tuple[str, ...]] = set()

    @property
    def change(self) -> Change | None:
        """What has become of the text; None where nothing has."""
        if self.source.text == self._before:
            return None
        return Change(self.source.path, self._before, self.source.text, self._count)

    def run(self) -> None:
        """Make all fixes that do no harm, until none is left."""
        for _ in range(_MOST_ROUNDS):
            waiting = self._waiting()
            if not waiting:
                return
            self._step(waiting)

    def _waiting(self) -> list[Diagnostic]:
        """What can be put right in this text, and has not been found to do harm."""
        return [
            one
            for one in self._found(self.source)
            if one.fix is not None
            and (one.fix.safe or self._unsafe)
            and all(edit.span.source.path == self.source.path for edit in one.fix.edits)
            and _mark(one) not in self._refused
        ]

    def _step(self, waiting: Sequence[Diagnostic]) -> None:
        """Make these fixes together; if that does harm, refuse those that do it alone, or make the first one."""
        before = _counted(self._errors(self.source))
        if self._make(waiting, before):
            return
        harmful = [one for one in waiting if self._repaired([one], before) is None]
        self._refused.update(map(_mark, harmful))
        if not harmful:
            self._make(waiting[:1], before)

    def _make(self, chosen: Sequence[Diagnostic], before: Counter[tuple[str, str]]) -> bool:
        """Make fixes unless they do harm."""
        repaired = self._repaired(chosen, before)
        if repaired is None:
            return False
        self.source, count = repaired
        self._count += count
        return True

    def _repaired(
        self, chosen: Sequence[Diagnostic], before: Counter[tuple[str, str]]
    ) -> tuple[SourceFile, int] | None:
        """The text with fixes, and how many they are; None where they do harm.

        Safe ones bring no error; what an unsafe one uncovers, behind a misspelt word, is no harm as long as it is YAML.
        """
        fixes = list(_apart([one.fix for one in chosen if one.fix is not None], Marks(self.source)))
        changed = SourceFile(self.source.path, applied(self.source, fixes))
        after = _counted(self._errors(changed))
        new, safe = after - before, [fix.safe for fix in fixes]
        if (any(safe) and new) or any(code.startswith("E1") for code, _ in new) or (not all(safe) and after == before):
            return None
        return changed, len(fixes)


def _mark(one: Diagnostic) -> tuple[str, ...]:
    """What tells a diagnostic from others of the text while its lines move."""
    return one.code, one.message, one.span.source.line(one.span.line) if one.span is not None else ""


def _counted(errors: Sequence[Diagnostic]) -> Counter[tuple[str, str]]:
    return Counter((one.code, one.message) for one in errors)


def _apart(fixes: Sequence[Fix], marks: Marks) -> Iterator[Fix]:
    """The fixes whose edits do not touch those of one before them; the same edit counts once."""
    taken: list[tuple[int, int]] = []
    for fix in fixes:
        stretches = [_stretch(edit.span, marks) for edit in fix.edits]
        if all(end < low or start > high for start, end in stretches for low, high in taken):
            taken += stretches
            yield fix


def _stretch(span: Span, marks: Marks) -> tuple[int, int]:
    return marks.offset(span.line, span.column), marks.offset(span.end_line, span.end_column)


def applied(source: SourceFile, fixes: Sequence[Fix]) -> str:
    """The text with fixes that do not touch each other; every other character stays."""
    marks, text = Marks(source), source.text
    edits = [(*_stretch(edit.span, marks), edit.text) for fix in fixes for edit in fix.edits]
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def write(change: Change) -> None:
    """Put the new text in the place of the old one, byte for byte but for the fixes.

    SpecError (E006) where it cannot be written, or somebody else has changed it since it was read.
    """
    file, _ = open_regular(change.path, codes.UNWRITABLE_OUTPUT)
    with file:
        data = file.read()
    mark = _BYTE_ORDER_MARK if data.startswith(_BYTE_ORDER_MARK) else b""
    if data != mark + change.before.encode():
        message = "the file was changed while it was checked: its fixes are not written"
        raise failure(codes.UNWRITABLE_OUTPUT, message, place=change.path, help="run it again")
    with atomic_output(change.path) as output:
        output.write(mark + change.after.encode())
