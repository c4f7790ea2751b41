"""Layers that make one value of a list of values."""

from collections.abc import Mapping, Sequence
from functools import reduce as fold
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from specmodel.diagnostics import codes
from specmodel.layers.base import Example, Layer
from specmodel.layers.scope import Scope
from specmodel.layers.validation import refuse, shown
from specmodel.ops.elementwise import cast, maximum, minimum, rsqrt, square, where
from specmodel.ops.linear import einsum
from specmodel.ops.reduce import reduce
from specmodel.ops.shape import concat, expand, reshape, slice_axis
from specmodel.ops.source import constant
from specmodel.ops.value import Value
from specmodel.types.assume import Assume
from specmodel.types.broadcast import broadcast
from specmodel.types.fault import Fault

Masks = Sequence[Value | None]

_PAIR = ((None, 4, 5), (None, 4, 5))
_SAME = (
    Example({}, inputs=_PAIR, output=(None, 4, 5), params=0),
    Example({}, inputs=((None, "seq", 5), (None, "seq", 1)), output=(None, "seq", 5), params=0),
    Example({}, inputs=((None, 5), (None, "seq", 5)), output=(None, "seq", 5), params=0),
    Example({}, inputs=((None, 4, 5), (None, 3, 5)), error="`(None, 4, 5)` and `(None, 3, 5)` do not fit together"),
)


class _Merge(Layer):
    """An elementwise function of inputs that are broadcast; one of lower rank gets axes after the batch."""

    supports_masking = True
    takes_list = True
    examples = (*_SAME, Example({}, inputs=(*_PAIR, (None, 4, 1)), output=(None, 4, 5), params=0))

    def compute_mask(self, b: Scope, values: Mapping[str, Any], mask: Any) -> Value | None:
        """True where one of the inputs' masks is, if all have one."""
        masks = [one for one in mask if one is not None]
        if not masks or len(masks) < len(mask):
            return None
        return fold(lambda one, other: one | other, _same_rank(masks))


class Add(_Merge):
    """The sum of the inputs, element by element."""

    def build(self, b: Scope, inputs: list[Value]) -> Value:
        """The inputs added up from the first on."""
        return fold(lambda x, y: x + y, _mergeable(b, inputs))


class Subtract(_Merge):
    """The first input less the second, element by element."""

    examples = (*_SAME, Example({}, inputs=(*_PAIR, (None, 4, 5)), error="Subtract takes 2 inputs, found 3"))

    def build(self, b: Scope, inputs: list[Value]) -> Value:
        """The difference of the two."""
        _require_two(b, self, inputs)
        x, y = _mergeable(b, inputs)
        return x - y


class Average(_Merge):
    """The mean of the inputs, element by element."""

    def build(self, b: Scope, inputs: list[Value]) -> Value:
        """The sum, divided by the number of inputs."""
        return fold(lambda x, y: x + y, _mergeable(b, inputs)) / len(inputs)


class Multiply(_Merge):
    """The product of the inputs, element by element; masked steps count as 1, and as 0 where all inputs mask them."""

    def build(self, b: Scope, inputs: list[Value], mask: list[Value | None] | None = None) -> Value:
        """The inputs multiplied from the first on."""
        masks = _steps(inputs, mask)
        factors = [
            x if kept is None else where(kept, x, constant(1, x.dtype))
            for x, kept in zip(_mergeable(b, inputs), masks, strict=True)
        ]
        y = fold(lambda x, y: x * y, factors)
        known = [kept for kept in masks if kept is not None]
        if len(known) < len(inputs):
            return y
        return where(fold(lambda one, other: one | other, known), y, constant(0, y.dtype))


class Maximum(_Merge):
    """The largest of the inputs, element by element; masked steps of one input do not count beside the others."""

    def build(self, b: Scope, inputs: list[Value], mask: list[Value | None] | None = None) -> Value:
        """The larger of two, from the first on."""
        return _extreme(maximum, _mergeable(b, inputs), _steps(inputs, mask))


class Minimum(_Merge):
    """The smallest of the inputs, element by element; masked steps of one input do not count beside the others."""

    def build(self, b: Scope, inputs: list[Value], mask: list[Value | None] | None = None) -> Value:
        """The smaller of two, from the first on."""
        return _extreme(minimum, _mergeable(b, inputs), _steps(inputs, mask))


