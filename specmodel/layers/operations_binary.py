"""Tensor operations on two numbers, element by element with broadcasting: arithmetic, comparison, logic, choice."""

from typing import ClassVar

from pydantic import Field

from specmodel.diagnostics import codes
from specmodel.layers.base import Example, Layer
from specmodel.layers.operation import (
    Constants,
    Dtype,
    Elementwise,
    Number,
    constant_beside,
    leaves,
    made_from,
    require_numbers,
)
from specmodel.layers.scope import Scope
from specmodel.ops import elementwise as ops
from specmodel.ops.elementwise import binary, cast, log1p, maximum, where
from specmodel.ops.value import Value
from specmodel.types.tensor import is_floating, promote

_PAIR = ((None, 4, 5), (None, 4, 5))
PAIR_EXAMPLES = (
    Example({"x2": 2}, inputs=((None, 4),), output=(None, 4), params=0),
    Example({"x1": 0.5}, inputs=((None, "h", "w"),), output=(None, "h", "w"), params=0),
    Example({}, inputs=((None, "seq", 5), (None, 1, 5)), output=(None, "seq", 5), params=0),
    Example({"x2": [1, 2, 3]}, inputs=((None, 3),), output=(None, 3), params=0),
    Example({}, inputs=((None, 4, 5), (None, 3, 5)), error="`(None, 4, 5)` and `(None, 3, 5)` do not fit together"),
    Example({}, inputs=((None, 3),), error="takes two inputs, or one and a constant `x2` or `x1`; found one input"),
    Example({"x2": 1}, inputs=_PAIR, error="takes one input beside the constant `x2`, found two inputs"),
    Example({"x1": 1, "x2": 1}, error="are both constants, and one must be an input"),
    Example({"x2": [[1, 2], [3]]}, error="must have lists of the same length at each level"),
    Example({"x2": "a"}, error="must be a number, or lists of numbers, found"),
)


class _Binary(Constants):
    """A function of two operands that an op computes."""

    function: ClassVar[str]
    examples: ClassVar[tuple[Example, ...]] = PAIR_EXAMPLES

    def build(self, b: Scope, x1: Value | None = None, x2: Value | None = None) -> Value:
        """The function of each pair of elements."""
        return binary(self.function, *self.operands(b, x1, x2))


FUNCTIONS = {
    "AddOp": ("Add", "`x1 + x2`."),
    "MultiplyOp": ("Mul", "`x1 * x2`."),
    "Divide": ("Div", "`x1 / x2`; integers give float32."),
    "MaximumOp": ("Max", "The larger of two elements."),
    "MinimumOp": ("Min", "The smaller of two elements."),
    "Equal": ("Equal", "True where the operands are equal."),
    "NotEqual": ("NotEqual", "True where the operands differ."),
    "Less": ("Less", "True where x1 is below x2."),
    "LessEqual": ("LessEqual", "True where x1 is not above x2."),
    "Greater": ("Greater", "True where x1 is above x2."),
    "GreaterEqual": ("GreaterEqual", "True where x1 is not below x2."),
    "LogicalAnd": ("And", "True where both are; numbers count as true unless they are 0."),
    "LogicalOr": ("Or", "True where one of both is; numbers count as true unless they are 0."),
    "LogicalXor": ("Xor", "True where exactly one of both is; numbers count as true unless they are 0."),
}
"""Operations that are one op's function: its name there, and what it is. Each class is made when it is asked for."""


def __getattr__(name: str) -> type[Layer]:
    return made_from(FUNCTIONS, name, _Binary, globals())


class _Integral(_Binary):
    """A function whose booleans count as integers."""

    def build(self, b: Scope, x1: Value | None = None, x2: Value | None = None) -> Value:
        """The function of each pair of elements."""
        first, second = self.operands(b, x1, x2)
        if first.dtype == second.dtype == "bool":
            first, second = cast(first, "int32"), cast(second, "int32")
        return binary(self.function, first, second)


class SubtractOp(_Binary):
    """`x1 - x2`."""

    function = "Sub"

    def build(self, b: Scope, x1: Value | None = None, x2: Value | None = None) -> Value:
        """The difference of each pair of elements."""
        first, second = self.operands(b, x1, x2)
        if first.dtype == second.dtype == "bool":
            require_numbers(b, self, [first, second])
        return first - second


class DivideNoNan(Constants):
    """`x1 / x2`, and 0 where x2 is 0; integers give float32."""

    examples = PAIR_EXAMPLES

    def build(self, b: Scope, x1: Value | None = None, x2: Value | None = None) -> Value:
        """The quotient of each pair of elements."""
        first, second = self.operands(b, x1, x2)
        zero = binary("Equal", second, 0)
        quotient = first / where(zero, 1, second)
        return where(zero, 0, quotient)


class FloorDivide(_Integral):
    """The largest whole number that is not above `x1 / x2`."""

    function = "FloorDiv"


class Mod(_Integral):
    """What is left of x1 after floor division by x2, with the sign of x2."""

    function = "Mod"


