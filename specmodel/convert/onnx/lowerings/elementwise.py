"""Elementwise functions: one operator where ONNX has it, else the few that make the function up."""

from collections.abc import Callable, Sequence
from math import log

from specmodel.convert.onnx.builder import Builder
from specmodel.convert.onnx.dtypes import physical
from specmodel.convert.onnx.inexpressible import InexpressibleError
from specmodel.convert.onnx.ir import Tensor
from specmodel.ops import elementwise as ops
from specmodel.ops.source import Constant
from specmodel.ops.value import Value
from specmodel.types.tensor import is_floating

_WHOLE = ("Floor", "Ceil", "Round", "Trunc")
_NEAR = 0.5
"""Within this distance of 0 the plain formulas of `Expm1` and `Log1p` lose digits."""


def unary(op: ops.Unary, inputs: Sequence[Value], outputs: Sequence[Value], b: Builder) -> None:
    """The operator of the name, or a formula."""
    (x,), (out,) = inputs, outputs
    held = b.held(x)
    made = _unary(b, op.function, x.dtype, held.tensor)
    b.hold(out, made, held.order)


def _unary(b: Builder, function: str, dtype: str, x: Tensor) -> Tensor:
    if function in _WHOLE and not is_floating(dtype):
        return x
    if function in ("IsNaN", "IsInf", "IsFinite"):
        return _predicate(b, function, b.cast(x, "float32") if not is_floating(dtype) else x)
    if dtype == "bool" and function in ("Sign", "Abs", "Not", "BitNot"):
        return b.node("Not", x) if "Not" in function else x
    if function == "BitNot":
        return b.node("BitwiseNot", x)
    formula = _FORMULAS.get(function)
    return b.computed(x, dtype, lambda given: formula(b, given) if formula is not None else b.node(function, given))


def _predicate(b: Builder, function: str, x: Tensor) -> Tensor:
    if function != "IsFinite":
        return b.node(function, x, dtype="bool")
    odd = b.node("Or", b.node("IsNaN", x, dtype="bool"), b.node("IsInf", x, dtype="bool"))
    return b.node("Not", odd)


def _trunc(b: Builder, x: Tensor) -> Tensor:
    return b.node("Mul", b.node("Sign", x), b.node("Floor", b.node("Abs", x)))


def _expm1(b: Builder, x: Tensor) -> Tensor:
    """`exp(x) - 1`; near 0, where that loses digits, `2 * sinh(x / 2) * exp(x / 2)`."""
    half = b.node("Mul", x, b.scalar(0.5, x))
    near = b.node("Mul", b.node("Mul", b.node("Sinh", half), b.node("Exp", half)), b.scalar(2.0, x))
    return _where_near(b, x, near, b.node("Sub", b.node("Exp", x), b.scalar(1.0, x)))


def _log1p(b: Builder, x: Tensor) -> Tensor:
    """`log(1 + x)`; near 0, where that loses digits, `2 * atanh(x / (2 + x))`."""
    share = b.node("Div", x, b.node("Add", x, b.scalar(2.0, x)))
    near = b.node("Mul", b.node("Atanh", share), b.scalar(2.0, x))
    return _where_near(b, x, near, b.node("Log", b.node("Add", x, b.scalar(1.0, x))))


def _where_near(b: Builder, x: Tensor, near: Tensor, far: Tensor) -> Tensor:
    is_near = b.node("Less", b.node("Abs", x), b.scalar(_NEAR, x), dtype="bool")
    return b.node("Where", is_near, near, far, dtype=x.dtype)


_FORMULAS: dict[str, Callable[[Builder, Tensor], Tensor]] = {
    "Trunc": _trunc,
    "Square": lambda b, x: b.node("Mul", x, x),
    "Rsqrt": lambda b, x: b.node("Reciprocal", b.node("Sqrt", x)),
    "Expm1": _expm1,
    "Log1p": _log1p,
    "Log2": lambda b, x: b.node("Mul", b.node("Log", x), b.scalar(1 / log(2), x)),
    "Log10": lambda b, x: b.node("Mul", b.node("Log", x), b.scalar(1 / log(10), x)),
}

_BINARY = {
    **{name: name for name in ("Add", "Sub", "Mul", "Div", "Pow", "Max", "Min", "And", "Or", "Xor", "Equal", "Less")},
    "Greater": "Greater",
    "LessEqual": "LessOrEqual",
    "GreaterEqual": "GreaterOrEqual",
}

_BITS = {"BitAnd": "BitwiseAnd", "BitOr": "BitwiseOr", "BitXor": "BitwiseXor"}
_UNKNOWN = {
    "Gcd": "greatest common divisors",
    "Lcm": "least common multiples",
    "NextAfter": "the number next to another",
}


def binary(op: ops.Binary, inputs: Sequence[Value], outputs: Sequence[Value], b: Builder) -> None:
    """The operator of the name, or a formula."""
    (out,) = outputs
    if op.function == "Max" and number_of(inputs[1]) == 0 and is_floating(out.dtype) and inputs[0].shape == out.shape:
        held = b.held(inputs[0])
        b.hold(out, b.node("Relu", held.tensor), held.order)
        return
    order, (x, y) = b.aligned(inputs, out)
    dtype = inputs[0].dtype
    whole = dtype in ("bool", "string") and op.function in ("And", "Or", "Xor", "Equal", "NotEqual")
    if dtype == "bool" and op.function in ("Max", "Min"):
        made = b.node("Or" if op.function == "Max" else "And", x, y)
    elif whole:
        made = _binary(b, op.function, x, y)
    else:
        made = b.computed(x, out.dtype, lambda given: _binary(b, op.function, given, b.cast(y, given.dtype)))
    b.hold(out, made, order)


