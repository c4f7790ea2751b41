"""Elementwise functions. `Unary` and `Binary` carry the name of their function, in ONNX's spelling where it has one."""

from collections.abc import Sequence
from typing import Any

from specmodel.ops.source import constant
from specmodel.ops.value import Op, Operand, Value
from specmodel.types.assume import Assume
from specmodel.types.broadcast import broadcast
from specmodel.types.dim import Dim
from specmodel.types.tensor import TensorType, is_floating, promote

FLOATING = frozenset(
    "Exp Expm1 Log Log1p Log2 Log10 Tanh Sigmoid Softplus Sqrt Rsqrt Erf Sin Cos Tan Asin Acos Atan Sinh Cosh "
    "Asinh Acosh Atanh Reciprocal".split()
)
"""Unary functions of floating-point numbers alone."""
PREDICATES = frozenset("Not IsNaN IsInf IsFinite".split())
"""Unary functions that answer with booleans."""
COMPARISONS = frozenset("Equal NotEqual Less LessEqual Greater GreaterEqual".split())
LOGIC = frozenset("And Or Xor".split())


class _Elementwise(Op):
    def keeps_rows(self, inputs: Sequence[TensorType], outputs: Sequence[TensorType], rows: Sequence[bool]) -> bool:
        """Rows stay apart where every input that has them lines them up with the output's first axis."""
        rank = len(outputs[0].shape)
        return all(
            (len(kind.shape) == rank)
            if by_row
            else (len(kind.shape) < rank or kind.shape[0] in (1, outputs[0].shape[0]))
            for kind, by_row in zip(inputs, rows, strict=True)
        )


class Unary(_Elementwise):
    """`function(x)` for each element. `Gelu` and `TanhGelu` are made of several ops by a pass."""

    function: str

    def infer(self, assume: Assume, *inputs: TensorType) -> tuple[TensorType, ...]:
        """The input's type; booleans for a predicate."""
        (x,) = inputs
        return (TensorType(x.shape, "bool") if self.function in PREDICATES else x,)


class Binary(_Elementwise):
    """`function(a, b)` with broadcasting; both inputs have one dtype."""

    function: str

    @property
    def takes_text(self) -> bool:  # type: ignore[override]  # it depends on the function
        """Whether texts can be compared so."""
        return self.function in ("Equal", "NotEqual")

    def infer(self, assume: Assume, *inputs: TensorType) -> tuple[TensorType, ...]:
        """The broadcast shape; booleans for comparisons."""
        a, b = inputs
        shape = broadcast(assume, a.shape, b.shape)
        if self.function in COMPARISONS:
            return (TensorType(shape, "bool"),)
        return (a if shape is a.shape else TensorType(shape, a.dtype),)


class Cast(_Elementwise):
    """Convert to another dtype: floats to integers toward zero, numbers to booleans by `!= 0`."""

    dtype: str

    def infer(self, assume: Assume, *inputs: TensorType) -> tuple[TensorType, ...]:
        """The same shape in the new dtype."""
        return (TensorType(inputs[0].shape, self.dtype),)

    def flops(self, inputs: Sequence[TensorType], outputs: Sequence[TensorType]) -> Dim:
        """None: a conversion is no arithmetic."""
        return 0


class Where(_Elementwise):
    """`a if condition else b` for each element, with broadcasting."""

    takes_text = True

    def infer(self, assume: Assume, *inputs: TensorType) -> tuple[TensorType, ...]:
        """The three shapes broadcast together, in the dtype of the choices."""
        condition, a, b = inputs
        return (TensorType(broadcast(assume, condition.shape, a.shape, b.shape), a.dtype),)


class Clip(_Elementwise):
    """Limit each element to `low <= x <= high`; None leaves a side open."""

    low: float | None
    high: float | None

    def infer(self, assume: Assume, *inputs: TensorType) -> tuple[TensorType, ...]:
        """The input's type."""
        return (inputs[0],)


def cast(x: Value, dtype: str) -> Value:
    """The value in another dtype; itself where it already has it."""
    return x if x.dtype == dtype else Cast(dtype)(x)


def unary(function: str, x: Value) -> Value:
    """Apply a unary function; integers are taken as float32 where only floats make sense."""
    if function in FLOATING and not is_floating(x.dtype):
        x = cast(x, "float32")
    if function == "Not":
        x = cast(x, "bool")
    return Unary(function)(x)


def binary(function: str, a: Operand, b: Operand) -> Value:
    """Apply a binary function; a Python number takes the dtype of the other side, as in Keras."""
    if function in LOGIC:
        dtype = "bool"
    else:
        dtype = _common_dtype(a, b)
        if function == "Div" and not is_floating(dtype):
            dtype = "float32"
    return Binary(function)(_operand(a, dtype), _operand(b, dtype))


def where(condition: Value, a: Operand, b: Operand) -> Value:
    """`a` where the condition holds, else `b`."""
    dtype = _common_dtype(a, b)
    return Where()(cast(condition, "bool"), _operand(a, dtype), _operand(b, dtype))


def clip(x: Value, low: float | None, high: float | None) -> Value:
    """The value limited to an interval."""
    return Clip(low, high)(x)


def maximum(a: Operand, b: Operand) -> Value:
    """The larger of two values, element by element."""
    return binary("Max", a, b)


def minimum(a: Operand, b: Operand) -> Value:
    """The smaller of two values, element by element."""
    return binary("Min", a, b)


def exp(x: Value) -> Value:
    """The exponential."""
    return unary("Exp", x)


def log(x: Value) -> Value:
    """The natural logarithm."""
    return unary("Log", x)


def log1p(x: Value) -> Value:
    """`log(1 + x)`, exact near 0."""
    return unary("Log1p", x)


def expm1(x: Value) -> Value:
    """`exp(x) - 1`, exact near 0."""
    return unary("Expm1", x)


def sqrt(x: Value) -> Value:
    """The square root."""
    return unary("Sqrt", x)


def rsqrt(x: Value) -> Value:
    """One over the square root."""
    return unary("Rsqrt", x)


def square(x: Value) -> Value:
    """The square."""
    return unary("Square", x)


def tanh(x: Value) -> Value:
    """The hyperbolic tangent."""
    return unary("Tanh", x)


def sigmoid(x: Value) -> Value:
    """`1 / (1 + exp(-x))`."""
    return unary("Sigmoid", x)


def softplus(x: Value) -> Value:
    """`log(1 + exp(x))`."""
    return unary("Softplus", x)


def erf(x: Value) -> Value:
    """The error function."""
    return unary("Erf", x)


def absolute(x: Value) -> Value:
    """The absolute value."""
    return unary("Abs", x)


def _common_dtype(a: Any, b: Any) -> str:
    kinds = [value.dtype for value in (a, b) if isinstance(value, Value)]
    if len(kinds) == 2:
        return promote(*kinds)
    dtype = kinds[0]
    number = b if isinstance(a, Value) else a
    if isinstance(number, float) and not is_floating(dtype):
        return "float32"
    if not isinstance(number, bool) and dtype == "bool":
        return "int32"
    return dtype


def _operand(value: Any, dtype: str) -> Value:
    return cast(value, dtype) if isinstance(value, Value) else constant(value, dtype)
