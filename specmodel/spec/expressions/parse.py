"""From words to an expression: a parser by precedence, as deep as `DEEPEST`."""

from collections.abc import Sequence
from functools import lru_cache

from specmodel.diagnostics import did_you_mean
from specmodel.record import Record
from specmodel.spec.expressions.fault import unreadable
from specmodel.spec.expressions.functions import FUNCTIONS
from specmodel.spec.expressions.tokens import Token, tokens_of, unquoted
from specmodel.spec.expressions.tree import (
    Arithmetic,
    Call,
    Choice,
    Comparison,
    Constant,
    Expression,
    Indexed,
    ListOf,
    Logic,
    Name,
    Not,
    Sign,
    Value,
)

DEEPEST = 32
"""Levels of nesting."""
WORDS = frozenset(("true", "false", "null", "and", "or", "not", "if", "else"))
"""What cannot be the name of a param."""
_CONSTANTS: dict[str, Value] = {"true": True, "false": False, "null": None}
_PYTHONIC = {"True": "true", "False": "false", "None": "null"}
_COMPARISONS = frozenset(("<", "<=", ">", ">=", "==", "!="))
_STRENGTHS = (("+", "-"), ("*", "/", "//", "%"))


class Parsed(Record):
    """An expression, and the offset behind the bracket that closes it; None for one that nothing closes."""

    expression: Expression | None
    end: int | None


@lru_cache(4096)
def parse(text: str, start: int = 0) -> Parsed:
    """The expression that begins at `start`, behind `$(`; raises `ExpressionFault`."""
    tokens, end = tokens_of(text, start)
    if end is None:
        return Parsed(None, None)
    return Parsed(_Parser(tokens).whole(), end)


