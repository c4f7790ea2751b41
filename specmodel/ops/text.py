"""Texts become numbers: hashes, places in a vocabulary, tokens."""

from collections.abc import Sequence
from typing import Literal

from specmodel.ops.value import Op
from specmodel.record import Record
from specmodel.types.assume import Assume
from specmodel.types.dim import Dim
from specmodel.types.tensor import TensorType

Token = str | int
Key = tuple[int, int]
DROPPED = -1
"""The number of what counts for nothing."""


class _OfText(Op):
    takes_text = True

    def flops(self, inputs: Sequence[TensorType], outputs: Sequence[TensorType]) -> Dim:
        """None: no arithmetic of floating-point numbers."""
        return 0

    def keeps_rows(self, inputs: Sequence[TensorType], outputs: Sequence[TensorType], rows: Sequence[bool]) -> bool:
        """Where all inputs have rows: each element stands for itself."""
        return all(rows)


class Hash(_OfText):
    """The bucket of each text, from 0 to `buckets - 1`; an integer is hashed as the text of its digits.

    FarmHash's 64-bit fingerprint modulo `buckets`, or SipHash-2-4 under a secret `key` of two 64-bit integers.
    """

    buckets: int
    key: Key | None = None

    def infer(self, assume: Assume, *inputs: TensorType) -> tuple[TensorType, ...]:
        """int64 of the same shape."""
        return (TensorType(inputs[0].shape, "int64"),)


class CrossHash(_OfText):
    """One bucket for the texts or integers that stand at the same place of all inputs, which have one shape."""

    buckets: int

    def infer(self, assume: Assume, *inputs: TensorType) -> tuple[TensorType, ...]:
        """int64 of the same shape."""
        shape = inputs[0].shape
        for other in inputs[1:]:
            shape = tuple(
                assume.equal(one, two, "features that are crossed have one shape")
                for one, two in zip(shape, other.shape, strict=True)
            )
        return (TensorType(shape, "int64"),)


class Vocabulary(Record):
    """Where tokens stand: the first of `tokens` at `start`, all others at `missing`, or nowhere if that is None.

    `mask` is a token more, which stands at `masked`.
    """

    tokens: tuple[Token, ...]
    start: int
    missing: int | None
    mask: Token | None = None
    masked: int = 0


class Lookup(_OfText):
    """The place of each text, or integer, in a vocabulary; one that has none is an error of the data."""

    vocabulary: Vocabulary

    def infer(self, assume: Assume, *inputs: TensorType) -> tuple[TensorType, ...]:
        """int64 of the same shape."""
        return (TensorType(inputs[0].shape, "int64"),)


class Splitting(Record):
    """How a text becomes tokens: case and punctuation first, then it is split, then neighbours are joined.

    Of ASCII alone letters are made small, and punctuation and white space known. With `split` None the last axis of the
    input holds the tokens of a text. Each of `ngrams` is a number of neighbours that make a token, joined by a space.
    """

    lower: bool
    strip: bool
    split: Literal["whitespace", "character"] | None
    ngrams: tuple[int, ...]

    def texts(self, x: TensorType) -> tuple[Dim, ...]:
        """The shape of the texts."""
        return x.shape if self.split is not None else x.shape[:-1]


class _OfTokens(_OfText):
    splitting: Splitting

    def keeps_rows(self, inputs: Sequence[TensorType], outputs: Sequence[TensorType], rows: Sequence[bool]) -> bool:
        """Unless the rows are the tokens."""
        return len(self.splitting.texts(inputs[0])) > 0


class Tokenize(_OfTokens):
    """The first `length` tokens of each text along a new last axis, empty texts behind the last one."""

    length: int

    def infer(self, assume: Assume, *inputs: TensorType) -> tuple[TensorType, ...]:
        """(…, length) texts."""
        return (TensorType((*self.splitting.texts(inputs[0]), self.length), "string"),)


class CountTokens(_OfTokens):
    """How often each of the `size` places of a vocabulary occurs among the tokens of a text."""

    vocabulary: Vocabulary
    size: int

    def infer(self, assume: Assume, *inputs: TensorType) -> tuple[TensorType, ...]:
        """(…, size) of int64."""
        return (TensorType((*self.splitting.texts(inputs[0]), self.size), "int64"),)
