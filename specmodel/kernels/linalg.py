"""Factors and functions of matrices, by LAPACK."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np

from specmodel.diagnostics.codes import DATA_VALUE
from specmodel.kernels import Array, Bound, Scratch
from specmodel.ops import linalg as ops
from specmodel.types.fault import Fault


def _made(out: Array, message: str, function: Callable[..., Any], *inputs: Array) -> None:
    try:
        np.copyto(out, function(*inputs), casting="same_kind")
    except np.linalg.LinAlgError:
        raise Fault(DATA_VALUE, message) from None


def cholesky(op: ops.Cholesky, inputs: Sequence[Array], outputs: Sequence[Array], scratch: Scratch) -> Iterator[Bound]:
    """One factorization, or one for each matrix where some have none."""
    yield partial(_cholesky, inputs[0], outputs[0])


def _cholesky(x: Array, out: Array) -> None:
    try:
        np.copyto(out, np.linalg.cholesky(x))
    except np.linalg.LinAlgError:  # which of the matrices has no factor is not said
        for place in np.ndindex(x.shape[:-2]):
            try:
                out[place] = np.linalg.cholesky(x[place])
            except np.linalg.LinAlgError:
                out[place] = np.nan


def inverse(op: ops.Inverse, inputs: Sequence[Array], outputs: Sequence[Array], scratch: Scratch) -> Iterator[Bound]:
    """One inversion."""
    yield partial(_made, outputs[0], "a matrix is singular, and has no inverse", np.linalg.inv, inputs[0])


def pseudo_inverse(
    op: ops.PseudoInverse, inputs: Sequence[Array], outputs: Sequence[Array], scratch: Scratch
) -> Iterator[Bound]:
    """By singular values; the usual limit is ten times the larger size times the dtype's precision."""
    (x,) = inputs
    rcond = op.rcond if op.rcond is not None else 10 * max(x.shape[-2:]) * np.finfo(x.dtype).eps
    yield partial(_made, outputs[0], "the singular values of a matrix do not converge", _pinv, x, np.asarray(rcond))


def _pinv(x: Array, rcond: Array) -> Array:
    return np.linalg.pinv(x, rcond=float(rcond))


def rank(op: ops.Rank, inputs: Sequence[Array], outputs: Sequence[Array], scratch: Scratch) -> Iterator[Bound]:
    """By singular values."""
    (x,) = inputs
    function = np.linalg.matrix_rank if op.tol is None else partial(np.linalg.matrix_rank, tol=op.tol)
    yield partial(_made, outputs[0], "the singular values of a matrix do not converge", function, x)


def determinant(
    op: ops.Determinant, inputs: Sequence[Array], outputs: Sequence[Array], scratch: Scratch
) -> Iterator[Bound]:
    """One factorization for both."""
    yield partial(_determinant, inputs[0], *outputs)


def _determinant(x: Array, sign: Array, logarithm: Array) -> None:
    found = np.linalg.slogdet(x)
    np.copyto(sign, found[0])
    np.copyto(logarithm, found[1])


def solve(op: ops.Solve, inputs: Sequence[Array], outputs: Sequence[Array], scratch: Scratch) -> Iterator[Bound]:
    """One factorization for all columns."""
    message = "a matrix is singular: its equation has no solution, or many"
    yield partial(_made, outputs[0], message, np.linalg.solve, *inputs)
