"""Expressions made by the grammar, each as the spec writes it and as Python does."""

import math
from typing import Any

from hypothesis import strategies as st

Pair = tuple[str, str]
"""An expression, and the same in Python."""

NAMES: dict[str, Any] = {"a": 1, "b": -2, "w": 0.75, "flag": True, "text": "same", "sizes": [2, 3, 4], "nothing": None}
PYTHON: dict[str, Any] = {
    **NAMES,
    **{name: getattr(math, name) for name in ("floor", "ceil", "sqrt", "log2")},
    **{function.__name__: function for function in (min, max, abs, round, int, float, len)},
    "__builtins__": {},
}
"""What Python's eval sees."""
_CONSTANTS = {"true": "True", "false": "False", "null": "None"}


def _same(text: str) -> Pair:
    return text, text


LEAVES = st.one_of(
    st.integers(0, 30).map(str).map(_same),
    st.sampled_from(["0.5", "2.0", "1e3", ".25", "10.", "1e-3"]).map(_same),
    st.sampled_from(["''", "'a'", '"ab"', "'12'", "'1.5'", "'x\\'y'"]).map(_same),
    st.sampled_from(list(NAMES)).map(_same),
    st.sampled_from(list(_CONSTANTS.items())),
)


def _extended(inner: st.SearchStrategy[Pair]) -> st.SearchStrategy[Pair]:
    return st.one_of(
        _joined("({}{sign}{})", inner, inner, sign=(" + ", " - ", " * ", " / ", " // ", " % ")),
        _joined("{}{sign}{}", inner, inner, sign=("+", "-", "*", "/", "//")),
        _joined("({} ** {})", LEAVES, LEAVES),
        _joined("({sign}{})", inner, sign=("-", "+", "not ")),
        _joined("({}{sign}{})", inner, inner, sign=(" < ", " <= ", " > ", " >= ", " == ", " != ", " and ", " or ")),
        _joined("({} < {} <= {})", inner, inner, inner),
        _joined("({} if {} else {})", inner, inner, inner),
        _joined("{}[{}]", st.one_of(st.sampled_from(["sizes", "text"]).map(_same), _lists(inner)), inner),
        _lists(inner),
        _joined(
            "{call}({})", inner, call=("abs", "round", "int", "float", "len", "floor", "ceil", "sqrt", "log2", "max")
        ),
        _joined("{call}({}, {})", inner, inner, call=("min", "max", "round")),
        _joined("round({}, ndigits={})", inner, inner),
    )


def _joined(form: str, *parts: st.SearchStrategy[Pair], **choices: tuple[str, ...]) -> st.SearchStrategy[Pair]:
    """A form with expressions in its gaps, and words of its own."""
    words = st.fixed_dictionaries({name: st.sampled_from(each) for name, each in choices.items()})
    return st.tuples(st.tuples(*parts), words).map(
        lambda drawn: (
            form.format(*(ours for ours, _ in drawn[0]), **drawn[1]),
            form.format(*(python for _, python in drawn[0]), **drawn[1]),
        )
    )


def _lists(inner: st.SearchStrategy[Pair]) -> st.SearchStrategy[Pair]:
    return st.lists(inner, max_size=3).map(
        lambda each: tuple("[" + ", ".join(one[side] for one in each) + "]" for side in (0, 1))  # type: ignore[arg-type]
    )


EXPRESSIONS = st.recursive(LEAVES, _extended, max_leaves=12)
