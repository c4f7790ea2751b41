"""References: what each entry reads, in which order entries can be built, and what nobody needs."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, islice

from specmodel.diagnostics import Diagnostics, Note, codes, did_you_mean
from specmodel.layers.base import Layer, call_parameters, required_parameters
from specmodel.layers.validation import shown
from specmodel.record import Record
from specmodel.spec.faults import here, refused, shown_at, too_many
from specmodel.spec.model import Argument, Entry, InputSpec, OutputSpec, Place, Ref
from specmodel.yaml.node import Node

ALL_OUTPUTS = -1
"""The index that stands for every output of an entry (`lstm/*`)."""
IN_ORDER = "*"
"""The name of an argument that holds all call arguments in order, where only the graph knows how many there are."""
_LONGEST_PATH = 12
"""As many entries of a cycle are named."""
SUGGESTED_FROM = 200
"""As many names are compared with a reference that means nothing."""


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
        near = did_you_mean(written.partition("/")[0], islice(chain(self.inputs, self.entries), SUGGESTED_FROM))
        return (
            f"did you mean `{near}`?"
            if near
            else "a reference is the name of an entry or an input, or `_` for the entry above"
        )


class Reader:
    """Reads the references of one entry; `above` is what `_` means there, None where it means nothing.

    `failed` tells that one was wrong, which has been reported.
    """

    def __init__(self, names: Names, above: Ref | None, above_fault: str, diagnostics: Diagnostics) -> None:
        self._names = names
        self._above = above
        self._above_fault = above_fault
        self._diagnostics = diagnostics
        self.failed = False

    def above(self, where: Place) -> Ref | None:
        """What `_` means; a diagnostic where it means nothing."""
        if self._above is None:
            self._fail(codes.UNDEFINED_REFERENCE, self._above_fault, where)
        return self._above

    def reference(self, node: Node) -> Ref | None:
        """One reference; a diagnostic where it means nothing."""
        where = Place(node.span, node.place)
        if node.refused or too_many(self._diagnostics):
            self.failed = True
            return None
        if node.value == "_":
            return self.above(where)
        written = node.value if isinstance(node.value, str) else node.written
        ref = self._names.resolve(written) if node.kind == "scalar" and node.value is not None else None
        if ref is None and isinstance(node.value, str):
            help = self._names.suggest(written)
            self._fail(codes.UNDEFINED_REFERENCE, f"`{written[:80]}` is no entry and no input", where, help)
        elif ref is None and refused(node):
            self.failed = True
        elif ref is None:
            self._fail(codes.WRONG_FORM, f"a reference is a name, found {shown_at(node)}", where)
        return ref

    def positional(self, node: Node) -> list[Ref]:
        """The values of `inputs:` written as one reference or a list."""
        found = (self.reference(element) for element in (node.elements if node.kind == "sequence" else [node]))
        return [ref for ref in found if ref is not None]

    def value(self, node: Node) -> Argument:
        """The value of one call argument: a reference, a list of them, or null. Faults come back as null."""
        if node.kind == "sequence":
            return tuple(self.positional(node))
        if node.kind == "scalar" and node.value is None and not node.refused:
            return None
        return self.reference(node)

    def _fail(self, code: str, message: str, where: Place, help: str | None = None) -> None:
        self._diagnostics.add(code, message, where.span, place=where.text, help=help)
        self.failed = True


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
    if not parameters:
        return _without_inputs(kind, inputs, diagnostics)
    if inputs is not None and inputs.kind == "mapping":
        arguments = _by_name(kind, layer, inputs, reader, diagnostics)
        places = {name: Place(node.span, node.place) for name, node in inputs.items.items()}
        reader.failed = reader.failed or (not inputs.items and refused(inputs))
    else:
        above = reader.above(where) if inputs is None else None
        refs = reader.positional(inputs) if inputs is not None else [above] if above is not None else []
        places = {"inputs": Place(inputs.span, inputs.place)} if inputs is not None else {}
        arguments = []
        if not reader.failed:
            arguments = _in_order(kind, layer, parameters, refs, places.get("inputs", where), diagnostics)
    if len(diagnostics) == before and not reader.failed:
        at = Place(inputs.span, inputs.place) if inputs is not None else where
        _check_required(kind, layer, dict(arguments), at, diagnostics)
    return Wired(tuple(arguments), places, reader.failed or len(diagnostics) > before)


def _without_inputs(kind: str, inputs: Node | None, diagnostics: Diagnostics) -> Wired:
    """The wiring of a layer that is called with nothing: it does not read the entry above either."""
    if inputs is not None and not refused(inputs):
        message, help = f"{kind} takes no inputs", "leave `inputs` out; other entries read this one by its name"
        diagnostics.add(codes.CALL_ARGUMENTS, message, inputs.span, place=inputs.place, help=help)
    return Wired((), {}, inputs is not None)


def _by_name(
    kind: str, layer: type[Layer], inputs: Node, reader: Reader, diagnostics: Diagnostics
) -> list[tuple[str, Argument]]:
    arguments = []
    parameters = call_parameters(layer)
    for name, node in inputs.items.items():
        if name in parameters:
            value = reader.value(node) if node.kind == "scalar" or name in layer.list_arguments() else ()
            several = value == () or (isinstance(value, Ref) and value.index == ALL_OUTPUTS)
            if several and name not in layer.list_arguments():
                found = f"all outputs of an entry, `{node.value}`" if value else shown(node.plain())
                message = f"`{name}` of {kind} is one value, found {found}"
                diagnostics.add(codes.CALL_ARGUMENTS, message, node.span, place=node.place)
            arguments.append((name, value))
            continue
        if too_many(diagnostics):
            break
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
    where: Place,
    diagnostics: Diagnostics,
) -> list[tuple[str, Argument]]:
    if layer.takes_list:
        return [(parameters[0], tuple(refs))]
    if any(ref.index == ALL_OUTPUTS for ref in refs):
        return [(IN_ORDER, tuple(refs))]
    if len(refs) <= len(parameters):
        return list(zip(parameters, refs, strict=False))
    help = "join them first: Concatenate, Add" if len(parameters) == 1 else None
    message = too_many_inputs(kind, len(parameters), len(refs))
    diagnostics.add(codes.CALL_ARGUMENTS, message, where.span, place=where.text, help=help)
    return []


def too_many_inputs(kind: str, most: int, found: int) -> str:
    """The message for more inputs than a layer's call takes."""
    takes = ("no inputs", "one input")[most] if most < 2 else f"at most {most} inputs"
    return f"{kind} takes {takes}, found {found}"


