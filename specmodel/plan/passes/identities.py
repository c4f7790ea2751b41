"""Leave out what changes nothing."""

from collections.abc import Callable
from typing import Any

from specmodel.ops.elementwise import Binary, Cast, Clip
from specmodel.ops.shape import Concat, Expand, Pad, Reshape, Slice, Transpose
from specmodel.ops.source import Constant
from specmodel.ops.value import Value
from specmodel.plan.program import Instruction, Program, rewritten


def identities(program: Program) -> Program:
    """The program without instructions whose output is an input of theirs, to the last bit."""
    return rewritten(program, _same)


def _same(instruction: Instruction) -> Value | None:
    rule = _RULES.get(type(instruction.op))
    kept = rule(instruction.op, instruction.inputs) if rule is not None else None
    return kept if kept is not None and kept.type == instruction.outputs[0].type else None


def _binary(op: Binary, inputs: tuple[Value, ...]) -> Value | None:
    """`x * 1`, `x / 1`, `x ** 1`, the larger of x and x; not `x + 0`, which makes 0 of -0."""
    a, b = inputs
    if (op.function, 1) in _NEUTRAL and _number(b) == _NEUTRAL[op.function, 1]:
        return a
    if (op.function, 0) in _NEUTRAL and _number(a) == _NEUTRAL[op.function, 0]:
        return b
    return a if op.function in ("Max", "Min", "And", "Or") and a is b else None


_NEUTRAL = {("Mul", 0): 1, ("Mul", 1): 1, ("Div", 1): 1, ("Pow", 1): 1}
"""The number that leaves the other operand as it is, by function and the number's place."""


def _number(value: Value) -> object:
    op = value.call.op
    return op.value if isinstance(op, Constant) else None


_RULES: dict[type, Callable[[Any, tuple[Value, ...]], Value | None]] = {
    Binary: _binary,
    Clip: lambda op, inputs: inputs[0] if op.low is None and op.high is None else None,
    Cast: lambda op, inputs: inputs[0],
    Concat: lambda op, inputs: inputs[0] if len(inputs) == 1 else None,
    Expand: lambda op, inputs: inputs[0],
    Pad: lambda op, inputs: inputs[0],
    Reshape: lambda op, inputs: inputs[0],
    Slice: lambda op, inputs: inputs[0] if op.step == 1 else None,
    Transpose: lambda op, inputs: inputs[0] if op.perm == tuple(range(len(op.perm))) else None,
}
"""For each op the input that comes out unchanged; where it has another type than the output, it does not."""
