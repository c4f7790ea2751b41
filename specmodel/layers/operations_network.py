"""Tensor operations that layers are made of: statistics, normalisation, attention, codes of classes."""

from math import sqrt
from typing import Any

from pydantic import Field

from specmodel.diagnostics import codes
from specmodel.layers.base import Example
from specmodel.layers.fields import Axes, PosInt, PosReal, Real
from specmodel.layers.operation import Dtype, Operation, OptionalNumbers, axes_of, floating, needed, operand
from specmodel.layers.scope import Scope
from specmodel.ops.elementwise import binary, cast, clip, rsqrt, square, where
from specmodel.ops.encoding import one_hot
from specmodel.ops.linear import einsum
from specmodel.ops.reduce import mean, reduce, softmax, variance
from specmodel.ops.shape import repeat, reshape, transpose
from specmodel.ops.source import iota
from specmodel.ops.value import Value
from specmodel.types.dim import divide
from specmodel.types.tensor import LARGEST, promote

_EPSILON: Any = Field(None, description="Added to the variance; null means 1e-7.")


class MultiHot(Operation):
    """A row of zeros for each sample, with 1 at the place of each of its integers; those outside count for nothing."""

    num_classes: PosInt = Field(description="How many places there are.")
    axis: int = Field(-1, description="Where the axis of the places stands before the integers' axis is left out.")
    dtype: Dtype | None = Field(None, description="The output's dtype; null means float32.")

    examples = (
        Example({"num_classes": 5}, inputs=((None, "seq"),), dtypes=("int32",), output=(None, 5), params=0),
        Example(
            {"num_classes": 3, "dtype": "int32"},
            inputs=((None, 4, 2),),
            dtypes=("int32",),
            output=(None, 2, 3),
            params=0,
        ),
        Example({"num_classes": 0}, error="`num_classes` of MultiHot must be greater than 0, found 0"),
    )

    def build(self, b: Scope, inputs: Value) -> Value:
        """The largest of the one-hot codes along the first axis behind the batch."""
        b.require(inputs.rank > 0, "MultiHot needs an axis, found a number", code=codes.WRONG_RANK)
        axis = b.axis(self.axis, inputs.rank + 1)
        hot = one_hot(cast(inputs, "int32"), self.num_classes, self.dtype if self.dtype is not None else "float32")
        others = list(range(hot.rank - 1))
        hot = transpose(hot, [*others[:axis], hot.rank - 1, *others[axis:]])
        return reduce("Max", hot, 1 if inputs.rank > 1 else 0)


class Moments(Operation):
    """The mean and the variance along axes, as two outputs: `moments` and `moments/1`."""

    axes: Axes = Field(description="One axis or several; the batch axis is 0.")
    keepdims: bool = Field(False, description="Whether the axes stay, with size 1.")
    synchronized: bool = Field(False, description="Without effect: there is one device.")

    examples = (
        Example({"axes": 1}, inputs=((None, "seq", 3),), output=((None, 3), (None, 3)), params=0),
        Example({"axes": [1, 2], "keepdims": True}, inputs=((None, 4, 3),), output=((None, 1, 1),) * 2, params=0),
        Example({"axes": 2}, inputs=((None, 3),), error="`axes` 2 is no axis of an input of rank 2"),
    )

    def build(self, b: Scope, x: Value) -> tuple[Value, Value]:
        """Both; those of 16-bit numbers are made in float32."""
        axes, kind = axes_of(b, self.axes, x.rank, "axes"), floating(x).dtype
        wide = cast(x, promote(kind, "float32"))
        made = mean(wide, axes, self.keepdims), variance(wide, axes, self.keepdims)
        if wide.dtype == kind:
            return made
        first, second = (cast(clip(one, -LARGEST["float16"], LARGEST["float16"]), kind) for one in made)
        return first, second


