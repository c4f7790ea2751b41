"""A cursor over the literals of file headers: Python's in .npy, JSON in .safetensors.

Both are read by what they must be, one token after the other, so that neither depth nor calls nor size can be abused.
"""

import re

from specmodel.files.malformed import MalformedError, shown

_LONGEST_NUMBER = 20


class Cursor:
    """Walks the tokens of a text. What is not as expected is a `MalformedError` that says where."""

    def __init__(self, text: str, token: re.Pattern[str]) -> None:
        """`token` has one group and skips the space before it."""
        self._text = text
        self._token = token
        self._end = 0
        self._start = 0
        self.next = ""
        self.take()

    def take(self) -> str:
        """The next token; "" is the end, and also what cannot be read: `expected` shows it."""
        taken = self.next
        found = self._token.match(self._text, self._end)
        if found is not None:
            self._start, self._end = found.span(1)
            self.next = found[1]
        else:
            self._start = len(self._text) - len(self._text[self._end :].lstrip(" \t\r\n"))
            self._end = self._start
            self.next = ""
        return taken

    def accept(self, mark: str) -> bool:
        """Whether the mark comes next; if so it is taken."""
        if self.next != mark:
            return False
        self.take()
        return True

    def expect(self, mark: str) -> None:
        """Take a mark that must come next."""
        if not self.accept(mark):
            raise self.expected(f"`{mark}`")

    def expect_end(self) -> None:
        """Nothing but space may follow."""
        if self._start < len(self._text):
            raise self.expected("its end")

    def rest(self) -> str:
        """The text from the next token on, for messages."""
        return self._text[self._start : self._start + 80]

    def quoted(self, what: str) -> str:
        """Take a text in quotes; it is returned with them."""
        if self.next[:1] not in ("'", '"'):
            raise self.expected(what)
        return self.take()

    def whole(self, what: str) -> int:
        """Take a whole number from 0 up."""
        digits = self.next
        if digits.startswith("-"):
            raise MalformedError(f"its header has {shown(digits)} where {what} is expected: it is below zero")
        if not digits[:1].isdecimal():
            raise self.expected(what)
        if len(digits) > _LONGEST_NUMBER:
            raise MalformedError(f"its header has a number of {len(digits)} digits where {what} is expected")
        return int(self.take())

    def expected(self, what: str) -> MalformedError:
        """The error for what comes next."""
        found = shown(self.rest(), 20) if self._start < len(self._text) else "its end"
        return MalformedError(f"its header is malformed at character {self._start + 1}: expected {what}, found {found}")
