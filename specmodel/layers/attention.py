"""MultiHeadAttention."""

from collections.abc import Mapping, Sequence
from math import sqrt
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, model_validator

from specmodel.diagnostics import codes
from specmodel.layers.attention_layout import LETTERS, Layout
from specmodel.layers.base import Example, Layer
from specmodel.layers.einsum_dense import EinsumDense
from specmodel.layers.fields import Axes, Constraint, Initializer, PosInt, Rate, Regularizer
from specmodel.layers.scope import Masked, Scope
from specmodel.layers.validation import refuse, shown
from specmodel.ops.elementwise import absolute, cast, where
from specmodel.ops.linear import einsum
from specmodel.ops.reduce import softmax
from specmodel.ops.shape import reshape
from specmodel.ops.source import iota
from specmodel.ops.value import Value
from specmodel.types.tensor import product


def _sizes(value: object) -> object:
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        return (value,)
    if not isinstance(value, list | tuple) or not value:
        raise refuse(f"must be an integer, a list of integers or null, found {shown(value)}")
    return tuple(value)


class MultiHeadAttention(Layer):
    """Attention in several heads: each query position takes a weighted mean of the values, by how its key fits.

    `query` (batch, …, features), `value` and `key` (batch, …, features of their own); output as the query. With
    `return_attention_scores` the weights come out too: (batch, heads, query positions, key positions).
    A. Vaswani and others, Attention Is All You Need (2017).
    """

    num_heads: PosInt = Field(description="Number of heads.")
    key_dim: PosInt = Field(description="Size of a head for queries and keys.")
    value_dim: PosInt | None = Field(None, description="Size of a head for values; null for `key_dim`.")
    dropout: Rate = Field(0.0, description="Training only.")
    use_bias: bool = Field(True, description="Whether the projections add biases.")
    output_shape: Annotated[tuple[PosInt, ...] | None, BeforeValidator(_sizes)] = Field(
        None, description="Sizes that replace the query's last axis in the output; null for the same size."
    )
    attention_axes: Axes | None = Field(
        None, description="Axes of the query attended along; null for all but the batch and the features."
    )
    sliding_window: PosInt | None = Field(
        None, description="Only keys less than so many positions away are seen; null for all."
    )
    flash_attention: bool | None = Field(None, description="How other programs compute it; here without effect.")
    kernel_initializer: Initializer = Field("glorot_uniform", description="Start of the kernels.")
    bias_initializer: Initializer = Field("zeros", description="Start of the biases.")
    kernel_regularizer: Regularizer = Field(None, description="Training only.")
    bias_regularizer: Regularizer = Field(None, description="Training only.")
    activity_regularizer: Regularizer = Field(None, description="Training only.")
    kernel_constraint: Constraint = Field(None, description="Training only.")
    bias_constraint: Constraint = Field(None, description="Training only.")
    use_gate: bool = Field(False, description="Whether a sigmoid of the query scales the result of each head.")
    seed: int | None = Field(None, description="Training only.")
    return_attention_scores: bool = Field(False, description="Whether the weights are a second output.")
    use_causal_mask: bool = Field(False, description="Whether positions see only keys up to their own.")

    supports_masking = True
    call_only = ("return_attention_scores", "use_causal_mask")
    examples = (
        Example(
            {"num_heads": 2, "key_dim": 3},
            ((None, 8, 16), (None, 4, 16)),
            (None, 8, 16),
            4 * 16 * 6 + 3 * 6 + 16,
            call=("query", "value"),
        ),
        Example(
            {"num_heads": 2, "key_dim": 4, "value_dim": 3, "use_bias": False, "output_shape": 5},
            ((None, "seq", 6), (None, "seq", 6)),
            (None, "seq", 5),
            6 * 8 + 6 * 8 + 6 * 6 + 6 * 5,
            call=("query", "value"),
        ),
        Example(
            {"num_heads": 2, "key_dim": 4, "return_attention_scores": True, "use_causal_mask": True},
            ((None, "to", 6), (None, "from", 5), (None, "from", 7)),
            ((None, "to", 6), (None, 2, "to", "from")),
            (6 + 7 + 5 + 6) * 8 + 3 * 8 + 6,
            call=("query", "value", "key"),
        ),
        Example(
            {"num_heads": 2, "key_dim": 2, "attention_axes": [2], "use_gate": True},
            ((None, 3, "h", 8), (None, 3, 5, 8)),
            (None, 3, "h", 8),
            5 * 8 * 4 + 4 * 4 + 8,
            call=("query", "value"),
        ),
        Example({"num_heads": 4, "key_dim": 0}, error="`key_dim` of MultiHeadAttention must be greater than 0"),
        Example({"num_heads": 1.5, "key_dim": 2}, error="`num_heads` of MultiHeadAttention must be an integer"),
        Example(
            {"num_heads": 2, "key_dim": 2, "output_shape": 8.0},
            error="`output_shape` of MultiHeadAttention must be an integer, a list of integers or null, found 8.0",
        ),
        Example(
            {"num_heads": 2, "key_dim": 2},
            ((None, 4, 8), (None, 2, 8), (None, 1, 7)),
            call=("query", "value", "key"),
            error="must have the same sizes but for the last axis, found (None, 2, 8) and (None, 1, 7)",
        ),
        Example(
            {"num_heads": 2, "key_dim": 2},
            ((None, 8), (None, 8)),
            call=("query", "value"),
            error="`query` must have at least 3 axes, (batch, …, features), found (None, 8)",
        ),
        Example(
            {"num_heads": 2, "key_dim": 2, "attention_axes": [3]},
            ((None, 4, 8), (None, 4, 8)),
            call=("query", "value"),
            error="`attention_axes` 3 is no axis of an input of rank 3",
        ),
        Example(
            {"num_heads": 2, "key_dim": 2},
            ((None, 4, None), (None, 4, 8)),
            call=("query", "value"),
            error="the last axis of `query` must be known",
        ),
    )

    @model_validator(mode="after")
    def _flash_attention_fits(self) -> Self:
        if self.flash_attention and (self.dropout > 0 or self.return_attention_scores):
            other = "`dropout`" if self.dropout > 0 else "`return_attention_scores`"
            message = f"`flash_attention` does not go with {other}"
            raise refuse(message, "leave `flash_attention` out: the result is the same", ("flash_attention",))
        return self

    def build(
        self,
        b: Scope,
        query: Value,
        value: Value,
        key: Value | None = None,
        query_mask: Value | None = None,
        value_mask: Value | None = None,
        key_mask: Value | None = None,
        attention_mask: Value | None = None,
    ) -> Value | tuple[Value, ...]:
        """Projections of query, key and value, attention in each head, and the projection of the heads together."""
        source = value if key is None else key
        layout = self._layout(b, query, value, source)
        value_dim = self.value_dim if self.value_dim is not None else self.key_dim
        queries = self._heads(b, "query", query, self.key_dim)
        keys = self._heads(b, "key", source, self.key_dim)
        gate = self._heads(b, "gate", query, value_dim, "sigmoid") if self.use_gate else None
        values = self._heads(b, "value", value, value_dim)
        masks = [
            *self._masks_of_sides(b, layout, query_mask, value_mask, key_mask),
            *self._masks_of_positions(b, layout, query, value),
        ]
        if attention_mask is not None:
            masks.append(self._given_mask(b, layout, attention_mask))
        mask = _all_of(masks)
        probabilities = self._probabilities(b, layout, queries, keys, mask)
        result = einsum(layout.equations()[1], probabilities, values)
        output = self._output(b, result if gate is None else result * gate, query)
        return (output, probabilities) if self.return_attention_scores else output

    def compute_mask(self, b: Scope, values: Mapping[str, Any], mask: Any) -> Value | None:
        """The query's mask."""
        found: Value | None = values.get("query_mask")
        return found

    def _layout(self, b: Scope, query: Value, value: Value, key: Value) -> Layout:
        """The axes that meet, after a look at the three shapes."""
        for name, x in (("query", query), ("value", value), ("key", key)):
            message = f"`{name}` must have at least 3 axes, (batch, …, features), found {x.type}"
            b.require(x.rank >= 3, message, code=codes.WRONG_RANK)
        message = f"`value` and `key` must have the same sizes but for the last axis, found {value.type} and {key.type}"
        b.require(value.rank == key.rank, message, code=codes.INCOMPATIBLE_SHAPES)
        for axis in range(value.rank - 1):
            b.assume.equal(value.shape[axis], key.shape[axis], f"axis {axis} of `value` and `key`", message=message)
        message = f"`query` and `value` must have the same number of axes, found {query.type} and {value.type}"
        b.require(query.rank == value.rank, message, code=codes.WRONG_RANK)
        layout = Layout(query.rank, self._attended(b, query.rank))
        for axis in layout.batch:
            message = f"`query` and `value` must have one size along axis {axis}, found {query.type} and {value.type}"
            reason = f"axis {axis} of `query` and `value`"
            help = "only axes that `attention_axes` names may have other sizes"
            b.assume.equal(query.shape[axis], value.shape[axis], reason, message=message, help=help)
        for name, x in (("query", query), ("value", value), ("key", key)):
            b.known(x.shape[-1], f"the last axis of `{name}`", "give that axis a size where it comes from")
        return layout

    def _attended(self, b: Scope, rank: int) -> tuple[int, ...]:
        if self.attention_axes is None:
            return tuple(range(1, rank - 1))
        axes = tuple(b.axis(axis, rank, "attention_axes") for axis in self.attention_axes)
        for axis in axes:
            message = f"`attention_axes` must lie between the batch and the features, found {axis} of rank {rank}"
            b.require(0 < axis < rank - 1, message, field="attention_axes", code=codes.BAD_AXIS)
        message = f"`attention_axes` must name each axis once, found {list(self.attention_axes)}"
        b.require(len(set(axes)) == len(axes) > 0, message, field="attention_axes", code=codes.BAD_AXIS)
        return axes

    def _heads(self, b: Scope, name: str, x: Value, size: int, activation: str = "linear") -> Value:
        """Project the last axis to heads: (…, features) to (…, heads, size)."""
        free = LETTERS[: x.rank - 1]
        equation = f"{free}X,XHD->{free}HD"
        return self._project(b, name, x, equation, (self.num_heads, size), "HD", activation=activation)

    def _output(self, b: Scope, x: Value, query: Value) -> Value:
        """Project the heads together: (…, heads, size) to (…, output_shape)."""
        free = LETTERS[: x.rank - 2]
        sizes = self.output_shape
        if sizes is None:
            sizes = (b.known(query.shape[-1], "the last axis of `query`"),)
        new = "PQRSTUVW"[: len(sizes)]
        message = f"`output_shape` must have at most 8 sizes, found {len(sizes)}"
        b.require(len(new) == len(sizes), message, field="output_shape")
        return self._project(b, "attention_output", x, f"{free}HD,HD{new}->{free}{new}", sizes, new)

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
        dtype = queries.dtype
        if direct and dtype in ("float16", "bfloat16"):
            queries, keys = cast(queries, "float32"), cast(keys, "float32")
        scores = einsum(layout.equations()[0], queries * (1 / sqrt(self.key_dim)), keys)
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


def _all_of(masks: Sequence[Value]) -> Value | None:
    if not masks:
        return None
    result = masks[0]
    for mask in masks[1:]:
        result = result & mask
    return result
