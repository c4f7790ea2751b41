"""Texts are Python's, in arrays of objects: each is looked at once, in a loop; numbers are done at once."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np

from specmodel.diagnostics.codes import DATA_VALUE
from specmodel.kernels import Array, Bound, Scratch
from specmodel.kernels.hashing import fingerprint, hashes, joined, siphash
from specmodel.ops import text as ops
from specmodel.types.fault import Fault

CROSSING_SEED = 0xDECAFCAFFE  # what TensorFlow's `sparse.cross_hashed` starts with
_SMALL = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
_PUNCTUATION = str.maketrans("", "", "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
_WORDS = re.compile(r"[^ \t\n\v\f\r]+")

Finder = Callable[[Sequence[ops.Token]], "list[int]"]


def hash(op: ops.Hash, inputs: Sequence[Array], outputs: Sequence[Array], scratch: Scratch) -> Iterator[Bound]:
    """The remainder of each hash."""
    yield partial(_hash, inputs[0], outputs[0], fingerprint if op.key is None else siphash(op.key), op.buckets)


def _hash(x: Array, out: Array, function: Callable[[Array], Array], buckets: int) -> None:
    np.copyto(out, (hashes(_as_bytes(x), function) % np.uint64(buckets)).reshape(x.shape), casting="unsafe")


def _as_bytes(x: Array) -> list[bytes]:
    """Texts as UTF-8, integers as their digits, truth values as words."""
    if x.dtype.kind == "b":
        return [b"true" if one else b"false" for one in x.ravel().tolist()]
    if x.dtype.kind != "O":
        found: list[bytes] = x.ravel().astype("S21").tolist()
        return found
    return [one.encode("utf-8", "surrogatepass") for one in x.ravel().tolist()]


def cross_hash(
    op: ops.CrossHash, inputs: Sequence[Array], outputs: Sequence[Array], scratch: Scratch
) -> Iterator[Bound]:
    """The features joined one after the other, integers as they are, texts by their fingerprints."""
    yield partial(_cross, tuple(inputs), outputs[0], op.buckets)


def _cross(inputs: Sequence[Array], out: Array, buckets: int) -> None:
    found = np.full(out.size, CROSSING_SEED, np.uint64)
    for x in inputs:
        words = hashes(_as_bytes(x), fingerprint) if x.dtype.kind == "O" else x.ravel().astype(np.uint64)
        found = joined(found, words)
    np.copyto(out, (found % np.uint64(buckets)).reshape(out.shape), casting="unsafe")


def lookup(op: ops.Lookup, inputs: Sequence[Array], outputs: Sequence[Array], scratch: Scratch) -> Iterator[Bound]:
    """Texts by a dict, integers by bisection in the sorted vocabulary."""
    (x,), (out,) = inputs, outputs
    yield (
        partial(_look_up, x, out, finder(op.vocabulary))
        if x.dtype.kind == "O"
        else partial(_bisect, x, out, op.vocabulary, *_sorted(op.vocabulary))
    )


def _look_up(x: Array, out: Array, find: Finder) -> None:
    np.copyto(out, np.array(find(x.ravel().tolist()), np.int64).reshape(x.shape))


def finder(vocabulary: ops.Vocabulary) -> Finder:
    """A function from tokens to places; it raises `Fault` for a token that has none."""
    places: dict[ops.Token, int] = {token: vocabulary.start + n for n, token in enumerate(vocabulary.tokens)}
    if vocabulary.mask is not None:
        places[vocabulary.mask] = vocabulary.masked
    missing = vocabulary.missing

    def find(tokens: Sequence[ops.Token]) -> list[int]:
        if missing is not None:
            return [places.get(token, missing) for token in tokens]
        for token in tokens:
            if token not in places:
                raise _no_place(token)
        return [places[token] for token in tokens]

    return find


def _no_place(token: ops.Token) -> Fault:
    shown = f'"{token[:60]}"' if isinstance(token, str) else str(token)
    message = f"the value {shown} is not in the vocabulary, and `num_oov_indices` is 0"
    return Fault(DATA_VALUE, message, help="with `num_oov_indices: 1` other values have a place of their own")


def _sorted(vocabulary: ops.Vocabulary) -> tuple[Array, Array]:
    """The tokens in ascending order, the mask among them, and their places."""
    places = {token: vocabulary.start + number for number, token in enumerate(vocabulary.tokens)}
    if vocabulary.mask is not None:
        places[vocabulary.mask] = vocabulary.masked
    ordered = sorted(places.items())
    return np.array([token for token, _ in ordered], np.int64), np.array([place for _, place in ordered], np.int64)


def _bisect(x: Array, out: Array, vocabulary: ops.Vocabulary, tokens: Array, places: Array) -> None:
    at = np.searchsorted(tokens, x)
    at[at == len(tokens)] = 0
    known = tokens[at] == x
    if vocabulary.missing is None and not known.all():
        raise _no_place(int(x[~known][0]))
    np.copyto(out, np.where(known, places[at], vocabulary.missing or 0))


def tokenize(op: ops.Tokenize, inputs: Sequence[Array], outputs: Sequence[Array], scratch: Scratch) -> Iterator[Bound]:
    """The tokens of one text after the other."""
    yield partial(_tokenize, inputs[0], outputs[0].reshape(-1, op.length), op)


def _tokenize(x: Array, out: Array, op: ops.Tokenize) -> None:
    out.fill("")
    for row, tokens in zip(out, _tokens(x, op.splitting), strict=True):
        kept = tokens[: op.length]
        row[: len(kept)] = kept


def _tokens(x: Array, splitting: ops.Splitting) -> Iterator[list[str]]:
    """The tokens of each text."""
    rows: Iterator[list[str]]
    if splitting.split is None:
        rows = ([_standard(one, splitting) for one in row] for row in x.reshape(-1, x.shape[-1]).tolist())
    else:
        split = _WORDS.findall if splitting.split == "whitespace" else list
        rows = (split(_standard(one, splitting)) for one in x.ravel().tolist())
    return (_grams(row, splitting.ngrams) for row in rows) if splitting.ngrams else rows


def _standard(text: str, splitting: ops.Splitting) -> str:
    if splitting.lower:
        text = text.translate(_SMALL)
    return text.translate(_PUNCTUATION) if splitting.strip else text


def _grams(tokens: list[str], widths: Sequence[int]) -> list[str]:
    return [" ".join(tokens[at : at + width]) for width in widths for at in range(len(tokens) - width + 1)]


def count_tokens(
    op: ops.CountTokens, inputs: Sequence[Array], outputs: Sequence[Array], scratch: Scratch
) -> Iterator[Bound]:
    """A counter for each text."""
    yield partial(_count_tokens, inputs[0], outputs[0].reshape(-1, op.size), op, finder(op.vocabulary))


def _count_tokens(x: Array, out: Array, op: ops.CountTokens, find: Finder) -> None:
    out.fill(0)
    for row, tokens in zip(out, _tokens(x, op.splitting), strict=True):
        for place, times in Counter(find(tokens)).items():
            if place != ops.DROPPED:
                row[place] = times
