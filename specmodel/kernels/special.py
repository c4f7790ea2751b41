"""Functions that NumPy lacks, as calls into a given output."""

from collections.abc import Iterator
from functools import partial

import numpy as np

from specmodel.kernels import Array, Bound, Scratch


def sigmoid(x: Array, out: Array) -> Iterator[Bound]:
    """`1 / (1 + exp(-x))` as `(tanh(x / 2) + 1) / 2`, which cannot overflow."""
    half = x.dtype.type(0.5)
    yield partial(np.multiply, x, half, out=out)
    yield partial(np.tanh, out, out=out)
    yield partial(np.multiply, out, half, out=out)
    yield partial(np.add, out, half, out=out)


def erf(x: Array, out: Array, scratch: Scratch) -> Iterator[Bound]:
    """The error function, in double precision, by W. J. Cody's rational approximations.

    Source: W. J. Cody, Rational Chebyshev approximations for the error function, Math. Comp. 23 (1969), pp. 631-637.
    """
    yield partial(_erf, x, out, scratch(x.shape, np.float64), scratch(x.shape, np.float64), scratch(x.shape, np.float64))


# Coefficients of P and Q, highest power first, for |x| <= 0.5, 0.5 < |x| <= 4, |x| > 4.
_P1 = (1.85777706184603153e-1, 3.16112374387056560, 1.13864154151050156e2, 3.77485237685302021e2, 3.20937758913846947e3)
_Q1 = (1.0, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3, 2.84423683343917062e3)


def _horner(t: Array, coefficients: tuple[float, ...], out: Array) -> None:
    out.fill(coefficients[0])
    for coefficient in coefficients[1:]:
        np.multiply(out, t, out=out)
        np.add(out, coefficient, out=out)


def _erf(x: Array, out: Array, a: Array, b: Array, t: Array) -> None:
    raise NotImplementedError
