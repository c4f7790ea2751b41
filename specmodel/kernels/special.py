"""Functions that NumPy lacks, as calls into a given output, which may be the input itself."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from math import pi, sqrt
from typing import Any

import numpy as np
from numpy._core import umath

from specmodel.kernels import Array, Bound, Scratch

CLIP: Any = getattr(umath, "clip", np.clip)
"""NumPy's clip without the function around it, which takes two microseconds."""
BLOCK = 1 << 15
"""Elements that go through a chain of ufuncs at a time: few enough to stay in a core's cache between them."""


def limits(x: Array, low: Array | None, high: Array | None, out: Array) -> Iterator[Bound]:
    """`low <= x <= high` by one ufunc, each bound a single number, one of them perhaps None.

    Of floats the open side is infinite: `maximum` and `minimum` of an array and a number take three times as long.
    """
    if x.dtype.kind == "f":
        lowest, highest = (np.array(bound, x.dtype) for bound in (-np.inf, np.inf))
        yield partial(CLIP, x, lowest if low is None else low, highest if high is None else high, out)
    elif low is not None and high is not None:
        yield partial(CLIP, x, low, high, out=out)
    else:
        yield partial(np.minimum, x, high, out=out) if low is None else partial(np.maximum, x, low, out=out)


def sigmoid(x: Array, out: Array) -> Iterator[Bound]:
    """`1 / (1 + exp(-x))` as `(tanh(x / 2) + 1) / 2`, which cannot overflow."""
    half = np.array(0.5, x.dtype)
    yield partial(np.multiply, x, half, out)
    yield partial(np.tanh, out, out)
    yield partial(np.multiply, out, half, out)
    yield partial(np.add, out, half, out)


def softplus(x: Array, out: Array, scratch: Scratch) -> Iterator[Bound]:
    """`log(1 + exp(x))` as `max(x, 0) + log(1 + exp(-|x|))`, which cannot overflow."""
    yield from _in_blocks(_softplus, x, out, [scratch((BLOCK,), x.dtype)])


def erf(x: Array, out: Array, scratch: Scratch) -> Iterator[Bound]:
    """The error function: to 4e-16 in double precision, to 3e-7 of its value in single precision.

    Source of the first: W. J. Cody, Rational Chebyshev approximations for the error function, Math. Comp. 23 (1969),
    pp. 631-637. The second is `tanh(x * p(x**2))` with a polynomial fitted to `atanh(erf(x)) / x`.
    """
    rooms = [scratch((BLOCK,), x.dtype) for _ in range(4 if x.dtype == np.float64 else 2)]
    if x.dtype == np.float64:
        yield from _in_blocks(_erf64, x, out, [*rooms, scratch((BLOCK,), np.bool_)])
    else:
        yield from _in_blocks(partial(_erf32, polynomial=_numbers(_TANH_P, x)), x, out, rooms)


def gelu(x: Array, out: Array, scratch: Scratch) -> Iterator[Bound]:
    """`x / 2 * (1 + erf(x / sqrt(2)))`, in double precision as it stands there, else with the other form of `erf`."""
    if x.dtype == np.float64:
        scaled = scratch(x.shape, x.dtype)
        root, half, one = (np.array(number, x.dtype) for number in (sqrt(0.5), 0.5, 1))
        yield partial(np.multiply, x, root, scaled)
        yield from erf(scaled, scaled, scratch)
        yield partial(np.add, scaled, one, scaled)
        yield partial(np.multiply, scaled, half, scaled)
        yield partial(np.multiply, x, scaled, out)
    else:
        powers = [sqrt(0.5) * 0.5 ** (len(_TANH_P) - 1 - place) for place in range(len(_TANH_P))]
        scaled_p = tuple(power * coefficient for power, coefficient in zip(powers, _TANH_P, strict=True))
        yield from _gelu(scaled_p, x, out, scratch)


def tanh_gelu(x: Array, out: Array, scratch: Scratch) -> Iterator[Bound]:
    """`x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x**3)))`."""
    yield from _gelu((0.044715 * sqrt(2 / pi), sqrt(2 / pi)), x, out, scratch)


def _gelu(polynomial: tuple[float, ...], x: Array, out: Array, scratch: Scratch) -> Iterator[Bound]:
    """`h + h * tanh(x * p(x**2))` of `h = x / 2`."""
    rooms = [scratch((BLOCK,), x.dtype) for _ in range(2)]
    half = np.array(0.5, x.dtype)
    yield from _in_blocks(partial(_gelu_block, polynomial=_numbers(polynomial, x), half=half), x, out, rooms)


