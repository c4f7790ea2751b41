"""What the layers of attention in several heads share: projections, masks, and the weights of the keys."""

from collections.abc import Mapping, Sequence
from functools import reduce
from math import sqrt
from operator import and_
from typing import TYPE_CHECKING, Any, Self

from pydantic import model_validator

from specmodel.diagnostics import codes
from specmodel.layers.attention_layout import LETTERS, Layout
from specmodel.layers.base import Layer
from specmodel.layers.einsum_dense import EinsumDense
from specmodel.layers.objects import Named
from specmodel.layers.scope import Masked, Scope
from specmodel.layers.validation import refuse
from specmodel.ops.elementwise import absolute, cast, where
from specmodel.ops.linear import einsum
from specmodel.ops.reduce import softmax
from specmodel.ops.shape import reshape
from specmodel.ops.source import iota
from specmodel.ops.value import Value
from specmodel.types.tensor import product


class HeadedAttention(Layer):
    """Base of the layers in which several heads attend."""

    supports_masking = True
    call_only = ("return_attention_scores", "use_causal_mask")

    if TYPE_CHECKING:  # each layer declares these where Keras has them
        dropout: float
        use_bias: bool
        sliding_window: int | None
        flash_attention: bool | None
        kernel_initializer: str | Named
        bias_initializer: str | Named
        return_attention_scores: bool
        use_causal_mask: bool

    @model_validator(mode="after")
    def _flash_attention_fits(self) -> Self:
        if self.flash_attention and (self.dropout > 0 or self.return_attention_scores):
            other = "`dropout`" if self.dropout > 0 else "`return_attention_scores`"
            message = f"`flash_attention` does not go with {other}"
            raise refuse(message, "leave `flash_attention` out: the result is the same", ("flash_attention",))
        return self

    def compute_mask(self, b: Scope, values: Mapping[str, Any], mask: Any) -> Value | None:
        """The query's mask."""
        found: Value | None = values.get("query_mask")
        return found

    def _require_fit(self, b: Scope, query: Value, value: Value, key: Value) -> None:
        """Stop unless the three may meet as far as all layers ask for it."""
        for name, x in (("query", query), ("value", value), ("key", key)):
            message = f"`{name}` must have at least 3 axes, (batch, …, features), found {x.type}"
            b.require(x.rank >= 3, message, code=codes.WRONG_RANK)
        message = f"`value` and `key` must have the same sizes but for the last axis, found {value.type} and {key.type}"
        b.require(value.rank == key.rank, message, code=codes.INCOMPATIBLE_SHAPES)
        for axis in range(value.rank - 1):
            b.assume.equal(value.shape[axis], key.shape[axis], f"axis {axis} of `value` and `key`", message=message)
        message = f"`query` and `value` must have the same number of axes, found {query.type} and {value.type}"
        b.require(query.rank == value.rank, message, code=codes.WRONG_RANK)
        for name, x in (("query", query), ("value", value), ("key", key)):
            b.known(x.shape[-1], f"the last axis of `{name}`", "give that axis a size where it comes from")

    def _require_batch(
        self, b: Scope, query: Value, value: Value, axes: Sequence[int], help: str | None = None
    ) -> None:
        """Stop unless query and value have the same sizes along these axes."""
        for axis in axes:
            message = f"`query` and `value` must have one size along axis {axis}, found {query.type} and {value.type}"
            reason = f"axis {axis} of `query` and `value`"
            b.assume.equal(query.shape[axis], value.shape[axis], reason, message=message, help=help)

    def _heads(self, b: Scope, name: str, x: Value, count: int, size: int, activation: str = "linear") -> Value:
        """Project the last axis to heads: (…, features) to (…, heads, size)."""
        free = LETTERS[: x.rank - 1]
        equation = f"{free}X,XHD->{free}HD"
        return self._project(b, name, x, equation, (count, size), "HD", activation=activation)

    def _project(
        self, b: Scope, name: str, x: Value, equation: str, sizes: Sequence[int], new: str, **more: str
    ) -> Value:
        """One of the dense layers inside; `new` are the indices that replace those summed over, of `sizes`."""
        free = len(equation.split("->")[1]) - len(new) - 1
        arguments = {
            "equation": equation,
            "output_shape": (*(None,) * free, *sizes),
            "bias_axes": new if self.use_bias else None,
            "kernel_initializer": self.kernel_initializer,
            "bias_initializer": self.bias_initializer,
        }
        dense = EinsumDense.declare(arguments | more)
        return b.layer(dense, name, {"inputs": Masked(x)})[0].value

    def _mask(
        self, b: Scope, layout: Layout, query: Value, value: Value, sides: Sequence[Value | None], given: Value | None
    ) -> Value | None:
        """All masks together; `sides` are those of query, value and key, `given` is `attention_mask`."""
        masks = [*self._masks_of_sides(b, layout, *sides), *self._masks_of_positions(b, layout, query, value)]
        if given is not None:
            masks.append(self._given_mask(b, layout, given))
        return reduce(and_, masks) if masks else None

    def _masks_of_sides(
        self, b: Scope, layout: Layout, query_mask: Value | None, value_mask: Value | None, key_mask: Value | None
    ) -> list[Value]:
        """Which positions count, on each side."""
        placed = []
        for name, mask in (("query_mask", query_mask), ("value_mask", value_mask), ("key_mask", key_mask)):
            if mask is not None:
                message = f"`{name}` must have fewer axes than the {layout.rank} of its array, found {mask.type}"
                b.require(mask.rank < layout.rank, message, code=codes.WRONG_RANK)
                placed.append(layout.placed(cast(mask, "bool"), of_key=name != "query_mask"))
        return placed

    def _masks_of_positions(self, b: Scope, layout: Layout, query: Value, value: Value) -> list[Value]:
        """Which key positions each query position sees, by their distance alone."""
        if not self.use_causal_mask and self.sliding_window is None:
            return []
        field = "use_causal_mask" if self.use_causal_mask else "sliding_window"
        message = f"`{field}` needs positions along one axis, but attention goes along the axes {list(layout.attended)}"
        b.require(len(layout.attended) == 1, message, field=field, help="name one axis in `attention_axes`")
        (axis,) = layout.attended
        row, column = iota((query.shape[axis], 1), 0), iota((1, value.shape[axis]), 1)
        masks = [row >= column] if self.use_causal_mask else []
        if self.sliding_window is not None:
            masks.append(absolute(row - column) < self.sliding_window)
        return masks

    def _given_mask(self, b: Scope, layout: Layout, mask: Value) -> Value:
        """`attention_mask`, with axes of size one for those before the positions that it lacks."""
        positions = 2 * len(layout.attended)
        ranks = f"{positions} to {layout.score_rank} axes, (batch, query …, key …)"
        message = f"`attention_mask` must have {ranks}, found {mask.type}"
        b.require(positions <= mask.rank <= layout.score_rank, message, code=codes.WRONG_RANK)
        front = mask.rank - positions
        missing = (1,) * (layout.score_rank - mask.rank)
        return reshape(cast(mask, "bool"), (*mask.shape[:front], *missing, *mask.shape[front:]))

    def _probabilities(self, b: Scope, layout: Layout, queries: Value, keys: Value, mask: Value | None) -> Value:
        """The weights of all key positions for each query position.

        Keras has two ways here, and so has this. On the direct one 16-bit numbers are widened, and a query that may see
        no key sees all of them alike; on the other, which can give the weights out, it sees none.
        """
        direct = layout.rank == 3 and self.dropout == 0 and not self.return_attention_scores
        dtype, width = queries.dtype, b.known(queries.shape[-1], "the size of a head")
        if direct and dtype in ("float16", "bfloat16"):
            queries, keys = cast(queries, "float32"), cast(keys, "float32")
        scores = einsum(layout.equations()[0], queries * (1 / sqrt(width)), keys)
        if mask is None:
            return cast(_softmax(layout, scores), dtype)
        self._require_broadcast(b, mask, scores)
        masked = where(mask, scores, -3e4 if scores.dtype == "float16" else -1e9)
        probabilities = _softmax(layout, masked)
        return cast(probabilities, dtype) if direct else where(mask, probabilities, 0.0)

    def _require_broadcast(self, b: Scope, mask: Value, scores: Value) -> None:
        for size, wanted in zip(reversed(mask.shape), reversed(scores.shape), strict=False):
            message = f"the mask {mask.type} does not fit the scores {scores.type}, (batch, heads, query …, key …)"
            b.require(size == 1 or wanted != 1 or not isinstance(size, int), message, code=codes.INCOMPATIBLE_SHAPES)
            b.assume.equal_or_one(size, wanted, "the mask fits the attention scores", message=message)


def _softmax(layout: Layout, scores: Value) -> Value:
    """Probabilities over all key positions together."""
    count = len(layout.attended)
    if count == 1:
        return softmax(scores, -1)
    flat = reshape(scores, (*scores.shape[:-count], product(scores.shape[-count:])))
    return reshape(softmax(flat, -1), scores.shape)
