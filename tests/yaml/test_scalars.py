"""Plain scalars have the meaning that YAML 1.2's core schema gives them."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from specmodel.yaml.scalars import Misread, resolve

VALUES = {
    "": None,
    "~": None,
    "null": None,
    "NULL": None,
    "true": True,
    "False": False,
    "0": 0,
    "-0": 0,
    "+12": 12,
    "0o10": 8,
    "0x1F": 31,
    "1e-3": 0.001,
    "1E3": 1000.0,
    "1.": 1.0,
    ".5": 0.5,
    "-.5e+1": -5.0,
    "01.5": 1.5,
    "0e0": 0.0,
    "-0.0": 0.0,
    ".inf": math.inf,
    "-.INF": -math.inf,
}
TEXTS = [
    "yes", "no", "on", "off", "y", "n", "Yes", "nULL", "tRue", "none", "None", "nan",
    "inf", "NaN", "Infinity", "1_000", "0b11", "12:30", "1:2:3", "2020-01-01", "0X1F", "0O7", "-0x1", "0o8",
    "0xg", "1e", "1e+", ".", "..", "-", "+", "--", "+-", "-.", "1.2.3", "1,000",
    ".e3", "e3", "5x", "1/2", "1.5f", "0x", "0o", "<<", "=", ".infinity", "٣", "¹",
    "1٣",
]  # fmt: skip


@pytest.mark.parametrize("text", VALUES)
def test_words_and_numbers(text: str) -> None:
    value = resolve(text)
    assert (type(value), value) == (type(VALUES[text]), VALUES[text])


def test_nan_is_a_value() -> None:
    value = resolve(".nan")
    assert isinstance(value, float)
    assert math.isnan(value)


@pytest.mark.parametrize("text", TEXTS)
def test_what_only_looks_like_something_is_text(text: str) -> None:
    assert resolve(text) == text


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("010", "E107"),
        ("08", "E107"),
        ("00", "E107"),
        ("-007", "E107"),
        ("1e309", "E105"),
        ("-1.0e+400", "E105"),
        ("2e-400", "E105"),
        ("1" * 65, "E105"),
        ("0x" + "0" * 64, "E105"),
        ("." + "0" * 5000, "E105"),
    ],
)
def test_numbers_that_are_refused(text: str, code: str) -> None:
    value = resolve(text)
    assert isinstance(value, Misread)
    assert value.code == code


@given(st.integers(-(10**60), 10**60) | st.floats(allow_nan=False, allow_infinity=False) | st.booleans() | st.none())
def test_scalars_of_json_mean_the_same(value: object) -> None:
    assert resolve(json.dumps(value)) == value


@given(st.text())
def test_any_text_has_an_answer(text: str) -> None:
    assert isinstance(resolve(text), str | int | float | bool | None | Misread)
