"""Programs made of expressions, and programs as text."""

from collections.abc import Sequence

from specmodel.ops.source import Constant, Input, Weight, WeightSpec
from specmodel.ops.value import Op, Value
from specmodel.plan.program import Program, calls_to, program_of
from specmodel.types.tensor import TensorType


def given(name: str, *shape: int, dtype: str = "float32") -> Value:
    """An input of a program."""
    return Input(name, TensorType(shape, dtype))()


def weight(name: str, *shape: int, dtype: str = "float32") -> Value:
    """A weight."""
    return Weight(WeightSpec(name, shape, dtype, "zeros"))()


def program(inputs: Sequence[Value], outputs: Sequence[Value]) -> Program:
    """The program that makes outputs of inputs."""
    return program_of(inputs, outputs, calls_to(outputs, set(inputs)))


def text(found: Program) -> str:
    """A line for each instruction that is no source: `%0 = Add(x, w)`; then the outputs."""
    names: dict[Value, str] = {}
    for value in found.inputs:
        assert isinstance(value.call.op, Input)
        names[value] = value.call.op.name
    lines = []
    count = 0
    for instruction in found.instructions:
        op = instruction.op
        if isinstance(op, Weight | Constant):
            names[instruction.outputs[0]] = op.spec.path if isinstance(op, Weight) else f"{op.value}"
            continue
        for value in instruction.outputs:
            names[value] = f"%{count}"
            count += 1
        made, read = ([names[value] for value in values] for values in (instruction.outputs, instruction.inputs))
        lines.append(f"{', '.join(made)} = {_name(op)}({', '.join(read)})")
    return "\n".join([*lines, f"return {', '.join(names[value] for value in found.outputs)}"])


def _name(op: Op) -> str:
    return str(getattr(op, "function", type(op).__name__))
