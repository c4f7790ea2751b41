"""TextVectorization: texts as numbers of their tokens."""

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from specmodel.diagnostics import codes
from specmodel.layers.base import Example, Layer
from specmodel.layers.encoding import encoded
from specmodel.layers.fields import PosInt
from specmodel.layers.scope import Scope
from specmodel.layers.validation import refuse, shown
from specmodel.layers.vocabulary import (
    ENCODING,
    IDF_WEIGHTS,
    MAX_TOKENS,
    OUTPUT_MODE,
    PAD,
    SIZE,
    SPARSE,
    VOCABULARY,
    Encoding,
    IdfWeights,
    MaxTokens,
    Mode,
    OnlyFalse,
    Rules,
    Texts,
    arranged,
    checked,
    weighted,
)
from specmodel.ops.elementwise import minimum
from specmodel.ops.shape import expand_dims, reshape
from specmodel.ops.text import CountTokens, Lookup, Splitting, Tokenize
from specmodel.ops.value import Value


def _ngrams(value: object) -> object:
    if value is None:
        return None
    widths = tuple(range(1, value + 1)) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(widths, list | tuple) or not widths:
        raise refuse(f"must be a positive integer, a list of them or null, found {shown(value)}")
    for width in widths:
        if not isinstance(width, int) or isinstance(width, bool) or not 0 < width <= 1000:
            raise refuse(f"must be a positive integer, a list of them or null, found {shown(width)}")
    return tuple(widths)


Ngrams = Annotated[tuple[int, ...] | None, BeforeValidator(_ngrams), "positive integer or list of them, or null"]


