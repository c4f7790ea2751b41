"""The vocabularies of layers that look tokens up: what stands where, and what Keras refuses of them."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from specmodel.diagnostics import codes
from specmodel.layers.fields import Real
from specmodel.layers.scope import Scope
from specmodel.layers.validation import refuse, shown
from specmodel.ops.elementwise import cast
from specmodel.ops.source import constant
from specmodel.ops.text import DROPPED, Token, Vocabulary
from specmodel.ops.value import Value
from specmodel.record import Record
from specmodel.types.fault import Fault

ELSEWHERE = -2
"""The number of a token that has no place until it is hashed."""
OLD_MODES = {"binary": "multi_hot", "tf-idf": "tf_idf"}
"""Keras' older names of output modes."""

Mode = Annotated[
    Literal["int", "one_hot", "multi_hot", "count", "tf_idf"],
    BeforeValidator(lambda value: OLD_MODES.get(value, value) if isinstance(value, str) else value),
]
MaxTokens = Annotated[int, Field(gt=1, le=2**31 - 1), "integer from 2"]
Int64 = Annotated[int, Field(ge=-(2**63), lt=2**63), "integer"]


def _terms(kind: type, word: str) -> BeforeValidator:
    def parse(value: object) -> object:
        value = value.tolist() if hasattr(value, "tolist") else value
        if value is None or isinstance(value, str):
            return value
        if not isinstance(value, list | tuple):
            raise refuse(f"must be a list of {word} or the path of a file, found {shown(value)}")
        for number, term in enumerate(value):
            if not isinstance(term, kind) or isinstance(term, bool):
                raise refuse(f"must be {word}, found {shown(term)}", _quote(term, kind), (number,))
        return tuple(value)

    return BeforeValidator(parse)


def _quote(term: object, kind: type) -> str | None:
    return "put it in quotes" if kind is str and isinstance(term, bool | int | float | None) else None


Texts = Annotated[str | tuple[str, ...] | None, _terms(str, "text"), "list of texts, or the path of a file"]
Integers = Annotated[str | tuple[Int64, ...] | None, _terms(int, "integers"), "list of integers, or the path of a file"]


def _weights(value: object) -> object:
    value = value.tolist() if hasattr(value, "tolist") else value
    return tuple(value) if isinstance(value, list) else value


IdfWeights = Annotated[tuple[Real, ...] | None, BeforeValidator(_weights), "list of numbers or null"]


def _salt(value: object) -> object:
    if value is None:
        return None
    pair = (value, value) if isinstance(value, int) else tuple(value) if isinstance(value, list | tuple) else ()
    whole = [isinstance(one, int) and not isinstance(one, bool) and 0 <= one < 2**64 for one in pair]
    if whole != [True, True]:
        raise refuse(f"must be an integer from 0 to 2^64 - 1 or a list of two, found {shown(value)}")
    return pair


Salt = Annotated[tuple[int, int] | None, BeforeValidator(_salt), "integer or 2 of them, or null"]
Encoding = Annotated[
    Literal["utf-8"], BeforeValidator(lambda value: value.lower() if isinstance(value, str) else value)
]


def _only_false(value: object) -> object:
    if value is True:
        raise refuse("must be false: results are dense arrays here")
    return value


OnlyFalse = Annotated[bool, BeforeValidator(_only_false), "false"]
"""An argument that asks for what only TensorFlow has."""

MAX_TOKENS = "Most places there may be, special ones included; the size of a padded output."
VOCABULARY = (
    "The tokens in order, a list or a text file with one a line, beside the spec; required. A list may begin with the "
    "special tokens."
)
IDF_WEIGHTS = "A weight for each token of the vocabulary; with `output_mode: tf_idf` alone."
OUTPUT_MODE = (
    "`int`: the places; `one_hot`: a vector for each token; `multi_hot`: ones for all that occur in a sample; `count`: "
    "how often they do; `tf_idf`: that times `idf_weights`."
)
PAD = "Whether vectors have the size `max_tokens`, however few tokens there are."
SPARSE = "Whether Keras stores the result sparsely; false."
ENCODING = "How texts are stored; utf-8."
SIZE = "As Keras writes it into configs: must be the number of places."
SALT = "Two secret 64-bit integers (one stands for both): texts are then hashed by SipHash instead of FarmHash."


