"""Repetitions that broadcasting does as well."""

from specmodel.convert.onnx.builder import Builder
from specmodel.convert.onnx.fusions.reading import Fused, Reading
from specmodel.convert.onnx.lowerings import lowering_of
from specmodel.ops.shape import Expand
from specmodel.ops.value import Value
from specmodel.plan.program import Instruction


def broadcasting(reading: Reading, last: Instruction) -> Fused | None:
    """An elementwise operation on what was expanded to the shape that another operand has anyway."""
    (out,) = last.outputs
    inputs: list[Value] = list(last.inputs)
    if not any(x.shape == out.shape and reading.maker(x, Expand) is None for x in inputs):
        return None
    for place, x in enumerate(inputs):
        made = reading.maker(x, Expand)
        if made is not None:
            inputs[place] = made.inputs[0]
    if inputs == list(last.inputs):
        return None

    def lower(b: Builder) -> None:
        lowering_of(type(last.op))(last.op, inputs, last.outputs, b)

    return Fused(tuple(inputs), frozenset(), lower)
