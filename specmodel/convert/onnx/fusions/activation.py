"""Activation functions that are one operator, or that readers know in one form."""

from collections.abc import Callable
from math import pi, sqrt

from specmodel.convert.onnx.builder import Builder
from specmodel.convert.onnx.fusions.patterns import Match, Number, Pattern, binary, clip, match, unary
from specmodel.convert.onnx.fusions.reading import Fused, Reading
from specmodel.convert.onnx.ir import Tensor
from specmodel.plan.program import Instruction

Emit = Callable[[Builder, Tensor, Match], Tensor]

_ALPHA = Number(name="alpha")
_POSITIVE = binary("Max", "x", 0)
_ELU = binary("Add", _POSITIVE, unary("Expm1", binary("Min", "x", 0)))
_SCALED_ELU = binary("Add", _POSITIVE, binary("Mul", _ALPHA, unary("Expm1", binary("Min", "x", 0))))
_HARD_SIGMOID = binary("Div", clip(binary("Add", "x", 3), 0, 6), 6)
_HALF = binary("Mul", 0.5, "x")
_BENT = binary("Mul", "x", binary("Add", sqrt(2 / pi), binary("Mul", sqrt(2 / pi) * 0.044715, unary("Square", "x"))))


def _gelu(b: Builder, x: Tensor, found: Match) -> Tensor:
    """The operator, where there is one; before that the form that readers look for."""
    if b.opset >= 20:
        return b.node("Gelu", x)
    share = b.node("Erf", b.node("Div", x, b.scalar(sqrt(2), x)))
    return b.node("Mul", b.node("Mul", x, b.node("Add", share, b.scalar(1, x))), b.scalar(0.5, x))


def _gelu_by_tanh(b: Builder, x: Tensor, found: Match) -> Tensor:
    """The same, with tanh for the error function."""
    if b.opset >= 20:
        return b.node("Gelu", x, approximate="tanh")
    cube = b.node("Mul", b.node("Pow", x, b.scalar(3, x)), b.scalar(0.044715, x))
    bent = b.node("Tanh", b.node("Mul", b.node("Add", x, cube), b.scalar(sqrt(2 / pi), x)))
    return b.node("Mul", b.node("Mul", x, b.scalar(0.5, x)), b.node("Add", bent, b.scalar(1, x)))


def _leaky(b: Builder, x: Tensor, found: Match) -> Tensor:
    return b.node("LeakyRelu", x, alpha=found.numbers["alpha"])


_FUNCTIONS: tuple[tuple[Pattern, Emit], ...] = (
    (binary("Mul", _HALF, binary("Add", unary("Erf", binary("Mul", "x", sqrt(0.5))), 1)), _gelu),
    (binary("Mul", _HALF, binary("Add", unary("Tanh", _BENT), 1)), _gelu_by_tanh),
    (binary("Mul", Number(name="gamma"), _SCALED_ELU), lambda b, x, found: b.node("Selu", x, **found.numbers)),
    (_SCALED_ELU, lambda b, x, found: b.node("Elu", x, **found.numbers)),
    (_ELU, lambda b, x, found: b.node("Elu", x)),
    (binary("Max", "x", binary("Mul", "x", _ALPHA)), _leaky),
    (binary("Min", "x", binary("Mul", "x", _ALPHA)), _leaky),
    (binary("Mul", "x", _HARD_SIGMOID), lambda b, x, found: b.node("HardSwish", x)),
    (_HARD_SIGMOID, lambda b, x, found: b.node("HardSigmoid", x, alpha=1 / 6, beta=0.5)),
    (binary("Div", "x", binary("Add", unary("Abs", "x"), 1)), lambda b, x, found: b.node("Softsign", x)),
)
"""How each function is made of ops, and how it is said."""


def activation(reading: Reading, last: Instruction) -> Fused | None:
    """A function of the table."""
    (out,) = last.outputs
    if out.dtype not in ("float32", "float64"):
        return None
    for pattern, emit in _FUNCTIONS:
        found = match(reading, pattern, out)
        if found is not None and found.values["x"].shape == out.shape:
            return Fused((found.values["x"],), frozenset(found.inside), _lowered(emit, found, last))
    return None


def _lowered(emit: Emit, found: Match, last: Instruction) -> Callable[[Builder], None]:
    def lower(b: Builder) -> None:
        held = b.held(found.values["x"])
        b.hold(last.outputs[0], emit(b, held.tensor, found), held.order)

    return lower
