"""Bring samples to mean 0 and variance 1 in one op, where layers write several."""

from specmodel.ops.elementwise import Binary, rsqrt, square
from specmodel.ops.reduce import Standardize, mean
from specmodel.ops.source import Constant, Input
from specmodel.ops.value import Value
from specmodel.plan.patterns import Bindings, matches
from specmodel.plan.program import Instruction, Maker, Program, rewritten_with_makers
from specmodel.types.tensor import TensorType


def standardizations(program: Program) -> Program:
    """The program with `Standardize` over the last axes, in float32 and float64: of layer and RMS normalization."""
    return rewritten_with_makers(program, _standardized)


def _standardized(instruction: Instruction, maker: Maker) -> Value | None:
    output = instruction.outputs[0]
    if instruction.op != Binary("Mul") or output.dtype not in ("float32", "float64"):
        return None
    for centred in (True, False):
        for axes in range(1, output.rank):
            x, epsilon = Input("x", output.type)(), Input("epsilon", TensorType((), output.dtype))()
            bound: Bindings = {}
            if matches(_formula(x, epsilon, axes, centred), instruction, bound, maker):
                number = maker(bound[epsilon])
                if number is not None and isinstance(number.op, Constant) and isinstance(number.op.value, float):
                    return Standardize(axes, number.op.value, centred)(bound[x])
    return None


def _formula(x: Value, epsilon: Value, axes: int, centred: bool) -> Value:
    """As the layers write it."""
    last = tuple(range(x.rank - axes, x.rank))
    around = x - mean(x, last, keepdims=True) if centred else x
    return around * rsqrt(mean(square(around), last, keepdims=True) + epsilon)
