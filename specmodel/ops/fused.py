"""An op together with elementwise ones on its result. Layers do not write it: a pass makes it of several ops."""

from collections.abc import Sequence

from specmodel.ops.elementwise import Binary, Clip, Unary
from specmodel.ops.value import Op
from specmodel.record import Record
from specmodel.types.assume import Assume
from specmodel.types.dim import Dim
from specmodel.types.tensor import TensorType

STAGES = (Unary, Binary, Clip)
"""Ops that can be a stage: element by element, in one dtype."""


class Stage(Record):
    """An elementwise op on numbered operands.

    0 is the result of the core, then come the inputs that are not the core's, then the results of the stages.
    """

    op: Op
    operands: tuple[int, ...]


class Fused(Op):
    """The core's result, and what stages make of it one after the other: the last gives the output.

    The first `arity` inputs are the core's. All results have one shape and dtype, other inputs broadcast to it.
    """

    core: Op
    arity: int
    stages: tuple[Stage, ...]

    def infer(self, assume: Assume, *inputs: TensorType) -> tuple[TensorType, ...]:
        """The type that the last stage gives."""
        return (self._types(assume, inputs)[-1],)

    def flops(self, inputs: Sequence[TensorType], outputs: Sequence[TensorType]) -> Dim:
        """Those of the core, and one for each element and stage."""
        return self.core.flops(inputs[: self.arity], outputs) + len(self.stages) * outputs[0].size

    def _types(self, assume: Assume, inputs: Sequence[TensorType]) -> list[TensorType]:
        found = [*self.core.infer(assume, *inputs[: self.arity]), *inputs[self.arity :]]
        for stage in self.stages:
            found.extend(stage.op.infer(assume, *(found[number] for number in stage.operands)))
        return found
