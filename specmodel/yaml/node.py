"""The values of a document, each with the place it stands at."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from specmodel.text import Span
from specmodel.yaml.marks import Marks
from specmodel.yaml.scalars import Scalar

Kind = Literal["mapping", "sequence", "scalar"]
Offsets = tuple[int, int]

_NO_ITEMS: dict[str, "Node"] = {}
_NO_KEYS: dict[str, Offsets] = {}


class Node:
    """A mapping, a sequence or a scalar.

    `items` are a mapping's values by key, `elements` those of a sequence, `value` is that of a scalar; the others are
    empty. A node of a text has a `span`; one made from Python values has a `place` instead (`layers[0].Dense.units`).
    `quoted` is true for a scalar in quotes and for block text, which are text whatever they look like. `refused` is
    true where a diagnostic has been given already, so that later stages keep silent. `computed` is true for the value
    of an expression, which stands where the expression was written. An alias is the node of its anchor: nodes may be
    shared, and are never changed.
    """

    __slots__ = (
        "_marks",
        "_offsets",
        "computed",
        "elements",
        "items",
        "key_offsets",
        "kind",
        "place",
        "quoted",
        "refused",
        "value",
    )

    def __init__(
        self,
        kind: Kind,
        value: Scalar = None,
        *,
        items: dict[str, "Node"] = _NO_ITEMS,
        elements: Sequence["Node"] = (),
        quoted: bool = False,
        refused: bool = False,
        place: str = "",
        marks: Marks | None = None,
        offsets: Offsets = (0, 0),
        key_offsets: dict[str, Offsets] = _NO_KEYS,
    ) -> None:
        self.kind: Kind = kind
        self.value = value
        self.items = items
        self.elements = elements
        self.quoted = quoted
        self.refused = refused
        self.place = place
        self.computed = False
        self._marks = marks
        self._offsets = offsets
        self.key_offsets = key_offsets

    @classmethod
    def from_plain(cls, value: object) -> "Node":
        """The tree of Python dicts, lists, tuples and scalars; what YAML could not hold is a `SpecError`."""
        from specmodel.yaml.plain import node_of  # it builds nodes, so it stands above this module

        return node_of(value)

    @property
    def span(self) -> Span | None:
        """Where it stands; None for one made from Python values."""
        return self._marks.span(*self._offsets) if self._marks is not None else None

    @property
    def marks(self) -> Marks | None:
        """The text it stands in, by offsets; None for one made from Python values."""
        return self._marks

    @property
    def offsets(self) -> Offsets:
        """Where it stands in that text."""
        return self._offsets

    @property
    def key_spans(self) -> "KeySpans":
        """Where the keys of a mapping stand; empty for one made from Python values."""
        return KeySpans(self._marks, self.key_offsets)

    @property
    def written(self) -> str:
        """The text as it stands in the source, quotes included; for a Python scalar, as YAML would write it."""
        if self._marks is not None:
            return self._marks.source.text[slice(*self._offsets)]
        if self.value is None:
            return "null"
        if isinstance(self.value, bool):
            return "true" if self.value else "false"
        return f'"{self.value}"' if isinstance(self.value, str) else str(self.value)

    def plain(self) -> Any:
        """The dicts, lists and scalars it stands for."""
        if self.kind == "mapping":
            return {key: node.plain() for key, node in self.items.items()}
        if self.kind == "sequence":
            return [node.plain() for node in self.elements]
        return self.value

    def at(self, location: Sequence[str | int]) -> "Node":
        """The nearest node on the way along keys and indices; steps that lead nowhere are passed over."""
        node = self
        for step in location:
            if isinstance(step, str):
                node = node.items.get(step, node)
            elif 0 <= step < len(node.elements):
                node = node.elements[step]
        return node

    def computes(self, value: object) -> "Node":
        """The node of a value that was computed from what stands here: the same place, lists and mappings included."""
        place = {"place": self.place, "marks": self._marks, "offsets": self._offsets}
        if isinstance(value, dict):
            items = {key: self.computes(inner) for key, inner in value.items()}
            node = Node("mapping", items=items, key_offsets=dict.fromkeys(items, self._offsets), **place)  # type: ignore[arg-type]
        elif isinstance(value, list):
            node = Node("sequence", elements=[self.computes(inner) for inner in value], **place)  # type: ignore[arg-type]
        else:
            node = Node("scalar", value, quoted=isinstance(value, str), **place)  # type: ignore[arg-type]
        node.computed = True
        return node

    def with_items(self, items: dict[str, "Node"]) -> "Node":
        """The mapping with other values under its keys."""
        return Node(
            "mapping",
            items=items,
            refused=self.refused,
            place=self.place,
            marks=self._marks,
            offsets=self._offsets,
            key_offsets=self.key_offsets,
        )

    def with_elements(self, elements: Sequence["Node"]) -> "Node":
        """The sequence with other values."""
        return Node(
            "sequence",
            elements=elements,
            refused=self.refused,
            place=self.place,
            marks=self._marks,
            offsets=self._offsets,
        )

    def refuses(self) -> "Node":
        """The same, as one that a diagnostic has been given of."""
        return Node("scalar", refused=True, place=self.place, marks=self._marks, offsets=self._offsets)

    def part(self, start: int, end: int) -> Span | None:
        """Where a stretch of a text's characters stands; the whole where escapes or line breaks hide it."""
        if self._marks is None or not isinstance(self.value, str):
            return self.span
        written = self.written
        shift = 0 if written == self.value else 1 if written[1:-1] == self.value else None
        if shift is None:
            return self.span
        first = self._offsets[0] + shift
        return self._marks.span(first + start, max(first + end, first + start + 1))

    def __repr__(self) -> str:
        where = self.place if self._marks is None else str(self.span)
        return f"Node({self.kind} at {where or 'the top'})"


class KeySpans(Mapping[str, Span]):
    """The spans of a mapping's keys, made when asked for."""

    __slots__ = ("_marks", "_offsets")

    def __init__(self, marks: Marks | None, offsets: dict[str, Offsets]) -> None:
        self._marks = marks
        self._offsets = offsets

    def __getitem__(self, key: str) -> Span:
        offsets = self._offsets[key]
        if self._marks is None:
            raise KeyError(key)
        return self._marks.span(*offsets)

    def __iter__(self) -> Iterator[str]:
        return iter(self._offsets)

    def __len__(self) -> int:
        return len(self._offsets)
