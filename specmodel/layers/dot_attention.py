"""Attention and AdditiveAttention: attention without projections."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from specmodel.diagnostics import codes
from specmodel.layers.base import Example, Layer
from specmodel.layers.fields import Rate
from specmodel.layers.scope import Scope
from specmodel.ops.elementwise import cast, tanh, where
from specmodel.ops.reduce import reduce, softmax
from specmodel.ops.shape import expand_dims, transpose
from specmodel.ops.source import iota
from specmodel.ops.value import Value

INPUTS = "[query, value] or [query, value, key]"


class _Attention(Layer):
    takes_list = True
    supports_masking = True
    call_only = ("return_attention_scores", "use_causal_mask")

    if TYPE_CHECKING:  # each layer declares these where Keras has them
        use_scale: bool
        return_attention_scores: bool
        use_causal_mask: bool

    def build(
        self, b: Scope, inputs: list[Value], mask: "list[Value | None] | Value | None" = None
    ) -> Value | tuple[Value, ...]:
        """The values, weighted by the softmax of the scores of their keys."""
        query, value, key = self._parts(b, inputs)
        of_query, of_value = self._masks(b, mask)
        scores = self.scores(b, query, key)
        seen = self._seen(b, scores, of_value)
        if seen is not None:
            scores = where(seen, scores, scores - (65504.0 if scores.dtype == "float16" else 1e9))
        weights = softmax(scores, -1)
        output = weights @ value
        if of_query is not None:
            output = where(expand_dims(of_query, -1), output, 0.0)
        return (output, weights) if self.return_attention_scores else output

    def scores(self, b: Scope, query: Value, key: Value) -> Value:
        """How well each key position fits each query position: (batch, query positions, key positions)."""
        raise NotImplementedError(type(self).__name__)

    def compute_mask(self, b: Scope, values: Mapping[str, Any], mask: Any) -> Value | None:
        """The query's mask."""
        found: Value | None = mask[0] if isinstance(mask, list) else None
        return found

    def _parts(self, b: Scope, inputs: list[Value]) -> tuple[Value, Value, Value]:
        name = type(self).__name__
        message = f"{name} is called with a list, {INPUTS}, found {len(inputs)} in it"
        b.require(len(inputs) in (2, 3), message, code=codes.CALL_ARGUMENTS)
        query, value, key = inputs[0], inputs[1], inputs[-1]
        for part, x in (("query", query), ("value", value), ("key", key)):
            message = f"the {part} must have at least 3 axes, (batch, positions, features), found {x.type}"
            b.require(x.rank >= 3, message, code=codes.WRONG_RANK)
            message = f"query, value and key must have as many axes as each other, found {query.type} and {x.type}"
            b.require(x.rank == query.rank, message, code=codes.WRONG_RANK)
            message = f"query and {part} must have the same batch, found {query.type} and {x.type}"
            for axis in range(query.rank - 2):
                b.assume.equal(query.shape[axis], x.shape[axis], f"query and {part} have one batch", message=message)
        message = f"key and value must have as many positions as each other, found {key.type} and {value.type}"
        b.assume.equal(key.shape[-2], value.shape[-2], "each key has its value", message=message)
        message = f"query and key must have as many features as each other, found {query.type} and {key.type}"
        b.assume.equal(query.shape[-1], key.shape[-1], "queries are compared with keys", message=message)
        return query, value, key

    def _masks(self, b: Scope, mask: "list[Value | None] | Value | None") -> "tuple[Value | None, Value | None]":
        """The masks of query and value; one of the key has no meaning here, as in Keras."""
        if mask is None:
            return None, None
        found = len(mask) if isinstance(mask, list) else 1
        message = f"`mask` must be a list as the inputs are, [query mask, value mask], found {found} in it"
        b.require(isinstance(mask, list) and found in (2, 3), message, field="mask", code=codes.CALL_ARGUMENTS)
        assert isinstance(mask, list)
        query, value = (cast(one, "bool") if one is not None else None for one in mask[:2])
        return query, value

    def _seen(self, b: Scope, scores: Value, of_value: Value | None) -> Value | None:
        """Which keys each query sees, shaped to broadcast against the scores."""
        seen = None
        if of_value is not None:
            seen = expand_dims(of_value, -2) if of_value.rank < scores.rank else of_value
            message = f"the value's mask {of_value.type} does not fit the scores {scores.type}"
            b.require(seen.rank == scores.rank, message, field="mask", code=codes.WRONG_RANK)
        if self.use_causal_mask:
            causal = iota((scores.shape[-2], 1), 0) >= iota((1, scores.shape[-1]), 1)
            seen = causal if seen is None else seen & causal
        return seen