class TextVectorization(Layer):
    """Texts are cleaned and split, and each token becomes its place in a vocabulary: 0 padding, 1 others, then its own.

    Input (batch,) or (batch, 1) of strings, with `split: null` (batch, tokens). Output with `int` (batch,
    output_sequence_length), int64: cut or filled with 0. The other modes give (batch, places) without a place for
    padding, int64, or float32 with `tf_idf`. Letters are made small, and punctuation and white space known, of ASCII
    alone.
    """

    max_tokens: MaxTokens | None = Field(None, description=MAX_TOKENS)
    standardize: Literal["lower_and_strip_punctuation", "lower", "strip_punctuation"] | None = Field(
        "lower_and_strip_punctuation", description="How texts are cleaned; null leaves them as they are."
    )
    split: Literal["whitespace", "character"] | None = Field(
        "whitespace", description="Where a text is split; null: the last axis holds its tokens."
    )
    ngrams: Ngrams = Field(
        None, description="Neighbours joined by a space are tokens: all numbers of them up to this, or those listed."
    )
    output_mode: Mode = Field("int", description=OUTPUT_MODE)
    output_sequence_length: PosInt | None = Field(
        None,
        description="Size of the last axis with `output_mode: int`; required where texts are split, since the size "
        "would be known from the texts only.",
    )
    pad_to_max_tokens: bool = Field(False, description=PAD)
    vocabulary: Texts = Field(None, description=VOCABULARY)
    idf_weights: IdfWeights = Field(None, description=IDF_WEIGHTS)
    sparse: OnlyFalse = Field(False, description=SPARSE)
    ragged: OnlyFalse = Field(False, description="Whether rows have lengths of their own in TensorFlow; false.")
    encoding: Encoding = Field("utf-8", description=ENCODING)
    vocabulary_size: PosInt | None = Field(None, description=SIZE)

    autocast = False
    file_arguments = ("vocabulary",)
    examples = (
        Example(
            {"vocabulary": ["the", "cat"], "output_sequence_length": 4},
            inputs=((None,),),
            dtypes=("string",),
            output=(None, 4),
            params=0,
        ),
        Example(
            {"vocabulary": ["the", "cat"], "output_mode": "multi_hot", "ngrams": 2},
            inputs=((None, 1),),
            dtypes=("string",),
            output=(None, 3),
            params=0,
        ),
        Example(
            {"vocabulary": ["the", "cat"], "split": None},
            inputs=((None, "n"),),
            dtypes=("string",),
            output=(None, "n"),
            params=0,
        ),
        Example(
            {"vocabulary": ["the"]},
            inputs=((None,),),
            dtypes=("string",),
            error="`output_sequence_length` must be given",
        ),
        Example({"vocabulary": ["a"], "ragged": True}, error="`ragged` of TextVectorization must be false"),
        Example({"ngrams": "two"}, error="`ngrams` of TextVectorization must be"),
        Example(
            {"output_mode": "count", "output_sequence_length": 4},
            error="`output_sequence_length` needs `output_mode: int`",
        ),
        Example({"vocabulary": ["a"]}, inputs=((None,),), error="expected an input of strings, found float32"),
    )

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.output_mode != "int" and self.output_sequence_length is not None:
            message = f"`output_sequence_length` needs `output_mode: int`, found `{self.output_mode}`"
            raise refuse(message, None, ("output_sequence_length",))
        checked(self._rules(), self.vocabulary)
        return self

    def _rules(self) -> Rules:
        mode, size = self.output_mode, self.vocabulary_size
        return Rules(mode, self.max_tokens, 1, "", "[UNK]", False, self.pad_to_max_tokens, self.idf_weights, size)

    def build(self, b: Scope, inputs: Value) -> Value:
        """The places of the tokens, encoded."""
        message = f"expected an input of strings, found {inputs.dtype}"
        b.require(inputs.dtype == "string", message, code=codes.WRONG_DTYPE)
        rules = self._rules()
        table = arranged(b, rules, self.vocabulary, str)
        vocabulary = table.vocabulary(rules)
        x = self._texts(b, inputs)
        if rules.mode == "int":
            return Lookup(vocabulary)(self._tokens(b, x))
        if self.split is None:
            places = Lookup(vocabulary)(self._tokens(b, x))
            mode = "count" if rules.mode == "tf_idf" else rules.mode
            counts = encoded(b, places, mode, table.depth, "int64")
        else:
            message = f"with `output_mode: {rules.mode}` the input must be (batch,) or (batch, 1), found {inputs.type}"
            b.require(x.rank == 1, message, code=codes.WRONG_RANK)
            message = "`one_hot` of texts that are split has rows of different lengths"
            b.require(rules.mode != "one_hot", message, field="output_mode", help="use `multi_hot` or `count`")
            counts = CountTokens(self._splitting(), vocabulary, table.depth)(x)
            counts = minimum(counts, 1) if rules.mode == "multi_hot" else counts
        return weighted(counts, table) if rules.mode == "tf_idf" else counts

    def _splitting(self) -> Splitting:
        clean = self.standardize or ""
        return Splitting("lower" in clean, "strip" in clean, self.split, self.ngrams or ())

    def _texts(self, b: Scope, x: Value) -> Value:
        """The texts to split, without the axis of size 1 that they may stand in."""
        if self.split is None or x.rank == 1:
            return x
        message = f"the last axis of texts that are split must be 1, found {x.type}"
        help = "with `split: null` it holds the tokens of a text"
        b.assume.equal(x.shape[-1], 1, "texts are split one by one", message=message, help=help)
        return reshape(x, x.shape[:-1])

    def _tokens(self, b: Scope, x: Value) -> Value:
        """The tokens of each text along the last axis."""
        splitting, length = self._splitting(), self.output_sequence_length
        if self.split is None and self.ngrams is None and length is None:
            return reshape(Tokenize(splitting, 1)(expand_dims(x, -1)), x.shape)
        if length is None:
            message = (
                "`output_sequence_length` must be given: without it the output's size would be known from texts only"
            )
            b.require(self.split is None, message, code=codes.MISSING_ARGUMENT)
            size = b.known(x.shape[-1], "the number of tokens, the input's last axis,")
            length = sum(max(size - width + 1, 0) for width in self.ngrams or (1,))
            message = f"no `ngrams` can be made of {size} tokens"
            b.require(length > 0, message, field="ngrams")
        return Tokenize(splitting, length)(x)