# Cody's coefficients of P and Q, highest power first: erf(x) = x P(x**2)/Q(x**2) near 0, and beyond
# erfc(x) = exp(-x**2) P(x)/Q(x). The latter is made for x <= 4; past it, its error is below that of 1 - erfc(x).
_NEAR = 0.46875
_FAR = 6.0  # from here on, erf(x) rounds to 1
_NEAR_P = (
    *(1.85777706184603153e-1, 3.16112374387056560, 1.13864154151050156e2, 3.77485237685302021e2),
    *(3.20937758913846947e3,),
)
_NEAR_Q = (1.0, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3, 2.84423683343917062e3)
_FAR_P = (
    *(2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594, 6.61191906371416295e1),
    *(2.98635138197400131e2, 8.81952221241769090e2, 1.71204761263407058e3, 2.05107837782607147e3),
    *(1.23033935479799725e3,),
)
_FAR_Q = (
    *(1.0, 1.57449261107098347e1, 1.17693950891312499e2, 5.37181101862009858e2, 1.62138957456669019e3),
    *(3.29079923573345963e3, 4.36261909014324716e3, 3.43936767414372164e3, 1.23033935480374942e3),
)

# Coefficients in x**2, highest power first: a weighted Chebyshev fit on |x| <= 3.9. The highest power is even and its
# coefficient positive, so that the hyperbolic tangent goes to 1 beyond.
_TANH_P = (1.41852165e-7, -5.66847481e-6, 8.76373241e-5, -6.19784655e-4, -1.91830801e-4, 1.02769056e-1, 1.12837927)


def _in_blocks(function: Callable[..., None], x: Array, out: Array, rooms: list[Array]) -> Iterator[Bound]:
    """Calls of `function(x, out, *rooms)` on one block after the other."""
    if not x.flags.c_contiguous:
        yield partial(np.copyto, out, x)
        x = out
    x, out = x.reshape(-1), out.reshape(-1)
    for start in range(0, x.size, BLOCK):
        part = slice(start, start + BLOCK)
        size = x[part].size
        yield partial(function, x[part], out[part], *(room[:size] for room in rooms))


def _numbers(coefficients: tuple[float, ...], x: Array) -> list[Array]:
    """Numbers as NumPy takes them most quickly."""
    return [np.array(coefficient, x.dtype) for coefficient in coefficients]


def _horner(t: Array, coefficients: Sequence[Any], out: Array) -> None:
    np.multiply(t, coefficients[0], out)
    np.add(out, coefficients[1], out)
    for coefficient in coefficients[2:]:
        np.multiply(out, t, out)
        np.add(out, coefficient, out)


def _softplus(x: Array, out: Array, tail: Array) -> None:
    np.absolute(x, out=tail)
    np.negative(tail, out=tail)
    np.exp(tail, out=tail)
    np.log1p(tail, out=tail)
    np.maximum(x, 0, out=out)
    np.add(out, tail, out=out)


def _erf32(x: Array, out: Array, t: Array, p: Array, polynomial: Sequence[Array]) -> None:
    np.square(x, t)
    _horner(t, polynomial, p)
    np.multiply(p, x, p)
    np.tanh(p, out)


def _gelu_block(x: Array, out: Array, t: Array, p: Array, polynomial: Sequence[Array], half: Array) -> None:
    np.square(x, t)
    _horner(t, polynomial, p)
    np.multiply(p, x, p)
    np.tanh(p, p)
    np.multiply(x, half, t)
    np.multiply(p, t, p)
    np.add(p, t, out)


def _erf64(x: Array, out: Array, y: Array, t: Array, p: Array, q: Array, near: Array) -> None:
    np.absolute(x, out=y)
    np.minimum(y, _FAR, out=y)
    np.less_equal(y, _NEAR, out=near)
    np.square(y, out=t)
    np.negative(t, out=t)
    np.exp(t, out=t)
    _horner(y, _FAR_P, p)
    _horner(y, _FAR_Q, q)
    np.divide(p, q, out=p)
    np.multiply(p, t, out=p)
    np.subtract(1.0, p, out=p)
    np.copysign(p, x, out=p)
    np.square(y, out=t)
    np.copysign(y, x, out=y)
    _horner(t, _NEAR_Q, q)
    np.divide(y, q, out=y)
    _horner(t, _NEAR_P, q)
    np.multiply(y, q, out=y)
    np.copyto(out, p)
    np.copyto(out, y, where=near)
