"""The entries of `layers`: which layer each holds, and its arguments."""

from collections.abc import Collection, Mapping
from typing import Any

from specmodel import layers
from specmodel.diagnostics import Diagnostics, Note, codes, did_you_mean, unmistakable
from specmodel.layers.base import Layer
from specmodel.layers.validation import ArgumentError, ArgumentFault
from specmodel.layers.written import first_argument, unknown_layer
from specmodel.record import Record
from specmodel.spec.faults import here, refused, report_fault, shown_at, too_many
from specmodel.spec.model import Place
from specmodel.spec.names import check_name
from specmodel.spec.params import ROUNDING
from specmodel.text import Span
from specmodel.yaml.node import Node

OWN_KEYS = ("name", "inputs", "when", "repeat", "index", "trainable", "dtype")
"""What may stand beside the layer of an entry."""
EXPANDED = ("layers", "reuse")
"""What may stand in place of a layer: a group, another entry called again."""


class WrittenEntry(Record):
    """An entry as it was written: names and references are not looked up yet.

    `kind` is the key of its layer, block or group, or `reuse`; empty where none is named. `layer` is None for all but
    layers, and where something about one is wrong. A wrong entry keeps its name and its place in the list: what refers
    to it is not to blame.
    """

    node: Node
    kind: str
    head: Span | None
    layer: Layer | None = None
    name: str | None = None
    inputs: Node | None = None

    @property
    def value(self) -> Node | None:
        """What stands under its key."""
        return self.node.items.get(self.kind) if self.node.kind == "mapping" else None


def entry_nodes(node: Node | None, top: Node, diagnostics: Diagnostics) -> list[Node]:
    """What stands in a `layers` list; a diagnostic where there is none. `top` is the spec, block or group it is of."""
    if node is not None and node.kind == "sequence" and node.elements:
        return list(node.elements)
    at = node if node is not None else top
    if refused(at):
        return []
    found, help = "none" if node is None else shown_at(at), "write the layers as a list: `- Dense: 4` for each"
    if node is None or (at.kind == "scalar" and at.value is None) or at.kind == "sequence":
        message = f"a spec needs a list `layers` with an entry for each layer, found {found}"
        diagnostics.add(codes.MISSING_LAYERS, message, at.span, place=at.place or "layers", help=help)
    else:
        message = f"`layers` must be a list, found {found}"
        help = "put a dash before each layer" if at.kind == "mapping" else help
        diagnostics.add(codes.WRONG_FORM, message, at.span, place=at.place, help=help)
    return []


def read_entry(
    node: Node, blocks: Collection[str], own: Mapping[str, Any], paths: bool, diagnostics: Diagnostics
) -> WrittenEntry:
    """One entry, its expressions computed; what is wrong with it does not hide the others.

    `blocks` are the spec's own layer types. `own` is what a group or block around it says of `trainable` and `dtype`.
    With `paths` a name may be a path.
    """
    if node.refused or too_many(diagnostics):
        return WrittenEntry(node, "", node.span)
    if node.kind == "scalar" and isinstance(node.value, str):
        layer = _layer(node, node.value, None, blocks, own, diagnostics) if node.value not in blocks else None
        return WrittenEntry(node, node.value, node.span, layer)
    if node.kind != "mapping":
        message = f"an entry of `layers` is a layer's name or a mapping such as `Dense: 4`, found {shown_at(node)}"
        diagnostics.add(codes.WRONG_FORM, message, node.span, place=node.place)
        return WrittenEntry(node, "", node.span)
    kinds = [key for key in node.items if key[:1].isupper() or key in EXPANDED]
    unknown = [key for key in node.items if key not in kinds and key not in OWN_KEYS]
    meant = {_unknown_key(node, key, blocks, diagnostics): node.items[key] for key in unknown}
    name = read_name(node.items.get("name", meant.get("name")), paths, diagnostics)
    inputs = node.items.get("inputs", meant.get("inputs"))
    if len(kinds) == 1:
        kind = kinds[0]
        head, value = node.key_spans.get(kind), node.items[kind]
        if kind in EXPANDED or kind in blocks:
            return WrittenEntry(node, kind, head, None, name, inputs)
        own = {**own, **_beside(node, own)}
        return WrittenEntry(node, kind, head, _layer(node, kind, value, blocks, own, diagnostics), name, inputs)
    if len(kinds) > 1:
        _several_layers(node, kinds, diagnostics)
    elif not unknown and not refused(node):
        help = "an entry holds a layer with its arguments, for example `Dense: 4`"
        diagnostics.add(codes.NO_LAYER_KEY, "this entry names no layer", node.span, place=node.place, help=help)
    return WrittenEntry(node, kinds[0] if kinds else "", node.span, name=name)


