"""Events to nodes: the document, its anchors and merges, and everything about it that YAML can get wrong."""

import re
from itertools import islice

import yaml

from specmodel.diagnostics import Diagnostics, Note, SpecError, codes, did_you_mean
from specmodel.diagnostics.diagnostic import failure
from specmodel.text import SourceFile
from specmodel.yaml import limits
from specmodel.yaml.characters import refuse_characters
from specmodel.yaml.events import events, offsets_of
from specmodel.yaml.marks import Marks
from specmodel.yaml.node import Node, Offsets
from specmodel.yaml.opened import Anchor, OpenMapping, OpenSequence
from specmodel.yaml.scalars import Misread, resolve
from specmodel.yaml.syntax import refuse_rest

_PROPERTIES = re.compile(r"(?:[&!][^\s,\[\]{}]*|\s+|(?<=\s)#[^\r\n]*)*+")
_TAG = re.compile(r"![^\s,\[\]{}]*")
_SURROGATE = re.compile("[\ud800-\udfff]")
_SUGGESTED_FROM = 50  # comparing names is slow, and a hostile text has many
_BLANK = frozenset(" \t\r\n")


def compose(source: SourceFile, diagnostics: Diagnostics) -> Node | None:
    """The value of a text that holds one YAML document; a text without any is null.

    Mistakes go to `diagnostics`. Where it can, reading goes on after one, and what it spoils is marked `refused`;
    after a syntax error or a passed limit nothing is returned.
    """
    try:
        return _Composer(source, diagnostics).compose()
    except SpecError as error:
        diagnostics.extend(error.diagnostics)
        return None


def compose_mapping(source: SourceFile, diagnostics: Diagnostics) -> Node | None:
    """The mapping that a text holds; anything else at the top is a mistake."""
    node = compose(source, diagnostics)
    if node is None or node.kind == "mapping":
        return node
    if node.refused:
        return None
    help = None
    if node.kind == "sequence":
        found, help = "a list", "put the list below a key, such as `layers:`"
    elif node.written == "":
        found = "nothing"
    else:
        found = f"`{_shortened(node.written)}`"
        unspaced = re.match(r"([^\s:'\"]+):([^\s:/]+)", node.written)
        if unspaced is not None:
            help = f"write a space after the colon: `{_shortened(unspaced[1])}: {_shortened(unspaced[2])}`"
    diagnostics.add(codes.NOT_A_MAPPING, f"expected `key: value` lines, found {found}", node.span, help=help)
    return None


