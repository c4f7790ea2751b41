"""A YAML tree becomes a `ModelSpec`; every mistake on the way is a diagnostic."""

from collections.abc import Container, Sequence

from specmodel.diagnostics import Diagnostics, Note, codes
from specmodel.layers.base import Layer
from specmodel.layers.written import first_argument
from specmodel.spec.document import Document, read_document
from specmodel.spec.entries import WrittenEntry, read_entries
from specmodel.spec.faults import MOST_MISTAKES, here, too_many
from specmodel.spec.inputs import read_inputs
from specmodel.spec.limits import refuse_too_much
from specmodel.spec.model import UNBUILT_INPUT, Entry, ModelSpec, OutputSpec, Place, Ref
from specmodel.spec.names import NameCounter
from specmodel.spec.outputs import read_outputs
from specmodel.spec.reuse import read_reuse
from specmodel.spec.wiring import Names, Reader, build_order, warn_unused, wire
from specmodel.yaml.node import Node


def read_spec(node: Node, default_name: str, diagnostics: Diagnostics) -> ModelSpec:
    """The spec that a mapping holds.

    After mistakes it holds what is sound, so that the shapes of that can still be checked. Raises `SpecError` (E105)
    for more than any network has.
    """
    refuse_too_much(node)
    document = read_document(node, diagnostics)
    inputs = read_inputs(document.inputs, diagnostics) if document.inputs is not None else None
    declared_names = _declared_names(document)
    written = read_entries(document.layers, node, diagnostics)
    names = _entry_names(written, declared_names, diagnostics)
    lookup = Names(declared_names, names)
    entries = _entries(written, names, lookup, declared_names, diagnostics)
    order = build_order(entries, diagnostics)
    outputs = _outputs(document, written, names, lookup, diagnostics)
    if not diagnostics.failed:
        warn_unused(inputs or (), entries, outputs, diagnostics)
    if too_many(diagnostics):
        diagnostics.add(codes.LIMIT, f"more than {MOST_MISTAKES} mistakes; the rest is not read", node.span)
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
    )


def _declared_names(document: Document) -> list[str]:
    """The names of the inputs, those included that have something wrong with them."""
    declared = document.inputs
    if declared is not None and declared.items and "shape" not in declared.items:
        return list(declared.items)
    return [UNBUILT_INPUT]


def _entry_names(written: Sequence[WrittenEntry], inputs: Sequence[str], diagnostics: Diagnostics) -> list[str]:
    """The name of each entry: its own, or an automatic one where it has none or that of another."""
    first: dict[str, int] = {}
    declared = frozenset(inputs)
    for number, entry in enumerate(written):
        if entry.name is None or too_many(diagnostics):
            continue
        if entry.name in first or entry.name in declared:
            _report_taken(entry, written[first[entry.name]] if entry.name in first else None, diagnostics)
        else:
            first[entry.name] = number
    counter, names = NameCounter({*first, *declared}), list[str]()
    known = set(first)
    for number, entry in enumerate(written):
        own = entry.name is not None and first.get(entry.name) == number
        names.append(str(entry.name) if own else counter.name(_class_name(entry, known)))
        known.add(names[-1])
    return names


def _report_taken(entry: WrittenEntry, earlier: WrittenEntry | None, diagnostics: Diagnostics) -> None:
    at = entry.node.items.get("name", entry.node)
    if earlier is None:
        note = Note(f"`{entry.name}` is an input of the model")
    else:
        used = earlier.node.items.get("name", earlier.node)
        note = Note(f"`{entry.name}` was first used {here(used.span, used.place)}", used.span)
    help = "give one of them another name" if earlier is not None else "give the entry another name"
    message = f"the name `{entry.name}` is taken"
    diagnostics.add(codes.DUPLICATE_NAME, message, at.span, place=at.place, notes=[note], help=help)


def _class_name(entry: WrittenEntry, known: Container[str]) -> str:
    """What an automatic name is made of: the layer's class; for a reuse the name of what it calls, if that is known."""
    if entry.reuse is not None:
        reused = next(iter(entry.reuse.items), "") if entry.reuse.kind == "mapping" else str(entry.reuse.value)
        return reused.rpartition("/")[2] if reused in known else "reuse"
    return type(entry.layer).__name__ if entry.layer is not None else entry.kind or "entry"


def _entries(
    written: Sequence[WrittenEntry],
    names: Sequence[str],
    lookup: Names,
    inputs: Sequence[str],
    diagnostics: Diagnostics,
) -> list[Entry]:
    by_name = dict(zip(names, written, strict=True))
    above: Ref | None = Ref(inputs[0]) if len(inputs) == 1 else None
    fault = f"the first entry must say which input it reads: `inputs: {inputs[0]}`"
    entries: list[Entry] = []
    for name, entry in zip(names, written, strict=True):
        reused = read_reuse(entry, by_name, diagnostics) if entry.reuse is not None else None
        layer, owner = (reused.layer, reused.owner) if reused is not None else (entry.layer, name)
        if layer is not None and owner is not None:
            reader = Reader(lookup, above, fault, diagnostics)
            built = _entry(name, entry, layer, owner, reader, diagnostics)
            if built is not None:
                entries.append(built)
        above = Ref(name)
    return entries


def _entry(
    name: str, entry: WrittenEntry, layer: Layer, owner: str, reader: Reader, diagnostics: Diagnostics
) -> Entry | None:
    where = Place(entry.head, entry.node.place)
    wired = wire(type(layer).__name__, type(layer), entry.inputs, where, reader, diagnostics)
    if wired.broken:
        return None
    places = {**_argument_places(entry, layer), **wired.places}
    return Entry(name, layer, wired.arguments, where, places, owner)


def _argument_places(entry: WrittenEntry, layer: Layer) -> dict[str, Place]:
    """Where each of the layer's arguments was written."""
    arguments = entry.node.items.get(entry.kind) if entry.node.kind == "mapping" else None
    if arguments is None or entry.reuse is not None:
        return {}
    if arguments.kind == "mapping":
        return {name: Place(value.span, value.place) for name, value in arguments.items.items()}
    if arguments.kind == "scalar" and arguments.value is None:
        return {}
    return {name: Place(arguments.span, arguments.place) for name in first_argument(type(layer), arguments.plain())}


def _outputs(
    document: Document,
    written: Sequence[WrittenEntry],
    names: Sequence[str],
    lookup: Names,
    diagnostics: Diagnostics,
) -> tuple[OutputSpec, ...]:
    if document.outputs is not None:
        above = Ref(names[-1]) if names else None
        reader = Reader(lookup, above, "there is no entry above", diagnostics)
        return read_outputs(document.outputs, reader, diagnostics)
    if not names:
        return ()
    return (OutputSpec(names[-1], Ref(names[-1]), Place(written[-1].head, written[-1].node.place)),)
