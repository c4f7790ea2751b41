"""Arguments that matter to training alone: validated, kept, and without effect on inference."""

from typing import Annotated

from pydantic import Field

from specmodel.layers.objects import Config

Factor = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class L1(Config):
    """Adds `l1 * sum(|w|)` to the loss."""

    l1: Factor = 0.01


class L2(Config):
    """Adds `l2 * sum(w ** 2)` to the loss."""

    l2: Factor = 0.01


class L1L2(Config):
    """Adds `l1 * sum(|w|) + l2 * sum(w ** 2)` to the loss."""

    l1: Factor = 0.0
    l2: Factor = 0.0


class OrthogonalRegularizer(Config):
    """Adds `factor` times the mean cosine between the rows (or columns) of a matrix."""

    factor: Factor = 0.01
    mode: str = "rows"


class MaxNorm(Config):
    """Keeps the norm of each unit's weights at most `max_value`."""

    max_value: float = 2
    axis: int = 0


class MinMaxNorm(Config):
    """Keeps the norm of each unit's weights between two values."""

    min_value: float = 0.0
    max_value: float = 1.0
    rate: float = 1.0
    axis: int = 0


class NonNeg(Config):
    """Keeps weights at least 0."""


class UnitNorm(Config):
    """Keeps the norm of each unit's weights at 1."""

    axis: int = 0
