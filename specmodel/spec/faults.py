"""Faults of arguments, reported where the arguments were written."""

from specmodel.diagnostics import Diagnostics, codes
from specmodel.layers.validation import ArgumentFault, shown
from specmodel.spec.model import Place
from specmodel.text import Span
from specmodel.yaml.node import Node

MOST_MISTAKES = 250
"""After so many the rest of a spec is not looked at: guessing what was meant is slow, and a hostile text has many."""


def too_many(diagnostics: Diagnostics) -> bool:
    """Whether so much is wrong that the rest is not looked at."""
    return len(diagnostics) > MOST_MISTAKES


def here(span: Span | None, place: str) -> str:
    """How a note names a place that it points at; in a mapping it has to spell it out."""
    return "here" if span is not None else f"at `{place}`"


def report_fault(fault: ArgumentFault, arguments: Node, head: Place, diagnostics: Diagnostics) -> None:
    """Report a fault at the argument it speaks of, or at `head` where a whole argument is missing.

    `arguments` holds the arguments by name, or is the value of the first one. What was refused before, as YAML, is
    passed over.
    """
    where = _place(fault, arguments, head)
    if where is not None:
        at = arguments.at(fault.location if arguments.kind == "mapping" else fault.location[1:])
        meant = fault.meant if fault.at_key or (at.kind == "scalar" and not at.computed) else None
        diagnostics.add(fault.code, fault.message, where.span, place=where.text, help=fault.help, meant=meant)


def refused(node: Node) -> bool:
    """Whether YAML made a diagnostic of a value already: of itself, of something in it, or of all its keys."""
    if node.refused:
        return True
    if node.kind == "mapping" and not node.items:
        return node.span is not None and node.written.strip("{} \t\r\n") != ""
    return any(refused(inner) for inner in (*node.items.values(), *node.elements))


def shown_at(node: Node) -> str:
    """What stands at a place, for a message."""
    empty = node.kind == "scalar" and node.value is None and node.written == ""
    return "nothing" if empty else shown(node.plain())


def _place(fault: ArgumentFault, arguments: Node, head: Place) -> Place | None:
    if fault.code == codes.MISSING_ARGUMENT and len(fault.location) == 1:
        return None if not arguments.items and not arguments.elements and refused(arguments) else head
    location = fault.location if arguments.kind == "mapping" else fault.location[1:]
    at = arguments.at(location)
    if refused(at):
        return None
    if fault.at_key and location:
        owner = arguments.at(location[:-1])
        return Place(owner.key_spans.get(str(location[-1])), at.place)
    return Place(at.span, at.place)
