"""Tensor operations: rarer functions of one number, applied to each element."""

from math import pi, sqrt
from typing import Any, ClassVar

from pydantic import Field

from specmodel.layers.base import Example
from specmodel.layers.operation import Dtype, Elementwise, Number, floating, require_bits
from specmodel.layers.scope import Scope
from specmodel.ops import elementwise as ops
from specmodel.ops.elementwise import binary, cast, clip, unary, where
from specmodel.ops.value import Value
from specmodel.types.tensor import LARGEST, integer_range, is_floating, promote


class Fabs(Elementwise):
    """The distance from 0, as a floating-point number."""

    def build(self, b: Scope, x: Value) -> Value:
        """The distance of each element."""
        return ops.absolute(floating(x))


class Cbrt(Elementwise):
    """The cube root, which has the sign of x."""

    def build(self, b: Scope, x: Value) -> Value:
        """The root of the distance from 0, with the sign."""
        wide = _wide(x)
        return cast(unary("Sign", wide) * binary("Pow", ops.absolute(wide), 1 / 3), floating(x).dtype)


class Deg2rad(Elementwise):
    """An angle in degrees, in radians."""

    def build(self, b: Scope, x: Value) -> Value:
        """`x * pi / 180`."""
        return floating(x) * (pi / 180)


class Rad2deg(Elementwise):
    """An angle in radians, in degrees."""

    def build(self, b: Scope, x: Value) -> Value:
        """`x * 180 / pi`."""
        return floating(x) * (180 / pi)


class Sinc(Elementwise):
    """`sin(pi x) / (pi x)`, and 1 at 0."""

    def build(self, b: Scope, x: Value) -> Value:
        """The quotient, where it is one."""
        angle = _wide(x) * pi
        zero = binary("Equal", angle, 0.0)
        return cast(where(zero, 1.0, unary("Sin", angle) / where(zero, 1.0, angle)), floating(x).dtype)


class Signbit(Elementwise):
    """True where the number has a minus sign, as -0.0 has."""

    def build(self, b: Scope, x: Value) -> Value:
        """What is below 0; of a zero, what its reciprocal is."""
        below = x < 0 if x.dtype != "bool" else binary("Less", cast(x, "int32"), 0)
        if not is_floating(x.dtype):
            return below
        zero = binary("Equal", x, 0.0)
        return below | (zero & binary("Less", unary("Reciprocal", where(zero, x, 1.0)), 0.0))


class Isposinf(Elementwise):
    """True where the number is infinite and above 0."""

    def build(self, b: Scope, x: Value) -> Value:
        """What equals infinity."""
        return binary("Equal", floating(x), float("inf"))


class Isneginf(Elementwise):
    """True where the number is infinite and below 0."""

    def build(self, b: Scope, x: Value) -> Value:
        """What equals the negated infinity."""
        return binary("Equal", floating(x), float("-inf"))


class NanToNum(Elementwise):
    """Numbers in place of NaN and infinities."""

    nan: Number = Field(0.0, description="What stands for NaN.")
    posinf: Number | None = Field(None, description="What stands for infinity; null means the dtype's largest number.")
    neginf: Number | None = Field(
        None, description="What stands for the negated infinity; null means the smallest one."
    )

    def build(self, b: Scope, x: Value) -> Value:
        """The number of each element; integers are numbers already."""
        if not is_floating(x.dtype):
            return x
        most = LARGEST[x.dtype]
        for odd, number in (("inf", self.posinf), ("-inf", self.neginf)):
            default = most if odd == "inf" else -most
            x = where(binary("Equal", x, float(odd)), default if number is None else number, x)
        return where(unary("IsNaN", x), self.nan, x)


class SaturateCast(Elementwise):
    """The same numbers in another dtype; those out of its range become the nearest in it."""

    dtype: Dtype = Field(description="The dtype to cast to.")

    examples: ClassVar[tuple[Example, ...]] = (
        Example({"dtype": "uint8"}, inputs=((None, "seq"),), output=(None, "seq"), params=0),
        Example({"dtype": "int8"}, inputs=((None, 3),), dtypes=("int32",), output=(None, 3), params=0),
        Example({"dtype": "float"}, error="`dtype` of SaturateCast must be"),
    )

    def build(self, b: Scope, x: Value) -> Value:
        """Clipped to what both dtypes hold, then cast."""
        low, high = _range(self.dtype)
        own_low, own_high = _range(x.dtype)
        low, high = max(low, own_low), min(high, own_high)
        if is_floating(x.dtype) and not is_floating(self.dtype):
            digits = {"float64": 53, "float32": 24, "float16": 11, "bfloat16": 8}[x.dtype]
            high = _rounded_down(high, digits)
        if x.dtype == "bool":
            return cast(x, self.dtype)
        return cast(clip(x, low, high), self.dtype)