def _pairs(query: Value, key: Value) -> Value:
    """The sum of each query and each key: (batch, query positions, key positions, features)."""
    return expand_dims(query, -2) + expand_dims(key, -3)


class Attention(_Attention):
    """Dot-product attention: each query position takes a weighted mean of the values, by how its key fits.

    Inputs in a list: query (batch, positions, features), value, and key, which is the value if left out; output (batch,
    query positions, features of the value). With `return_attention_scores` the weights come out too: (batch, query
    positions, key positions). M. Luong and others, Effective Approaches to Attention-based Neural Machine Translation
    (2015).
    """

    use_scale: bool = Field(False, description="Whether a weight, `scale`, multiplies the scores.")
    score_mode: Literal["dot", "concat"] = Field(
        "dot", description="The score of query and key: their product, or the sum of `tanh(query + key)` with a weight."
    )
    dropout: Rate = Field(0.0, description="Training only.")
    seed: int | None = Field(None, description="Training only.")
    return_attention_scores: bool = Field(False, description="Whether the weights are a second output.")
    use_causal_mask: bool = Field(False, description="Whether positions see only keys up to their own.")

    examples = (
        Example({}, inputs=((None, 3, 5), (None, 4, 5)), output=(None, 3, 5), params=0),
        Example(
            {"use_scale": True, "score_mode": "concat", "return_attention_scores": True},
            inputs=((None, "to", 5), (None, "from", 7), (None, "from", 5)),
            output=((None, "to", 7), (None, "to", "from")),
            params=2,
        ),
        Example({"score_mode": "sum"}, error="`score_mode` of Attention must be `dot` or `concat`"),
        Example({}, inputs=((None, 3, 5),), error="called with a list, [query, value] or [query, value, key], found 1"),
        Example({}, inputs=((None, 3, 5), (None, 4, 6)), error="must have as many features as each other"),
        Example(
            {},
            inputs=((None, 3, 5), (None, 4, 6), (None, 2, 5)),
            error="key and value must have as many positions as each other",
        ),
    )

    def scores(self, b: Scope, query: Value, key: Value) -> Value:
        """The products of query and key, or what `concat` puts in their place."""
        scale = b.weight("scale", (), "ones") if self.use_scale else None
        if self.score_mode == "dot":
            turned = transpose(key, (*range(key.rank - 2), key.rank - 1, key.rank - 2))
            return query @ turned if scale is None else (query @ turned) * scale
        weight, pairs = b.weight("concat_score_weight", (), "ones"), _pairs(query, key)
        return weight * reduce("Sum", tanh(pairs if scale is None else scale * pairs), -1)


class AdditiveAttention(_Attention):
    """Additive attention: as Attention, with the sum of `scale * tanh(query + key)` for a score.

    Inputs in a list: query (batch, positions, features), features known, value, and key, which is the value if left
    out; output (batch, query positions, features of the value). D. Bahdanau and others, Neural Machine Translation by
    Jointly Learning to Align and Translate (2014).
    """

    use_scale: bool = Field(True, description="Whether a weight, `scale`, (features,), multiplies before the sum.")
    dropout: Rate = Field(0.0, description="Training only.")
    seed: int | None = Field(None, description="Training only.")
    return_attention_scores: bool = Field(False, description="Whether the weights are a second output.")
    use_causal_mask: bool = Field(False, description="Whether positions see only keys up to their own.")

    examples = (
        Example({}, inputs=((None, 3, 5), (None, 4, 5)), output=(None, 3, 5), params=5),
        Example(
            {"use_scale": False, "use_causal_mask": True, "return_attention_scores": True},
            inputs=((None, "to", 5), (None, "from", 7), (None, "from", 5)),
            output=((None, "to", 7), (None, "to", "from")),
            params=0,
        ),
        Example({"use_scale": 1}, error="`use_scale` of AdditiveAttention must be true or false"),
        Example({}, inputs=((None, 3, 5),) * 4, error="[query, value] or [query, value, key], found 4"),
        Example({}, inputs=((None, 3, None), (None, 4, None)), error="the last axis of the query must be known"),
    )

    def scores(self, b: Scope, query: Value, key: Value) -> Value:
        """The sums over the features."""
        terms = tanh(_pairs(query, key))
        if self.use_scale:
            features = b.known(
                query.shape[-1], "the last axis of the query", "give that axis a size where it comes from"
            )
            terms = b.weight("scale", (features,), "glorot_uniform") * terms
        return reduce("Sum", terms, -1)
