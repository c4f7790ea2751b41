"""A spec's text in canonical style: the same values, every comment kept."""

import re
from collections.abc import Iterator
from typing import Any

from specmodel.diagnostics import Diagnostics
from specmodel.spec.style import styled
from specmodel.text import SourceFile
from specmodel.yaml import compose, decode_source
from specmodel.yaml.commented import Commented, read_commented
from specmodel.yaml.layout import Item, lay_out

_LINE_BREAK = re.compile(r"\r\n?|\n")


class UnfaithfulError(Exception):
    """The new text does not hold what the old one holds: a bug, after which nothing may be written."""


def formatted(source: SourceFile) -> str:
    """The text of a spec in canonical style; `SpecError` where it is no YAML.

    Lines end as the first one of the source does.
    """
    found = Diagnostics()
    before = compose(source, found)
    found.raise_errors()
    if before is None or before.kind != "mapping":
        return source.text
    text = _written(source, sort=True)
    if text is None:
        text = _written(source, sort=False)
    if text is None:
        raise UnfaithfulError(source.path)
    first_break = _LINE_BREAK.search(source.text)
    return text.replace("\n", first_break[0]) if first_break is not None and first_break[0] != "\n" else text


def _written(source: SourceFile, *, sort: bool) -> str | None:
    """The new text; None where it does not read as the old one, as when an anchor came behind its alias."""
    read = read_commented(source)
    styled(read.top, sort)
    text = _with_head(read)
    again = decode_source(source.path, text.encode("utf-8", "surrogatepass"))
    found = Diagnostics()
    before, after = compose(source, Diagnostics()), compose(again, found)
    if found.failed or before is None or after is None or _meaning(before.plain()) != _meaning(after.plain()):
        return None
    kept = sorted(_comments(read_commented(again))) == sorted(_comments(read_commented(source)))
    return text if kept else None


def _with_head(read: Commented) -> str:
    """The text with what stands above the first entry, which stays at the top whatever is sorted."""
    lines = [("\n" if comment.blank and number else "") + comment.text for number, comment in enumerate(read.head)]
    if read.head and (read.set_off or read.top.slots[0].above):
        lines.append("")
    return "".join(f"{line}\n" for line in [*read.markers, *lines]) + lay_out(read.top)


def _meaning(value: Any) -> Any:
    """The value, with a layer's name alone as the mapping that it is short for."""
    if isinstance(value, dict):
        return {key: _meaning(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [{item: None} if isinstance(item, str) else _meaning(item) for item in value]
    return value


def _comments(read: Commented) -> Iterator[str]:
    yield from (comment.text for comment in read.head)
    yield from _inside(read.top)


def _inside(item: Item) -> Iterator[str]:
    for slot in item.slots:
        yield from (comment.text for comment in slot.above)
        if slot.beside is not None:
            yield slot.beside.text
        yield from _inside(slot.value)
    yield from (comment.text for comment in item.below)
