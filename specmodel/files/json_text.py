"""JSON from files that may be anything: bounded in size, depth and number of values, without a key twice."""

import json
import re
from typing import Any

from specmodel.diagnostics import codes
from specmodel.files.malformed import MalformedError, counted, shown

LARGEST = 32 << 20
DEEPEST = 256
MOST_VALUES = 2_000_000

_MARKS = re.compile(r'"(?:[^"\\]++|\\.)*+"|[\[\]{}]', re.DOTALL)
"""Texts and brackets; the quantifiers are possessive, so that a text without an end is not tried again and again."""


def parse_json(data: bytes, what: str) -> Any:
    """The value that JSON holds; MalformedError on `what` for any that is none, or is too much."""
    if len(data) > LARGEST:
        message = f"{what} has {counted(len(data), 'byte')}, and {LARGEST:,} is the limit"
        raise MalformedError(message, None, codes.TOO_LARGE)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise MalformedError(f"{what} is not UTF-8: byte {error.start + 1}") from None
    _refuse_too_much(text, what)
    try:
        return json.loads(
            text, object_pairs_hook=lambda pairs: _mapping(pairs, what), parse_int=lambda t: _integer(t, what)
        )
    except json.JSONDecodeError as error:
        reason = f"{error.msg[:1].lower()}{error.msg[1:]}"
        raise MalformedError(f"{what} is not JSON: line {error.lineno}, column {error.colno}: {reason}") from None


def _refuse_too_much(text: str, what: str) -> None:
    if text.count("[") + text.count("{") + text.count(",") > MOST_VALUES:
        raise MalformedError(f"{what} has more than {MOST_VALUES:,} values", None, codes.TOO_LARGE)
    depth = 0
    for mark in _MARKS.finditer(text):
        character = text[mark.start()]
        if character in "[{":
            depth += 1
            if depth > DEEPEST:
                raise MalformedError(f"{what} is nested more than {DEEPEST} levels deep", None, codes.TOO_LARGE)
        elif character in "]}":
            depth -= 1


def _mapping(pairs: list[tuple[str, Any]], what: str) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise MalformedError(f"{what} has the key {shown(twice)} twice in one object")
    return made


def _integer(text: str, what: str) -> int:
    if len(text) > 40:
        raise MalformedError(f"{what} has a number of {len(text)} digits")
    return int(text)
