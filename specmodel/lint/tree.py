"""The tree of a spec's text, as rules walk through it."""

from collections.abc import Iterable, Iterator
from functools import cached_property

from specmodel.spec.expressions.substitute import OPENING, names_of
from specmodel.spec.model import Place
from specmodel.yaml.node import Node


class Tree:
    """The tree of a text, walked once for all rules. `root` is its top."""

    def __init__(self, root: Node) -> None:
        self.root = root

    @cached_property
    def mappings(self) -> list[Node]:
        """All mappings of `layers` and `blocks`."""
        sections = [value for key, value in self.root.items.items() if key in ("layers", "blocks")]
        return [node for node in walk(sections) if node.kind == "mapping"]


def walk(nodes: Iterable[Node]) -> Iterator[Node]:
    """Nodes and all that is in them, in the order of the text; what aliases repeat comes once."""
    seen: set[int] = set()
    waiting = list(reversed(list(nodes)))
    while waiting:
        node = waiting.pop()
        if node.kind != "scalar":
            if id(node) in seen:
                continue
            seen.add(id(node))
            waiting += reversed([*node.items.values(), *node.elements])
        yield node


def names_in(nodes: Iterable[Node]) -> set[str]:
    """The names that the expressions in nodes read."""
    found: set[str] = set()
    for node in walk(nodes):
        if isinstance(node.value, str) and OPENING in node.value:
            found |= names_of(node.value)
    return found


def key_place(mapping: Node, key: str) -> Place:
    """Where a key of a mapping stands."""
    return Place(mapping.key_spans.get(key), mapping.items[key].place)


def mapping_at(node: Node, key: str) -> Node | None:
    """The mapping under a key, if there is one."""
    found = node.items.get(key)
    return found if found is not None and found.kind == "mapping" else None
