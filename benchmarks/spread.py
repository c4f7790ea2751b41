"""Medians with quartiles."""

from collections.abc import Sequence
from statistics import median, quantiles
from typing import NamedTuple


class Spread(NamedTuple):
    """The middle of some measurements, and the quartiles around it."""

    median: float
    low: float
    high: float

    def text(self, form: str = ".2f", unit: str = "") -> str:
        """`1.20 (1.18-1.24)`."""
        return f"{self.median:{form}}{unit} ({self.low:{form}}-{self.high:{form}})"

    def figures(self) -> dict[str, float]:
        """The form in results.json, with four digits."""
        return {name: float(f"{value:.4g}") for name, value in self._asdict().items()}


def spread(values: Sequence[float]) -> Spread:
    """The median and quartiles of measurements."""
    if len(values) < 2:
        return Spread(values[0], values[0], values[0])
    low, _, high = quantiles(values, n=4, method="inclusive")
    return Spread(median(values), low, high)


def ratio(values: Sequence[float], base: Sequence[float]) -> Spread:
    """The spread of `values / base`, round by round."""
    return spread([one / other for one, other in zip(values, base, strict=True)])
