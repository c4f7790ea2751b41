"""Elementwise functions."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np

from specmodel.diagnostics.codes import DATA_VALUE
from specmodel.kernels import Array, Bound, Scratch
from specmodel.kernels.compact import compact
from specmodel.kernels.special import erf, sigmoid, softplus
from specmodel.ops import elementwise as ops
from specmodel.types.fault import Fault

UNARY: dict[str, Any] = {
    "Neg": np.negative,
    "Abs": np.absolute,
    "Sign": np.sign,
    "Floor": np.floor,
    "Ceil": np.ceil,
    "Round": np.rint,
    "Trunc": np.trunc,
    "Square": np.square,
    "Exp": np.exp,
    "Expm1": np.expm1,
    "Log": np.log,
    "Log1p": np.log1p,
    "Log2": np.log2,
    "Log10": np.log10,
    "Tanh": np.tanh,
    "Sqrt": np.sqrt,
    "Sin": np.sin,
    "Cos": np.cos,
    "Tan": np.tan,
    "Asin": np.arcsin,
    "Acos": np.arccos,
    "Atan": np.arctan,
    "Sinh": np.sinh,
    "Cosh": np.cosh,
    "Asinh": np.arcsinh,
    "Acosh": np.arccosh,
    "Atanh": np.arctanh,
    "Reciprocal": np.reciprocal,
    "Not": np.logical_not,
    "IsNaN": np.isnan,
    "IsInf": np.isinf,
    "IsFinite": np.isfinite,
}
_WHOLE = ("Floor", "Ceil", "Round", "Trunc")
UNCHANGED = {"i": _WHOLE, "u": _WHOLE, "b": (*_WHOLE, "Sign")}
"""The functions that leave numbers of a kind as they are, where NumPy would make floats of them or refuse."""
BINARY: dict[str, Any] = {
    "Add": np.add,
    "Sub": np.subtract,
    "Mul": np.multiply,
    "Div": np.divide,
    "Pow": np.power,
    "Max": np.maximum,
    "Min": np.minimum,
    "FloorDiv": np.floor_divide,
    "Mod": np.mod,
    "Atan2": np.arctan2,
    "Equal": np.equal,
    "NotEqual": np.not_equal,
    "Less": np.less,
    "LessEqual": np.less_equal,
    "Greater": np.greater,
    "GreaterEqual": np.greater_equal,
    "And": np.logical_and,
    "Or": np.logical_or,
    "Xor": np.logical_xor,
}


def unary(op: ops.Unary, inputs: Sequence[Array], outputs: Sequence[Array], scratch: Scratch) -> Iterator[Bound]:
    """One ufunc, or the few that make the function up."""
    x, out = compact(*inputs, *outputs)
    if op.function == "Rsqrt":
        yield partial(np.sqrt, x, out=out)
        yield partial(np.reciprocal, out, out=out)
    elif op.function == "Sigmoid":
        yield from sigmoid(x, out)
    elif op.function == "Softplus":
        yield from softplus(x, out, scratch)
    elif op.function == "Erf":
        yield from erf(x, out, scratch)
    elif op.function in UNCHANGED.get(x.dtype.kind, ()):
        yield partial(np.copyto, out, x)
    else:
        yield partial(UNARY[op.function], x, out=out)


def binary(op: ops.Binary, inputs: Sequence[Array], outputs: Sequence[Array], scratch: Scratch) -> Iterator[Bound]:
    """One ufunc."""
    a, b, out = compact(*inputs, *outputs)
    if op.function == "Pow" and b.dtype.kind == "i":
        yield partial(_check_exponents, b)
    yield partial(BINARY[op.function], a, b, out=out)


def _check_exponents(exponents: Array) -> None:
    if exponents.size and exponents.min() < 0:
        message = f"integers have no power of {int(exponents.min())} among the integers"
        raise Fault(DATA_VALUE, message, help="cast them to a floating dtype first")


def cast(op: ops.Cast, inputs: Sequence[Array], outputs: Sequence[Array], scratch: Scratch) -> Iterator[Bound]:
    """A converting copy."""
    x, out = compact(*inputs, *outputs)
    if op.dtype == "bool" and x.dtype.kind != "b":
        yield partial(np.not_equal, x, 0, out=out)
    else:
        yield partial(np.copyto, out, x, casting="unsafe")


def where(op: ops.Where, inputs: Sequence[Array], outputs: Sequence[Array], scratch: Scratch) -> Iterator[Bound]:
    """A copy of the second choice, overwritten where the condition holds."""
    condition, a, b, out = compact(*inputs, *outputs)
    yield partial(np.copyto, out, b)
    yield partial(np.copyto, out, a, where=condition)


def clip(op: ops.Clip, inputs: Sequence[Array], outputs: Sequence[Array], scratch: Scratch) -> Iterator[Bound]:
    """One ufunc for both bounds."""
    x, out = compact(*inputs, *outputs)
    low = None if op.low is None else x.dtype.type(op.low)
    high = None if op.high is None else x.dtype.type(op.high)
    if low is not None and high is not None:
        yield partial(np.clip, x, low, high, out=out)
    elif low is not None:
        yield partial(np.maximum, x, low, out=out)
    elif high is not None:
        yield partial(np.minimum, x, high, out=out)
    else:
        yield partial(np.copyto, out, x)
