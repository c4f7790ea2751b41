"""Layers that look integers and texts up in a vocabulary: IntegerLookup, StringLookup."""

from typing import Literal, Self

from pydantic import Field, model_validator

from specmodel.diagnostics import codes
from specmodel.layers.base import Example, Layer
from specmodel.layers.encoding import encoded
from specmodel.layers.fields import NonNegInt, PosInt
from specmodel.layers.scope import Scope
from specmodel.layers.validation import refuse
from specmodel.layers.vocabulary import (
    ELSEWHERE,
    ENCODING,
    IDF_WEIGHTS,
    MAX_TOKENS,
    OUTPUT_MODE,
    PAD,
    SALT,
    SIZE,
    SPARSE,
    VOCABULARY,
    Arranged,
    Encoding,
    IdfWeights,
    Int64,
    Integers,
    MaxTokens,
    Mode,
    OnlyFalse,
    Rules,
    Salt,
    Texts,
    arranged,
    checked,
    weighted,
)
from specmodel.ops.elementwise import binary, cast, where
from specmodel.ops.shape import Gather
from specmodel.ops.source import constant
from specmodel.ops.text import Hash, Lookup
from specmodel.ops.value import Value

_NUM_OOV = "Places for tokens that are not in the vocabulary; with 0 these are errors, with several they are hashed."
_OOV_METHOD = "How integers get one of several places: the remainder of division (`floormod`), or a hash."
_MASK = "A token that means nothing: place 0 with `output_mode: int`, and counts for nothing otherwise."
_OOV_TOKEN = "What stands for other tokens, where `invert` makes tokens."
_INVERT = "Whether places become tokens, instead of tokens places."
OovMethod = Literal["floormod", "farmhash"]


class IntegerLookup(Layer):
    """Integers as their places in a vocabulary: a mask (if any) first, then other integers, then the vocabulary's own.

    Input (batch, …); output the same shape of int64 with `int`. `one_hot` gives (batch, …, places), the others drop
    axis 1 for a last axis of places, in int64, or float32 with `tf_idf`.
    """

    max_tokens: MaxTokens | None = Field(None, description=MAX_TOKENS)
    num_oov_indices: NonNegInt = Field(1, description=_NUM_OOV)
    mask_token: Int64 | None = Field(None, description=_MASK)
    oov_token: Int64 | None = Field(-1, description=_OOV_TOKEN)
    vocabulary: Integers = Field(None, description=VOCABULARY)
    vocabulary_dtype: Literal["int64"] = Field("int64", description="The dtype of the vocabulary; int64.")
    idf_weights: IdfWeights = Field(None, description=IDF_WEIGHTS)
    invert: bool = Field(False, description=_INVERT)
    output_mode: Mode = Field("int", description=OUTPUT_MODE)
    sparse: OnlyFalse = Field(False, description=SPARSE)
    pad_to_max_tokens: bool = Field(False, description=PAD)
    oov_method: OovMethod = Field("floormod", description=_OOV_METHOD)
    salt: Salt = Field(None, description=SALT + " Needs `oov_method: farmhash`.")
    vocabulary_size: PosInt | None = Field(None, description=SIZE)

    autocast = False
    file_arguments = ("vocabulary",)
    examples = (
        Example({"vocabulary": [12, 36, 42]}, inputs=((None, "n"),), dtypes=("int32",), output=(None, "n"), params=0),
        Example(
            {"vocabulary": [12, 36, 42], "output_mode": "multi_hot"},
            inputs=((None, "n"),),
            dtypes=("int64",),
            output=(None, 4),
            params=0,
        ),
        Example(
            {"vocabulary": [12, 36, 42], "invert": True},
            inputs=((None, 3),),
            dtypes=("int64",),
            output=(None, 3),
            params=0,
        ),
        Example({"vocabulary": [12, 12]}, error="`vocabulary` has 12 twice"),
        Example({"vocabulary": [1], "oov_method": "hash"}, error="`oov_method` of IntegerLookup must be"),
        Example({}, inputs=((None, 3),), dtypes=("int32",), error="`vocabulary` is missing"),
    )

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.salt is not None and self.oov_method != "farmhash":
            raise refuse("`salt` needs `oov_method: farmhash`", None, ("salt",))
        _check(self)
        return self

    def build(self, b: Scope, inputs: Value) -> Value:
        """The places, encoded."""
        return _built(self, b, cast(inputs, "int64"))


