"""A product of two matrices with a bias added to its rows."""

from typing import Any

from specmodel.convert.onnx.builder import Builder
from specmodel.convert.onnx.fusions.reading import Fused, Reading
from specmodel.convert.onnx.layout import plain
from specmodel.ops.elementwise import Binary
from specmodel.ops.linear import MatMul
from specmodel.plan.program import Instruction


def dense(reading: Reading, last: Instruction) -> Fused | None:
    """`a @ b + bias`, of matrices that may be held transposed."""
    op, (product, bias), (out,) = last.op, last.inputs, last.outputs
    made = reading.maker(product, MatMul)
    if not isinstance(op, Binary) or op.function != "Add" or made is None or out.dtype not in ("float32", "float64"):
        return None
    x, kernel = made.inputs
    if x.rank != 2 or kernel.rank != 2 or bias.shape != out.shape[1:] or out.shape != product.shape:
        return None

    def lower(b: Builder) -> None:
        flags: dict[str, Any] = {}
        for name, value in (("transA", x), ("transB", kernel)):
            if b.held(value).order == (1, 0):
                flags[name] = 1
        given = [b.held(value).tensor for value in (x, kernel)]
        b.hold(out, b.node("Gemm", *given, b.read(bias), shape=out.shape, **flags))

    return Fused((x, kernel, bias), frozenset({product}), lower, plain(2))
