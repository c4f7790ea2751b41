"""Tensor operations without inputs: the windows that signals are multiplied by."""

from math import cos, pi, sqrt
from typing import Annotated

from pydantic import Field

from specmodel.layers.base import Example
from specmodel.layers.fields import Real
from specmodel.layers.operation import Operation
from specmodel.layers.operations_source import MOST
from specmodel.layers.scope import Scope
from specmodel.ops.elementwise import cast
from specmodel.ops.source import constant
from specmodel.ops.value import Value


class _Window(Operation):
    x: Annotated[int, Field(gt=0, le=MOST)] = Field(description="How many numbers.")

    examples = (
        Example({"x": 5}, output=(5,), params=0),
        Example({"x": 1}, output=(1,), params=0),
        Example({"x": 0}, error="`x` of"),
    )

    def weight(self, share: float) -> float:
        """The window at a place from 0 to 1."""
        raise NotImplementedError(type(self).__name__)

    def build(self, b: Scope) -> Value:
        """The window at equal steps; a single number is 1."""
        parts = max(self.x - 1, 1)
        numbers = [self.weight(step / parts) for step in range(self.x)] if self.x > 1 else [1.0]
        return cast(constant(tuple(numbers), "float64"), "float32")


class Bartlett(_Window):
    """Bartlett's window: a triangle from 0 over 1 to 0."""

    def weight(self, share: float) -> float:
        """The triangle."""
        return 1 - abs(2 * share - 1)


class Blackman(_Window):
    """Blackman's window: `0.42 - 0.5 cos(2 pi t) + 0.08 cos(4 pi t)`, t from 0 to 1."""

    def weight(self, share: float) -> float:
        """The sum of cosines."""
        return 0.42 - 0.5 * cos(2 * pi * share) + 0.08 * cos(4 * pi * share)


class Hamming(_Window):
    """Hamming's window: `0.54 - 0.46 cos(2 pi t)`, t from 0 to 1."""

    def weight(self, share: float) -> float:
        """The raised cosine."""
        return 0.54 - 0.46 * cos(2 * pi * share)


class Hanning(_Window):
    """Hann's window: `0.5 - 0.5 cos(2 pi t)`, t from 0 to 1."""

    def weight(self, share: float) -> float:
        """The raised cosine."""
        return 0.5 - 0.5 * cos(2 * pi * share)


class Kaiser(_Window):
    """Kaiser's window: a Bessel function of `beta` times the height of a half circle."""

    beta: Real = Field(description="How narrow it is; 0 gives ones.")

    examples = (
        Example({"x": 5, "beta": 14.0}, output=(5,), params=0),
        Example({"x": 4, "beta": 0}, output=(4,), params=0),
        Example({"x": 5}, error="Kaiser needs the argument `beta`"),
    )

    def weight(self, share: float) -> float:
        """The quotient of Bessel functions."""
        height = sqrt(max(1 - (2 * share - 1) ** 2, 0.0))
        return _bessel(self.beta * height) / _bessel(self.beta)


def _bessel(x: float) -> float:
    """The modified Bessel function of order 0, by its power series."""
    total = term = 1.0
    count = 0
    while term > 1e-17 * total and count < 1000:
        count += 1
        term *= (x / (2 * count)) ** 2
        total += term
    return total