def _beside(node: Node, around: Mapping[str, Any]) -> dict[str, Any]:
    """What stands beside a layer; one that is frozen from around stays so."""
    own: dict[str, Any] = {key: node.items[key].plain() for key in ("trainable", "dtype") if key in node.items}
    if own.get("trainable") is True and around.get("trainable") is False:
        del own["trainable"]
    return own


def read_name(named: Node | None, paths: bool, diagnostics: Diagnostics) -> str | None:
    """The name that was written, also where it cannot be one: what refers to it is not to blame."""
    if named is None or (named.refused and not isinstance(named.value, str)):
        return None
    value = named.plain()
    if named.kind == "scalar" and value is not None and not isinstance(value, str):
        value = named.written
    if not named.refused:
        check_name(value, named.span, named.place, diagnostics, paths)
    return value if isinstance(value, str) and value != "_" else None


def _several_layers(node: Node, kinds: list[str], diagnostics: Diagnostics) -> None:
    first, second, *more = (f"`{kind}`" for kind in kinds)
    listed = ", ".join([first, *([second] if more else []), *more[:-1]])
    message = f"an entry holds one layer, found {listed} and {more[-1] if more else second}"
    span, place = node.key_spans.get(kinds[1]), node.items[kinds[1]].place
    at = node.key_spans.get(kinds[0])
    notes = [Note(f"{first} stands {here(at, node.items[kinds[0]].place)}", at)]
    help = f"put a dash before {second}" if "reuse" not in kinds else "put each into an entry of its own"
    diagnostics.add(codes.SEVERAL_LAYER_KEYS, message, span, place=place, notes=notes, help=help)


def _unknown_key(node: Node, key: str, blocks: Collection[str], diagnostics: Diagnostics) -> str | None:
    """Report a key that is not read; the key that was meant, where one is near."""
    if too_many(diagnostics):
        return None
    span, place = node.key_spans.get(key), node.items[key].place
    near: str | None = _capital(key, blocks)
    meant = near
    if near is not None:
        help = f"layer names start with a capital: did you mean `{near}`?"
    else:
        known = [*OWN_KEYS, *EXPANDED, *blocks, *layers.NAMES]
        near = did_you_mean(key, known)
        meant = unmistakable(key, known) if near is not None else None
        help = f"did you mean `{near}`?" if near else f"beside a layer may stand {', '.join(OWN_KEYS)}"
    diagnostics.add(codes.UNKNOWN_KEY, f"unknown key `{key}` of an entry", span, place=place, help=help, meant=meant)
    return near


def _capital(word: str, blocks: Collection[str]) -> str | None:
    """The layer or block that a word differs from in case and underscores alone."""
    plain = word.replace("_", "").lower()
    return next((name for name in (*blocks, *layers.NAMES, *layers.ALIASES) if name.lower() == plain), None)


def _layer(
    node: Node,
    kind: str,
    arguments: Node | None,
    blocks: Collection[str],
    own: Mapping[str, Any],
    diagnostics: Diagnostics,
) -> Layer | None:
    head = node.key_spans.get(kind, node.span) if node.kind == "mapping" else node.span
    found = layers.find(kind)
    if found is None:
        fault, place = unknown_layer(kind, blocks), arguments.place if arguments is not None else node.place
        diagnostics.add(
            fault.code, fault.message, head, place=place, help=fault.help, meant=None if node.computed else fault.meant
        )
        return None
    try:
        return found.declare(first_argument(found, arguments.plain() if arguments is not None else None), **own)
    except ArgumentError as error:
        for fault in error.faults:
            _report(node, Place(head, node.place), arguments, fault, diagnostics)
        return None


def _report(node: Node, head: Place, arguments: Node | None, fault: ArgumentFault, diagnostics: Diagnostics) -> None:
    """Report a fault of a layer's arguments, or of the keys beside it."""
    fault = _with_rounding(fault, arguments)
    if fault.location[:1] in (("trainable",), ("dtype",)) and fault.location[0] in node.items and not fault.at_key:
        report_fault(fault, node, head, diagnostics)
    elif arguments is None:
        diagnostics.add(fault.code, fault.message, head.span, place=head.text, help=fault.help)
    else:
        report_fault(fault, arguments, head, diagnostics)


def _with_rounding(fault: ArgumentFault, arguments: Node | None) -> ArgumentFault:
    """The fault; of a number with a fraction that an expression gave for an integer, the help tells what to do."""
    if arguments is None or fault.help is not None or "integer" not in fault.message:
        return fault
    at = arguments.at(fault.location if arguments.kind == "mapping" else fault.location[1:])
    return fault.replace(help=ROUNDING) if at.computed and isinstance(at.value, float) else fault
