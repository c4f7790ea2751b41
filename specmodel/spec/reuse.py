"""`reuse`: an entry called again, with the same weights."""

from collections.abc import Mapping
from itertools import islice

from specmodel.diagnostics import Diagnostics, Frame, codes, did_you_mean
from specmodel.layers.base import Layer
from specmodel.layers.validation import ArgumentError
from specmodel.record import Record
from specmodel.spec.expansion.census import DEEPEST, MOST_LAYERS, too_many_entries
from specmodel.spec.expansion.definitions import Definition, Leaf, Passed, Region, Reuse, Scope, Times, leaves
from specmodel.spec.expansion.inputs import bindings_of
from specmodel.spec.expansion.naming import name_inside
from specmodel.spec.expansion.walk import Expander
from specmodel.spec.faults import refused, report_fault, shown_at, too_many
from specmodel.spec.model import Place
from specmodel.spec.references import SUGGESTED_FROM
from specmodel.text import Span
from specmodel.yaml.node import Node


class Called(Record):
    """What a `reuse` calls: the name of an entry, that entry, and other call arguments."""

    written: str
    span: Span | None
    place: str
    changes: Node | None
    definition: Leaf | Region


def settle_reuses(expander: Expander, diagnostics: Diagnostics) -> None:
    """Find what each `reuse` calls: a layer with the weights of another, or the entries of a block made again.

    Raises `SpecError` (E223), before any is made, where they would be too many.
    """
    called: dict[Reuse, Called | None] = {reuse: _called(reuse, diagnostics) for reuse in expander.reuses}
    _check_count(called, expander)
    copies: list[tuple[Region, Region]] = []
    number = 0
    while number < len(expander.reuses):  # a block that is made again may hold further ones
        reuse = expander.reuses[number]
        number += 1
        found = called[reuse] if reuse in called else _called(reuse, diagnostics)
        if found is None:
            continue
        with diagnostics.inside(reuse.level.frame):
            if isinstance(found.definition, Leaf):
                reuse.becomes = _leaf(reuse, found.definition, found, diagnostics)
            elif found.changes is not None:
                message = f"a reuse of the block `{found.written}` cannot change arguments of its own"
                help = "leave them out: its weights depend on them"
                diagnostics.add(codes.CALL_ARGUMENTS, message, found.span, place=found.place, help=help)
            elif not found.definition.is_broken and not _stands_in(reuse, found.definition, diagnostics):
                reuse.becomes = _again(reuse, found.definition, expander, diagnostics)
                copies.append((found.definition, reuse.becomes))
    for original, copy in copies:
        for owner, leaf in zip(leaves(original.inside), leaves(copy.inside), strict=False):
            if leaf.original is None:
                leaf.original = owner


def _check_count(called: Mapping[Reuse, Called | None], expander: Expander) -> None:
    sizes: dict[Scope, int] = {}

    def size(scope: Scope, depth: int) -> int:
        """The layers in a scope, those of what is reused there included."""
        if scope not in sizes:
            sizes[scope] = 1  # of one that contains itself
            if depth < DEEPEST:
                sizes[scope] = sum(size_of(member, depth + 1) for member in scope.members)
        return sizes[scope]

    def size_of(member: Definition, depth: int) -> int:
        found = called.get(member) if isinstance(member, Reuse) else None
        definition = found.definition if found is not None else member
        return size(definition.inside, depth) if isinstance(definition, Region | Times) else 1

    total = expander.count
    for reuse in called:
        total += size_of(reuse, 0)
        if total > MOST_LAYERS:
            raise too_many_entries(total, reuse.entry.node, reuse.level.frame)


def _called(reuse: Reuse, diagnostics: Diagnostics) -> Called | None:
    node = reuse.entry.value
    if node is None or refused(node) or too_many(diagnostics):
        return None
    with diagnostics.inside(reuse.level.frame):
        if node.kind == "mapping" and len(node.items) == 1:
            ((written, changes),) = node.items.items()
            at = Place(node.key_spans.get(written), node.place)
            definition = _find(reuse, written, at, diagnostics)
            return Called(written, at.span, at.text, changes, definition) if definition is not None else None
        if node.kind == "scalar" and isinstance(node.value, str):
            at = Place(node.span, node.place)
            definition = _find(reuse, node.value, at, diagnostics)
            return Called(node.value, at.span, at.text, None, definition) if definition is not None else None
        message = f"`reuse` is the name of an entry, or one key with other call arguments, found {shown_at(node)}"
        diagnostics.add(codes.WRONG_FORM, message, node.span, place=node.place)
    return None


def _find(reuse: Reuse, written: str, at: Place, diagnostics: Diagnostics) -> Leaf | Region | None:
    found = reuse.level.find(written)
    while found is not None and found[1]:
        inside = getattr(found[0], "inside", None)
        found = inside.find(found[1]) if inside is not None else None
    definition = found[0] if found is not None else None
    if isinstance(definition, Leaf | Region):
        return definition
    if isinstance(definition, Reuse):
        message, help = f"`{written}` is itself a reuse", "name the entry that owns the weights"
    elif isinstance(definition, Passed) and definition.name is not None and definition.scope is not None:
        message, help = f"`{written}` is left out: there is no layer to call again", "give both the same `when`"
    else:
        known = reuse.level.scope.names
        names = (name for name in islice(known, SUGGESTED_FROM) if not isinstance(known[name], Reuse))
        near = did_you_mean(written, names)
        message = f"`{written[:80]}` is no entry"
        help = f"did you mean `{near}`?" if near else "name an entry whose layer is to be called again"
    diagnostics.add(codes.UNDEFINED_REFERENCE, message, at.span, place=at.text, help=help)
    return None


def _leaf(reuse: Reuse, owner: Leaf, called: Called, diagnostics: Diagnostics) -> Leaf:
    leaf = Leaf(reuse.level, reuse.entry, reuse.above, reuse.name, reuse.base)
    leaf.scope, leaf.original = reuse.scope, owner
    leaf.layer = owner.layer
    if owner.layer is not None and called.changes is not None:
        leaf.layer = _with_call_arguments(owner.layer, called.changes, diagnostics)
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
