"""MultiHeadAttention."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from specmodel.diagnostics import codes
from specmodel.layers.attention_heads import HeadedAttention
from specmodel.layers.attention_layout import LETTERS, Layout
from specmodel.layers.base import Example
from specmodel.layers.fields import Axes, Constraint, Initializer, PosInt, Rate, Regularizer
from specmodel.layers.scope import Scope
from specmodel.layers.validation import refuse, shown
from specmodel.ops.linear import einsum
from specmodel.ops.value import Value


def _sizes(value: object) -> object:
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        return (value,)
    if not isinstance(value, list | tuple) or not value:
        raise refuse(f"must be an integer, a list of integers or null, found {shown(value)}")
    return tuple(value)


class MultiHeadAttention(HeadedAttention):
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
        self._require_fit(b, query, value, source)
        layout = Layout(query.rank, self._attended(b, query.rank))
        self._require_batch(b, query, value, layout.batch, "only axes that `attention_axes` names may have other sizes")
        value_dim = self.value_dim if self.value_dim is not None else self.key_dim
        queries = self._heads(b, "query", query, self.num_heads, self.key_dim)
        keys = self._heads(b, "key", source, self.num_heads, self.key_dim)
        gate = self._heads(b, "gate", query, self.num_heads, value_dim, "sigmoid") if self.use_gate else None
        values = self._heads(b, "value", value, self.num_heads, value_dim)
        mask = self._mask(b, layout, query, value, (query_mask, value_mask, key_mask), attention_mask)
        probabilities = self._probabilities(b, layout, queries, keys, mask)
        result = einsum(layout.equations()[1], probabilities, values)
        output = self._output(b, result if gate is None else result * gate, query)
        return (output, probabilities) if self.return_attention_scores else output

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