class _Parser:
    """The words, and how many have been read."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    def whole(self) -> Expression:
        found = self._any()
        token = self._next
        if token.kind != "end":
            raise unreadable(f"expected a sign such as `+`, found `{token.text}`", token.start, token.end)
        return found

    @property
    def _next(self) -> Token:
        return self._tokens[self._at]

    def _take(self) -> Token:
        token = self._next
        self._at += 1
        return token

    def _is(self, *texts: str) -> bool:
        return self._next.kind in ("sign", "name") and self._next.text in texts

    def _expect(self, text: str, what: str) -> Token:
        if not self._is(text):
            token = self._next
            found = "the end" if token.kind == "end" else f"`{token.text}`"
            raise unreadable(f"expected {what}, found {found}", token.start, token.end)
        return self._take()

    def _any(self) -> Expression:
        """`a if condition else b`, or what is stronger."""
        self._depth += 1
        if self._depth > DEEPEST:
            raise unreadable(f"nested more than {DEEPEST} levels deep", self._next.start, self._next.end)
        found = self._logic("or")
        if self._is("if"):
            self._take()
            condition = self._logic("or")
            self._expect("else", "`else`")
            otherwise = self._any()
            found = Choice(found.start, otherwise.end, condition, found, otherwise)
        self._depth -= 1
        return found

    def _logic(self, word: str) -> Expression:
        operand = self._negation if word == "and" else lambda: self._logic("and")
        operands = [operand()]
        while self._is(word):
            self._take()
            operands.append(operand())
        return Logic(operands[0].start, operands[-1].end, word, tuple(operands)) if operands[1:] else operands[0]

    def _negation(self) -> Expression:
        nots = []
        while self._is("not"):
            nots.append(self._take().start)
        found = self._comparison()
        if not nots:
            return found
        # `not not a` is a boolean, as `not a` is
        inner = Not(nots[-1], found.end, found)
        return inner if len(nots) % 2 else Not(nots[0], found.end, inner)

    def _comparison(self) -> Expression:
        first, rest = self._arithmetic(0), []
        while self._next.kind == "sign" and self._next.text in _COMPARISONS:
            rest.append((self._take().text, self._arithmetic(0)))
        return Comparison(first.start, rest[-1][1].end, first, tuple(rest)) if rest else first

    def _arithmetic(self, strength: int) -> Expression:
        if strength == len(_STRENGTHS):
            return self._signed()
        first, rest = self._arithmetic(strength + 1), []
        while self._next.kind == "sign" and self._next.text in _STRENGTHS[strength]:
            rest.append((self._take().text, self._arithmetic(strength + 1)))
        return Arithmetic(first.start, rest[-1][1].end, first, tuple(rest)) if rest else first

    def _signed(self) -> Expression:
        """`-a ** b` is `-(a ** b)`, and `a ** -b` is read, as in Python."""
        if not self._is("-", "+"):
            return self._power()
        self._depth += 1
        if self._depth > DEEPEST:
            raise unreadable(f"nested more than {DEEPEST} levels deep", self._next.start, self._next.end)
        sign = self._take()
        operand = self._signed()
        self._depth -= 1
        return Sign(sign.start, operand.end, sign.text, operand)

    def _power(self) -> Expression:
        base = self._indexed()
        if not self._is("**"):
            return base
        self._depth += 1
        if self._depth > DEEPEST:
            raise unreadable(f"nested more than {DEEPEST} levels deep", self._next.start, self._next.end)
        self._take()
        exponent = self._signed()
        self._depth -= 1
        return Arithmetic(base.start, exponent.end, base, (("**", exponent),))

    def _indexed(self) -> Expression:
        value, indices, end = self._atom(), list[Expression](), 0
        while self._is("["):
            self._take()
            indices.append(self._any())
            end = self._expect("]", "`]`").end
        return Indexed(value.start, end, value, tuple(indices)) if indices else value

    def _atom(self) -> Expression:
        token = self._take()
        if token.kind == "number":
            return Constant(token.start, token.end, _number(token))
        if token.kind == "text":
            return Constant(token.start, token.end, unquoted(token.text))
        if token.text == "(":
            found = self._any()
            end = self._expect(")", "`)`").end
            return found.replace(start=token.start, end=end)
        if token.text == "[":
            elements, end = self._several("]", named=False)
            return ListOf(token.start, end, tuple(element for _, element in elements))
        if token.kind == "name" and token.text in _CONSTANTS:
            return Constant(token.start, token.end, _CONSTANTS[token.text])
        if token.kind == "name" and token.text not in WORDS:
            return self._named(token)
        self._at -= 1
        found_text = "the end" if token.kind == "end" else f"`{token.text}`"
        help = "write the text `$$(` for a plain `$(`" if token.kind == "end" and self._at == 0 else None
        raise unreadable(f"expected a value, found {found_text}", token.start, token.end, help)

    def _named(self, token: Token) -> Expression:
        if not self._is("("):
            if token.text in _PYTHONIC:
                help = f"write `{_PYTHONIC[token.text]}`, as in YAML"
                raise unreadable(f"`{token.text}` has no meaning in an expression", token.start, token.end, help)
            return Name(token.start, token.end, token.text)
        if token.text not in FUNCTIONS:
            near = did_you_mean(token.text, FUNCTIONS)
            help = f"did you mean `{near}`?" if near else f"the functions are {', '.join(FUNCTIONS)}"
            raise unreadable(f"there is no function `{token.text[:60]}`", token.start, token.end, help)
        self._take()
        arguments, end = self._several(")", named=True)
        return Call(token.start, end, token.text, tuple(arguments))

    def _several(self, closing: str, named: bool) -> tuple[list[tuple[str | None, Expression]], int]:
        """What stands in brackets, and the offset behind them; a comma may stand behind the last."""
        found: list[tuple[str | None, Expression]] = []
        while not self._is(closing):
            name = None
            if named and self._next.kind == "name" and self._tokens[self._at + 1].text == "=":
                name = self._take().text
                self._take()
            found.append((name, self._any()))
            if not self._is(","):
                break
            self._take()
        return found, self._expect(closing, f"`,` or `{closing}`").end


def _number(token: Token) -> Value:
    text = token.text
    if text.isdigit():
        if len(text) > 1 and text[0] == "0":
            raise unreadable(f"`{text[:40]}` has two readings: leave out the zero in front", token.start, token.end)
        return int(text)
    value = float(text)
    if value == float("inf"):
        raise unreadable(f"`{text[:40]}` is larger than any float (1.8e308)", token.start, token.end)
    return value
