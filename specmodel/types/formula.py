"""Sizes as people read and write them: `seq`, `16*h`, `(seq - 1)//2 + 1`."""

import re

from specmodel.types.dim import Dim, symbol, unknowns
from specmodel.types.fault import Fault

MAX_TEXT = 4096  # characters, as many as a size's own text may have
MAX_DIGITS = 1000
MAX_DEPTH = 64  # parentheses inside each other

_AXIS = r"\?([A-Za-z0-9_][A-Za-z0-9_.-]*)\.([0-9]+)"
_TOKEN = r"\s*(?:[0-9]+|[A-Za-z_][A-Za-z0-9_]*|//|[-+*()])"


def shown(dim: Dim) -> int | str | None:
    """The size in JSON: a number, its formula, or None where it depends on an unknown size."""
    if isinstance(dim, int):
        return dim
    return None if unknowns(dim) else dim.text


def text(dim: Dim) -> str:
    """The size in a table: as `shown`, with `None` for what depends on an unknown size."""
    return str(shown(dim))


def described(dim: Dim) -> str:
    """The size in a sentence: a number, or its formula in backticks."""
    return str(dim) if isinstance(dim, int) else f"`{spelled(dim.text)}`"


def spelled(text: str) -> str:
    """A formula, or what it depends on, as sentences have it: a size without a name is that of an input's axis.

    `?image.1` is `image.shape[1]`.
    """
    return re.sub(_AXIS, r"\1.shape[\2]", text).replace("?", "") if "?" in text else text


def parse_dim(text: str) -> Dim:
    """Read a size: integers, names, `+ - * //` and parentheses; whatever `shown` prints is read back as the same size.

    Raises ValueError that says what was expected and what was found.
    """
    if len(text) > MAX_TEXT:
        raise ValueError(f"a size is written in at most {MAX_TEXT} characters, found {len(text)}")
    if text.strip() in ("None", "null"):
        raise ValueError(
            f"`{text.strip()}` is not a name for a size; a size that is not known is written as a bare null"
        )
    reader = _Reader(text)
    try:
        dim = reader.sum()
    except Fault as fault:
        raise ValueError(fault.message) from None
    if reader.token:
        raise reader.unexpected("an operator or the end")
    return dim


class _Reader:
    """Reads one size by recursive descent; `token` is the next piece of text, empty at the end."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.match = re.compile(_TOKEN).match  # compiled when the first formula is read, not at start-up
        self.end = 0
        self.depth = 0
        self.token = ""
        self.advance()

    def advance(self) -> str:
        """Step to the next token and give the one before it."""
        passed = self.token
        match = self.match(self.text, self.end)
        if match is None and self.text[self.end :].strip():
            self.token = self.text[self.end :].strip()[0]
            raise self.unexpected("a number, a name, an operator or a parenthesis")
        self.token = match[0].strip() if match is not None else ""
        self.end = match.end() if match is not None else len(self.text)
        return passed

    def sum(self) -> Dim:
        """`product + product - …`; a sign before the first belongs to its first factor, as in Python."""
        sign = -1 if self.token == "-" else 1
        if self.token == "-":
            self.advance()
        total = self.product(self.factor() * sign)
        while self.token in ("+", "-"):
            sign = 1 if self.advance() == "+" else -1
            total = total + self.product(self.factor()) * sign
        return total

    def product(self, value: Dim) -> Dim:
        """`value * factor // number * …`, from left to right."""
        while self.token in ("*", "//"):
            if self.advance() == "*":
                value = value * self.factor()
                continue
            divisor = self.factor()
            if not isinstance(divisor, int) or divisor < 1:
                raise ValueError(
                    f"`//` divides by a positive integer, found {described(divisor)} in `{self.excerpt()}`"
                )
            value = value // divisor
        return value

    def factor(self) -> Dim:
        """A number, a name, or a sum in parentheses."""
        if self.token.isdigit():
            if len(self.token) > MAX_DIGITS:
                raise ValueError(f"a number in a size has at most {MAX_DIGITS} digits, found {len(self.token)}")
            return int(self.advance())
        if self.token == "(":
            return self.parenthesis()
        if not self.token or self.token in "+-*//)":
            raise self.unexpected("a number, a name or `(`")
        return symbol(self.advance())

    def parenthesis(self) -> Dim:
        """A sum in parentheses."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ValueError(f"a size has at most {MAX_DEPTH} parentheses inside each other")
        self.advance()
        value = self.sum()
        if self.token != ")":
            raise self.unexpected("`)`")
        self.advance()
        self.depth -= 1
        return value

    def unexpected(self, expected: str) -> ValueError:
        """The error for a token that does not fit here."""
        found = f"`{self.token}`" if self.token else "the end"
        return ValueError(f"expected {expected}, found {found} in `{self.excerpt()}`")

    def excerpt(self) -> str:
        """The text, cut where it is long."""
        return self.text if len(self.text) <= 80 else f"{self.text[:77]}…"
