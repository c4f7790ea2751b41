"""Which layer of one model is which of another: by name, then by structure."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence

from specmodel.record import Record
from specmodel.spec.model import Entry

Pairs = dict[str, str]
"""Paths of the first model, each with the path of the same layer in the second."""


class Layered(Record):
    """A layer as it is compared: its path, its class, and its arguments as a spec writes them."""

    path: str
    kind: str
    arguments: Hashable


def matched(before: Sequence[Layered], after: Sequence[Layered]) -> Pairs:
    """The pairs of layers that are the same.

    First those of one name that are alike; then, in their order, those that are alike under other names, so that a
    layer put in front does not change all automatic names behind it; then those of one name alone.
    """
    pairs: Pairs = {}
    for key in (_name_and_all, None, _name_and_kind, _name):
        taken = set(pairs.values())
        left = [one for one in before if one.path not in pairs]
        right = [one for one in after if one.path not in taken]
        pairs |= _in_order(left, right) if key is None else _by_key(left, right, key)
    return pairs


def _name_and_all(layer: Layered) -> Hashable:
    return layer.path, layer.kind, layer.arguments


def _name_and_kind(layer: Layered) -> Hashable:
    return layer.path, layer.kind


def _name(layer: Layered) -> Hashable:
    return layer.path


def _by_key(before: Iterable[Layered], after: Iterable[Layered], key: Callable[[Layered], Hashable]) -> Pairs:
    known = {key(one): one.path for one in after}
    return {one.path: known[key(one)] for one in before if key(one) in known}


def _in_order(before: Sequence[Layered], after: Sequence[Layered]) -> Pairs:
    """The longest runs of layers that are alike but for their names."""
    from difflib import SequenceMatcher

    first, second = ([(one.kind, one.arguments) for one in side] for side in (before, after))
    blocks = SequenceMatcher(None, first, second, autojunk=False).get_matching_blocks()
    return {before[block.a + step].path: after[block.b + step].path for block in blocks for step in range(block.size)}


def layered(entries: Iterable[Entry], arguments: Mapping[str, Mapping[str, object]]) -> list[Layered]:
    """Entries as they are compared; `arguments` are those of each path."""
    return [Layered(entry.path, type(entry.layer).__name__, repr(arguments[entry.path])) for entry in entries]