class _Composer:
    """The state of reading one document: the collections that are open, and the anchors so far."""

    def __init__(self, source: SourceFile, diagnostics: Diagnostics) -> None:
        self._marks = Marks(source)
        self._text = source.text
        self._diagnostics = diagnostics
        self._open: list[OpenMapping | OpenSequence] = []
        self._anchors: dict[str, Anchor] = {}
        self._root: Node | None = None
        self._size = 0
        self._mistakes = 0

    def compose(self) -> Node:
        """Read the document; `SpecError` where reading cannot go on."""
        refuse_characters(self._marks)
        for event in events(self._marks):
            if isinstance(event, yaml.ScalarEvent):
                self._scalar(event)
            elif isinstance(event, yaml.CollectionStartEvent):
                self._begin(event)
            elif isinstance(event, yaml.CollectionEndEvent):
                self._end(event)
            elif isinstance(event, yaml.AliasEvent):
                self._alias(event)
            elif isinstance(event, yaml.DocumentEndEvent):
                # Asked for more, the parser would go through all directives of a second document.
                refuse_rest(self._marks, offsets_of(event)[1], ended=bool(event.explicit))
                break
        return self._root if self._root is not None else Node("scalar", marks=self._marks)

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        offsets = self._content(event)
        self._count(1, offsets)
        if event.style == '"' and not event.value.isascii() and _SURROGATE.search(event.value) is not None:
            raise failure(codes.SYNTAX, "half of a surrogate pair is no character", self._marks.span(*offsets))
        value = event.value if event.style else resolve(event.value)
        refused = event.tag is not None
        if isinstance(value, Misread):
            self._report(value.code, value.message, offsets, help=value.help)
            value, refused = event.value, True
        node = Node("scalar", value, quoted=bool(event.style), refused=refused, marks=self._marks, offsets=offsets)
        if event.anchor is not None:
            self._anchor(event.anchor, event).stand_for(node, 1, 0)
        self._give(node, offsets, 1, 0)

    def _begin(self, event: yaml.CollectionStartEvent) -> None:
        start, _ = offsets = self._content(event)
        self._count(1, offsets)
        self._check_depth(len(self._open) + 1, (start, start + 1))
        anchor = self._anchor(event.anchor, event) if event.anchor is not None else None
        kind = OpenMapping if isinstance(event, yaml.MappingStartEvent) else OpenSequence
        self._open.append(kind(start, anchor))

    def _end(self, event: yaml.CollectionEndEvent) -> None:
        top = self._open.pop()
        # The end of an indented collection is found at the next token, far below; a bracket has a width.
        start, end = offsets_of(event)
        end = end if start < end else top.end
        node = top.node(self._marks, end)
        if top.anchor is not None:
            top.anchor.stand_for(node, top.size, top.height)
        self._give(node, (top.start, end), top.size, top.height)

    def _alias(self, event: yaml.AliasEvent) -> None:
        offsets = offsets_of(event)
        name = str(event.anchor)
        anchor = self._anchors.get(name)
        if anchor is not None and anchor.node is not None:
            self._count(anchor.size, offsets)
            self._check_depth(len(self._open) + anchor.height, offsets)
            self._give(anchor.node, offsets, anchor.size, anchor.height)
            return
        if anchor is None:
            near = did_you_mean(name, islice(reversed(self._anchors), _SUGGESTED_FROM))
            help = f"did you mean `*{near}`?" if near is not None else "an anchor must stand above its aliases"
            self._report(codes.ALIAS, f"there is no anchor `&{name}` above", offsets, help=help)
        else:
            note = Note(f"`&{name}` begins here", self._marks.span(*anchor.offsets))
            self._report(codes.ALIAS, f"`*{name}` stands inside of what it stands for", offsets, notes=(note,))
        self._give(Node("scalar", refused=True, marks=self._marks, offsets=offsets), offsets, 1, 0)

    def _give(self, node: Node, offsets: Offsets, size: int, height: int) -> None:
        """Hand a finished node to the collection it stands in."""
        if not self._open:
            self._root = node
            return
        top = self._open[-1]
        top.end = offsets[1]
        top.size += size
        if height >= top.height:
            top.height = height + 1
        if isinstance(top, OpenSequence):
            top.elements.append(node)
        elif top.awaits_key:
            self._key(top, node, offsets)
        else:
            if top.merging:
                self._merge(top, node, offsets)
            top.take(node)

    def _key(self, mapping: OpenMapping, node: Node, offsets: Offsets) -> None:
        mapping.awaits_key = False
        key = node.value
        if node.refused:
            return
        if not isinstance(key, str):
            self._key_not_text(node, offsets)
            return
        mapping.merging = key == "<<" and not node.quoted
        first = mapping.merge_offsets if mapping.merging else mapping.key_offsets.get(key)
        if first is not None:
            message = f"the key `{_shortened(key)}` is given twice"
            help = "merge a list: `<<: [*first, *second]`" if mapping.merging else "keep one of them"
            notes = (Note("it is first given here", self._marks.span(*first)),)
            self._report(codes.DUPLICATE_KEY, message, offsets, notes=notes, help=help)
        elif mapping.merging:
            mapping.merge_offsets = offsets
        else:
            mapping.key = key
            mapping.key_offsets[key] = offsets

    def _key_not_text(self, node: Node, offsets: Offsets) -> None:
        help = None
        if node.kind == "scalar" and node.written:
            help = f'put it in quotes: `"{_shortened(node.written)}"`'
        self._report(codes.KEY_NOT_TEXT, f"expected text as a key, found {_described(node)}", offsets, help=help)

    def _merge(self, mapping: OpenMapping, node: Node, offsets: Offsets) -> None:
        for merged in node.elements if node.kind == "sequence" else (node,):
            if merged.kind == "mapping":
                mapping.merged.append(merged)
            elif not merged.refused:
                message = f"`<<` takes a mapping or a list of mappings, found {_described(merged)}"
                self._report(codes.ALIAS, message, offsets)

    def _content(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> Offsets:
        """Where a node itself stands: without its anchor and tag, and without blanks around it; a tag is reported."""
        text = self._text
        start, end = offsets_of(event)
        if event.anchor is not None or event.tag is not None:
            if event.tag is not None:
                self._refuse_tag(start, end)
            properties = _PROPERTIES.match(text, start, end)
            start = properties.end() if properties is not None else start
        if isinstance(event, yaml.ScalarEvent) and (start == end or event.style in ("|", ">")):
            while end > 0 and text[end - 1] in _BLANK:
                end -= 1
            start = min(start, end)
        return start, end

    def _refuse_tag(self, start: int, end: int) -> None:
        tag = _TAG.search(self._text, start, end)
        if tag is not None:
            help = "remove it: a spec is data, and the layer's arguments tell which type is meant"
            self._report(codes.TAG, f"the tag `{_shortened(tag[0])}` is not read", tag.span(), help=help)

    def _anchor(self, name: str, event: yaml.NodeEvent) -> Anchor:
        start = self._text.find(f"&{name}", offsets_of(event)[0])
        self._anchors[name] = anchor = Anchor((start, start + 1 + len(name)))
        return anchor

    def _count(self, size: int, offsets: Offsets) -> None:
        self._size += size
        if self._size > limits.NODES:
            message = f"more than {limits.NODES:,} values, those that aliases repeat included"
            raise failure(codes.LIMIT, message, self._marks.span(*offsets))

    def _check_depth(self, depth: int, offsets: Offsets) -> None:
        if depth > limits.NESTING:
            raise failure(codes.LIMIT, f"nested more than {limits.NESTING} levels deep", self._marks.span(*offsets))

    def _report(
        self, code: str, message: str, offsets: Offsets, *, notes: tuple[Note, ...] = (), help: str | None = None
    ) -> None:
        span = self._marks.span(*offsets)
        self._mistakes += 1
        if self._mistakes > limits.MISTAKES:
            raise failure(codes.LIMIT, f"more than {limits.MISTAKES:,} mistakes; the rest is not read", span)
        self._diagnostics.add(code, message, span, notes=notes, help=help)


def _described(node: Node) -> str:
    if node.kind != "scalar":
        return "a list" if node.kind == "sequence" else "a mapping"
    if node.value is None:
        return "null"
    if isinstance(node.value, bool):
        return f"the boolean `{node.written}`"
    return f"the {'text' if isinstance(node.value, str) else 'number'} `{_shortened(node.written)}`"


def _shortened(text: str) -> str:
    line = " ".join(text[:100].split())
    return line if len(line) <= 40 else f"{line[:40]}…"
