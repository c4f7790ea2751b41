"""Values in place of the expressions of a YAML tree."""

from collections.abc import Mapping
from functools import lru_cache

from specmodel.diagnostics import Diagnostics, codes
from specmodel.layers.validation import shown
from specmodel.spec.expressions.evaluate import evaluate
from specmodel.spec.expressions.fault import ExpressionFault, UnsetFault
from specmodel.spec.expressions.parse import parse
from specmodel.spec.expressions.tree import Expression, Name, Value, names_in
from specmodel.yaml.node import Node

OPENING = "$("


def has_expression(node: Node) -> bool:
    """Whether a `$(` stands in it."""
    if node.kind == "scalar":
        return isinstance(node.value, str) and OPENING in node.value and not node.computed
    return any(map(has_expression, node.elements)) or any(map(has_expression, node.items.values()))


class Substitution:
    """Computes nodes; it remembers which hold no expression, which are shared as they are."""

    def __init__(self, diagnostics: Diagnostics) -> None:
        self.diagnostics = diagnostics
        self._plain: dict[int, tuple[Node, bool]] = {}

    def __call__(self, node: Node, names: Mapping[str, Value]) -> Node:
        """The node with every expression computed; of one that is wrong a diagnostic is made, and it is `refused`."""
        if not self._holds(node):
            return node
        if node.kind == "mapping":
            return node.with_items({key: self(inner, names) for key, inner in node.items.items()})
        if node.kind == "sequence":
            return node.with_elements([self(inner, names) for inner in node.elements])
        try:
            return node.computes(computed(str(node.value), names))
        except ExpressionFault as fault:
            self.failed(fault, node, names)
            return node.refuses()

    def failed(self, fault: ExpressionFault, node: Node, names: Mapping[str, Value]) -> None:
        """Say what is wrong with an expression."""
        report(fault, node, self.diagnostics)

    def _holds(self, node: Node) -> bool:
        if node.kind == "scalar":
            return isinstance(node.value, str) and OPENING in node.value and not node.computed
        known = self._plain.get(id(node))
        if known is None:  # the node is kept, so that its identity is not given to another
            inner = [*node.items.values(), *node.elements]
            known = self._plain[id(node)] = (node, any(map(self._holds, inner)))
        return known[1]


def report(fault: ExpressionFault, node: Node, diagnostics: Diagnostics) -> None:
    """Say what is wrong with an expression, at its part."""
    if isinstance(fault, UnsetFault):
        return
    diagnostics.add(fault.code, fault.message, node.part(fault.start, fault.end), place=node.place, help=fault.help)


def computed(text: str, names: Mapping[str, Value]) -> Value:
    """The value of a scalar: of its only expression, or a text with the expressions in it; raises `ExpressionFault`.

    A float without a fraction becomes an integer, which fits wherever a float does.
    """
    pieces: list[str] = []
    offset = 0
    while (found := text.find(OPENING, offset)) >= 0:
        if found > 0 and text[found - 1] == "$" and found - 1 >= offset:
            pieces.append(text[offset : found - 1] + OPENING)
            offset = found + len(OPENING)
            continue
        pieces.append(text[offset:found])
        expression, end = _parsed(text, found)
        value = evaluate(expression, names)
        if found == 0 and end == len(text):
            return int(value) if isinstance(value, float) and value.is_integer() else value
        pieces.append(_as_text(value, found, end))
        offset = end
    return "".join([*pieces, text[offset:]])


@lru_cache(1024)
def names_of(text: str) -> frozenset[str]:
    """The names that the expressions of a text read; none for what cannot be read, which is reported elsewhere."""
    return frozenset(part.name for part in names_at(text))


def names_at(text: str) -> list[Name]:
    """The places of a text's expressions that read a name."""
    found: list[Name] = []
    offset = 0
    while (start := text.find(OPENING, offset)) >= 0:
        offset = start + len(OPENING)
        if start > 0 and text[start - 1] == "$":
            continue
        try:
            parsed = parse(text, offset)
        except ExpressionFault:
            break
        found.extend(names_in(parsed.expression))
        offset = parsed.end if parsed.end is not None else offset
    return found


def _parsed(text: str, found: int) -> tuple[Expression, int]:
    parsed = parse(text, found + len(OPENING))
    if parsed.expression is None or parsed.end is None:
        message = "this expression has no closing `)`"
        help = (
            "if YAML cut it short, put it in quotes: inside `{…}` and `[…]` a comma or a bracket ends a value, "
            "and ` #` or `: ` does anywhere"
        )
        raise ExpressionFault(message, found, len(text), help, codes.EXPRESSION)
    return parsed.expression, parsed.end


def _as_text(value: Value, start: int, end: int) -> str:
    if isinstance(value, list | dict):
        message = f"only a single value can stand in a text, found {shown(value)}"
        raise ExpressionFault(message, start, end, "name an element: `x[0]`")
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value)