class BatchNormalizationOp(Operation):
    """`(x - mean) / sqrt(variance + epsilon) * scale + offset`, with a number of each for every place along an axis.

    Mean, variance, offset and scale are inputs, or constants among the arguments.
    """

    axis: int = Field(description="The axis of these numbers; the batch axis is 0.")
    epsilon: Real = Field(1e-3, description="Added to the variance.")
    mean: OptionalNumbers = Field(None, description="Constants in place of the input.")
    variance: OptionalNumbers = Field(None, description="Constants in place of the input.")
    offset: OptionalNumbers = Field(None, description="Constants in place of the input, which may be left out.")
    scale: OptionalNumbers = Field(None, description="Constants in place of the input, which may be left out.")

    examples = (
        Example(
            {"axis": -1, "mean": [0.5, 1.0, 2.0], "variance": [1.0, 2.0, 4.0]},
            inputs=((None, "seq", 3),),
            output=(None, "seq", 3),
            params=0,
        ),
        Example({"axis": 1}, inputs=((None, 4, 3), (4,), (4,), (4,), (4,)), output=(None, 4, 3), params=0),
        Example(
            {"axis": -1}, inputs=((None, 3),), error="BatchNormalizationOp needs `mean`, as an input or a constant"
        ),
        Example(
            {"axis": -1, "mean": [0.5, 1], "variance": [1, 1]},
            inputs=((None, 3),),
            error="`mean` has 2 numbers, axis 1 has 3",
        ),
    )

    def build(
        self,
        b: Scope,
        x: Value,
        mean: Value | None = None,
        variance: Value | None = None,
        offset: Value | None = None,
        scale: Value | None = None,
    ) -> Value:
        """The input times a factor, plus a term."""
        x = floating(x)
        axis = b.axis(self.axis, x.rank)
        centre = self._placed(b, x, axis, "mean", needed(b, self, "mean", mean, x.dtype))
        factor = rsqrt(
            self._placed(b, x, axis, "variance", needed(b, self, "variance", variance, x.dtype)) + self.epsilon
        )
        given = operand(b, self, "scale", scale, x.dtype)
        if given is not None:
            factor = factor * self._placed(b, x, axis, "scale", given)
        term = -centre * factor
        given = operand(b, self, "offset", offset, x.dtype)
        if given is not None:
            term = term + self._placed(b, x, axis, "offset", given)
        return x * factor + term

    def _placed(self, b: Scope, x: Value, axis: int, name: str, numbers: Value) -> Value:
        message = f"`{name}` must have one axis, found {numbers.type}"
        b.require(numbers.rank == 1, message, field=name, code=codes.WRONG_RANK)
        message = f"`{name}` has {numbers.shape[0]} numbers, axis {axis} has {x.shape[axis]}"
        b.assume.equal(
            numbers.shape[0], x.shape[axis], f"`{name}` has a number for each place", message=message, field=name
        )
        return reshape(numbers, [numbers.shape[0] if at == axis else 1 for at in range(x.rank)])


class LayerNormalizationOp(Operation):
    """`(x - mean) / sqrt(variance + epsilon) * gamma + beta`, with mean and variance along axes of x itself."""

    axis: Axes = Field((-1,), description="One axis or several; the batch axis is 0.")
    epsilon: PosReal | None = _EPSILON
    gamma: OptionalNumbers = Field(None, description="Constants in place of the input, which may be left out.")
    beta: OptionalNumbers = Field(None, description="Constants in place of the input, which may be left out.")

    examples = (
        Example({}, inputs=((None, "seq", 3),), output=(None, "seq", 3), params=0),
        Example({"axis": [1, 2]}, inputs=((None, 4, 3), (4, 3), (4, 3)), output=(None, 4, 3), params=0),
        Example({"gamma": [1.0, 2.0, 3.0]}, inputs=((None, 3),), output=(None, 3), params=0),
        Example({"axis": 2}, inputs=((None, 3),), error="`axis` 2 is no axis of an input of rank 2"),
    )

    def build(self, b: Scope, x: Value, gamma: Value | None = None, beta: Value | None = None) -> Value:
        """The input, centred, scaled and moved, in float32 at least."""
        axes = sorted(axes_of(b, self.axis, x.rank))
        wide = cast(x, promote(floating(x).dtype, "float32"))
        centred = wide - mean(wide, axes, keepdims=True)
        factor = rsqrt(mean(square(centred), axes, keepdims=True) + _or_default(self.epsilon))
        y = centred * factor
        form = [size if at in axes else 1 for at, size in enumerate(x.shape)]
        scale, shift = (operand(b, self, name, one, wide.dtype) for name, one in (("gamma", gamma), ("beta", beta)))
        if scale is not None:
            y = y * reshape(cast(scale, wide.dtype), form)
        if shift is not None:
            y = y + reshape(cast(shift, wide.dtype), form)
        return cast(y, x.dtype)


