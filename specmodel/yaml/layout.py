"""One canonical layout of YAML text: flow where a line has room, blocks elsewhere, comments where they were."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from specmodel.yaml.quoting import Scalar

WIDTH = 120
"""Columns that a mapping or list written on one line may take, without a comment behind it."""
_STEP = 2
_GAP = 2


class Comment:
    """A comment with its `#`; `blank` tells that an empty line stands above it, `column` where it began."""

    __slots__ = ("blank", "column", "text")

    def __init__(self, text: str, column: int = 0, blank: bool = False) -> None:
        self.text = text
        self.column = column
        self.blank = blank


class Item:
    """A value as it will be written. Mappings have `pairs`, sequences `slots`, of which the keys are left out.

    `tall` keeps a mapping or sequence in block form where one line would do; `table` writes mappings with the same
    keys, one a line, in columns. `anchor` is `&name` or nothing; an alias is a scalar. `below` are comments behind the
    last entry.
    """

    __slots__ = ("anchor", "below", "kind", "scalar", "slots", "table", "tall")

    def __init__(
        self,
        kind: Literal["mapping", "sequence", "scalar"],
        scalar: Scalar | None = None,
        slots: "list[Slot] | None" = None,
    ) -> None:
        self.kind = kind
        self.scalar = scalar
        self.slots: list[Slot] = slots if slots is not None else []
        self.anchor = ""
        self.below: list[Comment] = []
        self.tall = False
        self.table = False

    def get(self, key: str) -> "Item | None":
        """The value of a mapping's key."""
        return next((slot.value for slot in self.slots if slot.name == key), None)

    @property
    def commented(self) -> bool:
        """Whether a comment stands inside."""
        return bool(self.below) or any(slot.above or slot.beside or slot.value.commented for slot in self.slots)


class Slot:
    """A place in a collection: an element, or a key with its value.

    `above` are the comments on lines of their own, `beside` is the one behind its first line; `blank` tells that an
    empty line stands above it, below those comments.
    """

    __slots__ = ("above", "beside", "blank", "key", "value")

    def __init__(self, value: Item, key: Item | None = None) -> None:
        self.key = key
        self.value = value
        self.above: list[Comment] = []
        self.beside: Comment | None = None
        self.blank = False

    @property
    def name(self) -> str | None:
        """The text of the key."""
        return str(self.key.scalar.value) if self.key is not None and self.key.scalar is not None else None


def lay_out(top: Item) -> str:
    """The text of a mapping: a line or block for each of its keys."""
    return "\n".join(_block(top, 0)) + "\n"


def flow(item: Item) -> str | None:
    """A value on one line; None where a comment, block text or a tall collection inside forbids it."""
    if item.kind == "scalar":
        assert item.scalar is not None
        return _marked(item, item.scalar.flow()) if item.scalar.block is None else None
    if item.below or (item.tall and item.slots):
        return None
    parts = [_flow_slot(slot) for slot in item.slots]
    if any(part is None for part in parts):
        return None
    inside = ", ".join(part for part in parts if part is not None)
    return _marked(item, f"{{{inside}}}" if item.kind == "mapping" else f"[{inside}]")


def _flow_slot(slot: Slot) -> str | None:
    if slot.above or slot.beside is not None:
        return None
    value = flow(slot.value)
    if slot.key is None or value is None:
        return value
    return f"{_key(slot.key, in_flow=True)}: {value}"


def _marked(item: Item, text: str) -> str:
    return f"{item.anchor} {text}".rstrip() if item.anchor else text


def _key(key: Item, in_flow: bool = False) -> str:
    assert key.scalar is not None
    text = key.scalar.flow() if in_flow else key.scalar.line()
    if key.scalar.alias:
        text += " "  # a colon may be part of an alias' name
    return _marked(key, text)


def _block(item: Item, indent: int) -> Iterator[str]:
    """The lines of a collection that is not empty."""
    rows = _columns(item.slots) if item.table else None
    for number, slot in enumerate(item.slots):
        yield from _above(slot, indent, first=number == 0)
        row = rows[number] if rows is not None else None
        if row is not None:
            yield _with_comment(" " * indent + row, slot.beside)
        elif slot.key is None:
            yield from _element(slot, indent)
        else:
            yield from _hung(f"{' ' * indent}{_key(slot.key)}:", slot, indent + _STEP)
    yield from _comments(item.below, indent)


