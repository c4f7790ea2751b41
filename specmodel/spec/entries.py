"""The entries of `layers`: which layer each holds, and its arguments."""

from collections.abc import Mapping
from typing import Any

from specmodel import layers
from specmodel.diagnostics import Diagnostics, codes, did_you_mean
from specmodel.layers.base import Layer
from specmodel.layers.validation import ArgumentError, ArgumentFault, shown
from specmodel.layers.written import first_argument, unknown_layer
from specmodel.record import Record
from specmodel.spec.faults import report_fault
from specmodel.spec.model import Place
from specmodel.spec.names import check_name
from specmodel.text import Span
from specmodel.yaml.node import Node

OWN_KEYS = ("name", "inputs", "when", "repeat", "index", "trainable", "dtype")
"""What may stand beside the layer of an entry."""
LATER = ("when", "repeat", "index", "layers")
"""Words of the language that this version does not read yet."""


class WrittenEntry(Record):
    """An entry as it was written: names and references are not looked up yet.

    `layer` is None where its arguments are wrong or where it reuses another entry (`reuse`).
    """

    node: Node
    kind: str
    head: Span | None
    layer: Layer | None
    name: str | None
    inputs: Node | None
    reuse: Node | None


def read_entries(node: Node | None, diagnostics: Diagnostics) -> list[WrittenEntry]:
    """The entries of a `layers` list; what is wrong with one does not hide the others."""
    if (
        node is None
        or (node.kind == "scalar" and node.value is None)
        or (node.kind == "sequence" and not node.elements)
    ):
        span, place = (node.span, node.place) if node is not None else (None, "")
        diagnostics.add(codes.MISSING_LAYERS, "a spec needs a non-empty list `layers`", span, place=place)
        return []
    if node.kind != "sequence":
        message = f"`layers` must be a list, found {shown(node.plain())}"
        diagnostics.add(codes.WRONG_FORM, message, node.span, place=node.place, help="put a dash before each layer")
        return []
    entries = (_read_entry(element, diagnostics) for element in node.elements)
    return [entry for entry in entries if entry is not None]


def _read_entry(node: Node, diagnostics: Diagnostics) -> WrittenEntry | None:
    if node.kind == "scalar" and isinstance(node.value, str):
        return WrittenEntry(
            node, node.value, node.span, _layer(node, node.value, None, {}, diagnostics), None, None, None
        )
    if node.kind != "mapping":
        message = f"an entry of `layers` is a layer's name or a mapping such as `Dense: 4`, found {shown(node.plain())}"
        diagnostics.add(codes.WRONG_FORM, message, node.span, place=node.place)
        return None
    kinds = [key for key in node.items if key[:1].isupper() or key in ("layers", "reuse")]
    for key in node.items:
        if key not in kinds and key not in OWN_KEYS:
            _unknown_key(node, key, diagnostics)
    if len(kinds) != 1:
        _wrong_kinds(node, kinds, diagnostics)
        return None
    if any(key in node.items for key in LATER):
        key = next(key for key in LATER if key in node.items)
        message = f"`{key}` is part of the spec language, but this version of specmodel does not read it yet"
        diagnostics.add(codes.UNSUPPORTED_FEATURE, message, node.key_spans.get(key), place=node.items[key].place)
        return None
    return _read_kind(node, kinds[0], diagnostics)


def _read_kind(node: Node, kind: str, diagnostics: Diagnostics) -> WrittenEntry:
    name = _read_name(node, diagnostics)
    own: dict[str, Any] = {key: node.items[key].plain() for key in ("trainable", "dtype") if key in node.items}
    head, reuse, layer = node.key_spans.get(kind), None, None
    if kind == "reuse":
        reuse = node.items[kind]
    else:
        layer = _layer(node, kind, node.items[kind], own, diagnostics)
    return WrittenEntry(node, kind, head, layer, name, node.items.get("inputs"), reuse)


def _read_name(node: Node, diagnostics: Diagnostics) -> str | None:
    named = node.items.get("name")
    if named is None:
        return None
    value = named.plain()
    if not isinstance(value, str) and named.kind == "scalar" and value is not None:
        value = str(named.written)
    return value if check_name(value, named.span, named.place, diagnostics) else None


def _wrong_kinds(node: Node, kinds: list[str], diagnostics: Diagnostics) -> None:
    if not kinds:
        known = [key for key in node.items if layers.find(_capital(key)) is not None]
        if not known:
            diagnostics.add(
                codes.NO_LAYER_KEY,
                "this entry names no layer",
                node.span,
                place=node.place,
                help="for example `Dense: 4`",
            )
        return
    first, second = kinds[:2]
    message = f"an entry holds one layer, found `{first}` and `{second}`"
    span, place = node.key_spans.get(second), node.items[second].place
    diagnostics.add(codes.SEVERAL_LAYER_KEYS, message, span, place=place, help=f"put a dash before `{second}`")


def _unknown_key(node: Node, key: str, diagnostics: Diagnostics) -> None:
    span, place = node.key_spans.get(key), node.items[key].place
    capital = _capital(key)
    if layers.find(capital) is not None:
        message, help = (
            f"unknown key `{key}` of an entry",
            f"layer names start with a capital: did you mean `{capital}`?",
        )
        diagnostics.add(codes.UNKNOWN_KEY, message, span, place=place, help=help)
        return
    near = did_you_mean(key, [*OWN_KEYS, "reuse", "layers", *layers.NAMES])
    help = f"did you mean `{near}`?" if near else f"beside a layer may stand {', '.join(OWN_KEYS)}"
    diagnostics.add(codes.UNKNOWN_KEY, f"unknown key `{key}` of an entry", span, place=place, help=help)


def _capital(word: str) -> str:
    """The layer that a word differs from in case and underscores alone, or the word."""
    plain = word.replace("_", "").lower()
    return next((name for name in (*layers.NAMES, *layers.ALIASES) if name.lower() == plain), word)


def _layer(
    node: Node, kind: str, arguments: Node | None, own: Mapping[str, Any], diagnostics: Diagnostics
) -> Layer | None:
    head = node.key_spans.get(kind, node.span) if node.kind == "mapping" else node.span
    found = layers.find(kind)
    if found is None:
        fault, place = unknown_layer(kind), arguments.place if arguments is not None else node.place
        diagnostics.add(fault.code, fault.message, head, place=place, help=fault.help)
        return None
    try:
        return found.declare(first_argument(found, arguments.plain() if arguments is not None else None), **own)
    except ArgumentError as error:
        for fault in error.faults:
            _report(node, Place(head, node.place), arguments, fault, diagnostics)
        return None


def _report(node: Node, head: Place, arguments: Node | None, fault: ArgumentFault, diagnostics: Diagnostics) -> None:
    """Report a fault of a layer's arguments, or of the keys beside it."""
    if fault.location[:1] in (("trainable",), ("dtype",)) and fault.location[0] in node.items and not fault.at_key:
        report_fault(fault, node, head, diagnostics)
    elif arguments is None:
        diagnostics.add(fault.code, fault.message, head.span, place=head.text, help=fault.help)
    else:
        report_fault(fault, arguments, head, diagnostics)
