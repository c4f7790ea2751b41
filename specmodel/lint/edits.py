"""Changes of a text that leave everything else as it stands."""

import re

from specmodel.diagnostics import Edit
from specmodel.spec.model import Place
from specmodel.yaml.marks import Marks
from specmodel.yaml.node import Node, Offsets

_GAP = re.compile(r":[ \t]+")
_SPECIAL = frozenset(",[]{}")
"""What ends a plain value inside of brackets."""
_ALIAS = re.compile(r":[ \t]+\*[^\s,\[\]{}]+")
_BEFORE_VALUE = re.compile(r":\s+(?:&\S+\s+)?")
_COMMA_AFTER = re.compile(r"[ \t]*,[ \t]*")
_TO_LINE_END = re.compile(r"[^\r\n]*")
_BREAK = re.compile(r"\r\n?|\n")


class Holder:
    """A mapping as it stands in its text, and one of its keys."""

    def __init__(self, mapping: Node, key: str) -> None:
        self.mapping = mapping
        self.key = key

    @property
    def value(self) -> Node:
        """What stands under the key."""
        return self.mapping.items[self.key]


def holder_of(root: Node, place: Place) -> Holder | None:
    """The mapping in which a key stands at a place of the same text as `root`; None for a word that is no key."""
    span, marks = place.span, root.marks
    if span is None or marks is None or span.source is not marks.source:
        return None
    offset = marks.offset(span.line, span.column)
    seen: set[int] = set()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if id(node) in seen or node.marks is not marks:
            continue
        seen.add(id(node))
        for key, (start, _) in node.key_offsets.items():
            if start == offset and key in node.items:
                return Holder(node, key)
        waiting += [*node.items.values(), *node.elements]
    return None


def with_argument(holder: Holder, first: str | None, name: str, value: str) -> Edit | None:
    """Give an argument to what stands under a key: the value of `first` alone, or a mapping.

    None where the text there is shared, or of a form that is better changed by hand.
    """
    node, marks = holder.value, holder.mapping.marks
    if marks is None or node.marks is not marks:
        return None
    text = marks.source.text
    start, end = node.offsets
    key_end = holder.mapping.key_offsets[holder.key][1]
    if node.kind == "mapping" and name in node.items:
        own = _own_value(node, name)
        return Edit(marks.span(*own), value) if own is not None else None
    if text[start : start + 1] != "{" and node.kind == "mapping":
        return _in_block(node, marks, key_end, name, value)
    if start < key_end or _GAP.fullmatch(text, key_end, start) is None:  # an alias, an anchor, a value far below
        return None
    written = text[start:end]
    if node.kind == "mapping":
        return _in_braces(marks, end, name, value)
    if first is None or _BREAK.search(written) is not None:
        return None
    if not node.quoted and node.kind == "scalar" and _SPECIAL & set(written):
        written = f'"{written}"' if '"' not in written and "\\" not in written else f"'{written}'"
        if "'" in written[1:-1] and written[0] == "'":
            return None
    return Edit(marks.span(start, end), f"{{{first}: {written}, {name}: {value}}}")


def _in_braces(marks: Marks, end: int, name: str, value: str) -> Edit | None:
    """Before the closing brace of `{…}`."""
    text = marks.source.text
    last = len(text[: end - 1].rstrip())
    if "#" in text[max(text.rfind("\n", 0, last), text.rfind("\r", 0, last)) + 1 : last]:
        return None  # a comment stands there, or what looks like one
    comma = " " if text[last - 1] == "," else "" if text[last - 1] == "{" else ", "
    return Edit(marks.span(last, last), f"{comma}{name}: {value}")


def _in_block(node: Node, marks: Marks, key_end: int, name: str, value: str) -> Edit | None:
    """On a line below the last entry of a mapping that has a line for each key."""
    text = marks.source.text
    start, end = node.offsets
    if start < key_end or _BREAK.search(text, key_end, start) is None:
        return None
    column = marks.span(start, start).column
    line_end = _TO_LINE_END.match(text, end)
    at = line_end.end() if line_end is not None else end
    first_break = _BREAK.search(text)
    newline = first_break[0] if first_break is not None else "\n"
    return Edit(marks.span(at, at), f"{newline}{' ' * (column - 1)}{name}: {value}")


def without_key(mapping: Node, name: str, parent: tuple[Node, str] | None = None) -> Edit | None:
    """Take a key with its value out of a mapping; the last one takes the mapping along, which stands under `parent`.

    What else stands on its line, such as a comment about it, goes with it. None where that is better done by hand.
    """
    marks, key = mapping.marks, mapping.key_offsets.get(name)
    if marks is None or key is None or not mapping.offsets[0] <= key[0] < mapping.offsets[1]:
        return None
    if len(mapping.items) == 1:
        return without_key(*parent) if parent is not None else None
    end = _value_end(mapping, name, marks)
    if end is None:
        return None
    in_braces = marks.source.text[mapping.offsets[0]] == "{"
    stretch = _between_commas(marks, key[0], end) if in_braces else _lines_of(mapping, marks, key[0], end)
    return Edit(marks.span(*stretch), "") if stretch is not None else None


def _value_end(mapping: Node, name: str, marks: Marks) -> int | None:
    """Where the value of a key ends, an alias included."""
    text, key_end, value = marks.source.text, mapping.key_offsets[name][1], mapping.items[name]
    alias = _ALIAS.match(text, key_end)
    if alias is not None:
        return alias.end()
    start, end = value.offsets
    if value.marks is not marks or start < key_end or end > mapping.offsets[1]:
        return None
    return end if _BEFORE_VALUE.fullmatch(text, key_end, start) is not None or start == end else None


def _between_commas(marks: Marks, start: int, end: int) -> Offsets | None:
    """A key with its value inside of `{…}`, and the comma behind it, or before it if it is the last."""
    text = marks.source.text
    after = _COMMA_AFTER.match(text, end)
    if after is not None:
        return start, after.end()
    before = len(text[:start].rstrip(" \t"))
    return (before - 1, end) if text[before - 1] == "," else None


def _lines_of(mapping: Node, marks: Marks, start: int, end: int) -> Offsets | None:
    """The lines of a key and its value; behind a dash, up to the key that then follows the dash."""
    text = marks.source.text
    line_start = max(text.rfind("\n", 0, start), text.rfind("\r", 0, start)) + 1
    line_end = _TO_LINE_END.match(text, end)
    assert line_end is not None
    if text[line_start:start].strip():
        following = [key[0] for key in mapping.key_offsets.values() if key[0] > start]
        following = [offset for offset in following if offset < mapping.offsets[1]]
        if not following or text[end : min(following)].strip():
            return None
        return start, min(following)
    line_break = _BREAK.match(text, line_end.end())
    return line_start, line_break.end() if line_break is not None else line_end.end()


def _own_value(node: Node, name: str) -> Offsets | None:
    """Where the value of a key stands, if both stand inside of the mapping itself, on one line, one after the other."""
    start, end = node.offsets
    marks, key = node.marks, node.key_offsets.get(name)
    value = node.items[name]
    if marks is None or key is None or value.marks is not marks or not start <= key[0] < end:
        return None
    if value.offsets[0] < key[1] or _GAP.fullmatch(marks.source.text, key[1], value.offsets[0]) is None:
        return None
    return value.offsets
