"""Tensor operations without inputs: sequences, constants, matrices and windows that are the same for every sample."""

from math import exp, log
from typing import Annotated, Any, ClassVar, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from specmodel.layers.base import Example
from specmodel.layers.fields import IntList, PosInt, Real
from specmodel.layers.operation import Dtype, Number, Operation, constant_beside
from specmodel.layers.scope import Scope
from specmodel.layers.validation import refuse
from specmodel.ops.elementwise import binary, cast
from specmodel.ops.shape import expand
from specmodel.ops.source import constant, iota
from specmodel.ops.value import Value
from specmodel.types.tensor import is_floating

MOST = 2**24
"""As many numbers a sequence has at most: each is made one by one when a spec is read."""
_DTYPE: Any = Field(None, description="The dtype; null means float32.")


def _check_shape(shape: tuple[int, ...]) -> tuple[int, ...]:
    wrong = next((axis for axis, size in enumerate(shape) if not 0 < size < 2**31), None)
    if wrong is not None:
        raise refuse(f"must be a positive size, found {shape[wrong]}", None, (wrong,))
    return shape


Shape = Annotated[
    IntList, BeforeValidator(lambda value: [value] if type(value) is int else value), AfterValidator(_check_shape)
]


class Arange(Operation):
    """The numbers `start, start + step, …` before `stop`; with one number, from 0 to before it."""

    start: Number = Field(description="The first number; the end, if there is no `stop`.")
    stop: Number | None = Field(None, description="The number to stop before.")
    step: Number = Field(1, description="How far they are apart.")
    dtype: Dtype | None = Field(
        None, description="The dtype; null means int32, or float32 where a number has a fraction."
    )

    examples = (
        Example({"start": 5}, output=(5,), params=0),
        Example({"start": 1, "stop": 2, "step": 0.25}, output=(4,), params=0),
        Example({"start": 3, "stop": 0, "step": -1, "dtype": "float32"}, output=(3,), params=0),
        Example({"start": 3, "stop": 0}, error="there are no numbers from 3 by 1 to before 0"),
        Example({"start": 3, "step": 0}, error="`step` of Arange must not be 0"),
    )

    @model_validator(mode="after")
    def _goes_on(self) -> Self:
        if self.step == 0:
            raise refuse("`step` of Arange must not be 0", None, ("step",))
        first, last = self._ends()
        if self._count() < 1:
            raise refuse(f"there are no numbers from {first} by {self.step} to before {last}", None, ("start",))
        if self._count() > MOST:
            raise refuse(f"Arange makes at most {MOST} numbers, found {self._count()}", None, ("start",))
        return self

    def _ends(self) -> tuple[Any, Any]:
        return (0, self.start) if self.stop is None else (self.start, self.stop)

    def _count(self) -> int:
        first, last = self._ends()
        whole = (last - first) / self.step
        return max(-int(-whole // 1), 0) if abs(whole) < 2**53 else MOST + 1

    def build(self, b: Scope) -> Value:
        """The numbers, counted and moved."""
        first, _ = self._ends()
        floats = any(isinstance(number, float) for number in (self.start, self.stop, self.step))
        dtype = self.dtype if self.dtype is not None else "float32" if floats else "int32"
        working = "float64" if is_floating(dtype) or floats else dtype
        return cast(iota((self._count(),), 0, working) * self.step + first, dtype)


class _Sequence(Operation):
    start: Number = Field(description="The first number.")
    stop: Number = Field(description="The last number.")
    num: Annotated[int, Field(gt=0, le=MOST)] = Field(50, description="How many.")
    endpoint: bool = Field(True, description="Whether the last one is among them.")
    dtype: Dtype | None = _DTYPE
    axis: int = Field(0, ge=-1, le=0, description="Where they stand: there is one axis.")

    def numbers(self) -> list[float]:
        """The numbers, one by one."""
        raise NotImplementedError(type(self).__name__)

    def between(self, first: float, last: float) -> list[float]:
        """Numbers in equal steps."""
        parts = max(self.num - 1, 1) if self.endpoint else self.num
        return [first + (last - first) * step / parts for step in range(self.num)]

    def build(self, b: Scope) -> Value:
        """The numbers as a vector."""
        return cast(constant(tuple(self.numbers()), "float64"), self.dtype if self.dtype is not None else "float32")


class Linspace(_Sequence):
    """Numbers in equal steps from `start` to `stop`."""

    examples = (
        Example({"start": 0, "stop": 1, "num": 5}, output=(5,), params=0),
        Example({"start": 1, "stop": 2, "num": 4, "endpoint": False, "dtype": "float64"}, output=(4,), params=0),
        Example({"start": 0}, error="Linspace needs the argument `stop`"),
    )

    def numbers(self) -> list[float]:
        """Equal steps."""
        return self.between(self.start, self.stop)


class Logspace(_Sequence):
    """Powers of a base, whose exponents go in equal steps from `start` to `stop`."""

    base: Real = Field(10, gt=0, description="The base.")

    examples = (
        Example({"start": 0, "stop": 2, "num": 3}, output=(3,), params=0),
        Example({"start": 0, "stop": 4, "num": 4, "base": 2, "endpoint": False}, output=(4,), params=0),
        Example({"start": 0, "stop": 2, "base": 0}, error="`base` of Logspace must be greater than 0, found 0"),
    )

    def numbers(self) -> list[float]:
        """The base to each exponent."""
        return [float(self.base) ** exponent for exponent in self.between(self.start, self.stop)]


class Geomspace(_Sequence):
    """Numbers from `start` to `stop`, each the one before times the same factor."""

    examples = (
        Example({"start": 1, "stop": 1000, "num": 4}, output=(4,), params=0),
        Example({"start": 1, "stop": 16, "num": 4, "endpoint": False}, output=(4,), params=0),
        Example({"start": 0, "stop": 2}, error="`start` and `stop` of Geomspace must be above 0 both, or below"),
    )

    @model_validator(mode="after")
    def _same_sign(self) -> Self:
        if self.start * self.stop <= 0:
            message = "`start` and `stop` of Geomspace must be above 0 both, or below"
            raise refuse(message, None, ("start",))
        return self

    def numbers(self) -> list[float]:
        """The exponential of equal steps of the logarithm."""
        sign = 1 if self.start > 0 else -1
        found = [sign * exp(step) for step in self.between(log(abs(self.start)), log(abs(self.stop)))]
        found[0] = float(self.start)
        if self.endpoint and self.num > 1:
            found[-1] = float(self.stop)
        return found


class _Matrix(Operation):
    N: PosInt = Field(description="How many rows.")
    M: PosInt | None = Field(None, description="How many columns; null means as many as rows.")
    k: int = Field(0, gt=-(2**31), lt=2**31, description="Which diagonal: 0 is the main one, 1 the one above.")
    dtype: Dtype | None = _DTYPE

    comparison: ClassVar[str]
    examples = (
        Example({"N": 3}, output=(3, 3), params=0),
        Example({"N": 2, "M": 4, "k": 1, "dtype": "int32"}, output=(2, 4), params=0),
        Example({"N": 0}, error="must be greater than 0, found 0"),
    )

    def build(self, b: Scope) -> Value:
        """Ones where column less row compares so with `k`."""
        columns = self.M if self.M is not None else self.N
        apart = iota((1, columns), 1) - iota((self.N, 1), 0)
        return cast(binary(self.comparison, apart, self.k), self.dtype if self.dtype is not None else "float32")


class Eye(_Matrix):
    """A matrix with ones on a diagonal and zeros elsewhere."""

    comparison = "Equal"


class Tri(_Matrix):
    """A matrix with ones up to a diagonal and zeros above."""

    comparison = "LessEqual"


class IdentityOp(Operation):
    """The square matrix with ones on the main diagonal and zeros elsewhere."""

    n: PosInt = Field(description="How many rows and columns.")
    dtype: Dtype | None = _DTYPE

    examples = (
        Example({"n": 3}, output=(3, 3), params=0),
        Example({"n": 2, "dtype": "bool"}, output=(2, 2), params=0),
        Example({}, error="IdentityOp needs the argument `n`"),
    )

    def build(self, b: Scope) -> Value:
        """The matrix."""
        return Eye.declare({"N": self.n, "dtype": self.dtype}).build(b)


class _Filled(Operation):
    shape: Shape = Field(description="All sizes; one integer means a vector.")
    dtype: Dtype | None = _DTYPE

    number: ClassVar[int]
    examples = (
        Example({"shape": [2, 3]}, output=(2, 3), params=0),
        Example({"shape": 4, "dtype": "int32"}, output=(4,), params=0),
        Example({"shape": [2, 0]}, error="must be a positive size, found 0"),
    )

    def build(self, b: Scope) -> Value:
        """One number, repeated."""
        dtype = self.dtype if self.dtype is not None else "float32"
        return expand(cast(constant(self.number, "int32"), dtype), self.shape)


class Zeros(_Filled):
    """Zeros of a shape."""

    number = 0


class Ones(_Filled):
    """Ones of a shape."""

    number = 1


class Full(Operation):
    """One number in a shape."""

    shape: Shape = Field(description="All sizes; one integer means a vector.")
    fill_value: Number = Field(description="The number.")
    dtype: Dtype | None = Field(None, description="The dtype; null means float32.")

    examples = (
        Example({"shape": [2, 3], "fill_value": 0.5}, output=(2, 3), params=0),
        Example({"shape": 4, "fill_value": 7, "dtype": "int32"}, output=(4,), params=0),
        Example({"shape": 4}, error="Full needs the argument `fill_value`"),
    )

    def build(self, b: Scope) -> Value:
        """The number, repeated."""
        dtype = self.dtype if self.dtype is not None else "float32"
        return expand(cast(constant_beside(b, self.fill_value, dtype, "fill_value"), dtype), self.shape)