def _check_required(
    kind: str, layer: type[Layer], given: Mapping[str, Argument], where: Place, diagnostics: Diagnostics
) -> None:
    if IN_ORDER in given:
        return
    required = required_parameters(layer)
    missing = [name for name in required if given.get(name) in (None, ())]
    if not missing:
        return
    if len(required) == 1:
        message = f"{kind} takes {'at least ' if layer.takes_list else ''}one input, found none"
        help = "name an input or an entry, or leave `inputs` out to read the entry above"
    else:
        message = f"{kind} needs {_listed(required)}; {_listed(missing)} {'is' if len(missing) == 1 else 'are'} missing"
        help = f"write `inputs: {{{', '.join(f'{name}: …' for name in required)}}}`"
    diagnostics.add(codes.CALL_ARGUMENTS, message, where.span, place=where.text, help=help)


def _listed(names: Sequence[str]) -> str:
    return " and ".join(f"`{name}`" for name in names)


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
    names = [f"`{entry.path}`" for entry in [*data_way, data_way[0]]]
    path = " -> ".join(names if len(names) <= _LONGEST_PATH else [*names[: _LONGEST_PATH - 2], "…", names[-1]])
    entry = data_way[0]
    where = entry.places.get("inputs", entry.place)
    notes = []
    for other in data_way[1:_LONGEST_PATH]:
        stands = here(other.place.span, other.place.text)
        notes.append(Note(f"`{other.path}` of the circle stands {stands}", other.place.span))
    message = f"these entries read each other in a circle: {path}" if notes else f"`{entry.path}` reads itself"
    diagnostics.add(codes.CYCLE, message, where.span, place=where.text, notes=notes)


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
