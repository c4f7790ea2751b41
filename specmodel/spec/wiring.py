"""References: what each entry reads, in which order entries can be built, and what nobody needs."""

from collections.abc import Mapping, Sequence

from specmodel.diagnostics import Diagnostics, Note, codes, did_you_mean, unmistakable
from specmodel.layers.base import Layer, call_parameters, required_parameters
from specmodel.layers.validation import shown
from specmodel.record import Record
from specmodel.spec.faults import here, refused, too_many
from specmodel.spec.model import ALL_OUTPUTS, Argument, Entry, InputSpec, OutputSpec, Place, Ref
from specmodel.spec.references import Reader
from specmodel.yaml.node import Node

IN_ORDER = "*"
"""The name of an argument that holds all call arguments in order, where only the graph knows how many there are."""
_LONGEST_PATH = 12
"""As many entries of a cycle are named."""


class Wired(Record):
    """The call arguments of an entry, and what was written of them; `broken` if a reference was wrong."""

    arguments: tuple[tuple[str, Argument], ...]
    written: Mapping[str, Node]
    broken: bool


def wire(
    kind: str, layer: type[Layer], inputs: Node | None, where: Place, reader: Reader, diagnostics: Diagnostics
) -> Wired:
    """Bind what `inputs:` says to the layer's call arguments."""
    before = diagnostics.added
    parameters = call_parameters(layer)
    if not parameters:
        return _without_inputs(kind, inputs, diagnostics)
    at = Place(inputs.span, inputs.place) if inputs is not None else where
    if inputs is not None and inputs.kind == "mapping":
        arguments = _by_name(kind, layer, inputs, reader, diagnostics)
        written = inputs.items
        reader.failed = reader.failed or (not inputs.items and refused(inputs))
    else:
        refs = reader.positional(inputs) if inputs is not None else list(reader.above(where))
        written = {"inputs": inputs} if inputs is not None else {}
        arguments = [] if reader.failed else _in_order(kind, layer, parameters, refs, at, diagnostics)
    if diagnostics.added == before and not reader.failed:
        _check_required(kind, layer, dict(arguments), at, diagnostics)
    return Wired(tuple(arguments), written, reader.failed or diagnostics.added > before)


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
            several = isinstance(value, tuple) or (isinstance(value, Ref) and value.index == ALL_OUTPUTS)
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
        meant, span = unmistakable(name, parameters) if near is not None else None, inputs.key_spans.get(name)
        diagnostics.add(codes.CALL_ARGUMENTS, message, span, place=node.place, help=help, meant=meant)
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
    where = entry.place_of("inputs")
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
            with diagnostics.inside(entry.frame):
                diagnostics.add(codes.DEAD_ENTRY, message, entry.place.span, place=entry.place.text, help=help)
    read = {ref.target for entry in entries for ref in entry.refs()} | {output.ref.target for output in outputs}
    for declared in inputs:
        if declared.name not in read:
            message = f"nothing reads the input `{declared.name}`"
            diagnostics.add(codes.UNREAD_INPUT, message, declared.place.span, place=declared.place.text)
