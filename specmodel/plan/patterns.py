"""Recognise how a value is made."""

from specmodel.ops.source import Input
from specmodel.ops.value import Value

Bindings = dict[Value, Value]
"""What stands for each input of a pattern."""


def matches(pattern: Value, found: Value, bound: Bindings) -> bool:
    """Whether a value is made as another one is, by calls of equal ops.

    An `Input` of the pattern stands for any value of its type, always the same; `bound` receives them.
    """
    made, call = pattern.call, found.call
    if pattern in bound:
        return bound[pattern] is found
    if isinstance(made.op, Input):
        bound[pattern] = found
        return pattern.type == found.type
    alike = made.op == call.op and pattern.index == found.index and len(made.inputs) == len(call.inputs)
    return alike and all(matches(*pair, bound) for pair in zip(made.inputs, call.inputs, strict=True))
