"""How large the values of expressions may be; checked before they are computed."""

from collections.abc import Iterator

from specmodel.spec.expressions.tree import Value

BITS = 4_096
"""Bits of an integer."""
LENGTH = 10_000
"""Characters of a text, or values in a list, those in inner lists included."""

DEEPEST = 32
"""Levels of lists in lists."""


class OutOfBoundsError(Exception):
    """A value is too large, or is none; the message says why."""


def checked(value: Value) -> Value:
    """The value; `OutOfBoundsError` where it is too large, no number, or infinite."""
    if isinstance(value, float) and not (-1.8e308 < value < 1.8e308):
        raise OutOfBoundsError("the result is infinite" if value == value else "the result is no number")
    if isinstance(value, int):
        check_bits(value.bit_length())
    elif isinstance(value, str):
        check_length(len(value), "characters")
    elif isinstance(value, list):
        for count, _ in enumerate(_inside(value)):
            check_length(count, "values")
    return value


def check_bits(bits: int) -> None:
    """`OutOfBoundsError` for an integer of more bits than are allowed."""
    if bits > BITS:
        raise OutOfBoundsError(f"the result has more than {BITS:,} bits")


def check_length(length: int, what: str) -> None:
    """`OutOfBoundsError` for a text or a list that is too long."""
    if length > LENGTH:
        raise OutOfBoundsError(f"the result has more than {LENGTH:,} {what}")


def _inside(value: list[Value], depth: int = 1) -> Iterator[Value]:
    if depth > DEEPEST:
        raise OutOfBoundsError(f"the result is nested more than {DEEPEST} levels deep")
    for element in value:
        yield element
        if isinstance(element, list):
            yield from _inside(element, depth + 1)
