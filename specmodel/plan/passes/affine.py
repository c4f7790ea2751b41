"""Linear ops with fixed weights, and the fixed factors and summands around them, one for each feature."""

from specmodel.ops.conv import Conv, DepthwiseConv
from specmodel.ops.conv_transpose import ConvTranspose
from specmodel.ops.elementwise import Binary
from specmodel.ops.linear import MatMul
from specmodel.ops.shape import reshape
from specmodel.ops.value import Value
from specmodel.plan.program import Instruction
from specmodel.record import Record

LINEAR = (Conv, DepthwiseConv, ConvTranspose, MatMul)


class Affine(Record):
    """`x * scale + shift` with one number for each feature, or one for all; None for what is not there."""

    scale: Value | None = None
    shift: Value | None = None

    def then(self, function: str, operand: Value) -> "Affine":
        """This, and `Mul`, `Div`, `Add` or `Sub` of an operand behind it."""
        if function in ("Add", "Sub"):
            return Affine(self.scale, _applied(function, self.shift, operand))
        shift = None if self.shift is None else Binary(function)(self.shift, operand)
        return Affine(_applied(function, self.scale, operand), shift)


def _applied(function: str, value: Value | None, operand: Value) -> Value:
    if value is not None:
        return Binary(function)(value, operand)
    if function == "Div":
        return 1 / operand
    return -operand if function == "Sub" else operand


def is_linear(instruction: Instruction, fixed: set[Value]) -> bool:
    """Whether an instruction multiplies an input with weights that are fixed, all of one floating dtype."""
    if not isinstance(instruction.op, LINEAR):
        return False
    x, weights = instruction.inputs
    kinds = {x.dtype, weights.dtype, instruction.outputs[0].dtype}
    matrix = not isinstance(instruction.op, MatMul) or weights.rank == 2
    return matrix and weights in fixed and x not in fixed and kinds in ({"float32"}, {"float64"})


def affine_step(instruction: Instruction, x: Value, fixed: set[Value]) -> tuple[str, Value] | None:
    """The function and its fixed operand, of the form (features,) or (), if an instruction is an affine step on x."""
    op = instruction.op
    if not isinstance(op, Binary) or op.function not in ("Mul", "Div", "Add", "Sub"):
        return None
    a, b = instruction.inputs
    operand = b if a is x else a
    if operand not in fixed or (a is not x and op.function in ("Div", "Sub")) or operand.dtype != x.dtype:
        return None
    features = _by_feature(operand, x)
    return (op.function, features) if features is not None and instruction.outputs[0].type == x.type else None


def _by_feature(operand: Value, x: Value) -> Value | None:
    *others, last = operand.shape or (1,)
    if any(size != 1 for size in others) or last not in (1, x.shape[-1]):
        return None
    return reshape(operand, () if last == 1 else (last,))
