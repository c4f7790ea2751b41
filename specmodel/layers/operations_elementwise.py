"""Tensor operations: functions of one number, applied to each element."""

from typing import ClassVar

from pydantic import Field

from specmodel.layers.base import Example, Layer
from specmodel.layers.operation import Elementwise, floating, made_from, require_numbers
from specmodel.layers.scope import Scope
from specmodel.ops.elementwise import binary, cast, unary
from specmodel.ops.value import Value


class _Function(Elementwise):
    """A function that an op computes; those of floating-point numbers alone take others as float32."""

    function: ClassVar[str]

    def build(self, b: Scope, x: Value) -> Value:
        """The function of each element."""
        return unary(self.function, x)


FUNCTIONS = {
    "Absolute": ("Abs", "The distance from 0."),
    "Sqrt": ("Sqrt", "The square root."),
    "Rsqrt": ("Rsqrt", "One over the square root."),
    "Reciprocal": ("Reciprocal", "`1 / x`."),
    "Exp": ("Exp", "`e` to the power of x."),
    "Expm1": ("Expm1", "`exp(x) - 1`, exact near 0."),
    "Log": ("Log", "The natural logarithm."),
    "Log1p": ("Log1p", "`log(1 + x)`, exact near 0."),
    "Log2": ("Log2", "The logarithm to the base 2."),
    "Log10": ("Log10", "The logarithm to the base 10."),
    "Sin": ("Sin", "The sine of an angle in radians."),
    "Cos": ("Cos", "The cosine of an angle in radians."),
    "Tan": ("Tan", "The tangent of an angle in radians."),
    "Arcsin": ("Asin", "The angle with this sine, in radians."),
    "Arccos": ("Acos", "The angle with this cosine, in radians."),
    "Arctan": ("Atan", "The angle with this tangent, in radians."),
    "Sinh": ("Sinh", "The hyperbolic sine."),
    "Cosh": ("Cosh", "The hyperbolic cosine."),
    "Tanh": ("Tanh", "The hyperbolic tangent."),
    "Arcsinh": ("Asinh", "The number with this hyperbolic sine."),
    "Arccosh": ("Acosh", "The number from 0 on with this hyperbolic cosine."),
    "Arctanh": ("Atanh", "The number with this hyperbolic tangent."),
    "Sigmoid": ("Sigmoid", "`1 / (1 + exp(-x))`."),
    "Erf": ("Erf", "The error function."),
    "Trunc": ("Trunc", "The whole number next to x on the way to 0."),
    "Isnan": ("IsNaN", "True where there is no number (NaN)."),
    "Isinf": ("IsInf", "True where the number is infinite."),
    "Isfinite": ("IsFinite", "True where the number is neither infinite nor NaN."),
    "LogicalNot": ("Not", "True where the element is 0 or false."),
}
"""Operations that are one op's function: its name there, and what it is. Each class is made when it is asked for."""


def __getattr__(name: str) -> type[Layer]:
    return made_from(FUNCTIONS, name, _Function, globals())


class _Numeric(_Function):
    """A function that keeps the dtype of numbers, and takes no booleans."""

    def build(self, b: Scope, x: Value) -> Value:
        """The function of each element."""
        require_numbers(b, self, [x])
        return unary(self.function, x)


class Negative(_Numeric):
    """`-x`."""

    function = "Neg"


class Sign(_Numeric):
    """-1, 0 or 1, as the element is below, at or above 0."""

    function = "Sign"


class Square(Elementwise):
    """`x * x`."""

    def build(self, b: Scope, x: Value) -> Value:
        """The square of each element; booleans count as int32."""
        return unary("Square", cast(x, "int32") if x.dtype == "bool" else x)


class Exp2(Elementwise):
    """2 to the power of x."""

    def build(self, b: Scope, x: Value) -> Value:
        """The power of each element."""
        return binary("Pow", 2.0, floating(x))


class Floor(Elementwise):
    """The largest whole number that is not above x; integers give float32."""

    def build(self, b: Scope, x: Value) -> Value:
        """The whole number of each element."""
        return unary("Floor", floating(x))


class Ceil(Elementwise):
    """The smallest whole number that is not below x; integers give float32."""

    def build(self, b: Scope, x: Value) -> Value:
        """The whole number of each element."""
        return unary("Ceil", floating(x))


class Round(Elementwise):
    """The nearest number with so many digits behind the point, the even one of two."""

    decimals: int = Field(0, ge=-18, le=18, description="Digits behind the point; -1 rounds to tens.")

    examples = (
        Example({}, inputs=((None, 3),), output=(None, 3), params=0),
        Example({"decimals": 2}, inputs=((None, "seq"),), output=(None, "seq"), params=0),
        Example({"decimals": 0.5}, error="`decimals` of Round must be an integer"),
        Example({}, inputs=((None, 3),), dtypes=("bool",), error="Round takes numbers, found (None, 3) of bool"),
    )

    def build(self, b: Scope, x: Value) -> Value:
        """Scaled, rounded and scaled back; integers are whole already."""
        require_numbers(b, self, [x])
        if self.decimals == 0 or ("int" in x.dtype and self.decimals > 0):
            return unary("Round", x)
        scale = 10.0 ** abs(self.decimals)
        if "int" in x.dtype:
            return cast(unary("Round", cast(x, "float64") / scale) * scale, x.dtype)
        return unary("Round", x * scale) / scale if self.decimals > 0 else unary("Round", x / scale) * scale
