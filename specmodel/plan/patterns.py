"""Recognise how a value is made."""

from specmodel.ops.source import Input
from specmodel.ops.value import Value
from specmodel.plan.program import Instruction, Maker

Bindings = dict[Value, Value]
"""What stands for each input of a pattern."""


def matches(pattern: Value, found: Instruction, bound: Bindings, maker: Maker) -> bool:
    """Whether an instruction makes its first output as a pattern is made, by equal ops.

    An `Input` of the pattern stands for any value of its type, always the same; `bound` receives them. `maker` tells
    what makes the values that the instruction reads.
    """
    call = pattern.call
    if call.op != found.op or pattern.index != 0 or len(call.inputs) != len(found.inputs):
        return False
    return all(made_as(*pair, bound, maker) for pair in zip(call.inputs, found.inputs, strict=True))


def made_as(pattern: Value, found: Value, bound: Bindings, maker: Maker) -> bool:
    """Whether a value is made as a pattern is; see `matches`."""
    if pattern in bound:
        return bound[pattern] is found
    if isinstance(pattern.call.op, Input):
        bound[pattern] = found
        return pattern.type == found.type
    instruction = maker(found)
    return instruction is not None and found is instruction.outputs[0] and matches(pattern, instruction, bound, maker)
