"""Factors and functions of matrices, of which ONNX has none."""

from collections.abc import Sequence

from specmodel.convert.onnx.builder import Builder
from specmodel.convert.onnx.inexpressible import InexpressibleError
from specmodel.ops import linalg as ops
from specmodel.ops.value import Value


def _absent(what: str) -> InexpressibleError:
    return InexpressibleError(f"ONNX has no operator for {what}")


def cholesky(op: ops.Cholesky, inputs: Sequence[Value], outputs: Sequence[Value], b: Builder) -> None:
    """None."""
    raise _absent("Cholesky factors")


def inverse(op: ops.Inverse, inputs: Sequence[Value], outputs: Sequence[Value], b: Builder) -> None:
    """None."""
    raise _absent("inverse matrices")


def pseudo_inverse(op: ops.PseudoInverse, inputs: Sequence[Value], outputs: Sequence[Value], b: Builder) -> None:
    """None."""
    raise _absent("inverse matrices")


def rank(op: ops.Rank, inputs: Sequence[Value], outputs: Sequence[Value], b: Builder) -> None:
    """None."""
    raise _absent("the ranks of matrices")


def determinant(op: ops.Determinant, inputs: Sequence[Value], outputs: Sequence[Value], b: Builder) -> None:
    """One operator for the determinant itself, of which sign and logarithm are taken."""
    found = b.node("Det", b.read(inputs[0]), shape=inputs[0].shape[:-2])
    b.place(outputs[0], b.node("Sign", found))
    b.place(outputs[1], b.node("Log", b.node("Abs", found)))


def solve(op: ops.Solve, inputs: Sequence[Value], outputs: Sequence[Value], b: Builder) -> None:
    """None."""
    raise _absent("systems of equations")
