"""The functions of expressions; they mean what they mean in Python."""

from collections.abc import Callable
from typing import Any

from specmodel.record import Record

MOST_DIGITS = 400
"""Digits that `round` may be asked for; more than any float has."""


class Function(Record):
    """What a name calls: how many values it takes, and the names that its later ones have."""

    apply: Callable[..., Any]
    least: int
    most: int | None
    names: tuple[str, ...] = ()


def _sqrt(x: Any) -> Any:
    from math import sqrt

    return sqrt(_number(x))


def _log2(x: Any) -> Any:
    from math import log2

    return log2(_number(x))


def _floor(x: Any) -> Any:
    return int(_number(x) // 1)


def _ceil(x: Any) -> Any:
    return -int(-_number(x) // 1)


def _round(x: Any, ndigits: Any = None) -> Any:
    if ndigits is not None and (not isinstance(ndigits, int) or abs(ndigits) > MOST_DIGITS):
        raise ValueError(f"digits from -{MOST_DIGITS} to {MOST_DIGITS} can be asked for")
    return round(_number(x), ndigits)


def _round_to(x: Any, n: Any = 8) -> Any:
    """The multiple of `n` nearest to `x`, halves up, at least `n`; the next one where that is under 0.9 x."""
    if isinstance(n, bool) or not isinstance(n, int) or n < 1:
        raise ValueError("`n` must be a positive integer")
    half = (2 * _number(x) + n) // (2 * n)
    nearest = max(n, int(half) * n)
    below = 10 * nearest < 9 * x if isinstance(x, int) else nearest < 0.9 * x
    return nearest + n if below else nearest


def _least(*values: Any) -> Any:
    return min(*values)


def _largest(*values: Any) -> Any:
    return max(*values)


def _integer(x: Any) -> Any:
    if isinstance(x, str) and not x.strip().lstrip("+-").isascii():
        raise ValueError("it is no number")
    return int(x)


def _number(x: Any) -> Any:
    if not isinstance(x, int | float):
        raise TypeError("it takes a number")
    return x


FUNCTIONS = {
    "min": Function(_least, 1, None),
    "max": Function(_largest, 1, None),
    "abs": Function(lambda x: abs(_number(x)), 1, 1),
    "round": Function(_round, 1, 2, ("ndigits",)),
    "int": Function(_integer, 1, 1),
    "float": Function(float, 1, 1),
    "len": Function(len, 1, 1),
    "floor": Function(_floor, 1, 1),
    "ceil": Function(_ceil, 1, 1),
    "sqrt": Function(_sqrt, 1, 1),
    "log2": Function(_log2, 1, 1),
    "round_to": Function(_round_to, 1, 2, ("n",)),
}
"""The functions by name."""