class Concatenate(Layer):
    """The inputs one after the other along an axis; all their other sizes are equal."""

    axis: int = Field(-1, description="The axis that grows; the batch axis is 0.")

    supports_masking = True
    takes_list = True
    examples = (
        Example({}, inputs=((None, 4, 5), (None, 4, 2)), output=(None, 4, 7), params=0),
        Example({"axis": 1}, inputs=((None, "seq", 5), (None, 3, 5)), output=(None, "seq + 3", 5), params=0),
        Example({"axis": -1}, inputs=((None, "h", "w", 5),), output=(None, "h", "w", 5), params=0),
        Example({}, inputs=((None, 4, 5), (None, 3, 5)), error="`(None, 3, 5)` cannot be joined along axis 2"),
        Example({}, inputs=((None, 5), (None, 3, 5)), error="shapes `(None, 5)` and `(None, 3, 5)` cannot be joined"),
        Example({"axis": 3}, inputs=_PAIR, error="`axis` 3 is no axis of an input of rank 3"),
    )

    def build(self, b: Scope, inputs: list[Value]) -> Value:
        """The inputs joined."""
        axis = b.axis(self.axis, inputs[0].rank)
        failure = f"inputs of the shapes {_shapes(inputs)} cannot be joined along axis {axis}"
        message = f"{failure}: they have different ranks"
        b.require(len({x.rank for x in inputs}) == 1, message, code=codes.INCOMPATIBLE_SHAPES)
        try:
            return concat(inputs, axis)
        except Fault as fault:
            help = "all sizes but that of this axis must be equal"
            raise Fault(fault.code, f"{failure}: {fault.message}", help=help) from None

    def compute_mask(self, b: Scope, values: Mapping[str, Any], mask: Any) -> Value | None:
        """The masks joined like the inputs, true for those without; a step counts where any of its features does."""
        inputs: list[Value] = values["inputs"]
        if all(one is None for one in mask):
            return None
        columns = [_mask_column(x, one) for x, one in zip(inputs, mask, strict=True)]
        return reduce("Any", concat(columns, self.axis), -1)


def _axis_pair(value: object) -> object:
    pair = [value, value] if isinstance(value, int) else value
    if not isinstance(pair, list | tuple) or len(pair) != 2:
        raise refuse(f"`axes` of Dot must be an axis or a list of two, found {shown(value)}")
    return tuple(pair)


class Dot(Layer):
    """Products summed over one axis of each of two inputs, sample by sample.

    Output: (batch, the first's other axes, the second's other axes), or (batch, 1) where none are left.
    """

    axes: Annotated[tuple[int, int], BeforeValidator(_axis_pair)] = Field(
        description="The axis to sum over, or one for each input; the batch axis is 0."
    )
    normalize: bool = Field(False, description="Whether both inputs are first scaled to length 1 along that axis.")

    supports_masking = True
    takes_list = True
    examples = (
        Example({"axes": -1}, inputs=((None, 4, 5), (None, 3, 5)), output=(None, 4, 3), params=0),
        Example({"axes": [1, 2]}, inputs=((None, 3, 5), (None, 9, 3)), output=(None, 5, 9), params=0),
        Example({"axes": 1, "normalize": True}, inputs=((None, 4), (None, 4)), output=(None, 1), params=0),
        Example({"axes": 1}, inputs=((None, 5), (None, 5)), output=(None, 1), params=0),
        Example({"axes": 2}, inputs=((None, "seq", 5), (None, "len", 5)), output=(None, "seq", "len"), params=0),
        Example({"axes": 1}, inputs=((None, 5), (None, 4)), error="axis 1 of the first, 5, is not axis 1 of"),
        Example({"axes": 0}, inputs=((None, 5), (None, 5)), error="`axes` 0 is the batch"),
        Example({"axes": [1, 2, 1]}, error="`axes` of Dot must be an axis or a list of two, found a list of 3"),
        Example({"axes": 1}, inputs=((None, 5), (None, 5), (None, 5)), error="Dot takes 2 inputs, found 3"),
        Example({}, error="Dot needs the argument `axes`"),
    )

    def build(self, b: Scope, inputs: list[Value]) -> Value:
        """One sum of products, the batch kept."""
        _require_two(b, self, inputs)
        axes = [b.axis(axis, x.rank, "axes") for x, axis in zip(inputs, self.axes, strict=True)]
        message = "`axes` 0 is the batch: products are summed within a sample"
        b.require(0 not in axes, message, field="axes", code=codes.BAD_AXIS)
        sizes = [x.shape[axis] for x, axis in zip(inputs, axes, strict=True)]
        message = (
            f"inputs of the shapes {_shapes(inputs)} do not fit: "
            f"axis {axes[0]} of the first, {sizes[0]}, is not axis {axes[1]} of the second, {sizes[1]}"
        )
        b.assume.equal(sizes[0], sizes[1], "Dot sums over axes of one size", message=message, field="axes")
        x, y = (_unit(x, axis) if self.normalize else x for x, axis in zip(inputs, axes, strict=True))
        first, second = _letters(x.rank, axes[0], "cdefghi"), _letters(y.rank, axes[1], "jklmnop")
        kept = (first + second[1:]).replace("z", "")
        product = einsum(f"{first},{second}->{kept}", x, y)
        return product if len(kept) > 1 else reshape(product, (*product.shape, 1))

    def compute_mask(self, b: Scope, values: Mapping[str, Any], mask: Any) -> Value | None:
        """None: the steps are gone."""
        return None


