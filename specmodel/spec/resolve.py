"""Definitions become entries, when all names are known."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from specmodel.diagnostics import Diagnostics
from specmodel.layers.base import Layer
from specmodel.layers.written import first_argument
from specmodel.spec.expansion.definitions import Leaf, Region, Scope, leaves, regions
from specmodel.spec.expansion.walk import Expander
from specmodel.spec.model import Entry, OutputSpec, Place
from specmodel.spec.references import BrokenError, NoSuchError, Reader, Resolver
from specmodel.spec.wiring import build_order, warn_unused, wire
from specmodel.yaml.node import Node

if TYPE_CHECKING:
    from specmodel.spec.composite import Body


def follow(expander: Expander, resolver: Resolver, diagnostics: Diagnostics) -> None:
    """Follow what waits for names: inputs that are passed on, and the entries of blocks that are arguments."""
    for passed in expander.passed:  # in the file's order, so that none waits for a long chain of others
        try:
            resolver.passed(passed)
        except BrokenError:
            continue
    for body, region in expander.bodies:  # those inside come before those around
        fill(body, region, resolver, diagnostics)


def entries_of(scope: Scope, resolver: Resolver, diagnostics: Diagnostics) -> tuple[list[Entry], bool]:
    """The entries of a scope that are sound, and whether all are."""
    found = [_entry(leaf, resolver, diagnostics) for leaf in leaves(scope)]
    for region in regions(scope):
        for name, _ in region.outputs or ():
            try:
                resolver.refs(region, [name])
            except (BrokenError, NoSuchError):
                continue
    return [entry for entry in found if entry is not None], None not in found


def fill(body: "Body", region: Region, resolver: Resolver, diagnostics: Diagnostics) -> None:
    """Give a block that is an argument its entries."""
    entries, sound = entries_of(region.inside, resolver, diagnostics)
    outputs: list[OutputSpec] = []
    places = {name: Place(node.span, node.place) for name, node in region.outputs or ()}
    for name in places or [""]:
        try:
            refs = resolver.refs(region, [name] if name else [])
        except (BrokenError, NoSuchError):
            sound = False
        else:
            outputs.extend(OutputSpec(name or str(ref), ref, places.get(name, region.place)) for ref in refs)
    body.frame = region.inner.frame
    with diagnostics.inside(body.frame):
        body.entries, body.order = tuple(entries), build_order(entries, diagnostics)
        body.outputs, body.broken = tuple(outputs), not sound or len(body.order) < len(entries)
        if not body.broken:
            warn_unused((), entries, outputs, diagnostics)


def _entry(leaf: Leaf, resolver: Resolver, diagnostics: Diagnostics) -> Entry | None:
    layer = leaf.layer
    if layer is None:
        return None
    frame = leaf.level.frame
    with diagnostics.inside(frame):
        reader = Reader(resolver, leaf.level, leaf.above, diagnostics)
        wired = wire(type(layer).__name__, type(layer), leaf.entry.inputs, leaf.place, reader, diagnostics)
    if wired.broken:
        return None
    written = {**_arguments(leaf, type(layer)), **wired.written}
    return Entry(leaf.path, layer, wired.arguments, leaf.place, written, leaf.owner.path, frame)


def _arguments(leaf: Leaf, layer: type[Layer]) -> Mapping[str, Node]:
    """The layer's arguments as they were written, by name."""
    arguments = leaf.entry.value
    if arguments is None or leaf.entry.kind == "reuse" or (arguments.kind == "scalar" and arguments.value is None):
        return {}
    if arguments.kind == "mapping":
        return arguments.items
    return dict.fromkeys(first_argument(layer, arguments.plain()), arguments)
