"""Tensor operations on two tensors, element by element: rarer functions, closeness, membership, bits."""

from typing import ClassVar, Self

from pydantic import Field, model_validator

from specmodel.diagnostics import codes
from specmodel.layers.base import Example, Layer
from specmodel.layers.fields import Real
from specmodel.layers.operation import (
    Constants,
    Operation,
    OptionalNumbers,
    floating,
    made_from,
    pair_of,
    refuse_two_constants,
    require_bits,
)
from specmodel.layers.operations_binary import PAIR_EXAMPLES, floating_pair
from specmodel.layers.scope import Scope
from specmodel.ops import elementwise as ops
from specmodel.ops.elementwise import binary, cast, unary, where
from specmodel.ops.reduce import reduce
from specmodel.ops.shape import reshape
from specmodel.ops.value import Value
from specmodel.types.tensor import is_floating, product, promote


class _Pair(Constants):
    examples: ClassVar[tuple[Example, ...]] = PAIR_EXAMPLES


class Fmax(_Pair):
    """The larger of two elements; the other one where one is no number (NaN)."""

    def build(self, b: Scope, x1: Value | None = None, x2: Value | None = None) -> Value:
        """The number of each pair."""
        return _number_of(self.operands(b, x1, x2), "Max")


class Fmin(_Pair):
    """The smaller of two elements; the other one where one is no number (NaN)."""

    def build(self, b: Scope, x1: Value | None = None, x2: Value | None = None) -> Value:
        """The number of each pair."""
        return _number_of(self.operands(b, x1, x2), "Min")


def _number_of(pair: tuple[Value, Value], function: str) -> Value:
    first, second = pair
    found = binary(function, first, second)
    if not is_floating(found.dtype):
        return found
    first, second = cast(first, found.dtype), cast(second, found.dtype)
    return where(unary("IsNaN", first), second, where(unary("IsNaN", second), first, found))


class Fmod(_Pair):
    """What is left of x1 after division by x2, with the sign of x1."""

    def build(self, b: Scope, x1: Value | None = None, x2: Value | None = None) -> Value:
        """The rest of each pair."""
        first, second = self.operands(b, x1, x2)
        dtype = promote(first.dtype, second.dtype)
        dtype = "int32" if dtype == "bool" else dtype
        first, second = cast(first, dtype), cast(second, dtype)
        if dtype.startswith("u"):
            return binary("Mod", first, second)
        rest = binary("Mod", ops.absolute(first), ops.absolute(second))
        return where(first < 0, -rest, rest)


class Hypot(_Pair):
    """The length of the vector (x1, x2)."""

    def build(self, b: Scope, x1: Value | None = None, x2: Value | None = None) -> Value:
        """The longer side times what the other adds, without overflow."""
        first, second = (ops.absolute(x) for x in floating_pair(*self.operands(b, x1, x2)))
        long, short = ops.maximum(first, second), ops.minimum(first, second)
        share = short / where(binary("Equal", long, 0.0), 1.0, long)
        share = where(binary("Equal", short, long), 1.0, share)  # of infinities, too
        return long * ops.sqrt(1.0 + ops.square(share))


class Heaviside(_Pair):
    """0 below 0, 1 above, and x2 at 0."""

    def build(self, b: Scope, x1: Value | None = None, x2: Value | None = None) -> Value:
        """The step at each element."""
        first, second = floating_pair(*self.operands(b, x1, x2))
        step = cast(binary("Greater", first, 0.0), first.dtype)
        result = where(binary("Equal", first, 0.0), second, step)
        return where(unary("IsNaN", first), first, result)


class Ldexp(_Pair):
    """`x1 * 2 ** x2`, with integers x2."""

    examples = (
        Example({"x2": 2}, inputs=((None, 4),), output=(None, 4), params=0),
        Example(
            {}, inputs=((None, "seq", 5), (None, 1, 5)), dtypes=("float32", "int32"), output=(None, "seq", 5), params=0
        ),
        Example({}, inputs=((None, 3), (None, 3)), error="the exponent of Ldexp must be of integers, found float32"),
    )

    def build(self, b: Scope, x1: Value | None = None, x2: Value | None = None) -> Value:
        """The product of each pair."""
        first, second = self.operands(b, x1, x2)
        exponent = cast(second, "int32") if self.x2 is not None else second
        message = f"the exponent of Ldexp must be of integers, found {exponent.dtype}"
        b.require("int" in exponent.dtype, message, code=codes.WRONG_DTYPE, help="put `Cast: int32` before it")
        first = floating(first)
        return first * binary("Pow", 2.0, cast(exponent, first.dtype))


