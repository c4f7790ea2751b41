"""The canonical style of a spec: the order of its keys, and what is written out where one line would do."""

from collections.abc import Mapping, Sequence
from typing import Any

from specmodel.spec.document import Document
from specmodel.spec.entries import EXPANDED
from specmodel.spec.expansion.blocks import KEYS as BLOCK_KEYS
from specmodel.yaml.layout import Item, Slot, lay_out
from specmodel.yaml.writing import item_of

_TOP = tuple(Document.model_fields)
_TALL = ("params", "presets", "inputs", "blocks", "outputs", "expect", "examples")
_BEFORE_LAYER = ("repeat", "index", "name", "when", "inputs")
_BEHIND_LAYER = ("trainable", "dtype")


def document(mapping: Mapping[str, Any]) -> str:
    """The text of a spec given as plain values."""
    return lay_out(styled(item_of(mapping)))


def styled(top: Item, sort: bool = True) -> Item:
    """A spec's items in canonical style; they are changed in place. Without `sort` keys stay in their order."""
    if top.kind == "mapping":
        if sort:
            _sort_top(top)
        for name in _TALL:
            section = top.get(name)
            if section is not None:
                section.tall |= section.kind == "mapping" or name == "examples"
        presets = top.get("presets")
        if presets is not None:
            presets.table = True
        _body(top, sort)
    return top


def _body(item: Item, sort: bool) -> None:
    """What a spec, a block and a group have: blocks and entries."""
    blocks = item.get("blocks")
    for slot in blocks.slots if blocks is not None else ():
        _block(slot.value, sort)
    for name in ("presets", "params"):
        for slot in _slots(item.get(name), "mapping"):
            if sort and slot.value.kind == "mapping":
                _sort(slot.value, (), ("expect",))
    layers = item.get("layers")
    if layers is not None:
        layers.tall = True
        for slot in _slots(layers, "sequence"):
            _entry(slot, sort)


def _block(block: Item, sort: bool) -> None:
    if block.kind == "mapping" and block.get("layers") is not None:
        block.tall = True
        if sort:
            _sort(block, BLOCK_KEYS, ())
        _body(block, sort)


def _entry(slot: Slot, sort: bool) -> None:
    """An entry has its keys below each other; one that is a layer's name alone is a word."""
    entry = slot.value
    if entry.kind != "mapping":
        return
    entry.tall = True
    only = entry.slots[0] if len(entry.slots) == 1 else None
    if only is not None and _is_word(entry, only):
        assert only.key is not None
        slot.value = only.key
        slot.beside = slot.beside or only.beside
        return
    if sort:
        _sort(entry, _BEFORE_LAYER, _BEHIND_LAYER)
    rows = entry.get("repeat")
    if rows is not None and any(row.value.kind == "mapping" for row in rows.slots):
        rows.tall = rows.table = True
    _body(entry, sort)


def _is_word(entry: Item, only: Slot) -> bool:
    """Whether an entry is a layer without arguments, with nothing beside it to keep."""
    name, scalar = only.name or "", only.value.scalar
    bare = scalar is not None and scalar.value is None and not scalar.alias and not only.value.anchor
    return bare and name[:1].isupper() and name not in EXPANDED and not (entry.anchor or only.above or entry.below)


def _slots(item: Item | None, kind: str) -> Sequence[Slot]:
    return item.slots if item is not None and item.kind == kind else ()


def _sort_top(top: Item) -> None:
    """Known keys in the order of the schema; one of the author's own stays above the key it stands above."""
    ranks: list[int] = []
    rank = len(_TOP)
    for slot in reversed(top.slots):
        rank = _TOP.index(slot.name) if slot.name in _TOP else rank
        ranks.append(rank)
    ordered = sorted(zip(reversed(ranks), range(len(top.slots)), strict=True))
    top.slots = [top.slots[index] for _, index in ordered]


def _sort(item: Item, first: Sequence[str], last: Sequence[str]) -> None:
    """Some keys to the front and some to the end; merged mappings come before all."""

    def rank(slot: Slot) -> int:
        if slot.name == "<<":
            return -1
        if slot.name in first:
            return first.index(slot.name)
        return len(first) + (1 + last.index(slot.name) if slot.name in last else 0)

    item.slots.sort(key=rank)
