"""W712: a layer that merges a value with itself."""

from collections.abc import Iterator
from itertools import pairwise

from specmodel.diagnostics import codes
from specmodel.graph.graph import Node
from specmodel.lint.edits import holder_of
from specmodel.lint.network import Network, kind_of
from specmodel.lint.rule import Remark, Rule, remark
from specmodel.lint.tree import walk
from specmodel.spec.model import ALL_OUTPUTS
from specmodel.yaml.node import Node as Written

_BECOMES = {
    "Add": "twice the value",
    "Subtract": "always 0",
    "Average": "the value itself",
    "Maximum": "the value itself",
    "Minimum": "the value itself",
    "Concatenate": "the value, repeated",
}
"""What comes of it; a product or dot product of a value with itself is a square, and may be meant."""


def find(network: Network) -> Iterator[Remark]:
    """Merging layers whose `inputs` name one value twice as they are written.

    Values that come together because a part is left out, or repeated no times, are another variant's two.
    """
    for node in network.of(*_BECOMES):
        twice, kind = next(_doubles(node), None), kind_of(node.layer)
        if twice is not None and _is_written(network, node):
            message = f"{kind} `{node.path}` reads `{twice}` twice: the result is {_BECOMES[kind]}"
            yield remark(node.entry, message, argument="inputs", help="which other value is meant?")


def _doubles(node: Node) -> Iterator[str]:
    """The values that are named more than once."""
    refs = [ref for ref in node.entry.refs() if ref.index != ALL_OUTPUTS]
    yield from (str(ref) for number, ref in enumerate(refs) if ref in refs[:number])


def _is_written(network: Network, node: Node) -> bool:
    """Whether `inputs` has a word twice, or `_` beside the name of the entry right above."""
    holder = holder_of(network.root, node.entry.place)
    inputs = holder.mapping.items.get("inputs") if holder is not None else None
    words = [element.value for element in inputs.elements] if inputs is not None else []
    if len(set(words)) < len(words):
        return True
    above = _above(network.root, holder.mapping) if holder is not None and "_" in words else None
    return above is not None and "when" not in above.items and above.items["name"].value in words


def _above(root: Written, entry: Written) -> Written | None:
    """The entry that is written right above another, if it has a name."""
    for node in walk([root]):
        for before, after in pairwise(node.elements):
            if after is entry:
                return before if "name" in before.items else None
    return None


RULE = Rule(codes.SAME_VALUE_TWICE, network=find)
