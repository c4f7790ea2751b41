"""What a group or block reads: its inputs, bound to values of the level it stands in."""

from collections.abc import Sequence

from specmodel.diagnostics import Diagnostics, codes, did_you_mean
from specmodel.spec.entries import WrittenEntry
from specmodel.spec.expansion.blocks import DEFAULT_INPUT
from specmodel.spec.expansion.definitions import Definition, Level, Passed
from specmodel.spec.faults import refused
from specmodel.spec.model import Place
from specmodel.spec.names import check_name
from specmodel.yaml.node import Node

Bindings = dict[str, Definition]


def first_input(inputs: Node | None) -> Node | None:
    """The first of the references that `inputs:` holds; None for the entry above."""
    if inputs is None or inputs.kind == "scalar":
        return inputs
    if inputs.kind == "sequence":
        return first_input(inputs.elements[0]) if inputs.elements else None
    return first_input(next(iter(inputs.items.values()), None))


def bindings_of(
    declared: Sequence[str] | None,
    entry: WrittenEntry,
    level: Level,
    above: Definition | None,
    passed: list[Passed],
    diagnostics: Diagnostics,
) -> tuple[tuple[str, ...], Bindings]:
    """The names of a group's or block's inputs, and what they are bound to, in order or by name.

    A group's inputs are `declared` where it is used: None stands for it.
    """
    inputs, place = entry.inputs, Place(entry.head, entry.node.place)
    if inputs is not None and inputs.kind == "mapping":
        return _by_name(declared, entry, inputs, level, above, passed, diagnostics)
    names = tuple(declared) if declared is not None else (DEFAULT_INPUT,)
    bindings: Bindings = {}
    count = len(inputs.elements) if inputs is not None and inputs.kind == "sequence" else 1
    several = inputs is not None and "*" in inputs.written
    wrong = count != len(names) if not several else False
    if inputs is None and not names:
        return (), {}
    if wrong and not (inputs is not None and refused(inputs)):
        _report_count(declared, names, entry, count if inputs is not None else 0, diagnostics)
    for position, name in enumerate(names):
        read = entry.node.refuses() if wrong else inputs
        bindings[name] = bound = Passed(level, place, read, above, position=position)
        if (inputs is not None or above is not None) and not wrong:
            passed.append(bound)
    return names, bindings


def _report_count(
    declared: Sequence[str] | None, names: Sequence[str], entry: WrittenEntry, count: int, diagnostics: Diagnostics
) -> None:
    at = entry.inputs
    where = Place(at.span, at.place) if at is not None else Place(entry.head, entry.node.place)
    if declared is None:
        message = f"a group has one input, `{DEFAULT_INPUT}`, or names for several, found a list of {count}"
        help = "name them: `inputs: {a: …, b: …}`"
    else:
        takes = "no inputs" if not names else f"the input{'s' if len(names) > 1 else ''} {_listed(names)}"
        found = "none" if not count else f"{count} of them" if count > 1 else "one"
        message = f"the block `{entry.kind}` takes {takes}, found {found}"
        help = f"write `inputs: [{', '.join('…' for _ in names)}]`, or name them" if names else "leave `inputs` out"
    diagnostics.add(codes.CALL_ARGUMENTS, message, where.span, place=where.text, help=help)


def _by_name(
    declared: Sequence[str] | None,
    entry: WrittenEntry,
    inputs: Node,
    level: Level,
    above: Definition | None,
    passed: list[Passed],
    diagnostics: Diagnostics,
) -> tuple[tuple[str, ...], Bindings]:
    names = tuple(declared) if declared is not None else tuple(inputs.items)
    bindings: Bindings = {}
    for name, node in inputs.items.items():
        span, where = inputs.key_spans.get(name), Place(node.span, node.place)
        if declared is None:
            check_name(name, span, node.place, diagnostics)
        elif name not in names:
            near = did_you_mean(name, names)
            help = f"did you mean `{near}`?" if near else f"it takes {_listed(names) or 'no inputs'}"
            message = f"the block `{entry.kind}` has no input `{name}`"
            diagnostics.add(codes.CALL_ARGUMENTS, message, span, place=node.place, help=help)
            continue
        bindings[name] = bound = Passed(level, where, node, above)
        passed.append(bound)
    missing = [name for name in names if name not in bindings]
    if missing and not refused(inputs):
        message = f"the block `{entry.kind}` needs {_listed(names)}; {_listed(missing)} is missing"
        diagnostics.add(codes.CALL_ARGUMENTS, message, inputs.span, place=inputs.place)
    for name in missing:  # what reads it stays silent
        bindings[name] = Passed(level, Place(inputs.span, inputs.place), inputs.refuses(), above)
    return names, {name: bindings[name] for name in names}


def _listed(names: Sequence[str]) -> str:
    return " and ".join(f"`{name}`" for name in names)
