"""References: what each entry reads, in which order entries can be built, and what nobody needs."""

from collections.abc import Iterable, Mapping, Sequence

from specmodel.diagnostics import Diagnostics, Note, codes, did_you_mean
from specmodel.layers.base import Layer, call_parameters, required_parameters
from specmodel.layers.validation import shown
from specmodel.record import Record
from specmodel.spec.model import Argument, Entry, InputSpec, OutputSpec, Place, Ref
from specmodel.yaml.node import Node

ALL_OUTPUTS = -1
"""The index that stands for every output of an entry (`lstm/*`)."""
IN_ORDER = "*"
"""The name of an argument that holds all call arguments in order, where only the graph knows how many there are."""


class Names:
    """What a reference can mean: inputs and entries by name."""

    def __init__(self, inputs: Iterable[str], entries: Iterable[str]) -> None:
        self.inputs = dict.fromkeys(inputs)
        self.entries = dict.fromkeys(entries)

    def resolve(self, written: str) -> Ref | None:
        """The value that a reference means, or None where it means nothing."""
        if written in self.entries or written in self.inputs:
            return Ref(written)
        target, _, index = written.rpartition("/")
        if target in self.entries and index == "*":
            return Ref(target, ALL_OUTPUTS)
        if (target in self.entries or target in self.inputs) and index.isascii() and index.isdigit() and len(index) < 4:
            return Ref(target, int(index))
        return None

    def suggest(self, written: str) -> str:
        """Help for a reference that means nothing."""
        near = did_you_mean(written.partition("/")[0], [*self.entries, *self.inputs])
        return (
            f"did you mean `{near}`?"
            if near
            else "a reference is the name of an entry or an input, or `_` for the entry above"
        )


class Reader:
    """Reads the references of one entry; `above` is what `_` means there, None where it means nothing."""

    def __init__(self, names: Names, above: Ref | None, above_fault: str, diagnostics: Diagnostics) -> None:
        self._names = names
        self._above = above
        self._above_fault = above_fault
        self._diagnostics = diagnostics
        self.places: dict[str, Place] = {}

    def reference(self, node: Node) -> Ref | None:
        """One reference; a diagnostic where it means nothing."""
        written = node.written if node.kind == "scalar" else None
        if node.kind != "scalar" or not isinstance(node.value, str) or written is None:
            named = self._names.resolve(written) if written is not None and node.value is not None else None
            if named is not None:
                return named
            message = f"a reference is a name, found {shown(node.plain())}"
            self._diagnostics.add(codes.WRONG_FORM, message, node.span, place=node.place)
            return None
        if node.value == "_":
            if self._above is None:
                self._diagnostics.add(codes.UNDEFINED_REFERENCE, self._above_fault, node.span, place=node.place)
            return self._above
        ref = self._names.resolve(node.value)
        if ref is None:
            message = f"`{node.value[:80]}` is no entry and no input"
            help = self._names.suggest(node.value)
            self._diagnostics.add(codes.UNDEFINED_REFERENCE, message, node.span, place=node.place, help=help)
        return ref

    def positional(self, node: Node) -> list[Ref | None]:
        """The values of `inputs:` written as one reference or a list."""
        return [self.reference(element) for element in (node.elements if node.kind == "sequence" else [node])]

    def value(self, node: Node) -> Argument:
        """The value of one call argument: a reference, a list of them, or null. Faults come back as null."""
        if node.kind == "sequence":
            found = [self.reference(element) for element in node.elements]
            return tuple(ref for ref in found if ref is not None)
        if node.kind == "scalar" and node.value is None:
            return None
        return self.reference(node)


class Wired(Record):
    """The call arguments of an entry, and where they were written; `broken` if a reference was wrong."""

    arguments: tuple[tuple[str, Argument], ...]
    places: dict[str, Place]
    broken: bool


def wire(
    kind: str, layer: type[Layer], inputs: Node | None, where: Place, reader: Reader, diagnostics: Diagnostics
) -> Wired:
    """Bind what `inputs:` says to the layer's call arguments."""
    before = len(diagnostics)
    parameters = call_parameters(layer)
    if inputs is not None and inputs.kind == "mapping":
        arguments = _by_name(kind, layer, inputs, reader, diagnostics)
        places = {name: Place(node.span, node.place) for name, node in inputs.items.items()}
    else:
        given = reader.positional(inputs) if inputs is not None else [_above(reader, where, diagnostics)]
        refs = [ref for ref in given if ref is not None]
        arguments = _in_order(kind, layer, parameters, refs, inputs, where, diagnostics)
        places = {"inputs": Place(inputs.span, inputs.place)} if inputs is not None else {}
    if len(diagnostics) == before:
        _check_required(kind, layer, dict(arguments), places.get("inputs", where), diagnostics)
    return Wired(tuple(arguments), places, len(diagnostics) > before)


def _above(reader: Reader, where: Place, diagnostics: Diagnostics) -> Ref | None:
    if reader._above is None:
        diagnostics.add(codes.UNDEFINED_REFERENCE, reader._above_fault, where.span, place=where.text)
    return reader._above


def _by_name(
    kind: str, layer: type[Layer], inputs: Node, reader: Reader, diagnostics: Diagnostics
) -> list[tuple[str, Argument]]:
    arguments = []
    parameters = call_parameters(layer)
    for name, node in inputs.items.items():
        if name in parameters:
            if node.kind == "sequence" and name not in layer.list_arguments():
                message = f"`{name}` of {kind} is one value, found {shown(node.plain())}"
                diagnostics.add(codes.CALL_ARGUMENTS, message, node.span, place=node.place)
            arguments.append((name, reader.value(node)))
            continue
        near = did_you_mean(name, parameters)
        help = f"did you mean `{near}`?" if near else f"{kind} is called with {', '.join(parameters) or 'nothing'}"
        message = f"{kind} has no call argument `{name}`"
        diagnostics.add(codes.CALL_ARGUMENTS, message, inputs.key_spans.get(name), place=node.place, help=help)
    order = {name: index for index, name in enumerate(parameters)}
    return sorted(arguments, key=lambda pair: order[pair[0]])


