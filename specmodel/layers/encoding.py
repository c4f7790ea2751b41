"""Layers that turn numbers into categories: CategoryEncoding, Discretization."""

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from specmodel.diagnostics import codes
from specmodel.layers.base import Example, Layer
from specmodel.layers.fields import NonNegInt, PosInt, PosReal, Real
from specmodel.layers.scope import Scope
from specmodel.layers.validation import refuse
from specmodel.ops.elementwise import cast
from specmodel.ops.encoding import Digitize, Tally, one_hot
from specmodel.ops.shape import expand, expand_dims, reshape
from specmodel.ops.value import Value
from specmodel.types.fault import Fault
from specmodel.types.tensor import is_floating

_SPARSE = "How Keras stores the result; here it is dense in either case."


def encoded(b: Scope, x: Value, mode: str, depth: int, dtype: str, weights: Value | None = None) -> Value:
    """Numbers below `depth` as `one_hot`, `multi_hot` or `count`; a number that is none of them counts for nothing.

    The latter two look along axis 1, or along the only axis.
    """
    x = expand_dims(x, -1) if x.rank == 0 else x
    if mode == "one_hot":
        return one_hot(_without_single(b, x), depth, dtype)
    axis = 1 if x.rank > 1 else 0
    if mode == "multi_hot":
        return Tally(depth, axis, dtype, once=True)(cast(x, "int32") if is_floating(x.dtype) else x)
    if weights is None:
        return Tally(depth, axis, dtype)(x)
    try:
        same = expand(weights, x.shape)
    except Fault:
        message = f"`count_weights` must have the shape of the inputs, {x.type}, found {weights.type}"
        raise Fault(codes.INCOMPATIBLE_SHAPES, message, field="count_weights") from None
    return Tally(depth, axis, weights.dtype)(x, same)


def _without_single(b: Scope, x: Value) -> Value:
    """The value without a last axis of size one, which one-hot numbers take the place of."""
    if x.rank == 1:
        return x
    last = x.shape[-1]
    if last == 1:
        return reshape(x, x.shape[:-1])
    reason = "an axis of size 1 would be replaced by the one-hot numbers, not followed by them"
    b.assume.at_least(last, 2, codes.BAD_SIZE, f"axis {x.rank - 1} must have at least the size 2", reason=reason)
    return x


class CategoryEncoding(Layer):
    """Integers below `num_tokens` as vectors of that size: what occurs in a sample, how often, or each for itself.

    Input (batch, …) of integers; output (batch, …, num_tokens) with `one_hot` (in place of a last axis of size 1), else
    the input's shape without axis 1, then num_tokens.
    """

    num_tokens: PosInt = Field(description="Size of the vectors: the largest integer plus one.")
    output_mode: Annotated[
        Literal["multi_hot", "one_hot", "count"],
        BeforeValidator(lambda value: "multi_hot" if value == "binary" else value),
    ] = Field(
        "multi_hot",
        description="`multi_hot`: ones for all that occur along axis 1; `count`: how often they do; `one_hot`: a "
        "vector for each integer.",
    )
    sparse: bool = Field(False, description=_SPARSE)

    autocast = False
    integer_dtypes = True
    examples = (
        Example({"num_tokens": 5}, inputs=((None, "n"),), dtypes=("int32",), output=(None, 5), params=0),
        Example(
            {"num_tokens": 5, "output_mode": "one_hot"},
            inputs=((None, 3),),
            dtypes=("int32",),
            output=(None, 3, 5),
            params=0,
        ),
        Example(
            {"num_tokens": 5, "output_mode": "one_hot"},
            inputs=((None, 1),),
            dtypes=("int64",),
            output=(None, 5),
            params=0,
        ),
        Example(
            {"num_tokens": 5, "output_mode": "count"},
            inputs=((None, 3), (None, 3)),
            dtypes=("int32", "float32"),
            output=(None, 5),
            params=0,
        ),
        Example({"num_tokens": 0}, error="`num_tokens` of CategoryEncoding must be greater than 0, found 0"),
        Example({}, error="CategoryEncoding needs the argument `num_tokens`"),
        Example(
            {"num_tokens": 5},
            inputs=((None, 3), (None, 3)),
            dtypes=("int32", "float32"),
            error="`count_weights` need `output_mode: count`",
        ),
    )

    def build(self, b: Scope, inputs: Value, count_weights: Value | None = None) -> Value:
        """The vectors; `count_weights`, of the inputs' shape, say how much each integer counts."""
        message = f"`count_weights` need `output_mode: count`, found `{self.output_mode}`"
        b.require(count_weights is None or self.output_mode == "count", message, field="count_weights")
        weights = cast(count_weights, b.policy.compute) if count_weights is not None else None
        return encoded(b, inputs, self.output_mode, self.num_tokens, b.policy.variable, weights)


