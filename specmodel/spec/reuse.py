"""`reuse`: an entry called again, with the same weights."""

from collections.abc import Mapping
from itertools import islice

from specmodel.diagnostics import Diagnostics, codes, did_you_mean
from specmodel.layers.base import Layer
from specmodel.layers.validation import ArgumentError
from specmodel.record import Record
from specmodel.spec.entries import WrittenEntry
from specmodel.spec.faults import refused, report_fault, shown_at, too_many
from specmodel.spec.model import Place
from specmodel.spec.wiring import SUGGESTED_FROM
from specmodel.yaml.node import Node


class Reused(Record):
    """The layer that is called again, and the name of the entry that owns the weights."""

    layer: Layer | None
    owner: str | None


def read_reuse(entry: WrittenEntry, entries: Mapping[str, WrittenEntry], diagnostics: Diagnostics) -> Reused:
    """What a `reuse` entry calls; other call arguments may be given: `reuse: {table: {reverse: true}}`."""
    node = entry.reuse
    assert node is not None
    if refused(node) or too_many(diagnostics):
        return Reused(None, None)
    target_node, changes = node, None
    if node.kind == "mapping" and len(node.items) == 1:
        ((target, changes),) = node.items.items()
        span = node.key_spans.get(target)
    elif node.kind == "scalar" and isinstance(node.value, str):
        target, span = node.value, node.span
    else:
        message = f"`reuse` is the name of an entry, or one key with other call arguments, found {shown_at(node)}"
        diagnostics.add(codes.WRONG_FORM, message, node.span, place=node.place)
        return Reused(None, None)
    owner = entries.get(target)
    if owner is None:
        near = did_you_mean(target, (name for name in islice(entries, SUGGESTED_FROM) if entries[name].reuse is None))
        help = f"did you mean `{near}`?" if near else "name an entry whose layer is to be called again"
        diagnostics.add(
            codes.UNDEFINED_REFERENCE, f"`{target[:80]}` is no entry", span, place=target_node.place, help=help
        )
        return Reused(None, None)
    if owner.reuse is not None:
        message, help = f"`{target}` is itself a reuse", "name the entry that owns the weights"
        diagnostics.add(codes.UNDEFINED_REFERENCE, message, span, place=target_node.place, help=help)
        return Reused(None, None)
    if owner.layer is None or changes is None:
        return Reused(owner.layer, target)
    return Reused(_with_call_arguments(owner.layer, changes, diagnostics), target)


def _with_call_arguments(layer: Layer, changes: Node, diagnostics: Diagnostics) -> Layer | None:
    """The layer with other call arguments; arguments of its constructor cannot change, since weights depend on them."""
    kind = type(layer)
    sound = True
    for name, value in changes.items.items() if changes.kind == "mapping" else ():
        if name not in kind.call_only:
            message = f"a reuse cannot change `{name}` of {kind.__name__}: the weights are those of the first call"
            choices = ", ".join(f"`{choice}`" for choice in kind.call_only)
            help = f"only {choices} may change" if choices else "write an entry of its own, or reuse it as it is"
            diagnostics.add(codes.CALL_ARGUMENTS, message, changes.key_spans.get(name), place=value.place, help=help)
            sound = False
    if changes.kind != "mapping":
        message = f"call arguments are a mapping, found {shown_at(changes)}"
        diagnostics.add(codes.WRONG_FORM, message, changes.span, place=changes.place)
        return None
    if not sound:
        return None
    given = {name: getattr(layer, name) for name in layer.model_fields_set}
    try:
        return kind.declare({**given, **changes.plain()}, trainable=layer.own_trainable, dtype=layer.own_dtype)
    except ArgumentError as error:
        for fault in error.faults:
            report_fault(fault, changes, Place(changes.span, changes.place), diagnostics)
        return None
