"""Which elements a slice means, in Python's sense, along an axis whose size may be unknown."""

import re
from types import EllipsisType

from specmodel.diagnostics import codes
from specmodel.layers.scope import Scope
from specmodel.layers.validation import refuse, shown
from specmodel.ops.shape import slice_axis
from specmodel.ops.value import Value
from specmodel.record import Record
from specmodel.types.bounds import at_least
from specmodel.types.dim import Dim, unknown
from specmodel.types.formula import described

_INTEGER = re.compile(r"-?[0-9]{1,10}")


class Span(Record):
    """A slice as it is written; a negative place counts from the end, and places beyond the ends are cut."""

    start: int | None = None
    stop: int | None = None
    step: int = 1

    def __str__(self) -> str:
        places = f"{_place(self.start)}:{_place(self.stop)}"
        return places if self.step == 1 else f"{places}:{self.step}"


def sliced(b: Scope, x: Value, axis: int, span: Span, field: str) -> Value:
    """The elements of a slice along an axis; a `Fault` for a slice that keeps nothing.

    Where a size without a number decides how many these are, their count is an unknown size.
    """
    length = x.shape[axis]
    if isinstance(length, int):
        start, size = _known(b, length, axis, span, field)
    else:
        found = _open(b, length, axis, span, field)
        if found is None:
            counted = unknown(f"{length}[{span}]")
            return slice_axis(x, axis, 0, counted, span.step, (span.start, span.stop))
        start, size = found
    return slice_axis(x, axis, start, size, span.step)


def _known(b: Scope, length: int, axis: int, span: Span, field: str) -> tuple[Dim, Dim]:
    places = range(*slice(span.start, span.stop, span.step).indices(length))
    message = f"the slice {span} keeps nothing of axis {axis}, which has the size {length}"
    b.require(len(places) > 0, message, field=field, code=codes.BAD_SIZE)
    return places.start, len(places)


def _open(b: Scope, length: Dim, axis: int, span: Span, field: str) -> tuple[Dim, Dim] | None:
    """A slice of a size without a number; None where only data tells which elements it holds.

    What would leave nothing is asked of the data.
    """
    forward = span.step > 0
    first = _first(length, span.start, forward)
    end = _end(length, span.stop, forward)
    if first is None or end is None:
        return None
    distance = end - first if forward else first - end
    beyond = distance - length
    reason = f"the slice {span} keeps something of axis {axis}"
    message = f"the slice {span} keeps nothing of axis {axis}, which has the size {described(length)}"
    enough = (length, 1 - beyond) if isinstance(beyond, int) else (distance, 1)
    b.assume.at_least(*enough, codes.BAD_SIZE, message, reason=reason, field=field)
    return first, (distance - 1) // abs(span.step) + 1


def _first(length: Dim, start: int | None, forward: bool) -> Dim | None:
    """The place of the first element; None where only data tells whether `start` lies within."""
    if start is None:
        return 0 if forward else length - 1
    if forward:
        return start if start >= 0 else _if_within(length, -start, length + start)
    return length + start if start < 0 else _if_within(length, start + 1, start)


def _end(length: Dim, stop: int | None, forward: bool) -> Dim | None:
    """The place behind the last element; None where only data tells whether `stop` lies within."""
    if stop is None:
        return length if forward else -1
    if forward:
        return length + stop if stop < 0 else _if_within(length, stop, stop)
    return stop if stop >= 0 else _if_within(length, -stop, length + stop)


def _if_within(length: Dim, needed: int, place: Dim) -> Dim | None:
    return place if at_least(length, needed) else None


def require_within(b: Scope, x: Value, axis: int, index: int, field: str) -> None:
    """Stop where an index, from the end if negative, lies outside an axis; ask it of the data where only that tells."""
    length, needed = x.shape[axis], index + 1 if index >= 0 else -index
    message = f"index {index} is outside axis {axis}, which has the size {described(length)}"
    reason = f"index {index} lies within axis {axis}"
    b.assume.at_least(length, needed, codes.BAD_SIZE, message, reason=reason, field=field)


Part = int | Span | EllipsisType | None
"""What may stand between the brackets of an index."""


def written_key(value: object) -> object:
    """An index in its one written form: `:, 0, ..., null`; raises pydantic's error for anything else."""
    pieces = value.split(",") if isinstance(value, str) else value if isinstance(value, list | tuple) else [value]
    parts = [_part(piece) for piece in pieces]
    if not parts:
        raise refuse("must hold something, found an empty list", "for example `:, 0, ..., 1:-1`")
    if parts.count(...) > 1:
        raise refuse("must hold `...` at most once")
    return ", ".join("..." if part is ... else "null" if part is None else str(part) for part in parts)


def parts_of(key: str) -> list[Part]:
    """The parts of an index in its written form."""
    return [_part(piece) for piece in key.split(",")]


def _part(piece: object) -> Part:
    if piece is None:
        return None
    text = str(piece) if type(piece) is int else piece.strip() if isinstance(piece, str) else shown(piece)
    if text == "...":
        return ...
    if text in ("null", "None"):
        return None
    places = [place.strip() for place in text.split(":")]
    numbers = [int(place) if _INTEGER.fullmatch(place) else None for place in places]
    if len(places) > 3 or any(place and number is None for place, number in zip(places, numbers, strict=True)):
        raise refuse(
            f"must hold integers, slices, `...` and `null`, found `{text[:40]}`", "for example `:, 0, ..., 1:-1`"
        )
    if len(numbers) == 1:
        if numbers[0] is None:
            raise refuse("must hold something at each place, found an empty one", "for example `:, 0, ..., 1:-1`")
        return numbers[0]
    start, stop, step = (*numbers, None)[:3]
    if step == 0:
        raise refuse(f"must hold slices with a step, found `{text[:40]}`", "a step is not 0")
    return Span(start, stop, 1 if step is None else step)


def _place(place: int | None) -> str:
    return "" if place is None else str(place)