def _boundaries(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


class Discretization(Layer):
    """Numbers as the intervals that hold them: 0 below the first boundary, 1 from it to before the second, and so on.

    Output: the input's shape with `int`, otherwise as of CategoryEncoding with `len(bin_boundaries) + 1` tokens.
    """

    bin_boundaries: Annotated[tuple[Real, ...], BeforeValidator(_boundaries), "list of numbers"] | None = Field(
        None, description="Where one interval ends and the next begins, in order; required."
    )
    num_bins: NonNegInt | None = Field(
        None, description="How many intervals there are, one more than boundaries; alone it would need data."
    )
    epsilon: PosReal = Field(0.01, description="Training only.")
    output_mode: Literal["int", "one_hot", "multi_hot", "count"] = Field(
        "int",
        description="`int`: the interval's number; `one_hot`: a vector for each number; `multi_hot`: ones for all "
        "intervals that occur along axis 1; `count`: how often they do.",
    )
    sparse: bool = Field(False, description=_SPARSE)

    integer_dtypes = True
    examples = (
        Example({"bin_boundaries": [0.0, 1.0]}, inputs=((None, "n"),), output=(None, "n"), params=0),
        Example(
            {"bin_boundaries": [0.0, 1.0], "output_mode": "one_hot"},
            inputs=((None, 4, 3),),
            output=(None, 4, 3, 3),
            params=0,
        ),
        Example(
            {"bin_boundaries": [0.0, 1.0], "output_mode": "count"}, inputs=((None, "n"),), output=(None, 3), params=0
        ),
        Example({"num_bins": 4}, error="Discretization needs `bin_boundaries`"),
        Example({"bin_boundaries": [0, 2, 1]}, error="`bin_boundaries` of Discretization must be in order"),
        Example({"bin_boundaries": [0, 1], "num_bins": 4}, error="`num_bins` must be 3"),
        Example(
            {"bin_boundaries": [0], "sparse": True}, error="`sparse` of Discretization needs another `output_mode`"
        ),
    )

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.bin_boundaries is None:
            help = "run `adapt` in Keras and write the boundaries it finds" if self.num_bins is not None else None
            message = "Discretization needs `bin_boundaries`: finding them takes data, which is training"
            raise refuse(message, help, ("num_bins" if self.num_bins is not None else "bin_boundaries",))
        if list(self.bin_boundaries) not in (sorted(self.bin_boundaries), sorted(self.bin_boundaries, reverse=True)):
            raise refuse("`bin_boundaries` of Discretization must be in order", None, ("bin_boundaries",))
        bins = len(self.bin_boundaries) + 1
        if self.num_bins is not None and self.num_bins != bins:
            message = f"beside {bins - 1} `bin_boundaries`, `num_bins` must be {bins}, found {self.num_bins}"
            raise refuse(message, "leave `num_bins` out", ("num_bins",))
        if self.sparse and self.output_mode == "int":
            message = "`sparse` of Discretization needs another `output_mode` than `int`"
            raise refuse(message, None, ("sparse",))
        return self

    def build(self, b: Scope, inputs: Value) -> Value:
        """The numbers of the intervals, encoded."""
        boundaries = self.bin_boundaries or ()
        bins = Digitize(boundaries)(inputs)
        if self.output_mode == "int":
            return bins
        return encoded(b, bins, self.output_mode, len(boundaries) + 1, b.policy.compute)
