"""A YAML tree becomes a `ModelSpec`; every mistake on the way is a diagnostic."""

from collections.abc import Sequence

from specmodel.diagnostics import Diagnostics, Note, codes
from specmodel.layers.base import Layer
from specmodel.layers.written import first_argument
from specmodel.spec.document import Document, read_document
from specmodel.spec.entries import WrittenEntry, read_entries
from specmodel.spec.inputs import read_inputs
from specmodel.spec.model import UNBUILT_INPUT, Entry, InputSpec, ModelSpec, OutputSpec, Place, Ref
from specmodel.spec.names import NameCounter
from specmodel.spec.outputs import read_outputs
from specmodel.spec.reuse import read_reuse
from specmodel.spec.wiring import Names, Reader, build_order, warn_unused, wire
from specmodel.yaml.node import Node


def read_spec(node: Node, default_name: str, diagnostics: Diagnostics) -> ModelSpec:
    """The spec that a mapping holds.

    After mistakes it holds what is sound, so that the shapes of that can still be checked.
    """
    document = read_document(node, diagnostics)
    inputs = read_inputs(document.inputs, diagnostics) if document.inputs is not None else None
    declared_names = _declared_names(document, inputs)
    written = read_entries(document.layers, diagnostics)
    names = _entry_names(written, declared_names, diagnostics)
    lookup = Names(declared_names, [name for name in names if name is not None])
    entries = _entries(written, names, lookup, declared_names, diagnostics)
    order = build_order(entries, diagnostics)
    outputs = _outputs(document, written, names, lookup, diagnostics)
    if not diagnostics.failed:
        warn_unused(inputs or (), entries, outputs, diagnostics)
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


def _declared_names(document: Document, inputs: Sequence[InputSpec] | None) -> list[str]:
    if inputs is None:
        return [UNBUILT_INPUT]
    declared = document.inputs
    if declared.kind == "mapping" and "shape" not in declared.items:
        return list(declared.items)
    return [UNBUILT_INPUT]


def _entry_names(written: Sequence[WrittenEntry], inputs: Sequence[str], diagnostics: Diagnostics) -> list[str | None]:
    """The name of each entry: its own or an automatic one; None for one whose name is another's."""
    first: dict[str, WrittenEntry] = {}
    refused: set[int] = set()
    for number, entry in enumerate(written):
        if entry.name is None:
            continue
        if entry.name in first or entry.name in inputs:
            at = entry.node.items["name"]
            if entry.name in first:
                earlier = first[entry.name].node.items["name"].span
                notes = [Note(f"`{entry.name}` was first used here", earlier)]
            else:
                notes = [Note(f"`{entry.name}` is an input of the model")]
            message = f"the name `{entry.name}` is taken"
            diagnostics.add(codes.DUPLICATE_NAME, message, at.span, place=at.place, notes=notes)
            refused.add(number)
        else:
            first[entry.name] = entry
    counter = NameCounter({*first, *inputs})
    return [
        None if number in refused else entry.name if entry.name is not None else counter.name(_class_name(entry))
        for number, entry in enumerate(written)
    ]


def _class_name(entry: WrittenEntry) -> str:
    """What an automatic name is made of: the layer's class; for a reuse the name of what it calls."""
    if entry.reuse is not None:
        reused = next(iter(entry.reuse.items), "reuse") if entry.reuse.kind == "mapping" else str(entry.reuse.plain())
        return reused.rpartition("/")[2]
    return type(entry.layer).__name__ if entry.layer is not None else entry.kind


def _entries(
    written: Sequence[WrittenEntry],
    names: Sequence[str | None],
    lookup: Names,
    inputs: Sequence[str],
    diagnostics: Diagnostics,
) -> list[Entry]:
    by_name = {name: entry for name, entry in zip(names, written, strict=True) if name is not None}
    above: Ref | None = Ref(inputs[0]) if len(inputs) == 1 else None
    fault = (
        f"the first entry must say which input it reads: `inputs: {inputs[0]}`"
        if inputs
        else "there is no input to read"
    )
    entries: list[Entry] = []
    for name, entry in zip(names, written, strict=True):
        reused = read_reuse(entry, by_name, diagnostics) if entry.reuse is not None else None
        layer, owner = (reused.layer, reused.owner) if reused is not None else (entry.layer, name)
        if name is not None and layer is not None and owner is not None:
            reader = Reader(lookup, above, fault, diagnostics)
            built = _entry(name, entry, layer, owner, reader, diagnostics)
            if built is not None:
                entries.append(built)
        above = Ref(name) if name is not None else None
        fault = "the entry above has no name of its own"
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
    names: Sequence[str | None],
    lookup: Names,
    diagnostics: Diagnostics,
) -> tuple[OutputSpec, ...]:
    last = names[-1] if names else None
    above = Ref(last) if last is not None else None
    if document.outputs is not None:
        return read_outputs(
            document.outputs, Reader(lookup, above, "there is no entry above", diagnostics), diagnostics
        )
    return (OutputSpec(last, Ref(last), Place(written[-1].head, written[-1].node.place)),) if last is not None else ()
