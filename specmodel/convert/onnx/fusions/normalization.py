"""Batch and layer normalization."""

import numpy as np

from specmodel.convert.onnx.builder import Builder
from specmodel.convert.onnx.fusions.patterns import Leaf, Made, Match, Number, Pattern, binary, match, mean, unary
from specmodel.convert.onnx.fusions.reading import Fused, Reading
from specmodel.convert.onnx.ir import Tensor
from specmodel.convert.onnx.layout import plain
from specmodel.ops.reduce import Reduce
from specmodel.ops.shape import Reshape
from specmodel.ops.value import Value
from specmodel.plan.program import Instruction
from specmodel.types.tensor import numbers

_EPSILON = Number(name="epsilon")

# Layer normalization

_CENTRED = binary("Sub", "x", mean("x"))
_NORMAL = binary("Mul", _CENTRED, unary("Rsqrt", binary("Add", mean(unary("Square", _CENTRED)), _EPSILON)))
_LAYER = (
    binary("Add", binary("Mul", _NORMAL, "gamma"), "beta"),
    binary("Add", _NORMAL, "beta"),
    binary("Mul", _NORMAL, "gamma"),
    _NORMAL,
)


def layer_normalization(reading: Reading, last: Instruction) -> Fused | None:
    """Mean 0 and variance 1 along the last axes of each sample, scaled and moved."""
    (out,) = last.outputs
    for pattern in _LAYER:
        found = match(reading, pattern, out)
        if found is not None:
            return _layer(found, out)
    return None


def _layer(found: Match, out: Value) -> Fused | None:
    x, gamma, beta = found.values["x"], found.values.get("gamma"), found.values.get("beta")
    norm = found.ops["mean"]
    assert isinstance(norm, Reduce)
    count, sizes = len(norm.axes), x.shape[norm.axes[0] :]
    last_ones = norm.axes == tuple(range(x.rank - count, x.rank)) and all(isinstance(size, int) for size in sizes)
    weights = [one for one in (gamma, beta) if one is not None]
    if not last_ones or x.dtype not in ("float32", "float64") or any(one.shape != sizes for one in weights):
        return None

    def lower(b: Builder) -> None:
        order = b.held(x).order
        if order[-count:] != norm.axes:
            order = plain(x.rank)
        scale = b.read(gamma) if gamma is not None else _all(b, 1.0, sizes_of(x, count), x.dtype)
        given = [b.read(x, order), scale, *([b.read(beta)] if beta is not None else [])]
        b.hold(out, b.node("LayerNormalization", *given, axis=-count, epsilon=found.numbers["epsilon"]), order)

    return Fused((x, *weights), frozenset(found.inside), lower, plain(x.rank))


def sizes_of(x: Value, count: int) -> tuple[int, ...]:
    """The last sizes of a value."""
    return numbers(x.shape[-count:])


def _all(b: Builder, number: float, shape: tuple[int, ...], dtype: str) -> Tensor:
    return b.constant(np.full(shape, number, dtype))


# Batch normalization

_ROOT = unary("Rsqrt", binary("Add", "variance", _EPSILON))
_SCALES = (binary("Mul", _ROOT, "gamma"), _ROOT)
_SHIFTS = tuple(
    (scale, shift)
    for scale in _SCALES
    for moved in (binary("Mul", unary("Neg", "mean"), scale),)
    for shift in (binary("Add", moved, "beta"), moved)
)


def _placed(pattern: Pattern, reshaped: bool) -> Pattern:
    return Made(Reshape, (pattern,)) if reshaped else pattern


_BATCH = tuple(
    binary("Add", binary("Mul", Leaf("x"), _placed(scale, reshaped)), _placed(shift, reshaped))
    for scale, shift in _SHIFTS
    for reshaped in (False, True)
)


def batch_normalization(reading: Reading, last: Instruction) -> Fused | None:
    """`x * scale + shift` along one axis, both of them made of moving statistics."""
    (out,) = last.outputs
    for pattern in _BATCH:
        found = match(reading, pattern, out)
        if found is not None:
            return _batch(reading, found, last)
    return None


def _batch(reading: Reading, found: Match, last: Instruction) -> Fused | None:
    x, (out,) = found.values["x"], last.outputs
    statistics = [found.values.get(name) for name in ("gamma", "beta", "mean", "variance")]
    weights = [one for one in statistics if one is not None]
    (features,) = found.values["variance"].shape if found.values["variance"].rank == 1 else (None,)
    axis = x.rank - max(last.inputs[1].rank, 1)
    if x.dtype not in ("float32", "float64") or x.shape != out.shape or not isinstance(features, int):
        return None
    if x.shape[axis] != features or any(one.shape != (features,) for one in weights):
        return None

    def lower(b: Builder) -> None:
        held = b.held(x)
        gamma, beta, mean, variance = (b.read(one) if one is not None else None for one in statistics)
        assert mean is not None
        assert variance is not None
        epsilon = found.numbers["epsilon"]
        if held.order.index(axis) == 1:
            gamma = gamma if gamma is not None else _all(b, 1.0, (features,), x.dtype)
            beta = beta if beta is not None else _all(b, 0.0, (features,), x.dtype)
            made = b.node("BatchNormalization", held.tensor, gamma, beta, mean, variance, epsilon=epsilon)
        else:
            made = _scaled(b, held.tensor, (gamma, beta, mean, variance), epsilon, held.order.index(axis))
        b.hold(out, made, held.order)

    return Fused((x, *weights), frozenset(found.inside), lower)


def _scaled(
    b: Builder, x: Tensor, weights: tuple[Tensor | None, Tensor | None, Tensor, Tensor], epsilon: float, axis: int
) -> Tensor:
    """The same along another axis than the operator's, by a scale and a shift that are made of weights alone."""
    gamma, beta, mean, variance = weights
    deviation = b.node("Sqrt", b.node("Add", variance, b.scalar(epsilon, x), shape=variance.shape), shape=mean.shape)
    scale = b.node("Div", gamma if gamma is not None else b.scalar(1.0, x), deviation, shape=mean.shape)
    moved = b.node("Mul", mean, scale, shape=mean.shape)
    shift = b.node("Sub", beta, moved, shape=mean.shape) if beta is not None else b.node("Neg", moved, shape=mean.shape)
    assert x.shape is not None
    assert mean.shape is not None
    form = (*mean.shape, *(1,) * (len(x.shape) - axis - 1))
    return b.node("Add", b.node("Mul", x, b.reshape(scale, form)), b.reshape(shift, form))
