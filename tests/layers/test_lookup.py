"""Look-ups in vocabularies against a dictionary, and against what Keras' documentation states."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specmodel.types.fault import Fault
from tests.layers.alone import output, refusal

WORDS = ["a", "b", "cat", "Ünder", "", "x y", "[UNK]"]


def twin(vocabulary: list[Any], oov: int, mask: Any, mode: str, x: Any) -> Any:
    """A token at a time; several other tokens than the vocabulary's are not told apart."""
    first = oov + (mask is not None and mode == "int")
    places = {token: first + number for number, token in enumerate(vocabulary)}
    other = int(mask is not None and mode == "int")
    found = [[None if t == mask and mode != "int" else 0 if t == mask else places.get(t, other) for t in r] for r in x]
    if mode == "int":
        return np.array(found)
    counts = np.zeros((len(found), first + len(vocabulary)), int)
    for row, numbers in zip(counts, found, strict=True):
        for number in numbers:
            if number is not None:
                row[number] += 1
    return counts if mode == "count" else np.minimum(counts, 1)


@st.composite
def uses(draw: st.DrawFn) -> tuple[str, list[Any], Any, str, Any]:
    text = draw(st.booleans())
    pool: list[Any] = [word for word in WORDS if word != "[UNK]"] if text else [-7, 0, 3, 5, 12, 10**12]
    vocabulary = draw(st.lists(st.sampled_from(pool), min_size=1, max_size=5, unique=True))
    mask = draw(st.sampled_from([None, *(token for token in pool if token not in vocabulary)]))
    mode = draw(st.sampled_from(["int", "multi_hot", "count"]))
    width = draw(st.integers(1, 5))
    rows = draw(st.lists(st.lists(st.sampled_from(pool), min_size=width, max_size=width), min_size=1, max_size=4))
    return "StringLookup" if text else "IntegerLookup", vocabulary, mask, mode, np.array(rows)


@settings(max_examples=120, deadline=None)
@given(uses())
def test_a_look_up_is_that_of_a_dictionary(use: tuple[str, list[Any], Any, str, Any]) -> None:
    name, vocabulary, mask, mode, x = use
    arguments = {"vocabulary": vocabulary, "mask_token": mask, "output_mode": mode}
    found = output(name, arguments, x)
    assert found.dtype == np.int64
    np.testing.assert_array_equal(found, twin(vocabulary, 1, mask, mode, x.tolist()))


def test_several_other_places_are_told_apart_by_remainder_or_hash() -> None:
    integers = {"vocabulary": [5, 6], "num_oov_indices": 3}
    assert output("IntegerLookup", integers, np.array([-1, -2, -3, 5, 7])).tolist() == [2, 1, 0, 3, 1]
    hashed = {"vocabulary": [10, 20, 30], "num_oov_indices": 4, "oov_method": "farmhash"}
    x = np.array([100, 300, 700, 1100, 1700, 2000])
    assert output("IntegerLookup", hashed, x).tolist() == [3, 3, 2, 2, 0, 1]
    words = {"vocabulary": ["a", "b", "c"], "num_oov_indices": 3}
    x = np.array(["a", "z", "foo", "bar"])
    assert output("StringLookup", words, x).tolist() == [3, 1, 0, 0]
    assert output("StringLookup", {**words, "salt": [1, 2]}, x).tolist() == [3, 2, 0, 2]


def test_a_masked_token_is_no_other_token() -> None:
    arguments = {"vocabulary": ["a"], "mask_token": "", "num_oov_indices": 2, "output_mode": "count"}
    assert output("StringLookup", arguments, np.array([["", "", "a"]])).tolist() == [[0, 0, 1]]


def test_without_other_places_other_tokens_are_errors_of_the_data() -> None:
    for name, vocabulary, other in (("StringLookup", ["a"], "z"), ("IntegerLookup", [1], 9)):
        with pytest.raises(Fault, match="is not in the vocabulary, and `num_oov_indices` is 0"):
            output(name, {"vocabulary": vocabulary, "num_oov_indices": 0}, np.array([*vocabulary, other]))


def test_a_vocabulary_may_begin_with_the_special_tokens() -> None:
    x = np.array(["", "b", "z"])
    plain, whole = ({"vocabulary": words, "mask_token": ""} for words in (["a", "b"], ["", "[UNK]", "a", "b"]))
    assert output("StringLookup", plain, x).tolist() == output("StringLookup", whole, x).tolist() == [0, 3, 1]