class Rules(Record):
    """The arguments that say where tokens stand. `oov` is how many places there are for tokens without one."""

    mode: str
    max_tokens: int | None
    oov: int
    mask: Token | None
    oov_token: Token | None
    invert: bool
    pad: bool
    idf_weights: tuple[float, ...] | None
    size: int | None

    @property
    def first_oov(self) -> int:
        """The first place for other tokens: the mask stands in front of it where places are the output."""
        return 1 if self.mask is not None and self.mode == "int" else 0

    @property
    def first(self) -> int:
        """The place of the vocabulary's first token."""
        return self.first_oov + self.oov

    @property
    def specials(self) -> tuple[Token | None, ...]:
        """What stands before the vocabulary's first token."""
        return (self.mask,) * self.first_oov + (self.oov_token,) * self.oov

    def check(self) -> None:
        """Raise `Fault` for arguments that do not go together."""
        if self.pad and self.max_tokens is None:
            raise _fault("pad_to_max_tokens", "`pad_to_max_tokens: true` needs `max_tokens`")
        if self.invert and self.mode != "int":
            raise _fault("output_mode", f"with `invert: true`, `output_mode` must be `int`, found `{self.mode}`")
        if self.idf_weights is not None and self.mode != "tf_idf":
            raise _fault("idf_weights", f"`idf_weights` need `output_mode: tf_idf`, found `{self.mode}`")

    def arranged(self, given: tuple[Token, ...], from_file: bool) -> "Arranged":
        """The places of the tokens of a vocabulary; raises `Fault`."""
        has_specials = not from_file and given[: self.first] == self.specials
        tokens = given[self.first :] if has_specials else given
        self._check_tokens(tokens, from_file)
        size = self.first + len(tokens)
        if self.max_tokens is not None and size > self.max_tokens:
            message = f"the vocabulary takes {size} places with the special ones, and `max_tokens` is {self.max_tokens}"
            raise _fault("vocabulary", message)
        if self.size is not None and self.size != size and self.mode != "int":
            raise _fault("vocabulary_size", f"`vocabulary_size` is {self.size}, and the vocabulary has {size} places")
        depth = self.max_tokens if self.pad and self.max_tokens is not None else size
        return Arranged(tokens, depth, self._idf(given, has_specials, depth, from_file))

    def _check_tokens(self, tokens: tuple[Token, ...], from_file: bool) -> None:
        if not tokens:
            raise _fault("vocabulary", "`vocabulary` has no tokens")
        if len(set(tokens)) < len(tokens):
            seen: set[Token] = set()
            twice = next(token for token in tokens if token in seen or seen.add(token))  # type: ignore[func-returns-value]
            raise _fault("vocabulary", f"`vocabulary` has {quoted(twice)} twice")
        for name, special, matters in (
            ("mask_token", self.mask, not from_file),
            ("oov_token", self.oov_token, self.invert and not from_file),
        ):
            if matters and special is not None and special in tokens:
                whole = ", ".join("null" if one is None else quoted(one) for one in self.specials)
                help = "leave the special tokens out" + (f", or put all of them in front: {whole}" if whole else "")
                message = f"`vocabulary` has {quoted(special)}, the `{name}`, at place {tokens.index(special)}"
                raise _fault("vocabulary", message, help)

    def _idf(
        self, given: tuple[Token, ...], has_specials: bool, depth: int, from_file: bool
    ) -> tuple[float, ...] | None:
        """A weight for each place: the mean of all for special ones that have none, 0 for padding."""
        if self.mode != "tf_idf":
            return None
        if from_file:
            message = "with `output_mode: tf_idf` the vocabulary must be a list, as in Keras"
            raise _fault("vocabulary", message)
        weights = self.idf_weights
        if weights is None:
            raise _fault("idf_weights", "`output_mode: tf_idf` needs `idf_weights`")
        if len(weights) != len(given):
            message = f"`idf_weights` must have a weight for each of the {len(given)} tokens, found {len(weights)}"
            raise _fault("idf_weights", message)
        front = () if has_specials else (sum(weights) / len(weights),) * self.first
        return (*front, *weights, *(0.0,) * (depth - len(front) - len(weights)))


class Arranged(Record):
    """A vocabulary in its places: the tokens behind the special ones, the size of vectors, and the idf weights."""

    tokens: tuple[Token, ...]
    depth: int
    idf_weights: tuple[float, ...] | None

    def vocabulary(self, rules: Rules) -> Vocabulary:
        """What a look-up needs. Several places for other tokens are told apart afterwards: these have none."""
        missing = None if rules.oov == 0 else rules.first_oov if rules.oov == 1 else ELSEWHERE
        return Vocabulary(self.tokens, rules.first, missing, rules.mask, 0 if rules.mode == "int" else DROPPED)


def checked(rules: Rules, vocabulary: str | tuple[Token, ...] | None) -> None:
    """What can be told without reading a file; raises pydantic's error."""
    try:
        rules.check()
        if vocabulary is not None and not isinstance(vocabulary, str):
            rules.arranged(vocabulary, from_file=False)
    except Fault as fault:
        raise refuse(fault.message, fault.help, (fault.field or "vocabulary",), fault.code) from None


def arranged(b: Scope, rules: Rules, vocabulary: str | tuple[Token, ...] | None, kind: type[Token]) -> Arranged:
    """A layer's vocabulary, from its argument or the file that it names."""
    if vocabulary is None:
        help = "run `adapt` in Keras and write what `get_vocabulary()` returns"
        message = "`vocabulary` is missing: finding one takes data, which is training"
        raise Fault(codes.MISSING_ARGUMENT, message, help=help)
    if not isinstance(vocabulary, str):
        return rules.arranged(vocabulary, from_file=False)
    lines = b.file(vocabulary, "vocabulary").replace("\r", "").split("\n")
    if lines[-1] == "":
        lines.pop()
    if lines and lines[0].startswith("\ufeff"):
        raise _fault("vocabulary", f"the file `{vocabulary}` begins with a byte order mark", "save it without one")
    tokens = (
        tuple(lines) if kind is str else tuple(_integer(line, number, vocabulary) for number, line in enumerate(lines))
    )
    return rules.arranged(tokens, from_file=True)


def _integer(line: str, number: int, file: str) -> int:
    digits = line.strip().removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) < 20 and -(2**63) <= int(line) < 2**63):
        raise _fault("vocabulary", f"line {number + 1} of the file `{file}` must be an integer, found {shown(line)}")
    return int(line)


def quoted(token: Token) -> str:
    """A token as messages show it."""
    return f'"{token[:40]}"' if isinstance(token, str) else str(token)


def _fault(field: str, message: str, help: str | None = None) -> Fault:
    return Fault(codes.BAD_ARGUMENT, message, field=field, help=help)


def weighted(counts: Value, table: Arranged) -> Value:
    """Counts, each times the idf weight of its place."""
    assert table.idf_weights is not None
    return cast(counts, "float32") * constant(table.idf_weights, "float32")
