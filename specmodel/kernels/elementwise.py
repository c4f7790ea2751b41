"""Elementwise functions."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np

from specmodel.diagnostics.codes import DATA_VALUE
from specmodel.kernels import Array, Bound, Core, Scratch, Work, in_turn, kernel_of
from specmodel.kernels.compact import compact
from specmodel.kernels.costs import ELEMENT
from specmodel.kernels.epilogue import Epilogue
from specmodel.kernels.special import erf, gelu, limits, sigmoid, softplus, tanh_gelu
from specmodel.kernels.tiles import Block, aligned, pieces, shared, tiled
from specmodel.ops import elementwise as ops
from specmodel.types.fault import Fault

TILE_BYTES = 1 << 17
"""A tile of a chain of ops: a few of them fit into an L2 cache."""
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
    "BitNot": np.invert,
    "IsNaN": np.isnan,
    "IsInf": np.isinf,
    "IsFinite": np.isfinite,
}
_BLOCKWISE = {"Softplus": softplus, "Erf": erf, "Gelu": gelu, "TanhGelu": tanh_gelu}
"""Functions that write to arrays in one piece."""
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
    "NextAfter": np.nextafter,
    "Gcd": np.gcd,
    "Lcm": np.lcm,
    "BitAnd": np.bitwise_and,
    "BitOr": np.bitwise_or,
    "BitXor": np.bitwise_xor,
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
        yield partial(np.sqrt, x, out)
        yield partial(np.reciprocal, out, out)
    elif op.function == "Sigmoid":
        yield from sigmoid(x, out)
    elif op.function in _BLOCKWISE:
        whole = out if out.flags.c_contiguous else scratch(out.shape, out.dtype)
        yield from _BLOCKWISE[op.function](x, whole, scratch)
        if whole is not out:
            yield partial(np.copyto, out, whole)
    elif op.function in UNCHANGED.get(x.dtype.kind, ()):
        yield partial(np.copyto, out, x)
    else:
        yield partial(UNARY[op.function], x, out)


def binary(op: ops.Binary, inputs: Sequence[Array], outputs: Sequence[Array], scratch: Scratch) -> Iterator[Bound]:
    """One ufunc."""
    a, b, out = compact(*inputs, *outputs)
    if op.function == "Pow" and b.dtype.kind == "i":
        yield partial(_check_exponents, b)
    if op.function in ("Max", "Min") and b.size == 1 and a.dtype.kind == "f" and a.ndim >= b.ndim:
        low, high = (b, None) if op.function == "Max" else (None, b)
        yield from limits(a, low, high, out)
    elif op.function in ("Max", "Min"):  # NumPy warns of an output in third place
        yield partial(BINARY[op.function], a, b, out=out)
    else:
        yield partial(BINARY[op.function], a, b, out)


def _elementwise(op: Any, inputs: Sequence[Array], epilogue: Epilogue, scratch: Scratch) -> Iterator[Work]:
    """Tiles that stay in the cache until the last stage has written them."""
    out = epilogue.out
    if out.size == 0:
        return
    kernel = kernel_of(type(op))

    def calls(block: Block, scratch: Scratch) -> Iterator[Bound]:
        room = epilogue.room(block, scratch)
        yield from in_turn(kernel(op, [aligned(x, block) for x in inputs], [room], scratch), scratch)
        yield from epilogue.finish(block, room, scratch)

    nanoseconds = out.size * ELEMENT + epilogue.nanoseconds
    counts = pieces(out.shape, shared(out.size, TILE_BYTES // out.itemsize, nanoseconds))
    yield tiled(out.shape, counts, calls, nanoseconds)


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
    low, high = (None if bound is None else np.array(bound, x.dtype) for bound in (op.low, op.high))
    if low is None and high is None:
        yield partial(np.copyto, out, x)
    else:
        yield from limits(x, low, high, out)


CORES: dict[Any, Core] = dict.fromkeys((ops.Unary, ops.Binary, ops.Clip), _elementwise)
