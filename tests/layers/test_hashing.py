"""Hashes against numbers that TensorFlow 2.21's `strings.to_hash_bucket_fast` and `_strong` give."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.layers.alone import output, refusal

BUCKETS = 2**31 - 1
LETTERS = "abcdefghijklmnopqrstuvwxyz" * 9
FACTS = [
    ("", 1699943623, 1380786607),
    ("a", 493484721, 1322453157),
    ("abc", 1043552938, 1436537283),
    ("abcd", 2127136445, 298740832),
    ("abcdefg", 357369260, 679991452),
    ("abcdefgh", 245091680, 1680863114),
    ("abcdefghijklmnop", 533456409, 1655646054),
    ("abcdefghijklmnopq", 1773773112, 1650992243),
    (LETTERS[:32], 1068803816, 1782676626),
    (LETTERS[:33], 870471640, 1325071222),
    (LETTERS[:64], 1548766900, 924529827),
    (LETTERS[:65], 1089515341, 428996219),
    (LETTERS[:128], 1324147210, 669257685),
    (LETTERS[:129], 1371943044, 278820199),
    (LETTERS[:200], 870948906, 2130844626),
    ("Ünder 漢字", 816303811, 1452710361),
]


def texts(*written: str) -> Any:
    return np.array(written)


def buckets(name: str, arguments: dict[str, Any], *arrays: Any) -> list[Any]:
    found: list[Any] = output(name, arguments, *arrays, dtype="int64").tolist()
    return found


@pytest.mark.parametrize(
    ("text", "fast", "strong"), FACTS, ids=lambda value: f"{len(value)} letters" if isinstance(value, str) else ""
)
def test_texts_of_every_length_class(text: str, fast: int, strong: int) -> None:
    assert buckets("Hashing", {"num_bins": BUCKETS}, texts(text)) == [fast]
    assert buckets("Hashing", {"num_bins": BUCKETS, "salt": [133, 137]}, texts(text)) == [strong]


def test_one_number_of_salt_stands_for_both() -> None:
    x = texts("A", "B", "C")
    one, both = ({"num_bins": 1000, "salt": salt} for salt in (133, [133, 133]))
    assert buckets("Hashing", one, x) == buckets("Hashing", both, x)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=5))
def test_an_integer_is_hashed_as_its_digits(numbers: list[int]) -> None:
    digits = [str(number) for number in numbers]
    assert buckets("Hashing", {"num_bins": 997}, np.array(numbers)) == buckets(
        "Hashing", {"num_bins": 997}, texts(*digits)
    )


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=90), min_size=2, max_size=6))
def test_a_text_has_the_same_bucket_alone_and_among_others(words: list[str]) -> None:
    together = buckets("Hashing", {"num_bins": 997}, texts(*words))
    assert together == [buckets("Hashing", {"num_bins": 997}, texts(word))[0] for word in words]


def test_the_mask_has_bucket_0_for_itself() -> None:
    x = texts("A", "B", "", "C", "D")
    assert buckets("Hashing", {"num_bins": 3, "mask_value": ""}, x) == [1, 1, 0, 2, 2]
    assert buckets("Hashing", {"num_bins": 5, "mask_value": 3}, np.array([3, 4])) == [0, 4]


def test_other_modes_encode_the_buckets() -> None:
    x = texts("A", "B", "C", "D", "E")[None]  # buckets 1, 0, 1, 1, 2
    assert output("Hashing", {"num_bins": 3, "output_mode": "count"}, x).tolist() == [[1.0, 3.0, 1.0]]
    assert output("Hashing", {"num_bins": 3, "output_mode": "multi_hot"}, x).tolist() == [[1.0, 1.0, 1.0]]
    assert output("Hashing", {"num_bins": 3, "output_mode": "one_hot"}, x)[0].argmax(-1).tolist() == [1, 0, 1, 1, 2]


def test_crossing_joins_the_hashes_of_texts_and_the_integers_themselves() -> None:
    x, y = texts("A", "B", "A"), np.array([101, 101, -102])
    assert buckets("HashedCrossing", {"num_bins": 1000}, x, y) == [891, 754, 79]
    assert buckets("HashedCrossing", {"num_bins": 1000}, x[:, None], y[:, None]) == [[891], [754], [79]]


@pytest.mark.parametrize(
    ("name", "arguments", "part"),
    [
        ("Hashing", {"num_bins": 3, "salt": "x"}, "`salt` of Hashing must be an integer"),
        ("Hashing", {"num_bins": 3, "salt": -1}, "`salt` of Hashing must be an integer"),
        ("Hashing", {"num_bins": 3, "sparse": True}, "`sparse` of Hashing needs another `output_mode`"),
        ("HashedCrossing", {"num_bins": 3, "sparse": True}, "`sparse` of HashedCrossing must be false"),
        ("HashedCrossing", {"num_bins": 3, "output_mode": "count"}, "`output_mode` of HashedCrossing must be"),
    ],
)
def test_refusals(name: str, arguments: dict[str, Any], part: str) -> None:
    assert part in refusal(name, arguments)
