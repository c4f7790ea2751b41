"""From a program of typed values to nodes: each instruction's lowering, in the order in which they run."""

from collections.abc import Iterable

from specmodel.convert.onnx.builder import Builder
from specmodel.convert.onnx.dtypes import physical
from specmodel.convert.onnx.fusions import MATCHERS
from specmodel.convert.onnx.fusions.reading import Reading
from specmodel.convert.onnx.inexpressible import InexpressibleError
from specmodel.convert.onnx.ir import Tensor
from specmodel.convert.onnx.lowerings import lowering_of
from specmodel.convert.onnx.wanted import wanted_orders
from specmodel.convert.refused import Refusal
from specmodel.ops.source import Input, Weight
from specmodel.ops.value import Value
from specmodel.plan.program import Program


def translate(program: Program, b: Builder) -> list[Refusal]:
    """Lower what the outputs of a program need; the program's inputs and weights are held by then.

    All that cannot be expressed is found. What depends on it is lowered as if it had been.
    """
    refusals: dict[Refusal, None] = {}
    reading = Reading(program, MATCHERS)
    needed = reading.needed()
    b.wanted = wanted_orders(needed, reading.fused)
    for instruction in needed:
        if isinstance(instruction.op, Input | Weight):
            continue
        b.path = instruction.path
        fused = reading.fused.get(instruction.outputs[0])
        try:
            if fused is not None:
                fused.lower(b)
            else:
                lowering_of(type(instruction.op))(instruction.op, instruction.inputs, instruction.outputs, b)
        except InexpressibleError as error:
            refusals[Refusal(instruction.path, str(error))] = None
            _stand_in(b, instruction.outputs)
    return list(refusals)


def _stand_in(b: Builder, values: Iterable[Value]) -> None:
    for value in values:
        b.place(value, Tensor(physical(value.dtype), value.shape))