class StringLookup(Layer):
    """Texts as their places in a vocabulary: a mask (if any) first, then other texts, then the vocabulary's own.

    Input (batch, …) of strings; output the same shape of int64 with `int`. `one_hot` gives (batch, …, places), the
    others drop axis 1 for a last axis of places, in int64, or float32 with `tf_idf`. With `invert` from integers to
    strings.
    """

    max_tokens: MaxTokens | None = Field(None, description=MAX_TOKENS)
    num_oov_indices: NonNegInt = Field(1, description=_NUM_OOV)
    mask_token: str | None = Field(None, description=_MASK)
    oov_token: str | None = Field("[UNK]", description=_OOV_TOKEN)
    vocabulary: Texts = Field(None, description=VOCABULARY)
    idf_weights: IdfWeights = Field(None, description=IDF_WEIGHTS)
    invert: bool = Field(False, description=_INVERT)
    output_mode: Mode = Field("int", description=OUTPUT_MODE)
    pad_to_max_tokens: bool = Field(False, description=PAD)
    sparse: OnlyFalse = Field(False, description=SPARSE)
    encoding: Encoding = Field("utf-8", description=ENCODING)
    salt: Salt = Field(None, description=SALT)
    oov_method: OovMethod = Field("floormod", description="Of no effect: texts are always hashed.")
    vocabulary_size: PosInt | None = Field(None, description=SIZE)

    autocast = False
    file_arguments = ("vocabulary",)
    examples = (
        Example({"vocabulary": ["a", "b"]}, inputs=((None, "n"),), dtypes=("string",), output=(None, "n"), params=0),
        Example(
            {"vocabulary": ["a", "b"], "output_mode": "one_hot", "num_oov_indices": 2},
            inputs=((None, 3),),
            dtypes=("string",),
            output=(None, 3, 4),
            params=0,
        ),
        Example(
            {"vocabulary": ["a", "b"], "invert": True},
            inputs=((None, 3),),
            dtypes=("int64",),
            output=(None, 3),
            params=0,
        ),
        Example({"vocabulary": ["a", "a"]}, error='`vocabulary` has "a" twice'),
        Example({"vocabulary": ["a"]}, inputs=((None, 3),), error="expected an input of strings, found float32"),
        Example({"vocabulary": ["a"], "pad_to_max_tokens": True}, error="`pad_to_max_tokens: true` needs `max_tokens`"),
    )

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        _check(self)
        return self

    def build(self, b: Scope, inputs: Value) -> Value:
        """The places, encoded."""
        if not self.invert:
            message = f"expected an input of strings, found {inputs.dtype}"
            b.require(inputs.dtype == "string", message, code=codes.WRONG_DTYPE)
            return _built(self, b, inputs)
        return _built(self, b, cast(inputs, "int64"))


def _check(layer: IntegerLookup | StringLookup) -> None:
    checked(_rules(layer), layer.vocabulary)
    if layer.invert and layer.oov_token is None:
        raise refuse("`invert: true` needs an `oov_token`", None, ("oov_token",))


def _rules(layer: IntegerLookup | StringLookup) -> Rules:
    return Rules(
        layer.output_mode,
        layer.max_tokens,
        layer.num_oov_indices,
        layer.mask_token,
        layer.oov_token,
        layer.invert,
        layer.pad_to_max_tokens,
        layer.idf_weights,
        layer.vocabulary_size,
    )


def _built(layer: IntegerLookup | StringLookup, b: Scope, x: Value) -> Value:
    rules = _rules(layer)
    table = arranged(b, rules, layer.vocabulary, str if isinstance(layer, StringLookup) else int)
    if layer.invert:
        return _tokens(rules, table, x, "string" if isinstance(layer, StringLookup) else "int64")
    places = Lookup(table.vocabulary(rules))(x)
    if rules.oov > 1:
        hashed = isinstance(layer, StringLookup) or layer.oov_method == "farmhash"
        other = Hash(rules.oov, layer.salt)(x) if hashed else binary("Mod", x, rules.oov)
        places = where(binary("Equal", places, ELSEWHERE), other + rules.first_oov, places)
    if rules.mode == "int":
        return places
    if table.idf_weights is None:
        return encoded(b, places, rules.mode, table.depth, "int64")
    return weighted(encoded(b, places, "count", table.depth, "int64"), table)


def _tokens(rules: Rules, table: Arranged, x: Value, dtype: str) -> Value:
    """The tokens at some places; the token of others stands once more behind all, for places that there are none of."""
    tokens = (*rules.specials, *table.tokens, rules.oov_token)
    beyond = len(tokens) - 1
    outside = (x < 0) | (x > beyond)
    return Gather()(constant(tokens, dtype), where(outside, beyond, x))
