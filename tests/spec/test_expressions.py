"""Expressions: what they are worth, what is refused, and that nothing else ever happens."""

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from specmodel.spec.expressions.fault import ExpressionFault
from specmodel.spec.expressions.substitute import computed

NAMES = {"a": 1, "b": 2, "width": 0.75, "flag": True, "text": "same", "sizes": [2, 3, 4], "nothing": None}

SAME_AS_PYTHON = [
    *(
        "1 + 2 * 3",
        "(1 + 2) * 3",
        "-2 ** 2",
        "2 ** -1",
        "2 ** 3 ** 2",
        "7 // 2",
        "-7 // 2",
        "-7 % 3",
        "7 / 2",
        "1 - 2 - 3",
    ),
    *(
        "1 < 2 < 3",
        "1 < 2 > 3",
        "a == 1 and b == 2",
        "0 or 'x'",
        "not a",
        "not not a",
        "not a == 2",
        "a if b > 5 else b",
    ),
    *(
        "1 if 0 else 2 if 0 else 3",
        "[1, 2, 3][1]",
        "sizes[-1]",
        "[[1, 2], [3]][0][1]",
        "'ab' + 'c'",
        "'ab' * 3",
        "[0] * 3",
    ),
    *(
        "min(3, 1, 2)",
        "max([3, 1, 2])",
        "abs(-3)",
        "round(2.5)",
        "round(3.5)",
        "round(2.567, 2)",
        "int('12')",
        "int(-2.7)",
    ),
    *(
        "float('1.5')",
        "len(sizes)",
        "len('abc')",
        "floor(-2.5)",
        "ceil(2.1)",
        "sqrt(9)",
        "log2(8)",
        "1e3",
        ".5",
        "2.",
        "+a",
    ),
    *("sizes[a] * width", "text == 'same'", "flag and width > 0.5", "int(flag)", "[a, b,]", "10 ** 20"),
]
WORTH = [
    ("$(round_to(32 * 0.25))", 8),
    ("$(round_to(20))", 24),
    ("$(round_to(4))", 8),
    ("$(round_to(3, n=4))", 4),
    ("$(round_to(10, 16))", 16),
    ("$(round_to(33.4))", 32),
    ("$(8 / 2)", 4),
    ("$(nothing)", None),
    ("block$(a)_$(b)", "block1_2"),
    ("$(flag)!", "true!"),
    ("x$(nothing)", "xnull"),
    ("$$(a)", "$(a)"),
    ("a $$(b) $(b)", "a $(b) 2"),
    ("no expression", "no expression"),
]
REFUSED = [
    ("$(1 / 0)", "division by zero", "1 / 0"),
    ("$(5 % 0)", "division by zero", "5 % 0"),
    ("$(2 ** 10 ** 9)", "4,096 bits", "2 ** 10 ** 9"),
    ("$(10 ** 900 * 10 ** 900)", "4,096 bits", "10 ** 900 * 10 ** 900"),
    ("$('a' * 100000)", "10,000 characters", "'a' * 100000"),
    ("$([1] * 10 ** 6)", "10,000 values", "[1] * 10 ** 6"),
    ("$((-8) ** 0.5)", "negative", "(-8) ** 0.5"),
    ("$(sqrt(-1))", "no value", "sqrt(-1)"),
    ("$(float('nan'))", "no number", "float('nan')"),
    ("$(1e308 * 10)", "infinite", "1e308 * 10"),
    ("$('%d' % 3)", "does not fit", "'%d' % 3"),
    ("$(1 + 'a')", "does not fit", "1 + 'a'"),
    ("$(a < text)", "cannot order", "a < text"),
    ("$(widht)", "no param `widht`", "widht"),
    ("$(sizes[3])", "no element 3", "3"),
    ("$(sizes['a'])", "an index is an integer", "'a'"),
    ("$(a[0])", "only lists and texts", "a[0]"),
    ("$(a.real)", "`.` has no meaning", "."),
    ("$(open('x'))", "no function `open`", "open"),
    ("$(min)", "no param `min`", "min"),
    ("$(True)", "`True` has no meaning", "True"),
    ("$(010)", "two readings", "010"),
    ("$(0x10)", "no number", "0x10"),
    ("$(1 2)", "expected a sign", "2"),
    ("$()", "expected a value", ")"),
    ("$(a", "no closing", "$(a"),
    ("$(min(a", "no closing", "$(min(a"),
    ("$(round(1, 10 ** 9))", "digits", "round(1, 10 ** 9)"),
    ("$(round_to(1, n=0))", "positive integer", "round_to(1, n=0)"),
    ("$(max())", "at least 1", "max()"),
    ("x$(sizes)", "only a single value", "$(sizes)"),
    ("$(" + "(" * 40 + "1" + ")" * 40 + ")", "32 levels", "("),
    ("$(" + "-" * 400 + "1)", "32 levels", "-"),
    ("$(" + "1 + " * 300 + "1)", "1,000 characters", None),
]


@pytest.mark.parametrize("text", SAME_AS_PYTHON)
def test_an_expression_is_worth_what_it_is_in_python(text: str) -> None:
    functions = {"floor": math.floor, "ceil": math.ceil, "sqrt": math.sqrt, "log2": math.log2}
    assert computed(f"$({text})", NAMES) == eval(text, {**functions, **NAMES})


@pytest.mark.parametrize(("text", "value"), WORTH)
def test_a_scalar_is_worth(text: str, value: object) -> None:
    found = computed(text, NAMES)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(("text", "message", "part"), REFUSED)
def test_an_expression_is_refused_at_its_part(text: str, message: str, part: str | None) -> None:
    with pytest.raises(ExpressionFault) as caught:
        computed(text, NAMES)
    assert message in caught.value.message
    assert part is None or text[caught.value.start : caught.value.end] == part


PIECES = [
    *"()[],+-*/%<>=. '\"$a1",
    "**",
    "//",
    " and ",
    " or ",
    " not ",
    " if ",
    " else ",
    "min(",
    "round(",
    "int(",
    "len(",
]
PIECES += ["1e308", "9" * 60, "sizes", "text", "b", "'x'", "width", "round_to(", "n=", "null", "true", "é", "\n"]


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
@example("2 ** 10 ** 9")
@example("9 ** 9 ** 9 ** 9")
@example("round(1, -" + "9" * 30 + ")")
def test_any_text_has_a_value_or_a_fault_inside_of_it(text: str) -> None:
    text = f"$({text})"
    fault = None
    try:
        computed(text, NAMES)
    except ExpressionFault as found:
        fault = found
    assert fault is None or (fault.message and 0 <= fault.start <= fault.end <= len(text))
