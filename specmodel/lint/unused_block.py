"""W205: a block that nothing uses."""

import re
from collections.abc import Iterator

from specmodel.diagnostics import codes
from specmodel.lint.rule import Remark, Rule
from specmodel.lint.tree import Tree, key_place, mapping_at, walk
from specmodel.yaml.node import Node

_WORD = re.compile(r"[\w.-]+")


def find(tree: Tree) -> Iterator[Remark]:
    """Blocks whose names stand neither in `layers` nor in a block that is used itself."""
    root = tree.root
    blocks = mapping_at(root, "blocks")
    if blocks is None:
        return
    waiting = [root.items[key] for key in ("layers",) if key in root.items]
    unused = dict(blocks.items)
    while waiting:
        named = set(_words(waiting.pop()))
        for name in [name for name in unused if name in named]:
            waiting.append(unused.pop(name))
    for name in unused:
        yield Remark(f"nothing uses the block `{name}`", key_place(blocks, name), help="use it, or take it out")


def _words(node: Node) -> Iterator[str]:
    """All keys and words that could name a block."""
    for inner in walk([node]):
        yield from inner.items
        if isinstance(inner.value, str):
            yield from _WORD.findall(inner.value)


RULE = Rule(codes.UNUSED_BLOCK, written=find)
