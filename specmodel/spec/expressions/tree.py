"""The parts of an expression; each knows the stretch of the text it was read from."""

from collections.abc import Iterator

from specmodel.record import Record

Value = bool | int | float | str | list["Value"] | dict[str, "Value"] | None
"""What an expression can be: what YAML can hold. A mapping can only be passed on."""


class Expression(Record):
    """Base of the parts; `start` and `end` are offsets in the text."""

    start: int
    end: int


class Constant(Expression):
    """A number, a text, `true`, `false` or `null`."""

    value: Value


class Name(Expression):
    """A param, a counter or a row's key."""

    name: str


class ListOf(Expression):
    """`[a, b]`."""

    elements: tuple[Expression, ...]


class Sign(Expression):
    """`-a`, `+a`."""

    sign: str
    operand: Expression


class Not(Expression):
    """`not a`."""

    operand: Expression


class Arithmetic(Expression):
    """`a + b - c`: signs of one strength, from left to right."""

    first: Expression
    rest: tuple[tuple[str, Expression], ...]


class Comparison(Expression):
    """`a < b <= c`: each neighbour with the next, as in Python."""

    first: Expression
    rest: tuple[tuple[str, Expression], ...]


class Logic(Expression):
    """`a and b and c`, `a or b`: the operand that decides."""

    word: str
    operands: tuple[Expression, ...]


class Choice(Expression):
    """`a if condition else b`."""

    condition: Expression
    then: Expression
    otherwise: Expression


class Indexed(Expression):
    """`a[0][1]`."""

    value: Expression
    indices: tuple[Expression, ...]


class Call(Expression):
    """`max(a, b)`; an argument may have a name."""

    function: str
    arguments: tuple[tuple[str | None, Expression], ...]


def names_in(part: object) -> Iterator[Name]:
    """The names that an expression reads, in order."""
    if isinstance(part, Name):
        yield part
    elif isinstance(part, tuple):
        for inner in part:
            yield from names_in(inner)
    elif isinstance(part, Expression):
        for field in part._fields[2:]:
            yield from names_in(getattr(part, field))
