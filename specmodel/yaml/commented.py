"""Text to items that can be written again: values as they were written, with the comments between them."""

import re
from collections.abc import Sequence
from typing import NamedTuple

import yaml

from specmodel.text import SourceFile
from specmodel.yaml.comments import COMMENT, comments_between
from specmodel.yaml.events import events, offsets_of
from specmodel.yaml.layout import Comment, Item, Slot
from specmodel.yaml.marks import Marks
from specmodel.yaml.node import Offsets
from specmodel.yaml.quoting import Scalar
from specmodel.yaml.scalars import resolve

_LINE_BREAK = re.compile(r"\r\n?|\n")
_VERSION = re.compile(r"^%YAML[^\r\n#]*", re.MULTILINE)
_INDENTED_BY = re.compile(r"[|>][-+]?[0-9]")


class Commented(NamedTuple):
    """A document: its value, the comments above the first entry, and the markers that it began with.

    `set_off` tells that an empty line stands between those comments and the first entry.
    """

    top: Item
    head: list[Comment]
    markers: list[str]
    set_off: bool


def read_commented(source: SourceFile) -> Commented:
    """The items of a text that `compose` has read without a mistake."""
    reader = _Reader(source)
    reader.read()
    head = reader.attach()
    return Commented(reader.top, head, reader.markers, bool(reader.placed) and reader.placed[0].slot.blank)


class _Open:
    """A collection that is being read: its slot, the column of its entries, and a key that waits for its value."""

    def __init__(self, item: Item, start: int, where: "_Placed | None", is_flow: bool) -> None:
        self.item = item
        self.start = self.end = start
        self.where = where
        self.is_flow = is_flow
        self.column = 0
        self.key: tuple[Item, int] | None = None

    @property
    def parent(self) -> "_Open | None":
        return self.where.inside if self.where is not None else None


class _Placed(NamedTuple):
    """A slot, the offset at which it begins, and the collection it stands in."""

    slot: Slot
    start: int
    inside: _Open