def _letters(rank: int, summed: int, others: str) -> str:
    """The indices of an operand: `a` for the batch, `z` for the summed axis."""
    free = iter(others)
    return "".join("a" if axis == 0 else "z" if axis == summed else next(free) for axis in range(rank))


def _unit(x: Value, axis: int) -> Value:
    """Scaled to length 1 along an axis; zeros stay zeros."""
    return x * minimum(rsqrt(reduce("Sum", square(x), axis, keepdims=True)), 1e7)


_MOST_SHAPES = 8
"""As many shapes of inputs are named."""


def _shapes(inputs: Sequence[Value]) -> str:
    named = " and ".join(f"`{x.type}`" for x in inputs[:_MOST_SHAPES])
    return named if len(inputs) <= _MOST_SHAPES else f"{named} and {len(inputs) - _MOST_SHAPES:,} more"


def _require_two(b: Scope, layer: Layer, inputs: Sequence[Value]) -> None:
    message = f"{type(layer).__name__} takes 2 inputs, found {len(inputs)}"
    b.require(len(inputs) == 2, message, code=codes.CALL_ARGUMENTS)


def _mergeable(b: Scope, inputs: Sequence[Value]) -> list[Value]:
    """The inputs with equal ranks; a `Fault` unless they can be broadcast."""
    message = f"inputs of the shapes {_shapes(inputs)} have different batch sizes"
    for x in inputs[1:]:
        b.assume.equal(inputs[0].shape[0], x.shape[0], "merged inputs have one batch size", message=message)
    found = _same_rank(inputs)
    try:
        broadcast(Assume(), *(x.shape for x in found))
    except Fault as fault:
        if found == list(inputs):
            raise
        message = f"inputs of the shapes {_shapes(inputs)} cannot be merged: {fault.message}"
        raise Fault(fault.code, message, help="an input of lower rank gets axes of size 1 after the batch") from None
    return found


def _same_rank(values: Sequence[Value]) -> list[Value]:
    """The values with axes of size 1 put in after the batch, up to the highest rank."""
    rank = max(x.rank for x in values)
    return [reshape(x, (x.shape[0], *(1,) * (rank - x.rank), *x.shape[1:])) for x in values]


def _steps(inputs: Sequence[Value], mask: Masks | None) -> list[Value | None]:
    """Each input's mask with the axes of the input; none where the input itself gets more axes, as in Keras."""
    if mask is None:
        return [None] * len(inputs)
    rank = max(x.rank for x in inputs)
    return [None if one is None or x.rank < rank else _to_rank(one, rank) for x, one in zip(inputs, mask, strict=True)]


def _to_rank(mask: Value, rank: int) -> Value:
    """The mask with axes of size 1 behind, which stand for the features."""
    return reshape(mask, (*mask.shape, *(1,) * (rank - mask.rank)))


def _extreme(function: Any, inputs: Sequence[Value], masks: Masks) -> Value:
    """A running maximum or minimum, in which a masked step takes the other side's value."""
    y, known = inputs[0], masks[0]
    for x, kept in zip(inputs[1:], masks[1:], strict=True):
        if kept is not None:
            x = where(kept, x, y)
        if known is not None:
            y = where(known, y, x)
        known = known | kept if known is not None and kept is not None else None
        y = function(y, x)
    return y


def _mask_column(x: Value, mask: Value | None) -> Value:
    """The mask of an input with the input's axes, the last of size 1."""
    if mask is None:
        feature = cast(slice_axis(x, -1, 0, 1), "bool")
        mask = feature | ~feature  # true, and made of the input: a constant would not have the rows of the batch
    elif mask.rank == x.rank:
        mask = reduce("Any", mask, -1, keepdims=True)
    return expand(_to_rank(mask, x.rank), (*x.shape[:-1], 1))
