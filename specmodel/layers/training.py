"""Arguments that matter to training alone: validated, kept, and without effect on inference."""

from typing import Annotated, Literal

from pydantic import Field

from specmodel.layers.fields import Axes, Real
from specmodel.layers.objects import Config

Factor = Annotated[float, Field(ge=0, allow_inf_nan=False)] | None
"""A share of the loss; null is the default."""


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

    factor: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.01
    mode: Literal["rows", "columns"] = "rows"


class MaxNorm(Config):
    """Keeps the norm of each unit's weights at most `max_value`; norms run over `axis`, one or several."""

    max_value: Real = 2.0
    axis: Axes = (0,)


class MinMaxNorm(Config):
    """Keeps the norm of each unit's weights between two values, or moves it there by the share `rate`."""

    min_value: Real = 0.0
    max_value: Real = 1.0
    rate: Real = 1.0
    axis: Axes = (0,)


class NonNeg(Config):
    """Keeps weights at least 0."""


class UnitNorm(Config):
    """Keeps the norm of each unit's weights at 1."""

    axis: Axes = (0,)
