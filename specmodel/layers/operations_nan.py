"""Tensor operations that make one number of many, and leave out what is no number (NaN)."""

from typing import ClassVar

from specmodel.layers.base import Layer
from specmodel.layers.operation import axes_of, floating, made_from
from specmodel.layers.operations_along import Running
from specmodel.layers.operations_reduce import Argument, Reduction, widened
from specmodel.layers.scope import Scope
from specmodel.ops import elementwise as ops
from specmodel.ops.elementwise import cast, unary, where
from specmodel.ops.reduce import reduce
from specmodel.ops.value import Value
from specmodel.types.tensor import is_floating, promote


class _Plain(Reduction):
    """A reduction of what is left when NaN is taken for the number that changes nothing."""

    neutral: ClassVar[float]

    def build(self, b: Scope, x: Value) -> Value:
        """The reduction of the numbers."""
        return self.reduced(b, self.function, widened(without_nan(x, self.neutral)))


class Nansum(_Plain):
    """The sum along axes, NaN counting as 0; small integers give 32-bit ones."""

    function = "Sum"
    neutral = 0.0


class Nanprod(_Plain):
    """The product along axes, NaN counting as 1; small integers give 32-bit ones."""

    function = "Prod"
    neutral = 1.0


class _Extreme(Reduction):
    """The extreme number along axes; NaN where there is none."""

    def build(self, b: Scope, x: Value) -> Value:
        """The extreme of the numbers."""
        axes = axes_of(b, self.axis, x.rank)
        if not is_floating(x.dtype):
            return reduce(self.function, x, axes, self.keepdims)
        found = reduce(self.function, without_nan(x, _beyond(self.function)), axes, self.keepdims)
        return where(reduce("All", unary("IsNaN", x), axes, self.keepdims), float("nan"), found)


FUNCTIONS = {
    "Nanmax": ("Max", "The largest number along axes; NaN only where there is none."),
    "Nanmin": ("Min", "The smallest number along axes; NaN only where there is none."),
}
"""Operations that are one op's function: its name there, and what it is. Each class is made when it is asked for."""


def __getattr__(name: str) -> type[Layer]:
    return made_from(FUNCTIONS, name, _Extreme, globals())


def without_nan(x: Value, neutral: float) -> Value:
    """The value with a number in place of each NaN."""
    return where(unary("IsNaN", x), neutral, x) if is_floating(x.dtype) else x


def _beyond(function: str) -> float:
    return float("-inf") if function.endswith("Max") else float("inf")


class Nanmean(Reduction):
    """The arithmetic mean of the numbers along axes; NaN where there are none; integers give float32."""

    def build(self, b: Scope, x: Value) -> Value:
        """Their sum, divided by how many they are."""
        return _mean(floating(x), axes_of(b, self.axis, x.rank), self.keepdims)


def _mean(x: Value, axes: tuple[int, ...], keepdims: bool) -> Value:
    count = reduce("Sum", cast(unary("Not", unary("IsNaN", x)), x.dtype), axes, keepdims)
    return reduce("Sum", without_nan(x, 0.0), axes, keepdims) / count


class Nanvar(Reduction):
    """The variance of the numbers along axes: their mean square distance from their mean."""

    def build(self, b: Scope, x: Value) -> Value:
        """The variance; that of 16-bit numbers is made in float32."""
        return cast(_variance(self, b, x), floating(x).dtype)


class Nanstd(Reduction):
    """The standard deviation of the numbers along axes: the square root of their variance."""

    def build(self, b: Scope, x: Value) -> Value:
        """The deviation; that of 16-bit numbers is made in float32."""
        return cast(ops.sqrt(_variance(self, b, x)), floating(x).dtype)


def _variance(layer: Reduction, b: Scope, x: Value) -> Value:
    axes = axes_of(b, layer.axis, x.rank)
    wide = cast(x, promote(floating(x).dtype, "float32"))
    return _mean(ops.square(wide - _mean(wide, axes, True)), axes, layer.keepdims)


class _Place(Argument):
    """The place of the extreme number along an axis, as int32; -1 where there is none."""

    def build(self, b: Scope, x: Value) -> Value:
        """The place among the numbers."""
        if not is_floating(x.dtype):
            return super().build(b, x)
        place = super().build(b, without_nan(x, _beyond(self.function)))
        axes = axes_of(b, None if self.axis is None else (self.axis,), x.rank)
        return where(reduce("All", unary("IsNaN", x), axes, self.keepdims), -1, place)


class Nanargmax(_Place):
    """The place of the largest number along an axis, as int32; -1 where there is none."""

    function = "ArgMax"


class Nanargmin(_Place):
    """The place of the smallest number along an axis, as int32; -1 where there is none."""

    function = "ArgMin"


class Nancumsum(Running):
    """The sum of the elements up to each, along an axis, NaN counting as 0."""

    function = "Sum"

    def build(self, b: Scope, x: Value) -> Value:
        """The running sum of the numbers."""
        return super().build(b, without_nan(x, 0.0))


class Nancumprod(Running):
    """The product of the elements up to each, along an axis, NaN counting as 1."""

    function = "Prod"

    def build(self, b: Scope, x: Value) -> Value:
        """The running product of the numbers."""
        return super().build(b, without_nan(x, 1.0))