def number_of(value: Value) -> float | None:
    """The number that a value is, if it is a constant without axes."""
    op = value.call.op
    return op.value if isinstance(op, Constant) and isinstance(op.value, int | float) else None


def _binary(b: Builder, function: str, x: Tensor, y: Tensor) -> Tensor:
    if function == "NotEqual":
        return b.node("Not", b.node("Equal", x, y, dtype="bool"))
    if function in _BITS:
        return b.node(function.removeprefix("Bit") if x.dtype == "bool" else _BITS[function], x, y)
    if function in _UNKNOWN:
        raise InexpressibleError(f"ONNX has no operator for {_UNKNOWN[function]}")
    if function in _BINARY:
        return b.node(_BINARY[function], x, y, dtype="bool" if function in ops.COMPARISONS else x.dtype)
    return {"FloorDiv": _floor_div, "Mod": _mod, "Atan2": _atan2}[function](b, x, y)


def _mod(b: Builder, x: Tensor, y: Tensor) -> Tensor:
    """What is left of a floor division: it has the divisor's sign. Integers divided by 0 leave 0."""
    if not is_floating(x.dtype):
        zero, safe = _without_zero(b, y)
        return b.node("Where", zero, b.scalar(0, x), b.node("Mod", x, safe), dtype=x.dtype)
    rest = b.node("Mod", x, y, fmod=1)
    apart = b.node("Less", b.node("Mul", b.node("Sign", rest), b.node("Sign", y)), b.scalar(0, x), dtype="bool")
    return b.node("Where", apart, b.node("Add", rest, y), rest, dtype=x.dtype)


def _floor_div(b: Builder, x: Tensor, y: Tensor) -> Tensor:
    """The quotient without what `Mod` leaves, which is exact where a rounded quotient is not."""
    if not is_floating(x.dtype):
        zero, safe = _without_zero(b, y)
        quotient = b.node("Div", b.node("Sub", x, b.node("Mod", x, safe)), safe)
        return b.node("Where", zero, b.scalar(0, x), quotient, dtype=x.dtype)
    whole = b.node("Round", b.node("Div", b.node("Sub", x, _mod(b, x, y)), y))
    zero = b.node("Equal", y, b.scalar(0, y), dtype="bool")
    return b.node("Where", zero, b.node("Div", x, y), whole, dtype=x.dtype)


def _without_zero(b: Builder, y: Tensor) -> tuple[Tensor, Tensor]:
    """Where a divisor is 0, and the divisor with 1 there."""
    zero = b.node("Equal", y, b.scalar(0, y), dtype="bool")
    return zero, b.node("Where", zero, b.scalar(1, y), y, dtype=y.dtype)


def _atan2(b: Builder, y: Tensor, x: Tensor) -> Tensor:
    """The angle of the point (x, y), of the arcus tangent and the quadrant. Of two infinities the signs count."""
    both = b.node("And", b.node("IsInf", x, dtype="bool"), b.node("IsInf", y, dtype="bool"))
    x, y = (b.node("Where", both, b.node("Sign", one), one, dtype=one.dtype) for one in (x, y))
    zero = b.scalar(0, x)
    y_below, x_below = _is_negative(b, y), _is_negative(b, x)
    pi = b.node("Where", y_below, b.scalar(-3.141592653589793, x), b.scalar(3.141592653589793, x), dtype=x.dtype)
    turned = b.node("Where", x_below, pi, zero, dtype=x.dtype)
    at_zero = b.node("And", *(b.node("Equal", one, zero, dtype="bool") for one in (x, y)))
    quotient = b.node("Where", at_zero, y, b.node("Div", y, x), dtype=x.dtype)
    return b.node("Add", b.node("Atan", quotient), turned)


def _is_negative(b: Builder, x: Tensor) -> Tensor:
    """Whether a number has a minus sign; that of -0 shows in its reciprocal."""
    zero = b.scalar(0, x)
    signed = b.node("Where", b.node("Equal", x, zero, dtype="bool"), b.node("Reciprocal", x), x, dtype=x.dtype)
    return b.node("Less", signed, zero, dtype="bool")


def cast(op: ops.Cast, inputs: Sequence[Value], outputs: Sequence[Value], b: Builder) -> None:
    """A conversion; to a 16-bit float it is the rounding."""
    held = b.held(inputs[0])
    b.hold(outputs[0], b.cast(held.tensor, physical(op.dtype)), held.order)


def where(op: ops.Where, inputs: Sequence[Value], outputs: Sequence[Value], b: Builder) -> None:
    """A choice. That of two booleans is logic."""
    (out,) = outputs
    order, (condition, one, other) = b.aligned(inputs, out)
    if out.dtype == "bool":
        first = b.node("And", condition, one)
        made = b.node("Or", first, b.node("And", b.node("Not", condition), other))
    else:
        made = b.computed(
            one,
            out.dtype,
            lambda given: b.node("Where", condition, given, b.cast(other, given.dtype), dtype=given.dtype),
        )
    b.hold(out, made, order)


def clip(op: ops.Clip, inputs: Sequence[Value], outputs: Sequence[Value], b: Builder) -> None:
    """One operator for both bounds."""
    held = b.held(inputs[0])

    def work(x: Tensor) -> Tensor:
        bounds = [None if bound is None else b.scalar(bound, x) for bound in (op.low, op.high)]
        return b.node("Clip", x, *bounds)

    b.hold(outputs[0], b.computed(held.tensor, inputs[0].dtype, work), held.order)