def _range(dtype: str) -> tuple[Any, Any]:
    if dtype == "bool":
        return 0, 1
    return (-LARGEST[dtype], LARGEST[dtype]) if is_floating(dtype) else integer_range(dtype)


def _rounded_down(whole: Any, digits: int) -> int:
    """The largest integer up to one that a float of so many binary digits holds."""
    surplus = max(int(whole).bit_length() - digits, 0)
    return int(whole) >> surplus << surplus


class Erfc(Elementwise):
    """`1 - erf(x)`."""

    def build(self, b: Scope, x: Value) -> Value:
        """What the error function leaves to 1."""
        return 1.0 - ops.erf(floating(x))


_NEAR = (
    *(2.81022636e-08, 3.43273939e-07, -3.5233877e-06, -4.39150654e-06, 0.00021858087, -0.00125372503, -0.00417768164),
    *(0.246640727, 1.50140941),
)
_FAR = (
    *(-0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773, -0.0076224613, 0.00943887047),
    *(1.00167406, 2.83297682),
)


class Erfinv(Elementwise):
    """The number with this error function, from -1 to 1. M. Giles, Approximating the erfinv function (2010)."""

    def build(self, b: Scope, x: Value) -> Value:
        """Two polynomials in `-log(1 - x ** 2)` and its root; in double precision, two steps of Newton more."""
        dtype, x = floating(x).dtype, _wide(x)
        w = -ops.log((1.0 - x) * (1.0 + x))
        near = _polynomial(ops.minimum(w, 5.0) - 2.5, _NEAR)
        far = _polynomial(ops.sqrt(ops.maximum(w, 5.0)) - 3.0, _FAR)
        y = where(binary("Less", w, 5.0), near, far) * x
        if x.dtype == "float64":
            for _ in range(2):
                y = y - (ops.erf(y) - x) * (sqrt(pi) / 2) * ops.exp(ops.square(y))
        return cast(where(binary("Equal", ops.absolute(x), 1.0), x * float("inf"), y), dtype)


_SMALL = (0.0045813, 0.0360768, 0.2659732, 1.2067492, 3.0899424, 3.5156229, 1.0)
_LARGE = (
    *(0.00392377, -0.01647633, 0.02635537, -0.02057706, 0.00916281, -0.00157565, 0.00225319, 0.01328592, 0.39894228),
)


class I0(Elementwise):
    """The modified Bessel function of the first kind of order 0, to seven digits.

    M. Abramowitz, I. Stegun, Handbook of Mathematical Functions (1964), 9.8.1 and 9.8.2.
    """

    def build(self, b: Scope, x: Value) -> Value:
        """A polynomial near 0, and another times `exp(x) / sqrt(x)` beyond."""
        size = ops.absolute(_wide(x))
        near = _polynomial(ops.square(ops.minimum(size, 3.75) / 3.75), _SMALL)
        far = ops.maximum(size, 3.75)
        beyond = _polynomial(3.75 / far, _LARGE) * ops.exp(far) * ops.rsqrt(far)
        return cast(where(binary("Less", size, 3.75), near, beyond), floating(x).dtype)


def _wide(x: Value) -> Value:
    """In float32 at least: many small steps of 16-bit numbers would lose most of their digits."""
    return cast(x, promote(floating(x).dtype, "float32"))


def _polynomial(x: Value, coefficients: tuple[float, ...]) -> Value:
    """The polynomial with these coefficients, the highest power's first."""
    y = x * coefficients[0] + coefficients[1]
    for coefficient in coefficients[2:]:
        y = y * x + coefficient
    return y


class BitwiseNot(Elementwise):
    """Each bit turned over; of booleans, the negation."""

    examples = (
        Example({}, inputs=((None, 3),), dtypes=("int32",), output=(None, 3), params=0),
        Example({}, inputs=((None, "h", "w"),), dtypes=("bool",), output=(None, "h", "w"), params=0),
        Example({}, inputs=((None, 3),), error="BitwiseNot takes integers or booleans, found (None, 3) of float32"),
    )

    def build(self, b: Scope, x: Value) -> Value:
        """The bits of each element."""
        require_bits(b, self, [x])
        return unary("BitNot", x)
