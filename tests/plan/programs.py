"""Programs made of expressions, and programs as text."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from specmodel.execute import execute
from specmodel.ops.source import Constant, Input, Weight, WeightSpec
from specmodel.ops.value import Op, Value
from specmodel.plan.bind import Workspace
from specmodel.plan.compile import compile_program
from specmodel.plan.passes import unchanged
from specmodel.plan.program import Program, calls_to, program_of
from specmodel.plan.team import team_of
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


def results(found: Program) -> list[Any]:
    """What a program as it stands makes of numbers that are the same each time, weights above 0."""
    generator = np.random.default_rng(0)
    arrays = [generator.normal(size=value.shape).astype(value.dtype) for value in found.inputs]
    specs = [one.op.spec for one in found.instructions if isinstance(one.op, Weight)]
    weights = {spec.path: _numbers(spec) for spec in specs}
    return execute(compile_program(found, weights, Workspace(unchanged, team_of(1))), arrays)


def _numbers(spec: WeightSpec) -> Any:
    generator = np.random.default_rng(sum(spec.path.encode()))
    return generator.uniform(0.5, 1.5, spec.shape).astype(spec.dtype)


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
