"""Python values to nodes, for specs that are mappings in a program."""

from specmodel.diagnostics import Diagnostics, codes
from specmodel.diagnostics.diagnostic import failure
from specmodel.yaml import limits
from specmodel.yaml.node import Node
from specmodel.yaml.scalars import NUMBER_LENGTH

_LARGEST_INTEGER: int = 10**NUMBER_LENGTH


def node_of(value: object) -> Node:
    """The tree of a value; every mistake in it is collected into one `SpecError`, each with its key path."""
    tree = _Tree()
    node = tree.node(value, "")
    tree.diagnostics.raise_errors()
    return node


class _Tree:
    """The state of one conversion: what encloses the value at hand, and how much there is so far."""

    def __init__(self) -> None:
        self.diagnostics = Diagnostics()
        self._enclosing: list[object] = []
        self._count = 0

    def node(self, value: object, place: str) -> Node:
        self._count += 1
        if self._count > limits.NODES:
            raise failure(codes.LIMIT, f"more than {limits.NODES:,} values", place=place)
        if isinstance(value, (dict, list, tuple)):
            return self._collection(value, place)
        if value is None or isinstance(value, bool):
            return Node("scalar", value, place=place)
        if isinstance(value, str):
            return Node("scalar", str.__str__(value), quoted=True, place=place)
        if isinstance(value, int):
            return self._integer(int(value), place)
        if isinstance(value, float):
            return Node("scalar", float(value), place=place)
        message = f"expected a dict, list, str, number, bool or None, found `{type(value).__name__}`"
        return self._refuse(codes.WRONG_FORM, message, place)

    def _integer(self, value: int, place: str) -> Node:
        if abs(value) >= _LARGEST_INTEGER:
            return self._refuse(codes.LIMIT, f"an integer of more than {NUMBER_LENGTH} digits", place)
        return Node("scalar", value, place=place)

    def _collection(self, value: dict[object, object] | list[object] | tuple[object, ...], place: str) -> Node:
        if any(value is outer for outer in self._enclosing):
            return self._refuse(codes.ALIAS, "this value contains itself", place)
        if len(self._enclosing) >= limits.NESTING:
            return self._refuse(codes.LIMIT, f"nested more than {limits.NESTING} levels deep", place)
        self._enclosing.append(value)
        if isinstance(value, dict):
            node = Node("mapping", items=self._items(value, place), place=place)
        else:
            elements = [self.node(element, f"{place}[{index}]") for index, element in enumerate(value)]
            node = Node("sequence", elements=elements, place=place)
        self._enclosing.pop()
        return node

    def _items(self, mapping: dict[object, object], place: str) -> dict[str, Node]:
        items = {}
        for key, value in mapping.items():
            if isinstance(key, str):
                text = str.__str__(key)
                items[text] = self.node(value, f"{place}.{text}" if place else text)
            else:
                message = f"a key must be a str, found a key of type `{type(key).__name__}`"
                self._refuse(codes.KEY_NOT_TEXT, message, place)
        return items

    def _refuse(self, code: str, message: str, place: str) -> Node:
        self.diagnostics.add(code, message, place=place)
        return Node("scalar", refused=True, place=place)