def _in_order(
    kind: str,
    layer: type[Layer],
    parameters: Sequence[str],
    refs: list[Ref],
    inputs: Node | None,
    where: Place,
    diagnostics: Diagnostics,
) -> list[tuple[str, Argument]]:
    if layer.takes_list:
        return [(parameters[0], tuple(refs))]
    if any(ref.index == ALL_OUTPUTS for ref in refs):
        return [(IN_ORDER, tuple(refs))]
    if len(refs) <= len(parameters):
        return list(zip(parameters, refs, strict=False))
    span, place = (inputs.span, inputs.place) if inputs is not None else (where.span, where.text)
    help = "join them first: Concatenate, Add" if len(parameters) == 1 else None
    diagnostics.add(codes.CALL_ARGUMENTS, too_many(kind, len(parameters), len(refs)), span, place=place, help=help)
    return []


def too_many(kind: str, most: int, found: int) -> str:
    """The message for more inputs than a layer's call takes."""
    takes = ("no inputs", "one input")[most] if most < 2 else f"at most {most} inputs"
    return f"{kind} takes {takes}, found {found}"


def _check_required(
    kind: str, layer: type[Layer], given: Mapping[str, Argument], where: Place, diagnostics: Diagnostics
) -> None:
    if IN_ORDER in given:
        return
    missing = [name for name in required_parameters(layer) if given.get(name) is None]
    if missing:
        parameters = call_parameters(layer)
        message = (
            f"{kind} is called with {', '.join(parameters)}; {', '.join(f'`{name}`' for name in missing)} is missing"
        )
        example = ", ".join(f"{name}: …" for name in required_parameters(layer))
        diagnostics.add(
            codes.CALL_ARGUMENTS, message, where.span, place=where.text, help=f"write `inputs: {{{example}}}`"
        )


def build_order(entries: Sequence[Entry], diagnostics: Diagnostics) -> tuple[int, ...]:
    """The entries' indices, each behind what it reads, otherwise in the file's order; a cycle is an error.

    Entries that read each other in a circle are left out.
    """
    index = {entry.path: number for number, entry in enumerate(entries)}
    reads = [[index[ref.target] for ref in entry.refs() if ref.target in index] for entry in entries]
    state = [0] * len(entries)  # 0 not seen, 1 on the way, 2 done, 3 on or behind a cycle
    order: list[int] = []
    for start in range(len(entries)):
        if state[start]:
            continue
        state[start] = 1
        stack = [(start, iter(reads[start]))]
        while stack:
            current, remaining = stack[-1]
            following = next(remaining, None)
            if following is None:
                stack.pop()
                if state[current] == 1:
                    state[current] = 3 if any(state[read] == 3 for read in reads[current]) else 2
                if state[current] == 2:
                    order.append(current)
            elif state[following] == 1:
                way = [number for number, _ in stack]
                _report_cycle([entries[number] for number in way[way.index(following) :]], diagnostics)
                state[current] = 3
            elif state[following] == 0:
                state[following] = 1
                stack.append((following, iter(reads[following])))
    return tuple(order)


def _report_cycle(cycle: Sequence[Entry], diagnostics: Diagnostics) -> None:
    """Say a cycle once, from its entry that stands first in the file, in the direction of the data."""
    data_way = list(reversed(cycle))
    first = min(range(len(data_way)), key=lambda n: _line(data_way[n]))
    data_way = data_way[first:] + data_way[:first]
    path = " -> ".join(f"`{entry.path}`" for entry in [*data_way, data_way[0]])
    entry = data_way[0]
    where = entry.places.get("inputs", entry.place)
    notes = [Note(f"`{other.path}` is part of the cycle", other.place.span) for other in data_way[1:]]
    diagnostics.add(
        codes.CYCLE, f"these entries read each other in a circle: {path}", where.span, place=where.text, notes=notes
    )


def _line(entry: Entry) -> tuple[int, int]:
    return (entry.place.span.line, entry.place.span.column) if entry.place.span is not None else (0, 0)


def warn_unused(
    inputs: Sequence[InputSpec], entries: Sequence[Entry], outputs: Sequence[OutputSpec], diagnostics: Diagnostics
) -> None:
    """Warn of entries that no output depends on, and of inputs that nobody reads."""
    by_path = {entry.path: entry for entry in entries}
    waiting = [output.ref.target for output in outputs]
    needed: set[str] = set()
    while waiting:
        path = waiting.pop()
        if path not in needed:
            needed.add(path)
            waiting.extend(ref.target for ref in by_path[path].refs()) if path in by_path else None
    for entry in entries:
        if entry.path not in needed:
            message = f"no output depends on `{entry.path}`"
            help = "name it in `outputs`, read it somewhere, or take it out"
            diagnostics.add(codes.DEAD_ENTRY, message, entry.place.span, place=entry.place.text, help=help)
    read = {ref.target for entry in entries for ref in entry.refs()} | {output.ref.target for output in outputs}
    for declared in inputs:
        if declared.name not in read:
            message = f"nothing reads the input `{declared.name}`"
            diagnostics.add(codes.UNREAD_INPUT, message, declared.place.span, place=declared.place.text)
