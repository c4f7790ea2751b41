"""Run activation functions that layers write in several ops as one."""

from collections.abc import Callable

from specmodel.layers.activation_functions import gelu
from specmodel.ops.elementwise import Binary, Unary
from specmodel.ops.source import Input
from specmodel.ops.value import Value
from specmodel.plan.patterns import Bindings, matches
from specmodel.plan.program import Instruction, Maker, Program, rewritten_with_makers

FUNCTIONS: dict[str, Callable[[Value], Value]] = {
    "Gelu": gelu,
    "TanhGelu": lambda x: gelu(x, approximate=True),
}
"""The functions as layers write them, by the name of the op; each ends in a product."""


def activations(program: Program) -> Program:
    """The program with `Gelu` and `TanhGelu`, in float32 and float64."""
    return rewritten_with_makers(program, _function)


def _function(instruction: Instruction, maker: Maker) -> Value | None:
    output = instruction.outputs[0]
    if instruction.op != Binary("Mul") or output.dtype not in ("float32", "float64"):
        return None
    x = Input("x", output.type)()
    for name, function in FUNCTIONS.items():
        bound: Bindings = {}
        if matches(function(x), instruction, bound, maker):
            return Unary(name)(bound[x])
    return None
