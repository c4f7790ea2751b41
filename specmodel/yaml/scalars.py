"""What a plain scalar means: the core schema of YAML 1.2, without its surprises."""

import re
from math import isinf

from specmodel.diagnostics import codes
from specmodel.record import Record

Scalar = str | int | float | bool | None
NUMBER_LENGTH = 64

_WORDS: dict[str, Scalar] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
    **{sign + word: float(sign + "inf") for sign in ("", "+", "-") for word in (".inf", ".Inf", ".INF")},
}
_NUMBER_STARTS = frozenset("0123456789+-.")
_INTEGER = re.compile(r"[-+]?[0-9]+")
_OTHER_BASE = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]+")


class Misread(Record):
    """Why a plain scalar has no value."""

    code: str
    message: str
    help: str


def resolve(text: str) -> Scalar | Misread:
    """The value of an unquoted scalar; whatever is no null, boolean or number is text.

    `1_000`, `0b11`, `12:30`, `2020-01-01`, `yes` and `off` are text. `010` is a mistake, since YAML 1.1 and 1.2 read
    it differently; so is a number that a float cannot hold.
    """
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _NUMBER_STARTS or not _is_number(text):
        return text
    if len(text) > NUMBER_LENGTH:
        message = f"a number of {len(text):,} characters; at most {NUMBER_LENGTH} are read"
        return Misread(codes.LIMIT, message, "round it, or put it in quotes if it is text")
    if _LEADING_ZERO.fullmatch(text):
        return _leading_zero(text)
    if _INTEGER.fullmatch(text):
        return int(text)
    if _OTHER_BASE.fullmatch(text):
        return int(text, 0)
    return _float(text)


def _is_number(text: str) -> bool:
    return _FLOAT.fullmatch(text) is not None or _OTHER_BASE.fullmatch(text) is not None


def _float(text: str) -> float | Misread:
    value = float(text)
    if isinf(value):
        return Misread(codes.LIMIT, f"`{text}` is larger than any float (1.8e308)", "write `.inf` if infinity is meant")
    if value == 0.0 and any(digit in "123456789" for digit in re.split("[eE]", text)[0]):
        return Misread(codes.LIMIT, f"`{text}` is smaller than any float but 0", "write `0.0` if zero is meant")
    return value


def _leading_zero(text: str) -> Misread:
    decimal = int(text)
    octal = int(text, 8) if "8" not in text and "9" not in text else None
    message = f"`{text}` has two readings: {decimal} in YAML 1.2, {'text' if octal is None else octal} in YAML 1.1"
    if octal == decimal:
        message = f"`{text}` has two readings: the number {decimal}, or text of digits"
    numbers = f"`{decimal}`" if octal is None or octal == decimal else f"`{decimal}` or `{octal}`"
    return Misread(codes.AMBIGUOUS_SCALAR, message, f'write {numbers} for the number, `"{text}"` for the text')
