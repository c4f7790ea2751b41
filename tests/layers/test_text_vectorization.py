"""Texts become numbers of tokens: against a naive twin, and by hand."""

import re
import string
from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specmodel import layers
from specmodel.types.tensor import TensorType
from tests.layers.alone import output, refusal
from tests.layers.harness import graph_of

VOCABULARY = ["the", "cat", "a", "c", "the cat", "Ü", "cat the"]


def tokens(text: str, clean: str | None, split: str, ngrams: list[int] | None) -> list[str]:
    if clean in ("lower", "lower_and_strip_punctuation"):
        text = "".join(c.lower() if c.isascii() else c for c in text)
    if clean in ("strip_punctuation", "lower_and_strip_punctuation"):
        text = "".join(c for c in text if c not in string.punctuation)
    parts = [part for part in re.split(f"[{string.whitespace}]", text) if part] if split == "whitespace" else list(text)
    if ngrams is None:
        return parts
    return [" ".join(parts[i : i + n]) for n in ngrams for i in range(len(parts)) if i + n <= len(parts)]


PIECES = st.sampled_from([*"thecaT Ü!?.\t\u00a0", *VOCABULARY, *(f"{word} " for word in VOCABULARY)])
WRITTEN = st.lists(PIECES, max_size=9).map("".join)
CLEAN = st.sampled_from(["lower", "strip_punctuation", "lower_and_strip_punctuation", None])


@settings(max_examples=150, deadline=None)
@given(
    st.lists(WRITTEN, min_size=1, max_size=4),
    CLEAN,
    st.sampled_from(["whitespace", "character"]),
    st.sampled_from([None, 1, 2, 3, [2], [3, 1]]),
    st.integers(1, 7),
)
def test_the_first_places_and_the_counts(
    written: list[str], clean: str | None, split: str, ngrams: Any, length: int
) -> None:
    x = np.array(written)
    arguments = {"vocabulary": VOCABULARY, "standardize": clean, "split": split, "ngrams": ngrams}
    widths = list(range(1, ngrams + 1)) if isinstance(ngrams, int) else ngrams
    places = [
        [VOCABULARY.index(t) + 2 if t in VOCABULARY else 1 for t in tokens(text, clean, split, widths)]
        for text in written
    ]
    found = output("TextVectorization", {**arguments, "output_sequence_length": length}, x)
    assert found.tolist() == [(row + [0] * length)[:length] for row in places]
    counts = output("TextVectorization", {**arguments, "output_mode": "count"}, x[:, None])
    counters = [Counter(place - 1 for place in row) for row in places]
    assert counts.tolist() == [[counter[place] for place in range(len(VOCABULARY) + 1)] for counter in counters]


def test_without_splitting_the_last_axis_holds_the_tokens() -> None:
    x = np.array([["a", "b", "c"]])
    arguments = {"vocabulary": ["a", "b", "a b"], "split": None}
    assert output("TextVectorization", arguments, x).tolist() == [[2, 3, 1]]
    assert output("TextVectorization", {**arguments, "ngrams": 2}, x).tolist() == [[2, 3, 1, 4, 1]]
    assert output("TextVectorization", {**arguments, "output_sequence_length": 2}, x).tolist() == [[2, 3]]
    assert output("TextVectorization", {**arguments, "output_mode": "count"}, x).tolist() == [[1, 1, 1, 0]]


def test_idf_weights() -> None:
    arguments = {"vocabulary": ["a", "b", "a b"], "output_mode": "tf_idf", "idf_weights": [0.5, 0.25, 0.1]}
    found = output("TextVectorization", arguments, np.array(["A! b b", "z"]))
    np.testing.assert_allclose(found, [[0, 0.5, 0.5, 0], [0.85 / 3, 0, 0, 0]], rtol=1e-6)
    assert found.dtype == np.float32


def test_an_empty_text_is_padding_alone() -> None:
    arguments = {"vocabulary": ["a"], "output_sequence_length": 2}
    assert output("TextVectorization", arguments, np.array(["", " !"])).tolist() == [[0, 0], [0, 0]]


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        ({"ngrams": 0}, "`ngrams` of TextVectorization must be a positive integer"),
        ({"ngrams": [1, "x"]}, "`ngrams` of TextVectorization must be a positive integer"),
        ({"split": "words"}, "`split` of TextVectorization must be"),
        ({"standardize": "upper"}, "`standardize` of TextVectorization must be"),
        ({"encoding": "latin-1"}, "`encoding` of TextVectorization must be"),
        ({"ragged": True}, "`ragged` of TextVectorization must be false"),
        ({"output_mode": "count", "output_sequence_length": 2}, "`output_sequence_length` needs `output_mode: int`"),
    ],
)
def test_refused_arguments(arguments: dict[str, Any], part: str) -> None:
    assert part in refusal("TextVectorization", {"vocabulary": ["a"], **arguments})


@pytest.mark.parametrize(
    ("arguments", "shape", "part"),
    [
        ({}, (4,), "`output_sequence_length` must be given"),
        ({"output_sequence_length": 2}, (4, 3), "the last axis of texts that are split must be 1, found (4, 3)"),
        ({"output_mode": "count"}, (4, 3, 1), "the input must be (batch,) or (batch, 1)"),
        ({"output_mode": "one_hot"}, (4,), "has rows of different lengths"),
        ({"split": None, "ngrams": [4]}, (2, 3), "no `ngrams` can be made of 3 tokens"),
    ],
)
def test_refused_inputs(arguments: dict[str, Any], shape: tuple[int, ...], part: str) -> None:
    layer = layers.find("TextVectorization").declare({"vocabulary": ["a"], **arguments})  # type: ignore[union-attr]
    (found,) = graph_of(layer, [TensorType(shape, "string")])[1]
    assert part in found.message
