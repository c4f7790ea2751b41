"""W210: an anchor that no alias repeats."""

import re
from collections.abc import Iterator

import yaml

from specmodel.diagnostics import Edit, Fix, codes
from specmodel.lint.rule import Remark, Rule
from specmodel.lint.tree import Tree
from specmodel.spec.model import Place
from specmodel.yaml.events import events, offsets_of


def find(tree: Tree) -> Iterator[Remark]:
    """Anchors of the text whose name no alias below them has, up to where the name is given anew."""
    marks = tree.root.marks
    if marks is None or "&" not in marks.source.text:
        return
    text = marks.source.text
    open_anchors: dict[str, tuple[int, int]] = {}
    unused: list[tuple[str, tuple[int, int]]] = []
    for event in events(marks):
        if isinstance(event, yaml.AliasEvent):
            open_anchors.pop(str(event.anchor), None)
        elif isinstance(event, yaml.NodeEvent) and event.anchor is not None:
            name = str(event.anchor)
            start = text.find(f"&{name}", offsets_of(event)[0])
            if name in open_anchors:
                unused.append((name, open_anchors[name]))
            open_anchors[name] = (start, start + 1 + len(name))
    for name, (start, end) in sorted([*unused, *open_anchors.items()], key=lambda found: found[1]):
        behind = re.compile(r"[ \t]*(?=\S)").match(text, end)
        before = len(text[:start].rstrip(" \t")) if behind is None or text[behind.end()] == "#" else start
        edit = Edit(marks.span(before, behind.end() if behind is not None and before == start else end), "")
        message = f"no alias `*{name}` repeats the anchor `&{name}`"
        place = Place(marks.span(start, end))
        yield Remark(message, place, help="use it, or take it out", fix=Fix("take it out", (edit,)))


RULE = Rule(codes.UNUSED_ANCHOR, written=find)
