"""The comments of a YAML text, which its parser passes over."""

import re
from collections.abc import Iterable, Iterator

import yaml

from specmodel.diagnostics import SpecError
from specmodel.record import Record
from specmodel.text import SourceFile
from specmodel.yaml.events import events, offsets_of
from specmodel.yaml.marks import Marks
from specmodel.yaml.node import Offsets

COMMENT = re.compile(r"(?<!\S)#[^\r\n]*")
_LINE_END = re.compile(r"[\r\n]|\Z")


class Comment(Record):
    """A comment from its `#` to the end of its line, as offsets; `alone` where nothing stands before it."""

    start: int
    end: int
    alone: bool


def comments(source: SourceFile) -> list[Comment]:
    """The comments of a text that is YAML, in order; none of one that is not."""
    text = source.text
    try:
        texts = list(_texts(source))
    except SpecError:
        return []
    found = []
    for start, end in comments_between(text, texts):
        line_start = max(text.rfind("\n", 0, start), text.rfind("\r", 0, start)) + 1
        found.append(Comment(start, end, not text[line_start:start].strip()))
    return found


def comments_between(text: str, scalars: Iterable[Offsets]) -> Iterator[Offsets]:
    """Where comments stand in the gaps between scalars, which are in order: inside of one `#` is like any other."""
    position = 0
    for start, end in [*scalars, (len(text), len(text))]:
        for match in COMMENT.finditer(text, position, max(start, position)):
            yield match.span()
        position = max(position, end)


def _texts(source: SourceFile) -> Iterator[Offsets]:
    """The scalars of a text; of block text the lines below its header, which may have a comment."""
    for event in events(Marks(source)):
        if isinstance(event, yaml.ScalarEvent):
            start, end = offsets_of(event)
            if event.style in ("|", ">"):
                header = _LINE_END.search(source.text, start)
                start = header.start() if header is not None else start
            yield start, end
