"""The plan: what `execute` runs."""

from collections.abc import Sequence
from contextlib import AbstractContextManager

from specmodel.kernels import Array, Bound
from specmodel.plan.program import Instruction
from specmodel.record import Record


class Step(Record):
    """One instruction of the plan with the calls that do it; `path` is the layer it belongs to."""

    path: str
    instruction: Instruction
    bound: tuple[Bound, ...]
    outputs: tuple[Array, ...]


class Plan(Record):
    """A model compiled for fixed shapes. Its buffers belong to it: one run at a time.

    `calls` are the bound calls of all steps; `arena_bytes` is the size of the block that all buffers share.
    `libraries` is entered for a run: what it calls stays on one thread.
    """

    inputs: tuple[Array, ...]
    outputs: tuple[Array, ...]
    output_dtypes: tuple[str, ...]
    steps: tuple[Step, ...]
    calls: tuple[Bound, ...]
    arena_bytes: int
    scratch_bytes: int
    libraries: AbstractContextManager[object]

    def dump(self) -> str:
        """The steps as stable text, one a line: layer, op, output shapes."""
        lines = [f"arena {self.arena_bytes} bytes, {len(self.calls)} calls"]
        for number, step in enumerate(self.steps):
            shapes = ", ".join(f"{value.dtype}{_shown(value.shape)}" for value in step.instruction.outputs)
            op = type(step.instruction.op).__name__
            lines.append(f"{number:4} {step.path:30} {op:14} {len(step.bound):3} calls -> {shapes}")
        return "\n".join(lines)


def _shown(shape: Sequence[object]) -> str:
    return f"[{', '.join(str(size) for size in shape)}]"
