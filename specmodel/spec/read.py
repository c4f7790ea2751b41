"""A YAML tree becomes a `ModelSpec`; every mistake on the way is a diagnostic."""

from typing import TYPE_CHECKING

from specmodel.diagnostics import Diagnostics, codes
from specmodel.files.location import NamedFiles
from specmodel.spec.document import COMPUTED, EXPANDED_MARK, Document, read_document
from specmodel.spec.entries import entry_nodes
from specmodel.spec.expansion.blocks import read_blocks
from specmodel.spec.expansion.definitions import (
    Definition,
    Input,
    Level,
    Module,
    Scope,
    dissolve,
)
from specmodel.spec.expansion.naming import name_members
from specmodel.spec.expansion.walk import Expander
from specmodel.spec.faults import MOST_MISTAKES, too_many
from specmodel.spec.folds import folds_of
from specmodel.spec.inputs import read_inputs
from specmodel.spec.limits import refuse_too_much
from specmodel.spec.model import UNBUILT_INPUT, Expected, ModelSpec, OutputSpec, Place
from specmodel.spec.outputs import read_outputs
from specmodel.spec.params import Choice, Values, bind, chosen, read_params, require
from specmodel.spec.references import BrokenError, NoSuchError, Reader, Resolver
from specmodel.spec.resolve import entries_of, follow
from specmodel.spec.reuse import settle_reuses
from specmodel.spec.unused import check_unused, warn_of_weights
from specmodel.spec.wiring import build_order, warn_unused
from specmodel.yaml.node import Node

if TYPE_CHECKING:
    pass


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
    paths = marked is not None and marked.value is True
    expander = Expander(diagnostics)
    params = read_params(node.items.get("params"), diagnostics)
    given = chosen(choice, params, node.items.get("presets"), node, diagnostics)
    require(params, given, diagnostics)
    values = bind(params, given, {}, expander.substitute, diagnostics)
    document = read_document(_computed(node, expander, values), diagnostics)
    inputs = read_inputs(document.inputs, diagnostics, params) if document.inputs is not None else None
    level = _top_level(document, values, files, paths, diagnostics)
    last = _expand(node, document, expander, level, diagnostics)
    resolver = Resolver(diagnostics)
    follow(expander, resolver, diagnostics)
    entries, _ = entries_of(level.scope, resolver, diagnostics)
    order = build_order(entries, diagnostics)
    outputs = _outputs(document, last, resolver, level, paths, diagnostics)
    check_unused(expander, level, diagnostics)
    if not diagnostics.failed:
        warn_unused(inputs or (), entries, outputs, diagnostics)
        if document.weights is None:
            warn_of_weights(expander, diagnostics)
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
        tuple(resolver.contracts),
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


def _top_level(
    document: Document, values: Values, files: NamedFiles | None, paths: bool, diagnostics: Diagnostics
) -> Level:
    module, scope = Module(read_blocks(document.blocks, diagnostics), files, paths=paths), Scope()
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
