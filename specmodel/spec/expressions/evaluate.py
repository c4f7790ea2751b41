"""The value of an expression. Every part is visited at most once, so its length bounds the work."""

import operator
from collections.abc import Callable, Mapping
from typing import Any

from specmodel.diagnostics import codes, did_you_mean
from specmodel.layers.validation import shown
from specmodel.spec.expressions import tree
from specmodel.spec.expressions.bounds import OutOfBoundsError, check_bits, check_length, checked
from specmodel.spec.expressions.fault import ExpressionFault, UnsetFault
from specmodel.spec.expressions.functions import FUNCTIONS
from specmodel.spec.expressions.tree import Expression, Value

Names = Mapping[str, Value]

UNSET: Value = {}
"""The value of a param that has none, which is reported elsewhere."""

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
_COMPUTE: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
    "**": operator.pow,
}


def evaluate(expression: Expression, names: Names) -> Value:
    """The value of an expression; raises `ExpressionFault`."""
    result: Value = _RULES[type(expression)](expression, names)
    return result


def _constant(part: tree.Constant, names: Names) -> Value:
    return part.value


def _name(part: tree.Name, names: Names) -> Value:
    if part.name in names:
        value = names[part.name]
        if value is UNSET:
            raise UnsetFault("", part.start, part.end)
        return value
    raise unknown_name(part, names)


def unknown_name(part: tree.Name, names: Names) -> ExpressionFault:
    """The fault of a name that nothing has."""
    near = did_you_mean(part.name, names)
    if near is not None:
        help = f"did you mean `{near}`?"
    elif part.name in FUNCTIONS:
        help = f"`{part.name}` is a function: write `{part.name}(…)`"
    else:
        known = ", ".join(f"`{name}`" for name in sorted(names)[:12])
        help = f"known here: {known}" if known else 'declare it under `params:`, or put it in quotes: `"text"`'
    return ExpressionFault(f"there is no param `{part.name[:60]}`", part.start, part.end, help, codes.UNKNOWN_PARAM)


def _list(part: tree.ListOf, names: Names) -> Value:
    return _bounded(part, lambda: [evaluate(element, names) for element in part.elements])


def _sign(part: tree.Sign, names: Names) -> Value:
    value = evaluate(part.operand, names)
    if not isinstance(value, int | float):
        raise _wrong(part, f"`{part.sign}` takes a number, found {shown(value)}")
    return -value if part.sign == "-" else +value


def _not(part: tree.Not, names: Names) -> Value:
    return not evaluate(part.operand, names)


def _arithmetic(part: tree.Arithmetic, names: Names) -> Value:
    value = evaluate(part.first, names)
    for sign, operand in part.rest:
        value = _computed(part, operand.end, sign, value, evaluate(operand, names))
    return value


def _computed(part: Expression, end: int, sign: str, left: Value, right: Value) -> Value:
    """The value of two operands, of which the second ends at `end`."""
    numbers = isinstance(left, int | float) and isinstance(right, int | float)
    if not numbers and not _joins(sign, left, right):
        help = "numbers and text do not mix: `int(…)` and `float(…)` read a number in a text" if sign != "%" else None
        raise _wrong(part.replace(end=end), f"`{sign}` does not fit {shown(left)} and {shown(right)}", help)

    def compute() -> Value:
        if isinstance(left, int) and isinstance(right, int):
            _check_size(sign, left, right)
        elif sign == "*" and not numbers:
            return _repeated(left, right)
        elif isinstance(left, str | list) and isinstance(right, str | list):
            check_length(len(left) + len(right), "characters" if isinstance(left, str) else "values")
        result: Value = _COMPUTE[sign](left, right)
        if isinstance(result, complex):
            raise OutOfBoundsError("a root of a negative number is no number")
        return result

    return _bounded(part, compute, end)


def _joins(sign: str, left: Value, right: Value) -> bool:
    """Whether a sign has a meaning for texts and lists."""
    if sign == "+":
        return type(left) is type(right) and isinstance(left, str | list)
    counted = isinstance(left, str | list) and isinstance(right, int)
    return sign == "*" and (counted or (isinstance(left, int) and isinstance(right, str | list)))


def _repeated(left: Any, right: Any) -> Value:
    text, count = (left, right) if isinstance(left, str | list) else (right, left)
    check_length(len(text) * max(count, 0), "characters" if isinstance(text, str) else "values")
    result: Value = text * count
    return result