class Power(_Integral):
    """x1 to the power of x2."""

    function = "Pow"
    examples = (
        *PAIR_EXAMPLES,
        Example({"x2": -1}, inputs=((None, 2),), dtypes=("int32",), error="integers have no power of -1"),
    )

    def build(self, b: Scope, x1: Value | None = None, x2: Value | None = None) -> Value:
        """The power of each pair of elements; a negative power of integers is an error of the data."""
        first, second = self.operands(b, x1, x2)
        if "float" not in first.dtype + second.dtype and self.x2 is not None:
            least = min(leaves(self.x2))
            message = f"integers have no power of {least} among the integers"
            help = f"write the exponent as {least}.0, or put Cast before"
            b.require(least >= 0, message, field="x2", help=help)
        return super().build(b, x1, x2)


def floating_pair(first: Value, second: Value) -> tuple[Value, Value]:
    """Both as floating-point numbers: float32 unless one of them has such a dtype."""
    dtype = promote(first.dtype, second.dtype)
    dtype = dtype if is_floating(dtype) else "float32"
    return cast(first, dtype), cast(second, dtype)


class Arctan2(Constants):
    """The angle of the point (x2, x1), from -pi to pi."""

    examples = PAIR_EXAMPLES

    def build(self, b: Scope, x1: Value | None = None, x2: Value | None = None) -> Value:
        """The angle of each pair of elements."""
        return binary("Atan2", *floating_pair(*self.operands(b, x1, x2)))


class Logaddexp(Constants):
    """`log(exp(x1) + exp(x2))`, without overflow."""

    examples = PAIR_EXAMPLES

    def build(self, b: Scope, x1: Value | None = None, x2: Value | None = None) -> Value:
        """The larger, and what the smaller adds to it."""
        first, second = floating_pair(*self.operands(b, x1, x2))
        near = ops.absolute(first - second)
        more = where(binary("Equal", first, second), 0.6931471805599453, log1p(ops.exp(-near)))  # equal infinities too
        return maximum(first, second) + more


class Where(Constants):
    """x1 where the condition holds, else x2; all three are broadcast. Each choice is an input or a constant."""

    needs_tensor = False
    examples = (
        Example(
            {},
            inputs=((None, 3), (None, 3), (None, 3)),
            dtypes=("bool", "float32", "float32"),
            output=(None, 3),
            params=0,
        ),
        Example({"x2": 0}, inputs=((None, "seq", 1), (None, "seq", 4)), output=(None, "seq", 4), params=0),
        Example({"x1": 1.5, "x2": -1}, inputs=((None, 2),), dtypes=("bool",), output=(None, 2), params=0),
        Example(
            {"x1": 1}, inputs=((None, 2),), error="Where needs `x1` and `x2`, as inputs or constants; found 1 of them"
        ),
    )

    def build(self, b: Scope, condition: Value, x1: Value | None = None, x2: Value | None = None) -> Value:
        """The choice of each element."""
        given = [x for x in (x1, x2) if x is not None]
        constants = [numbers for numbers in (self.x1, self.x2) if numbers is not None]
        message = f"Where needs `x1` and `x2`, as inputs or constants; found {len(given) + len(constants)} of them"
        b.require(len(given) + len(constants) == 2, message, code=codes.CALL_ARGUMENTS)
        if len(constants) < 2:
            return where(condition, *self.operands(b, x1, x2))
        floats = any(isinstance(leaf, float) for numbers in constants for leaf in leaves(numbers))
        integers = any(type(leaf) is int for numbers in constants for leaf in leaves(numbers))
        dtype = "float32" if floats else "int32" if integers else "bool"
        return where(condition, *(constant_beside(b, numbers, dtype, "x1") for numbers in constants))


class Clip(Elementwise):
    """Each element limited to an interval."""

    x_min: Number | None = Field(description="The least value; null for none.")
    x_max: Number | None = Field(description="The largest value; null for none.")

    examples = (
        Example({"x_min": 0, "x_max": 6}, inputs=((None, "seq"),), output=(None, "seq"), params=0),
        Example({"x_min": -0.5, "x_max": None}, inputs=((None, 3),), output=(None, 3), params=0),
        Example({"x_min": 0}, error="Clip needs the argument `x_max`"),
    )

    def build(self, b: Scope, x: Value) -> Value:
        """The nearest number within the limits; limits with a fraction make float32 of integers."""
        for field, limit, nearer in (("x_min", self.x_min, "Max"), ("x_max", self.x_max, "Min")):
            if limit is not None:
                x = binary(nearer, x, constant_beside(b, limit, x.dtype, field))
        return x


class Cast(Elementwise):
    """The same numbers in another dtype: floats are cut to integers toward 0, and are true unless 0."""

    dtype: Dtype = Field(description="The dtype to cast to.")

    examples = (
        Example({"dtype": "float32"}, inputs=((None, "seq"),), dtypes=("int32",), output=(None, "seq"), params=0),
        Example({"dtype": "bool"}, inputs=((None, 3),), output=(None, 3), params=0),
        Example({"dtype": "float"}, error="`dtype` of Cast must be"),
        Example({}, error="Cast needs the argument `dtype`"),
    )

    def build(self, b: Scope, x: Value) -> Value:
        """The conversion of each element."""
        return cast(x, self.dtype)