class _Reader:
    """Reads events into items, then hands out the comments."""

    def __init__(self, source: SourceFile) -> None:
        self.source = source
        self.text = source.text
        self.marks = Marks(source)
        self.open: list[_Open] = []
        self.placed: list[_Placed] = []
        self.blocks: list[Slot] = []
        self.scalars: list[Offsets] = []
        self.top = Item("mapping")
        self.markers: list[str] = []

    def read(self) -> None:
        for event in events(self.marks):
            if isinstance(event, yaml.DocumentStartEvent) and event.explicit:
                version = _VERSION.search(self.text, 0, offsets_of(event)[0])
                self.markers = [*([version[0].rstrip()] if version is not None else []), "---"]
            elif isinstance(event, yaml.ScalarEvent):
                self._scalar(event)
            elif isinstance(event, yaml.AliasEvent):
                start, end = offsets_of(event)
                self.scalars.append((start, end))
                self._give(Item("scalar", Scalar(None, self.text[start:end], alias=True)), start)
            elif isinstance(event, yaml.CollectionStartEvent):
                start = offsets_of(event)[0]
                item = Item("mapping" if isinstance(event, yaml.MappingStartEvent) else "sequence")
                item.anchor = _anchor(event)
                where = self._give(item, start)
                self.open.append(_Open(item, start, where, bool(event.flow_style)))
                if where is not None and not event.flow_style:
                    self.blocks.append(where.slot)
            elif isinstance(event, yaml.CollectionEndEvent):
                self.open.pop().end = offsets_of(event)[1]
            elif isinstance(event, yaml.DocumentEndEvent):
                break

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        start, end = offsets_of(event)
        self.scalars.append((start, end))
        item = Item("scalar")
        item.anchor = _anchor(event)
        written = self.text[start:end].removeprefix(item.anchor).strip()
        if event.style in ("|", ">"):
            item.scalar = Scalar(event.value, quoted=True, block=_block_lines(self.text[start:end]))
        elif event.style in ("'", '"'):
            item.scalar = Scalar(event.value, quoted=True)
        else:
            item.scalar = Scalar(resolve(event.value), written if _LINE_BREAK.search(written) is None else None)
        self._give(item, start)

    def _give(self, item: Item, start: int) -> _Placed | None:
        """Put a key, or a value that is finished or begins, into the collection it stands in."""
        if not self.open:
            self.top = item
            return None
        inside = self.open[-1]
        if inside.item.kind == "mapping" and inside.key is None:
            inside.key = (item, start)
            return None
        slot = Slot(item)
        if inside.key is not None:
            (slot.key, start), inside.key = inside.key, None
        elif not inside.is_flow:
            start = self._dash(start, inside)
        inside.item.slots.append(slot)
        inside.column = self.marks.span(start, start).column
        self.placed.append(_Placed(slot, start, inside))
        return self.placed[-1]

    def _dash(self, start: int, inside: _Open) -> int:
        """The offset of the dash of an element, from which comments may separate it."""
        floor = max(self.placed[-1].start + 1 if self.placed else 0, inside.start)
        gap = self.text[floor:start]
        for low, high in reversed(self.scalars):
            if high <= floor:
                break
            if low < start:
                low, high = max(low - floor, 0), high - floor
                gap = gap[:low] + " " * (high - low) + gap[high:]
        bare = COMMENT.sub(lambda match: " " * len(match[0]), gap)
        return floor + bare.rfind("-")

    def attach(self) -> list[Comment]:
        """Give every comment to the slot above, beside or below which it stands; what is left stands above all."""
        self.placed.sort(key=lambda placed: placed.start)
        head: list[Comment] = []
        upcoming = 0
        for offset, text in self._comments():
            while upcoming < len(self.placed) and self.placed[upcoming].start <= offset:
                upcoming += 1
            after = self.placed[upcoming] if upcoming < len(self.placed) else None
            alone, blank, column = self._line(offset)
            comment = Comment(text, column - 1, alone and blank)
            if upcoming == 0:
                head.append(comment)
            elif alone:
                self._on_its_own(self.placed[upcoming - 1], after, offset, comment)
            else:
                _beside(self.placed[upcoming - 1], offset, comment)
        for placed in self.placed:
            alone, blank, _ = self._line(placed.start)
            placed.slot.blank = alone and blank
        for slot in self.blocks:
            slot.value.tall = slot.beside is not None  # the comment is on the whole, and was meant to stand above it
        return head

    def _comments(self) -> Sequence[tuple[int, str]]:
        """The comments in the gaps between scalars, with their offsets."""
        return [(start, self.text[start:end].rstrip()) for start, end in comments_between(self.text, self.scalars)]

    def _line(self, offset: int) -> tuple[bool, bool, int]:
        """Whether what stands there is the first of its line, whether the line above is empty, and its column."""
        at = self.marks.span(offset, offset)
        lines = self.source.lines
        alone = not lines[at.line - 1][: at.column - 1].strip()
        return alone, at.line > 1 and not lines[at.line - 2].strip(), at.column

    def _on_its_own(self, before: _Placed, after: _Placed | None, offset: int, comment: Comment) -> None:
        """Above the next slot, or below the last entry of a collection that ends before it."""
        home = _ending(before, after, offset, comment.column + 1)
        if home is not None:
            home.item.below.append(comment)
        elif after is not None:
            after.slot.above.append(comment)
        else:
            self.top.below.append(comment)


def _beside(before: _Placed, offset: int, comment: Comment) -> None:
    """Behind the innermost slot on the line whose brackets are not closed yet."""
    placed = before
    while placed.inside.is_flow and placed.inside.end <= offset and placed.inside.where is not None:
        placed = placed.inside.where
    if placed.slot.beside is None:
        placed.slot.beside = comment
    else:
        placed.slot.above.append(comment)


def _ending(before: _Placed, after: _Placed | None, offset: int, column: int) -> _Open | None:
    """The collection behind whose last entry a comment stands; None where it belongs to what follows."""
    if after is not None and after.inside.where is before:
        return None
    best: _Open | None = None
    inside: _Open | None = before.inside
    while inside is not None and (after is None or inside is not after.inside):
        if inside.is_flow:
            if offset < inside.end:
                return inside
        elif inside.column <= column and (after is None or inside.column > after.inside.column):
            best = inside if best is None or inside.column == best.column else best
        inside = inside.parent
    return best


def _anchor(event: yaml.NodeEvent) -> str:
    return f"&{event.anchor}" if event.anchor is not None else ""


def _block_lines(written: str) -> list[str] | None:
    """The header of block text and its lines without their margin; None where it needs to say its margin."""
    start = min(index for index in (written.find("|"), written.find(">")) if index >= 0)
    header, *body = _LINE_BREAK.split(written[start:])
    margins = [len(line) - len(line.lstrip(" ")) for line in body if line.strip()]
    if _INDENTED_BY.match(header) is not None or not margins:
        return None
    lines = [line[margins[0] :] for line in body]
    while lines and not lines[-1].strip() and "+" not in header[:2]:
        del lines[-1]
    return [header.rstrip(), *lines]
