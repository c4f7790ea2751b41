"""Write sums of products as products of matrices where their axes stand in that order: these have more ways to run."""

from collections.abc import Sequence

from specmodel.ops.linear import Einsum, MatMul
from specmodel.ops.shape import reshape
from specmodel.ops.value import Value
from specmodel.plan.program import Instruction, Program, rewritten
from specmodel.types.dim import Dim
from specmodel.types.tensor import product


def einsums(program: Program) -> Program:
    """The program with `rows… sums…, sums… columns… -> rows… columns…` as a reshaped product of two matrices."""
    return rewritten(program, _product)


def _product(instruction: Instruction) -> Value | None:
    if not isinstance(instruction.op, Einsum) or len(instruction.inputs) != 2:
        return None
    (left, right), result = instruction.op.equation.split("->")[0].split(","), instruction.op.equation.split("->")[1]
    summed = [index for index in left if index in right]
    rows, columns = left[: len(left) - len(summed)], right[len(summed) :]
    if not rows or not summed or left != rows + "".join(summed) or right != "".join(summed) + columns:
        return None
    if result != rows + columns:
        return None
    a, b = instruction.inputs
    depth = product(_last(a.shape, len(summed)))
    flat = MatMul()(
        reshape(a, (*a.shape[: len(rows)], depth)), reshape(b, (depth, product(_last(b.shape, len(columns)))))
    )
    return reshape(flat, instruction.outputs[0].shape)


def _last(shape: Sequence[Dim], count: int) -> tuple[Dim, ...]:
    return tuple(shape[len(shape) - count :])