def _above(slot: Slot, indent: int, first: bool) -> Iterator[str]:
    """The comments above a slot, and the empty line that sets it off."""
    lines = list(_comments(slot.above, indent))
    if first and lines and not lines[0]:
        del lines[0]
    yield from lines
    if slot.blank and (lines or not first):
        yield ""


def _comments(comments: Iterable[Comment], indent: int) -> Iterator[str]:
    for comment in comments:
        if comment.blank:
            yield ""
        yield " " * indent + comment.text


def _element(slot: Slot, indent: int) -> Iterator[str]:
    """An element of a list; a mapping or list of its own in block form begins behind the dash."""
    margin, value = " " * indent, slot.value
    one_line = _one_line(f"{margin}-", value)
    if one_line is not None or value.kind == "scalar" or value.anchor:
        yield from _hung(f"{margin}-", slot, indent + _STEP)
        return
    if slot.beside is not None:
        yield margin + slot.beside.text
    first = value.slots[0]
    yield from _comments(first.above, indent)
    lines = _block(value, indent + _STEP)
    for _ in list(_above(first, indent + _STEP, first=True)):
        next(lines)
    yield f"{margin}- {next(lines)[indent + _STEP :]}"
    yield from lines


def _hung(head: str, slot: Slot, indent: int) -> Iterator[str]:
    """A head with its value: behind it, or as a block below it."""
    value = slot.value
    one_line = _one_line(head, value)
    if one_line is not None:
        yield _with_comment(one_line, slot.beside)
    elif value.kind == "scalar":
        assert value.scalar is not None
        assert value.scalar.block is not None
        header, *body = value.scalar.block
        yield _with_comment(f"{head} {_marked(value, header)}", slot.beside)
        yield from (" " * indent + line if line else "" for line in body)
    else:
        yield _with_comment(_joined(head, value.anchor), slot.beside)
        yield from _block(value, indent)


def _one_line(head: str, value: Item) -> str | None:
    """The head with its value on one line, where that is possible and not too long."""
    if value.kind == "scalar":
        assert value.scalar is not None
        return _joined(head, _marked(value, value.scalar.line())) if value.scalar.block is None else None
    written = flow(value)
    if written is None:
        return None
    line = _joined(head, written)
    return line if len(line) <= WIDTH or not value.slots else None


def _joined(head: str, tail: str) -> str:
    return f"{head} {tail}" if tail else head


def _with_comment(line: str, comment: Comment | None) -> str:
    """The line with its comment, which keeps its column where there is room."""
    if comment is None:
        return line
    return line.ljust(max(comment.column, len(line) + _GAP)) + comment.text


def _columns(slots: Sequence[Slot]) -> list[str] | None:
    """Mappings with the same keys, one a line, as a table; None where they are no such rows."""
    rows = [_row(slot) for slot in slots]
    keys = [[inner.name for inner in slot.value.slots] for slot in slots]
    if any(row is None for row in rows) or any(row != keys[0] for row in keys):
        return None
    cells = [row for row in rows if row is not None]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = []
    for row in cells:
        *padded, last = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        lines.append(f"{' '.join([*padded, last.rstrip()])}}}")
    return lines if max(map(len, lines)) + 2 * _STEP <= WIDTH else None


def _row(slot: Slot) -> list[str] | None:
    """The head of a row with its brace, then a cell for each key; None where it does not fit on a line."""
    value = slot.value
    parts = [_flow_slot(inner) for inner in value.slots]
    bare = value.kind == "mapping" and not (value.anchor or value.below or value.tall)
    if not bare or not parts or any(part is None for part in parts):
        return None
    head = "-" if slot.key is None else f"{_key(slot.key)}:"
    first, *rest = (f"{part}," for part in parts)
    cells = [head, f"{{{first}", *rest]
    return [*cells[:-1], cells[-1][:-1]]
