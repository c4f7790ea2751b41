"""Patterns of ops: what a value was made of, and what of."""

from typing import Any, TypeAlias

from specmodel.convert.onnx.fusions.reading import Reading
from specmodel.ops.elementwise import Binary, Clip, Unary
from specmodel.ops.reduce import Reduce
from specmodel.ops.source import Constant
from specmodel.ops.value import Op, Value
from specmodel.record import Record


class Leaf(Record):
    """Any value; that of one name is the same throughout a pattern."""

    name: str


class Number(Record):
    """A constant without axes: of this value, or of any, which gets a name."""

    value: float | None = None
    name: str = ""


class Made(Record):
    """A value made by an op of this kind with these attributes, of these inputs; `name` keeps the op."""

    kind: type[Op]
    inputs: "tuple[Pattern, ...]"
    attributes: tuple[tuple[str, object], ...] = ()
    name: str = ""


Pattern: TypeAlias = Leaf | Number | Made
Written: TypeAlias = "Pattern | float | str"
"""A pattern, or a number, or the name of a leaf."""


class Match:
    """What a pattern was found to stand for: leaves, numbers and ops by name, and the values `inside`."""

    def __init__(self) -> None:
        self.values: dict[str, Value] = {}
        self.numbers: dict[str, Any] = {}
        self.ops: dict[str, Op] = {}
        self.inside: set[Value] = set()


def unary(function: str, x: Written) -> Made:
    """A function of one number."""
    return Made(Unary, (_pattern(x),), (("function", function),))


def binary(function: str, a: Written, b: Written) -> Made:
    """A function of two numbers, in this order."""
    return Made(Binary, (_pattern(a), _pattern(b)), (("function", function),))


def clip(x: Written, low: float, high: float) -> Made:
    """A limited number."""
    return Made(Clip, (_pattern(x),), (("low", low), ("high", high)))


def mean(x: Written) -> Made:
    """The mean along axes that stay; the op is kept as `mean`."""
    return Made(Reduce, (_pattern(x),), (("function", "Mean"), ("keepdims", True)), "mean")


def match(reading: Reading, pattern: Pattern, value: Value) -> Match | None:
    """What the pattern stands for, if the value is made so."""
    found = Match()
    if not _matches(reading, pattern, value, found):
        return None
    found.inside.discard(value)
    return found


def _pattern(written: Written) -> Pattern:
    if isinstance(written, str):
        return Leaf(written)
    return Number(float(written)) if isinstance(written, int | float) else written


def _matches(reading: Reading, pattern: Pattern, value: Value, found: Match) -> bool:
    if isinstance(pattern, Leaf):
        return found.values.setdefault(pattern.name, value) is value
    if isinstance(pattern, Number):
        return _is_number(pattern, value, found)
    maker = reading.maker(value, pattern.kind)
    if maker is None or any(getattr(maker.op, name) != wanted for name, wanted in pattern.attributes):
        return False
    if pattern.name and found.ops.setdefault(pattern.name, maker.op) != maker.op:
        return False
    found.inside.add(value)
    return all(_matches(reading, inner, read, found) for inner, read in zip(pattern.inputs, maker.inputs, strict=True))


def _is_number(pattern: Number, value: Value, found: Match) -> bool:
    op = value.call.op
    if not isinstance(op, Constant) or not isinstance(op.value, int | float):
        return False
    if pattern.value is not None and op.value != pattern.value:
        return False
    return not pattern.name or found.numbers.setdefault(pattern.name, float(op.value)) == op.value
