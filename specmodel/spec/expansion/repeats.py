"""`repeat`: how often an entry is written, and with which values."""

from specmodel.diagnostics import Diagnostics, codes
from specmodel.record import Record
from specmodel.spec.expansion.definitions import Level
from specmodel.spec.expressions.parse import WORDS
from specmodel.spec.expressions.substitute import Substitution, names_of
from specmodel.spec.faults import refused, shown_at
from specmodel.spec.params import ROUNDING, Values
from specmodel.yaml.node import Node

COUNTER = "i"
LARGEST = 10_000_000
"""No count beyond it is even looked at; the limit of an expansion is lower."""


class Repeat(Record):
    """How often an entry is written; `rows` holds the values of each time where it says more than a count.

    `names_each` tells that the entry's name uses them: each time has one of its own.
    """

    times: int
    rows: tuple[Values, ...] | None
    counter: str
    names_each: bool

    def values(self, number: int) -> Values:
        """What expressions see at one time."""
        row = self.rows[number] if self.rows is not None else {}
        return {self.counter: number, **row}

    def said(self, number: int) -> str:
        """What a message calls one time."""
        return f"{'time' if self.rows is None else 'row'} {number + 1} of `repeat`"

    def reads(self, names: frozenset[str]) -> bool:
        """Whether one time may differ from another to something that reads these names."""
        return self.counter in names or any(not names.isdisjoint(row) for row in self.rows or ())


def read_repeat(node: Node, level: Level, substitute: Substitution, diagnostics: Diagnostics) -> Repeat | None:
    """What the `repeat` of an entry says; None where it is wrong, which is reported."""
    counter = _counter(node.items.get("index"), diagnostics)
    repeat = substitute(node.items["repeat"], level.values)
    if counter is None or refused(repeat):
        return None
    if repeat.kind == "sequence":
        read = [_row(row, counter, diagnostics) for row in repeat.elements]
        rows = tuple(row for row in read if row is not None)
        if len(rows) != len(read):
            return None
        names = {counter, *(key for row in rows for key in row)}
        return Repeat(len(rows), rows, counter, _names_each(node, names))
    count = repeat.value
    if isinstance(count, bool) or not isinstance(count, int) or not 0 <= count <= LARGEST or repeat.kind != "scalar":
        message = f"`repeat` is a count, or a list of rows, found {shown_at(repeat)}"
        help = "a row is a mapping of names to values: `- {filters: 64, depth: 2}`"
        if isinstance(count, float):
            help = ROUNDING
        elif isinstance(count, int) and not isinstance(count, bool):
            help = f"a count runs from 0 to {LARGEST:,}"
        diagnostics.add(codes.BAD_REPEAT, message, repeat.span, place=repeat.place, help=help)
        return None
    return Repeat(count, None, counter, _names_each(node, {counter}))


def _counter(node: Node | None, diagnostics: Diagnostics) -> str | None:
    if node is None:
        return COUNTER
    if isinstance(node.value, str) and node.value.isidentifier() and node.value not in WORDS:
        return node.value
    if not refused(node):
        message = f"`index` is the name of the counter in expressions, found {shown_at(node)}"
        diagnostics.add(codes.BAD_REPEAT, message, node.span, place=node.place, help="for example `index: stage`")
    return None


def _row(node: Node, counter: str, diagnostics: Diagnostics) -> Values | None:
    if node.kind != "mapping" or not node.items:
        if not refused(node):
            message = f"a row of `repeat` is a mapping of names to values, found {shown_at(node)}"
            help = "for example `- {filters: 64, depth: 2}`"
            diagnostics.add(codes.BAD_REPEAT, message, node.span, place=node.place, help=help)
        return None
    sound = True
    for key, value in node.items.items():
        if key == counter or not key.isidentifier() or key in WORDS:
            why = (
                "it is the counter: `index` gives that another name" if key == counter else "expressions cannot name it"
            )
            message, sound = f"`{key[:60]}` cannot be a key of a row: {why}", False
            diagnostics.add(codes.BAD_REPEAT, message, node.key_spans.get(key), place=value.place)
    return node.plain() if sound else None


def _names_each(node: Node, values: set[str]) -> bool:
    name = node.items.get("name")
    return name is not None and isinstance(name.value, str) and bool(names_of(name.value) & values)
