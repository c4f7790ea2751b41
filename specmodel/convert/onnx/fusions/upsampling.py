"""Repetitions along several axes, one after the other."""

from typing import Any

import numpy as np

from specmodel.convert.onnx.builder import Builder
from specmodel.convert.onnx.fusions.reading import Fused, Reading
from specmodel.ops.shape import Repeat
from specmodel.ops.value import Value
from specmodel.plan.program import Instruction


def upsampling(reading: Reading, last: Instruction) -> Fused | None:
    """Each element several times along axes: the nearest of a larger array."""
    (x,), (out,) = last.inputs, last.outputs
    counts = [1] * out.rank
    inside: set[Value] = set()
    made: Instruction | None = last
    while made is not None:
        op, (x,) = made.op, made.inputs
        assert isinstance(op, Repeat)
        counts[op.axis] *= op.count
        inside.update(made.outputs)
        made = reading.maker(x, Repeat)
    if out.dtype not in ("float32", "float16", "bfloat16"):
        return None
    source = x

    def lower(b: Builder) -> None:
        held = b.held(source)
        scales = b.constant(np.array([counts[axis] for axis in held.order], np.float32))
        places: dict[str, Any] = {"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
        b.place(out, b.node("Resize", held.tensor, None, scales, mode="nearest", **places), held.order)

    return Fused((source,), frozenset(inside - {out}), lower)
