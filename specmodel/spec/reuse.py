"""`reuse`: an entry called again, with the same weights."""

from itertools import islice

from specmodel.diagnostics import Diagnostics, Frame, codes, did_you_mean
from specmodel.layers.base import Layer
from specmodel.layers.validation import ArgumentError
from specmodel.record import Record
from specmodel.spec.expansion.definitions import Definition, Leaf, Passed, Region, Reuse, leaves
from specmodel.spec.expansion.inputs import bindings_of
from specmodel.spec.expansion.naming import name_inside
from specmodel.spec.expansion.walk import Expander
from specmodel.spec.faults import refused, report_fault, shown_at, too_many
from specmodel.spec.model import Place
from specmodel.spec.references import SUGGESTED_FROM
from specmodel.text import Span
from specmodel.yaml.node import Node


class Target(Record):
    """What a `reuse` says: the name of an entry, and other call arguments."""

    written: str
    span: Span | None
    place: str
    changes: Node | None


def settle_reuses(expander: Expander, diagnostics: Diagnostics) -> None:
    """Find what each `reuse` calls: a layer with the weights of another, or the entries of a block made again."""
    copies: list[tuple[Region, Region]] = []
    number = 0
    while number < len(expander.reuses):  # a block that is made again may hold further ones
        reuse = expander.reuses[number]
        number += 1
        with diagnostics.inside(reuse.level.frame):
            target = _target(reuse, diagnostics)
            found = _find(reuse, target, diagnostics) if target is not None else None
            if target is None or found is None:
                continue
            if isinstance(found, Leaf):
                reuse.becomes = _leaf(reuse, found, target, diagnostics)
            elif target.changes is not None:
                message = f"a reuse of the block `{target.written}` cannot change arguments of its own"
                help = "leave them out: its weights depend on them"
                diagnostics.add(codes.CALL_ARGUMENTS, message, target.span, place=target.place, help=help)
            elif not _stands_in(reuse, found, diagnostics):
                reuse.becomes = _again(reuse, found, expander, diagnostics)
                copies.append((found, reuse.becomes))
    for original, copy in copies:
        for owner, leaf in zip(leaves(original.inside), leaves(copy.inside), strict=False):
            if leaf.original is None:
                leaf.original = owner


def _target(reuse: Reuse, diagnostics: Diagnostics) -> Target | None:
    node = reuse.entry.value
    if node is None or refused(node) or too_many(diagnostics):
        return None
    if node.kind == "mapping" and len(node.items) == 1:
        ((written, changes),) = node.items.items()
        return Target(written, node.key_spans.get(written), node.place, changes)
    if node.kind == "scalar" and isinstance(node.value, str):
        return Target(node.value, node.span, node.place, None)
    message = f"`reuse` is the name of an entry, or one key with other call arguments, found {shown_at(node)}"
    diagnostics.add(codes.WRONG_FORM, message, node.span, place=node.place)
    return None


def _find(reuse: Reuse, target: Target, diagnostics: Diagnostics) -> Leaf | Region | None:
    found = reuse.level.find(target.written)
    definition: Definition | None = None
    if found is not None:
        definition, words = found
        for word in words:
            inside = getattr(definition, "inside", None)
            definition = inside.names.get(word) if inside is not None else None
            if definition is None:
                break
    if isinstance(definition, Leaf | Region):
        return definition
    if isinstance(definition, Reuse):
        message, help = f"`{target.written}` is itself a reuse", "name the entry that owns the weights"
    elif isinstance(definition, Passed) and definition.name is not None and definition.scope is not None:
        message, help = f"`{target.written}` is left out: there is no layer to call again", "give both the same `when`"
    else:
        known = reuse.level.scope.names
        names = (name for name in islice(known, SUGGESTED_FROM) if not isinstance(known[name], Reuse))
        near = did_you_mean(target.written, names)
        message = f"`{target.written[:80]}` is no entry"
        help = f"did you mean `{near}`?" if near else "name an entry whose layer is to be called again"
    diagnostics.add(codes.UNDEFINED_REFERENCE, message, target.span, place=target.place, help=help)
    return None


def _leaf(reuse: Reuse, owner: Leaf, target: Target, diagnostics: Diagnostics) -> Leaf:
    leaf = Leaf(reuse.level, reuse.entry, reuse.above, reuse.name, reuse.base)
    leaf.scope, leaf.original = reuse.scope, owner
    leaf.layer = owner.layer
    if owner.layer is not None and target.changes is not None:
        leaf.layer = _with_call_arguments(owner.layer, target.changes, diagnostics)
    return leaf


def _stands_in(reuse: Reuse, region: Region, diagnostics: Diagnostics) -> bool:
    """Whether an entry would call the block that it stands in, which never ends."""
    scope = reuse.scope
    owner = scope.owner if scope is not None else None
    while owner is not None:
        same = owner is region or (isinstance(owner, Region) and _root(owner) is _root(region))
        if same:
            node = reuse.entry.node
            message = f"`{region.path}` contains this reuse of itself"
            diagnostics.add(codes.BLOCK_CYCLE, message, reuse.entry.head, place=node.place)
            return True
        owner = owner.scope.owner if owner.scope is not None else None
    return False


def _root(region: Region) -> Region:
    while region.original is not None:
        region = region.original
    return region


def _again(reuse: Reuse, original: Region, expander: Expander, diagnostics: Diagnostics) -> Region:
    """The entries of a block or group once more, under the name of the reuse."""
    frame = Frame(f"in the reuse of `{original.path}`", reuse.entry.head, reuse.level.frame)
    level = reuse.level.within(frame=frame)
    region = Region(original.level.within(frame=frame), reuse.place, reuse.name, reuse.base)
    region.scope, region.original = reuse.scope, original
    region.input_names, region.outputs, region.fill = original.input_names, original.outputs, original.fill
    entry = reuse.entry.replace(kind=original.base if not original.input_names else str(original.name))
    _, bindings = bindings_of(original.input_names, entry, level, reuse.above, expander.passed, diagnostics)
    region.fill(region, bindings)
    name_inside(region, diagnostics)
    return region


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
