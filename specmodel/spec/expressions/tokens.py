"""An expression's text in words."""

import re
from typing import Literal

from specmodel.record import Record
from specmodel.spec.expressions.fault import unreadable

Kind = Literal["number", "text", "name", "sign", "end"]

LONGEST = 1_000
"""Characters of an expression."""
_TOKEN = re.compile(
    r"""\s*(?:(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)(?![\w.])
    |(?P<text>"(?:[^"\\]|\\["'\\nt])*"|'(?:[^'\\]|\\["'\\nt])*')
    |(?P<name>[^\W\d]\w*)
    |(?P<sign>\*\*|//|<=|>=|==|!=|[-+*/%()\[\],<>=]))""",
    re.VERBOSE | re.ASCII,
)
_ESCAPES = {"n": "\n", "t": "\t"}
_NO_PART = {
    ".": "expressions have no attributes: only the listed functions can be called",
    "{": "expressions have no mappings",
    "&": "write `and`",
    "|": "write `or`",
    "!": "write `not` or `!=`",
    "^": "write `**` for a power",
    ":": "expressions have no slices: `x[0]` is one element",
    '"': "a text ends with the quote it begins with",
    "'": "a text ends with the quote it begins with",
}


class Token(Record):
    """A word of an expression; `start` and `end` are offsets in the text."""

    kind: Kind
    text: str
    start: int
    end: int


def tokens_of(text: str, start: int) -> tuple[tuple[Token, ...], int | None]:
    """The words from `start` to the bracket that closes the expression, and the offset behind that bracket.

    The offset is None where nothing closes it; an `ExpressionFault` says what is no word.
    """
    found: list[Token] = []
    depth, offset = 0, start
    while True:
        match = _TOKEN.match(text, offset)
        if match is None:
            break
        kind: Kind = match.lastgroup  # type: ignore[assignment]  # the groups are the kinds
        token = Token(kind, match[kind], match.start(kind), match.end(kind))
        offset = match.end()
        if token.text == ")" and kind == "sign" and depth == 0:
            return (*found, Token("end", ")", token.start, token.end)), offset
        depth += (token.text in ("(", "[")) - (token.text in (")", "]")) if kind == "sign" else 0
        found.append(token)
        if offset - start > LONGEST:
            raise unreadable(f"an expression has at most {LONGEST:,} characters", start, offset)
    rest = len(text[offset:]) - len(text[offset:].lstrip())
    wrong = offset + rest
    if wrong >= len(text):
        return tuple(found), None
    if text[wrong].isdigit():
        end = wrong + len(re.match(r"[\w.]*", text[wrong:])[0])  # type: ignore[index]
        raise unreadable(f"`{text[wrong:end][:40]}` is no number", wrong, end)
    shown = text[wrong] if text[wrong].isprintable() else repr(text[wrong])[1:-1]
    raise unreadable(f"`{shown}` has no meaning in an expression", wrong, wrong + 1, _NO_PART.get(text[wrong]))


def unquoted(text: str) -> str:
    """What a quoted text stands for."""
    return re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[1]), text[1:-1])
