"""Run activation functions that layers write in several ops as one."""

from collections.abc import Callable

from specmodel.layers.activation_functions import gelu
from specmodel.ops.elementwise import Binary, Unary
from specmodel.ops.source import Input
from specmodel.ops.value import Value
from specmodel.plan.patterns import Bindings, matches
from specmodel.plan.program import Instruction, Program, rewritten
from specmodel.types.tensor import TensorType

FUNCTIONS: dict[str, Callable[[Value], Value]] = {
    "Gelu": gelu,
    "TanhGelu": lambda x: gelu(x, approximate=True),
}
"""The functions as layers write them, by the name of the op; each ends in a product."""


def activations(program: Program) -> Program:
    """The program with `Gelu` and `TanhGelu`, in float32 and float64.

    It must be the first pass: it looks at the calls that layers made.
    """
    return rewritten(program, _function)


def _function(instruction: Instruction) -> Value | None:
    (output,) = instruction.outputs[:1]
    if instruction.op != Binary("Mul") or output.dtype not in ("float32", "float64"):
        return None
    for name, function in FUNCTIONS.items():
        x = Input("x", TensorType(output.shape, output.dtype))()
        bound: Bindings = {}
        if matches(function(x), output, bound):
            return Unary(name)(bound[x])
    return None