def test_idf_weights_weigh_counts_and_other_tokens_by_the_mean() -> None:
    vocabulary, weights = [12, 36, 1138, 42], [0.25, 0.75, 0.6, 0.4]
    x = np.array([[12, 1138, 42, 42], [42, 7, 36, 7]])
    arguments: dict[str, Any] = {"output_mode": "tf_idf", "vocabulary": vocabulary, "idf_weights": weights}
    found = output("IntegerLookup", arguments, x)
    np.testing.assert_allclose(found, [[0, 0.25, 0, 0.6, 0.8], [1.0, 0, 0.75, 0, 0.4]], rtol=1e-6)
    arguments |= {
        "vocabulary": [-1, *vocabulary],
        "idf_weights": [0.9, *weights],
        "max_tokens": 7,
        "pad_to_max_tokens": True,
    }
    found = output("IntegerLookup", arguments, x)
    np.testing.assert_allclose(found, [[0, 0.25, 0, 0.6, 0.8, 0, 0], [1.8, 0, 0.75, 0, 0.4, 0, 0]], rtol=1e-6)


def test_inverted_places_become_tokens() -> None:
    words = {"vocabulary": ["a", "bc"], "invert": True, "mask_token": "", "num_oov_indices": 2}
    assert output("StringLookup", words, np.array([0, 1, 2, 3, 4, 9, -1])).tolist() == [
        "",
        *["[UNK]"] * 2,
        "a",
        "bc",
        *["[UNK]"] * 2,
    ]
    integers = {"vocabulary": [5, 6], "invert": True}
    assert output("IntegerLookup", integers, np.array([0, 1, 2, 3])).tolist() == [-1, 5, 6, -1]


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        ({"vocabulary": ["a", "b", "a"]}, '`vocabulary` has "a" twice'),
        ({"vocabulary": []}, "`vocabulary` has no tokens"),
        ({"vocabulary": ["a", 1]}, "`vocabulary[1]` of StringLookup must be text, found 1"),
        ({"vocabulary": 7}, "`vocabulary` of StringLookup must be a list of text or the path of a file, found 7"),
        ({"vocabulary": ["a", ""], "mask_token": ""}, '`vocabulary` has "", the `mask_token`, at place 1'),
        ({"vocabulary": ["a", "[UNK]"], "invert": True}, '`vocabulary` has "[UNK]", the `oov_token`, at place 1'),
        ({"vocabulary": ["a", "b"], "max_tokens": 2}, "takes 3 places with the special ones, and `max_tokens` is 2"),
        ({"vocabulary": ["a"], "max_tokens": 1}, "`max_tokens` of StringLookup must be greater than 1, found 1"),
        ({"vocabulary": ["a"], "num_oov_indices": -1}, "`num_oov_indices` of StringLookup must be at least 0"),
        ({"vocabulary": ["a"], "output_mode": "tf_idf"}, "`output_mode: tf_idf` needs `idf_weights`"),
        ({"vocabulary": ["a"], "idf_weights": [1.0]}, "`idf_weights` need `output_mode: tf_idf`, found `int`"),
        (
            {"vocabulary": ["a"], "output_mode": "tf_idf", "idf_weights": [1.0, 2.0]},
            "`idf_weights` must have a weight for each of the 1 tokens, found 2",
        ),
        (
            {"vocabulary": ["a"], "invert": True, "output_mode": "count"},
            "with `invert: true`, `output_mode` must be `int`",
        ),
        ({"vocabulary": ["a"], "invert": True, "oov_token": None}, "`invert: true` needs an `oov_token`"),
        ({"vocabulary": ["a"], "sparse": True}, "`sparse` of StringLookup must be false"),
        (
            {"vocabulary": ["a"], "output_mode": "count", "vocabulary_size": 5},
            "`vocabulary_size` is 5, and the vocabulary has 2",
        ),
    ],
)
def test_refusals(arguments: dict[str, Any], part: str) -> None:
    assert part in refusal("StringLookup", arguments)


def test_a_vocabulary_is_needed_and_salt_needs_a_hash() -> None:
    assert "`vocabulary` is missing: finding one takes data" in refusal("IntegerLookup", {}, 3)
    assert refusal("IntegerLookup", {"vocabulary": [1], "salt": 5}) == "`salt` needs `oov_method: farmhash`"