def _check_size(sign: str, left: int, right: int) -> None:
    if sign == "*":
        check_bits(left.bit_length() + right.bit_length() - 1)
    elif sign == "**" and right > 0 and abs(left) > 1:
        check_bits((abs(left).bit_length() - 1) * right)


def _comparison(part: tree.Comparison, names: Names) -> Value:
    left = evaluate(part.first, names)
    for sign, operand in part.rest:
        right = evaluate(operand, names)
        try:
            holds = _COMPARE[sign](left, right)
        except TypeError:
            message = f"`{sign}` cannot order {shown(left)} and {shown(right)}"
            raise _wrong(part.replace(end=operand.end), message) from None
        if not holds:
            return False
        left = right
    return True


def _logic(part: tree.Logic, names: Names) -> Value:
    value: Value = None
    for operand in part.operands:
        value = evaluate(operand, names)
        if bool(value) is (part.word == "or"):
            break
    return value


def _choice(part: tree.Choice, names: Names) -> Value:
    return evaluate(part.then if evaluate(part.condition, names) else part.otherwise, names)


def _indexed(part: tree.Indexed, names: Names) -> Value:
    value = evaluate(part.value, names)
    for written in part.indices:
        index = evaluate(written, names)
        if not isinstance(value, str | list):
            raise _wrong(part, f"only lists and texts have elements, found {shown(value)}")
        if not isinstance(index, int):
            raise _wrong(written, f"an index is an integer, found {shown(index)}")
        if not -len(value) <= index < len(value):
            length = len(value)
            help = f"indices run from 0 to {length - 1}; -1 is the last" if length else None
            raise _wrong(written, f"there is no element {shown(index)} in {shown(value)}", help)
        value = value[index]
    return value


def _call(part: tree.Call, names: Names) -> Value:
    function = FUNCTIONS[part.function]
    values = [evaluate(argument, names) for name, argument in part.arguments if name is None]
    named = {name: evaluate(argument, names) for name, argument in part.arguments if name is not None}
    unknown = next((name for name in named if name not in function.names), None)
    if unknown is not None:
        raise _wrong(part, f"`{part.function}` has no argument `{unknown[:60]}`")
    count = len(values) + len(named)
    if len(named) + sum(name is None for name, _ in part.arguments) != len(part.arguments) or (
        named and len(values) != function.least
    ):
        raise _wrong(part, f"`{part.function}` gets an argument twice, or lacks one")
    if count < function.least or (function.most is not None and count > function.most):
        wanted = str(function.least) if function.most == function.least else f"at least {function.least}"
        wanted = f"{function.least} to {function.most}" if function.most not in (None, function.least) else wanted
        raise _wrong(part, f"`{part.function}` takes {wanted} value{'' if wanted == '1' else 's'}, found {count}")
    try:
        return _bounded(part, lambda: function.apply(*values, **named))
    except (TypeError, AttributeError):
        found = ", ".join(shown(value) for value in values)
        raise _wrong(part, f"`{part.function}` does not take {found}") from None


def _bounded(part: Expression, compute: Callable[[], Value], end: int | None = None) -> Value:
    """What is computed; a fault where it cannot be, of the part up to `end`."""
    try:
        return checked(compute())
    except OutOfBoundsError as error:
        message = str(error)
    except ZeroDivisionError:
        message = "division by zero"
    except OverflowError:
        message = "the result is larger than any float (1.8e308)"
    except ValueError as error:
        said = str(error) if str(error).startswith(("`n`", "digits")) else "it has no value there"
        message = f"`{part.function}`: {said}" if isinstance(part, tree.Call) else "there is no result"
    raise _wrong(part if end is None else part.replace(end=end), message)


def _wrong(part: Expression, message: str, help: str | None = None) -> ExpressionFault:
    return ExpressionFault(message, part.start, part.end, help)


_RULES: dict[type[Expression], Callable[[Any, Names], Value]] = {
    tree.Constant: _constant,
    tree.Name: _name,
    tree.ListOf: _list,
    tree.Sign: _sign,
    tree.Not: _not,
    tree.Arithmetic: _arithmetic,
    tree.Comparison: _comparison,
    tree.Logic: _logic,
    tree.Choice: _choice,
    tree.Indexed: _indexed,
    tree.Call: _call,
}
