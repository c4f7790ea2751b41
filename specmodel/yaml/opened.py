"""Collections whose end has not been read yet."""

from specmodel.yaml.marks import Marks
from specmodel.yaml.node import Node, Offsets


class Anchor:
    """What `&name` stands for; `node` is None until its end has been read.

    `size` is the number of nodes in it with all aliases written out, `height` the levels of collections.
    """

    __slots__ = ("height", "node", "offsets", "size")

    def __init__(self, offsets: Offsets) -> None:
        self.offsets = offsets
        self.node: Node | None = None
        self.size = 0
        self.height = 0

    def stand_for(self, node: Node, size: int, height: int) -> None:
        """Take the node that the anchor was put on."""
        self.node = node
        self.size = size
        self.height = height


class OpenCollection:
    """A sequence or mapping that is being read; `end` is the end of the last node in it."""

    __slots__ = ("anchor", "end", "height", "size", "start")

    def __init__(self, start: int, anchor: Anchor | None) -> None:
        self.start = start
        self.end = start
        self.anchor = anchor
        self.size = 1
        self.height = 1


class OpenSequence(OpenCollection):
    """Elements so far."""

    __slots__ = ("elements",)

    def __init__(self, start: int, anchor: Anchor | None) -> None:
        super().__init__(start, anchor)
        self.elements: list[Node] = []

    def node(self, marks: Marks, end: int) -> Node:
        """The finished sequence."""
        return Node("sequence", elements=self.elements, marks=marks, offsets=(self.start, end))


class OpenMapping(OpenCollection):
    """Entries so far, and the state between a key and its value.

    `key` is the key whose value comes next, None for one that was refused; `merging` tells that it is `<<`.
    """

    __slots__ = ("awaits_key", "items", "key", "key_offsets", "merge_offsets", "merged", "merging")

    def __init__(self, start: int, anchor: Anchor | None) -> None:
        super().__init__(start, anchor)
        self.items: dict[str, Node] = {}
        self.key_offsets: dict[str, Offsets] = {}
        self.awaits_key = True
        self.key: str | None = None
        self.merging = False
        self.merged: list[Node] = []
        self.merge_offsets: Offsets | None = None

    def take(self, node: Node) -> None:
        """Enter the value of the key."""
        if self.key is not None:
            self.items[self.key] = node
        self.key = None
        self.merging = False
        self.awaits_key = True

    def node(self, marks: Marks, end: int) -> Node:
        """The finished mapping: of equal keys its own wins, then that of the mapping merged first."""
        items, key_offsets = self.items, self.key_offsets
        if self.merged:
            items, key_offsets = {}, {}
            for merged in reversed(self.merged):
                items.update(merged.items)
                key_offsets.update(merged.key_offsets)
            items.update(self.items)
            key_offsets.update(self.key_offsets)
        return Node("mapping", items=items, marks=marks, offsets=(self.start, end), key_offsets=key_offsets)
