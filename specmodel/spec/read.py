"""A YAML tree becomes a `ModelSpec`; every mistake on the way is a diagnostic."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from specmodel.diagnostics import Diagnostics, codes
from specmodel.files.location import NamedFiles
from specmodel.layers.base import Layer
from specmodel.layers.written import first_argument
from specmodel.spec.document import COMPUTED, EXPANDED_MARK, Document, read_document
from specmodel.spec.entries import entry_nodes
from specmodel.spec.expansion.blocks import read_blocks
from specmodel.spec.expansion.definitions import (
    Definition,
    Input,
    Leaf,
    Level,
    Module,
    Region,
    Scope,
    dissolve,
    leaves,
    regions,
)
from specmodel.spec.expansion.naming import name_members
from specmodel.spec.expansion.walk import Expander
from specmodel.spec.faults import MOST_MISTAKES, too_many
from specmodel.spec.folds import folds_of
from specmodel.spec.inputs import read_inputs
from specmodel.spec.limits import refuse_too_much
from specmodel.spec.model import UNBUILT_INPUT, Entry, Expected, ModelSpec, OutputSpec, Place
from specmodel.spec.outputs import read_outputs
from specmodel.spec.params import Choice, Values, bind, chosen, read_params, require
from specmodel.spec.references import BrokenError, NoSuchError, Reader, Resolver
from specmodel.spec.reuse import settle_reuses
from specmodel.spec.wiring import build_order, warn_unused, wire
from specmodel.yaml.node import Node

if TYPE_CHECKING:
    from specmodel.spec.composite import Body


def read_spec(
    node: Node,
    default_name: str,
    diagnostics: Diagnostics,
    choice: Choice = Choice(),
    files: NamedFiles | None = None,
) -> ModelSpec:
    """The spec that a mapping holds, with the params of a choice; `files` are those that it may name.

    After mistakes it holds what is sound, so that the shapes of that can still be checked. Raises `SpecError` (E105,
    E223) for more than any network has.
    """
    refuse_too_much(node)
    marked = node.items.get(EXPANDED_MARK)
    expander = Expander(diagnostics, paths=marked is not None and marked.value is True)
    params = read_params(node.items.get("params"), diagnostics)
    given = chosen(choice, params, node.items.get("presets"), node, diagnostics)
    require(params, given, diagnostics)
    values = bind(params, given, {}, expander.substitute, diagnostics)
    document = read_document(_computed(node, expander, values), diagnostics)
    inputs = read_inputs(document.inputs, diagnostics, params) if document.inputs is not None else None
    level = _top_level(document, values, files, diagnostics)
    last = _expand(node, document, expander, level, diagnostics)
    resolver = Resolver(diagnostics)
    _follow_passed(expander, resolver)
    for body, region in expander.bodies:  # those inside come before those around
        _fill(body, region, resolver, diagnostics)
    entries = _entries(level.scope, resolver, diagnostics)[0]
    order = build_order(entries, diagnostics)
    outputs = _outputs(document, last, resolver, level, expander.paths, diagnostics)
    if not diagnostics.failed:
        warn_unused(inputs or (), entries, outputs, diagnostics)
    if too_many(diagnostics):
        diagnostics.add(codes.LIMIT, f"more than {MOST_MISTAKES} mistakes; the rest is not read", node.span)
    expected = _expected(document, choice, expander, values, Reader(resolver, level, last, diagnostics))
    folds = folds_of(level.scope, resolver) if not diagnostics.failed else {}
    dissolve(level.scope)
    weights = node.items.get("weights")
    return ModelSpec(
        document.name if document.name is not None else default_name,
        inputs if document.inputs is not None else None,
        tuple(entries),
        order,
        outputs,
        document.dtype,
        document.seed,
        document.weights,
        Place(weights.span, weights.place) if weights is not None else Place(),
        files,
        tuple(document.presets.items) if document.presets is not None else (),
        expected,
        document.examples,
        folds,
    )


def _expected(
    document: Document, choice: Choice, expander: Expander, values: Values, reader: Reader
) -> Expected | None:
    """What the spec expects: with a preset, what that says; with params from outside, nothing."""
    expect: Node | None = document.expect
    if choice.preset is not None:
        preset = document.presets.items.get(choice.preset) if document.presets is not None else None
        expect = preset.items.get("expect") if preset is not None else None
    if expect is None or choice.given:
        return None
    node = expander.substitute(expect, values)
    shapes = node.items.get("shapes")
    return Expected(node, {name: reader.meant(name) for name in shapes.items} if shapes is not None else {})


def _computed(node: Node, expander: Expander, values: Values) -> Node:
    """The top level, with the expressions of its plain keys computed."""
    items = {key: expander.substitute(n, values) if key in COMPUTED else n for key, n in node.items.items()}
    return node.with_items(items)


def _top_level(document: Document, values: Values, files: NamedFiles | None, diagnostics: Diagnostics) -> Level:
    module, scope = Module(read_blocks(document.blocks, diagnostics), files), Scope()
    bindings: dict[str, Definition] = {}
    level = Level(module, scope, values, values, bindings=bindings)
    for name in _declared_names(document):
        bindings[name] = Input(level, Place(), name)
    return level


def _declared_names(document: Document) -> list[str]:
    """The names of the inputs, those included that have something wrong with them."""
    declared = document.inputs
    if declared is not None and declared.items and "shape" not in declared.items:
        return list(declared.items)
    return [UNBUILT_INPUT]


def _expand(
    node: Node, document: Document, expander: Expander, level: Level, diagnostics: Diagnostics
) -> Definition | None:
    """Define and name everything; what comes back is the last entry."""
    only = next(iter(level.bindings.values())) if len(level.bindings) == 1 else None
    nodes = entry_nodes(document.layers, node, diagnostics)
    last = expander.model(nodes, level, only) if nodes else None
    name_members(level.scope, level.bindings, "the model", diagnostics)
    settle_reuses(expander, diagnostics)
    return last


def _follow_passed(expander: Expander, resolver: Resolver) -> None:
    for passed in expander.passed:  # in the file's order, so that none waits for a long chain of others
        try:
            resolver.passed(passed)
        except BrokenError:
            continue


def _entries(scope: Scope, resolver: Resolver, diagnostics: Diagnostics) -> tuple[list[Entry], bool]:
    """The entries of a scope that are sound, and whether all are."""
    found = [_entry(leaf, resolver, diagnostics) for leaf in leaves(scope)]
    for region in regions(scope):
        for name, _ in region.outputs or ():
            try:
                resolver.refs(region, [name])
            except (BrokenError, NoSuchError):
                continue
    return [entry for entry in found if entry is not None], None not in found


def _fill(body: "Body", region: Region, resolver: Resolver, diagnostics: Diagnostics) -> None:
    """Give a block that is an argument its entries."""
    entries, sound = _entries(region.inside, resolver, diagnostics)
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


def _outputs(
    document: Document,
    last: Definition | None,
    resolver: Resolver,
    level: Level,
    paths: bool,
    diagnostics: Diagnostics,
) -> tuple[OutputSpec, ...]:
    if document.outputs is not None:
        outside = Level(level.module, level.scope, level.values, level.spec_values, bindings=level.bindings)
        return read_outputs(document.outputs, Reader(resolver, outside, last, diagnostics), diagnostics, paths)
    if last is None:
        return ()
    try:
        ref = resolver.refs(last, [])[0]
    except (BrokenError, NoSuchError):
        return ()
    return (OutputSpec(last.path if last.name is not None and last.scope is not None else str(ref), ref, last.place),)