class Logaddexp2(_Pair):
    """`log2(2 ** x1 + 2 ** x2)`, without overflow."""

    def build(self, b: Scope, x1: Value | None = None, x2: Value | None = None) -> Value:
        """The larger, and what the smaller adds to it."""
        first, second = floating_pair(*self.operands(b, x1, x2))
        near = ops.absolute(first - second)
        more = ops.log1p(binary("Pow", 2.0, -near)) * 1.4426950408889634
        return ops.maximum(first, second) + where(binary("Equal", first, second), 1.0, more)


class Nextafter(_Pair):
    """The floating-point number next to x1 on the way to x2."""

    examples = (
        *PAIR_EXAMPLES,
        Example({"x2": 0}, inputs=((None, 3),), dtypes=("float16",), error="Nextafter takes float32 or float64"),
    )

    def build(self, b: Scope, x1: Value | None = None, x2: Value | None = None) -> Value:
        """The number of each pair."""
        first, second = floating_pair(*self.operands(b, x1, x2))
        message = f"Nextafter takes float32 or float64, found {first.dtype}"
        b.require(first.dtype in ("float32", "float64"), message, code=codes.WRONG_DTYPE)
        return binary("NextAfter", first, second)


class _Closeness(_Pair):
    rtol: Real = Field(1e-5, description="The distance allowed, as a share of x2.")
    atol: Real = Field(1e-8, description="The distance allowed at any rate.")
    equal_nan: bool = Field(False, description="Whether NaN is close to NaN.")

    def close(self, b: Scope, x1: Value | None, x2: Value | None) -> Value:
        """Whether each pair is close."""
        first, second = floating_pair(*self.operands(b, x1, x2))
        near = binary("LessEqual", ops.absolute(first - second), self.atol + self.rtol * ops.absolute(second))
        found = binary("Equal", first, second) | (near & unary("IsFinite", second))
        if not self.equal_nan:
            return found
        return found | (unary("IsNaN", first) & unary("IsNaN", second))


class Isclose(_Closeness):
    """True where x1 is near x2: at most `atol + rtol * abs(x2)` apart."""

    def build(self, b: Scope, x1: Value | None = None, x2: Value | None = None) -> Value:
        """The answer for each pair."""
        return self.close(b, x1, x2)


class Allclose(_Closeness):
    """Whether each x1 is near its x2, at most `atol + rtol * abs(x2)` apart: one answer."""

    examples = (
        Example({"x2": 2}, inputs=((None, 4),), output=((),), params=0),
        Example({}, inputs=((None, "seq"), (None, "seq")), output=((),), params=0),
        Example({"rtol": "little"}, error="`rtol` of Allclose must be a number"),
    )

    def build(self, b: Scope, x1: Value | None = None, x2: Value | None = None) -> Value:
        """Whether all are close."""
        found = self.close(b, x1, x2)
        return reduce("All", found, range(found.rank)) if found.rank > 0 else found


class Isin(Constants):
    """True for each element of x1 that is among those of x2."""

    assume_unique: bool = Field(False, description="Without effect: the result is the same.")
    invert: bool = Field(False, description="Whether to answer true for those that are not.")

    examples = (
        Example({"x2": [1, 2]}, inputs=((None, "seq"),), output=(None, "seq"), params=0),
        Example({}, inputs=((None, 3), (4, 2)), output=(None, 3), params=0),
        Example({}, inputs=((None, 3),), error="Isin takes two inputs, or one and a constant"),
    )

    def build(self, b: Scope, x1: Value | None = None, x2: Value | None = None) -> Value:
        """Whether any of the others equals the element."""
        first, second = self.operands(b, x1, x2)
        others = reshape(second, (*(1 for _ in range(first.rank)), product(second.shape)))
        equal = binary("Equal", reshape(first, (*first.shape, 1)), others)
        found = reduce("Any", equal, -1)
        return unary("Not", found) if self.invert else found


