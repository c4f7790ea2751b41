"""GroupedQueryAttention: several query heads share the keys and values of one."""

from typing import Self

from pydantic import Field, model_validator

from specmodel.diagnostics import codes
from specmodel.layers.attention_heads import HeadedAttention
from specmodel.layers.attention_layout import LETTERS, Layout
from specmodel.layers.base import Example
from specmodel.layers.fields import Constraint, Initializer, PosInt, Rate, Regularizer
from specmodel.layers.scope import Scope
from specmodel.layers.validation import refuse
from specmodel.ops.linear import einsum
from specmodel.ops.shape import repeat
from specmodel.ops.value import Value


class GroupedQueryAttention(HeadedAttention):
    """Attention in several heads of which groups share a key and a value.

    `query` (batch, positions, features), `value` and `key` (batch, positions of their own, …); output as the query.
    With `return_attention_scores` the weights come out too: (batch, query heads, query positions, key positions).
    J. Ainslie and others, GQA: Training Generalized Multi-Query Transformer Models (2023).
    """

    head_dim: PosInt = Field(description="Size of a head.")
    num_query_heads: PosInt = Field(description="Number of heads of the query.")
    num_key_value_heads: PosInt = Field(description="Number of heads of key and value, a divisor of the former.")
    dropout: Rate = Field(0.0, description="Training only.")
    use_bias: bool = Field(True, description="Whether the projections add biases.")
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
            {"head_dim": 2, "num_query_heads": 4, "num_key_value_heads": 2},
            ((None, 8, 16), (None, 4, 16)),
            (None, 8, 16),
            16 * 8 + 8 + 2 * (16 * 4 + 4) + 8 * 16 + 16,
            call=("query", "value"),
        ),
        Example(
            {
                "head_dim": 3,
                "num_query_heads": 4,
                "num_key_value_heads": 1,
                "use_bias": False,
                "use_gate": True,
                "use_causal_mask": True,
                "return_attention_scores": True,
            },
            ((None, "to", 5), (None, "from", 5), (None, "from", 7)),
            ((None, "to", 5), (None, 4, "to", "from")),
            5 * 12 + 7 * 3 + 5 * 12 + 5 * 3 + 12 * 5,
            call=("query", "value", "key"),
        ),
        Example(
            {"head_dim": 2, "num_query_heads": 4, "num_key_value_heads": 3},
            error="`num_query_heads` must be a multiple of `num_key_value_heads`, found 4 and 3",
        ),
        Example(
            {"head_dim": 2, "num_query_heads": 2, "num_key_value_heads": 2, "sliding_window": 0},
            error="`sliding_window` of GroupedQueryAttention must be greater than 0",
        ),
        Example(
            {"head_dim": 2, "num_query_heads": 4, "num_key_value_heads": 4},
            ((None, 4, 8), (None, 2, 8), (None, 1, 7)),
            call=("query", "value", "key"),
            error="`value` and `key` must have the same sizes but for the last axis",
        ),
        Example(
            {"head_dim": 2, "num_query_heads": 4, "num_key_value_heads": 4},
            ((None, 4, 8), (None, 2, 6)),
            call=("query", "value"),
            error="`query` and `value` must have as many features as each other",
        ),
    )

    @model_validator(mode="after")
    def _heads_are_shared_evenly(self) -> Self:
        if self.num_query_heads % self.num_key_value_heads:
            found = f"{self.num_query_heads} and {self.num_key_value_heads}"
            message = f"`num_query_heads` must be a multiple of `num_key_value_heads`, found {found}"
            raise refuse(message, None, ("num_key_value_heads",))
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
        """Attention as in MultiHeadAttention, each head of key and value read by several of the query."""
        source = value if key is None else key
        b.require_rank(query, 3, "(batch, positions, features)")
        self._require_fit(b, query, value, source)
        layout = Layout(3, (1,))
        self._require_batch(b, query, value, layout.batch)
        message = f"`query` and `value` must have as many features as each other, found {query.type} and {value.type}"
        b.require(query.shape[-1] == value.shape[-1], message, code=codes.INCOMPATIBLE_SHAPES)
        many, few, size = self.num_query_heads, self.num_key_value_heads, self.head_dim
        queries = self._heads(b, "query", query, many, size)
        keys = repeat(self._heads(b, "key", source, few, size), 2, many // few)
        gate = self._heads(b, "gate", query, many, size, "sigmoid") if self.use_gate else None
        values = repeat(self._heads(b, "value", value, few, size), 2, many // few)
        mask = self._mask(b, layout, query, value, (query_mask, value_mask, key_mask), attention_mask)
        probabilities = self._probabilities(b, layout, queries, keys, mask)
        result = einsum(layout.equations()[1], probabilities, values)
        features = b.known(query.shape[-1], "the last axis of `query`")
        equation = f"{LETTERS[:2]}HD,HDP->{LETTERS[:2]}P"
        scaled = result if gate is None else result * gate
        output = self._project(b, "attention_output", scaled, equation, (features,), "P")
        return (output, probabilities) if self.return_attention_scores else output