class RMSNormalizationOp(Operation):
    """`x / sqrt(mean(x ** 2) + epsilon) * scale`, with the mean along axes of x itself."""

    axis: Axes = Field((-1,), description="One axis or several; the batch axis is 0.")
    epsilon: PosReal | None = _EPSILON
    scale: OptionalNumbers = Field(None, description="Constants in place of the input, which may be left out.")

    examples = (
        Example({}, inputs=((None, "seq", 3),), output=(None, "seq", 3), params=0),
        Example({"axis": -1}, inputs=((None, 4, 3), (3,)), output=(None, 4, 3), params=0),
        Example({"axis": 2}, inputs=((None, 3),), error="`axis` 2 is no axis of an input of rank 2"),
    )

    def build(self, b: Scope, x: Value, scale: Value | None = None) -> Value:
        """The input times a factor, in float32 at least."""
        axes = axes_of(b, self.axis, x.rank)
        wide = cast(x, promote(floating(x).dtype, "float32"))
        y = wide * rsqrt(mean(square(wide), axes, keepdims=True) + _or_default(self.epsilon))
        given = operand(b, self, "scale", scale, wide.dtype)
        return cast(y if given is None else y * cast(given, wide.dtype), x.dtype)


def _or_default(epsilon: float | None) -> float:
    return epsilon if epsilon is not None else 1e-7


class DotProductAttention(Operation):
    """Attention in several heads without weights of its own: values mixed as queries and keys agree.

    Query, key and value are (batch, positions, heads, features); heads of key and value may be fewer, each read by
    several of the query. Bias and mask are broadcast to (batch, heads, query positions, key positions).
    """

    scale: Real | None = Field(None, description="What scores are multiplied by; null means 1 / sqrt(features).")
    is_causal: bool = Field(False, description="Whether a position sees none behind it.")
    flash_attention: bool | None = Field(None, description="Without effect: the result is the same.")
    attn_logits_soft_cap: None = Field(None, description="Not supported, as by Keras' backends on a CPU; null.")

    examples = (
        Example(
            {},
            inputs=((None, "to", 2, 4), (None, "from", 2, 4), (None, "from", 2, 4)),
            output=(None, "to", 2, 4),
            params=0,
        ),
        Example(
            {"is_causal": True, "scale": 1.0},
            inputs=((None, 5, 4, 3), (None, 5, 2, 3), (None, 5, 2, 3)),
            output=(None, 5, 4, 3),
            params=0,
        ),
        Example(
            {},
            inputs=((None, 5, 2, 3), (None, 4, 2, 3), (None, 4, 2, 3), (None, 2, 5, 4), (None, 1, 5, 4)),
            dtypes=("float32", "float32", "float32", "float32", "bool"),
            output=(None, 5, 2, 3),
            params=0,
        ),
        Example(
            {}, inputs=((None, 5, 3),) * 3, error="`query` must have the shape (batch, positions, heads, features)"
        ),
        Example(
            {},
            inputs=((None, 5, 3, 4), (None, 5, 2, 4), (None, 5, 2, 4)),
            error="3 heads of the query cannot share 2 heads of the key",
        ),
    )

    def build(
        self, b: Scope, query: Value, key: Value, value: Value, bias: Value | None = None, mask: Value | None = None
    ) -> Value:
        """Scores and probabilities in float32 at least, the result in the common dtype."""
        for name, x in (("query", query), ("key", key), ("value", value)):
            message = f"`{name}` must have the shape (batch, positions, heads, features), found {x.type}"
            b.require(x.rank == 4, message, code=codes.WRONG_RANK)
        dtype = promote(query.dtype, key.dtype, value.dtype)
        query, key, value = (cast(x, dtype) for x in (query, key, value))
        many, few = (b.known(x.shape[2], "the number of heads") for x in (query, key))
        message = f"{many} heads of the query cannot share {few} heads of the key"
        b.require(divide(many, few) is not None, message, code=codes.INCOMPATIBLE_SHAPES)
        key, value = repeat(key, 2, many // few), repeat(value, 2, many // few)
        wide = promote(dtype, "float32")
        width = b.known(query.shape[3], "the number of features")
        factor = self.scale if self.scale is not None else 1 / sqrt(width)
        scores = einsum("btnh,bsnh->bnts", cast(query, wide), cast(key, wide)) * factor
        if bias is not None:
            scores = scores + cast(bias, wide)
        kept = self._kept(scores, mask)
        if kept is not None:
            scores = where(kept, scores, -0.7 * LARGEST[wide])
        return einsum("bnts,bsnh->btnh", cast(softmax(scores, -1), dtype), value)

    def _kept(self, scores: Value, mask: Value | None) -> Value | None:
        """Which positions of the key each of the query sees; None for all."""
        if not self.is_causal:
            return None if mask is None else cast(mask, "bool")
        rows, columns = iota((scores.shape[2], 1), 0), iota((1, scores.shape[3]), 1)
        causal = binary("GreaterEqual", rows, columns)
        return causal if mask is None else causal & cast(mask, "bool")