class _Bits(Operation):
    """A function of the bits of two integers, or of two booleans. One operand may be a constant."""

    y: OptionalNumbers = Field(None, description="A constant in place of the second operand.")
    x: OptionalNumbers = Field(None, description="A constant in place of the first; the input is then the second.")

    function: ClassVar[str]
    examples: ClassVar[tuple[Example, ...]] = (
        Example({"y": 2}, inputs=((None, 4),), dtypes=("int32",), output=(None, 4), params=0),
        Example({"x": [1, 2]}, inputs=((None, "seq", 2),), dtypes=("uint8",), output=(None, "seq", 2), params=0),
        Example({}, inputs=((None, 3), (None, 1)), dtypes=("int32", "int64"), output=(None, 3), params=0),
        Example({"y": 2}, inputs=((None, 4),), error="takes integers or booleans, found (None, 4) of float32"),
        Example({"x": 1, "y": 1}, error="are both constants, and one must be an input"),
    )

    @model_validator(mode="after")
    def _one_tensor(self) -> Self:
        refuse_two_constants(self, ("x", "y"))
        return self

    def operands(self, b: Scope, x: Value | None, y: Value | None) -> tuple[Value, Value]:
        """Both operands, checked."""
        first, second = pair_of(b, self, ("x", "y"), x, y)
        require_bits(b, self, [first, second])
        return first, second

    def build(self, b: Scope, x: Value | None = None, y: Value | None = None) -> Value:
        """The function of each pair of elements."""
        return binary(self.function, *self.operands(b, x, y))


FUNCTIONS = {
    "BitwiseAnd": ("BitAnd", "The bits that both operands have; of booleans, whether both are true."),
    "BitwiseOr": ("BitOr", "The bits that one of both operands has; of booleans, whether one is true."),
    "BitwiseXor": (
        "BitXor",
        "The bits that exactly one of both operands has; of booleans, whether exactly one is true.",
    ),
}
"""Operations that are one op's function: its name there, and what it is. Each class is made when it is asked for."""


def __getattr__(name: str) -> type[Layer]:
    return made_from(FUNCTIONS, name, _Bits, globals())


class LeftShift(_Bits):
    """The bits of x moved y places to the left: `x * 2 ** y`."""

    def build(self, b: Scope, x: Value | None = None, y: Value | None = None) -> Value:
        """The product of each pair."""
        first, powers = _with_powers(*self.operands(b, x, y))
        return first * powers


class RightShift(_Bits):
    """The bits of x moved y places to the right: the whole number not above `x / 2 ** y`."""

    def build(self, b: Scope, x: Value | None = None, y: Value | None = None) -> Value:
        """The quotient of each pair."""
        first, powers = _with_powers(*self.operands(b, x, y))
        return binary("FloorDiv", first, powers)


def _with_powers(x: Value, y: Value) -> tuple[Value, Value]:
    dtype = promote(x.dtype, y.dtype)
    dtype = "int32" if dtype == "bool" else dtype
    return cast(x, dtype), binary("Pow", 2, cast(y, dtype))


class _Divisors(_Pair):
    function: ClassVar[str]
    examples: ClassVar[tuple[Example, ...]] = (
        Example({"x2": 4}, inputs=((None, 3),), dtypes=("int32",), output=(None, 3), params=0),
        Example({}, inputs=((None, "seq"), (None, 1)), dtypes=("int32", "uint8"), output=(None, "seq"), params=0),
        Example({"x2": 4}, inputs=((None, 3),), error="takes integers or booleans, found (None, 3) of float32"),
    )

    def build(self, b: Scope, x1: Value | None = None, x2: Value | None = None) -> Value:
        """The number of each pair; booleans count as int32."""
        first, second = self.operands(b, x1, x2)
        require_bits(b, self, [first, second])
        if first.dtype == second.dtype == "bool":
            first, second = cast(first, "int32"), cast(second, "int32")
        return binary(self.function, first, second)


class Gcd(_Divisors):
    """The greatest number that divides both."""

    function = "Gcd"


class Lcm(_Divisors):
    """The least number that both divide."""

    function = "Lcm"
