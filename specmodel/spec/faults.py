"""Faults of arguments, reported where the arguments were written."""

from specmodel.diagnostics import Diagnostics, codes
from specmodel.layers.validation import ArgumentFault
from specmodel.spec.model import Place
from specmodel.yaml.node import Node


def report_fault(fault: ArgumentFault, arguments: Node, head: Place, diagnostics: Diagnostics) -> None:
    """Report a fault at the argument it speaks of, or at `head` where a whole argument is missing.

    `arguments` holds the arguments by name, or is the value of the first one. A value that was refused before, as YAML, is
    passed over.
    """
    where = _place(fault, arguments, head)
    if where is not None:
        diagnostics.add(fault.code, fault.message, where.span, place=where.text, help=fault.help)


def _place(fault: ArgumentFault, arguments: Node, head: Place) -> Place | None:
    if fault.code == codes.MISSING_ARGUMENT and len(fault.location) == 1:
        return head
    location = fault.location if arguments.kind == "mapping" else fault.location[1:]
    at = arguments.at(location)
    if at.refused:
        return None
    if fault.at_key and location:
        owner = arguments.at(location[:-1])
        return Place(owner.key_spans.get(str(location[-1])), at.place)
    return Place(at.span, at.place)
