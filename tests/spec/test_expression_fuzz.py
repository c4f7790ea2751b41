"""Expressions made by the grammar are worth what they are in Python; wherever they stand in a spec, nothing is raised.

The same ones each time; `SPECMODEL_FUZZ=100000 pytest tests/spec/test_expression_fuzz.py` tries so many others of each.
"""

import os
import warnings
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from specmodel.model.opening import check_opened
from specmodel.spec.expressions.fault import ExpressionFault
from specmodel.spec.expressions.substitute import computed
from specmodel.yaml.writing import flow
from tests.spec.flat import opened
from tests.spec.grammar import EXPRESSIONS, NAMES, PYTHON, Pair

FUZZ = int(os.environ.get("SPECMODEL_FUZZ", "0"))
LIMITS = (
    "the result has more than",
    "the result is nested",
    "nested more than",
    "an expression has at most",
    "`round`: digits",
)
NO_NUMBER = ("the result is infinite", "the result is no number")


def tries(count: int) -> settings:
    """How many examples a test tries: the same ones, or as many others as are asked for."""
    return settings(
        max_examples=FUZZ or count, derandomize=not FUZZ, deadline=None, suppress_health_check=list(HealthCheck)
    )


def in_python(text: str) -> Any:
    """What Python makes of it; None in a list of its own where it raises."""
    with warnings.catch_warnings(action="ignore"):  # of what cannot be, such as `[][0.5]`
        try:
            return [eval(text, dict(PYTHON))]
        except (TypeError, ValueError, ArithmeticError, IndexError):
            return []


def plain(value: Any) -> Any:
    """A value as expressions give it: floats without a fraction are integers."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


@given(EXPRESSIONS)
@tries(300)
def test_an_expression_of_the_grammar_is_worth_what_it_is_in_python(pair: Pair) -> None:
    ours, python = pair
    found, fault = _computed(ours)
    if fault is not None:
        assert fault.message
        assert 0 <= fault.start < fault.end <= len(ours) + 3
    if fault is not None and fault.message.startswith(LIMITS):
        return
    wanted = in_python(python)
    if fault is not None and fault.message.startswith(NO_NUMBER):
        assert all(isinstance(value, float) for value in wanted)
        return
    if any(isinstance(value, complex) for value in wanted) or ("%" in ours and not found):
        wanted = []  # a root of a negative number; Python's % formats texts, too
    assert [(type(one), one) for one in found] == [(type(plain(one)), plain(one)) for one in wanted]


def _computed(text: str) -> tuple[list[Any], ExpressionFault | None]:
    """What the expression is worth, or what is wrong with it."""
    try:
        return [computed(f"$({text})", NAMES)], None
    except ExpressionFault as fault:
        return [], fault


PLACES = [
    "params: {{a: {0}}}\ninputs: [4]\nlayers: [{{Dense: 2}}]\n",
    "params: {{a: 1, b: {0}}}\ninputs: [4]\nlayers: [{{Dense: $(b)}}]\n",
    "inputs: [{0}, 4]\nlayers: [{{Dense: 2}}]\n",
    "name: {0}\ninputs: [4]\nlayers: [{{Dense: 2}}]\n",
    "inputs: [4]\nlayers: [{{Dense: {0}}}]\n",
    "inputs: [4]\nlayers: [{{Dense: {{units: 2, activation: {0}}}}}]\n",
    "inputs: [4]\nlayers: [{{name: {0}, Dense: 2}}]\n",
    "inputs: [4]\nlayers: [{{when: {0}, Dense: 2}}]\n",
    "inputs: [4]\nlayers: [{{repeat: {0}, Dense: 2}}]\n",
    "inputs: [4]\nlayers: [{{repeat: [{{n: {0}}}], Dense: $(n)}}]\n",
    "inputs: [4]\nlayers: [{{inputs: {0}, Dense: 2}}]\n",
    "inputs: [4]\nlayers: [{{trainable: {0}, dtype: {0}, Dense: 2}}]\n",
    "inputs: [4]\nlayers: [{{layers: {0}}}]\n",
    "inputs: [4]\nlayers: [{{reuse: {0}}}, {{Dense: 2}}]\n",
    "inputs: [4]\nblocks: {{B: {{params: {{n: {0}}}, layers: [{{Dense: $(n)}}]}}}}\nlayers: [B, {{B: {0}}}]\n",
    "inputs: [4]\nlayers: [{{Dense: 2}}]\nexpect: {{parameters: {0}, shapes: {{dense: {0}}}}}\n",
    "inputs: [4]\nlayers: [{{Dense: 2}}]\nexamples: [{{inputs: {0}, outputs: {0}, atol: {0}, preset: {0}}}]\n",
    "presets: {{p: {{a: {0}}}}}\nparams: {{a: 1}}\ninputs: [4]\nlayers: [{{Dense: $(a)}}]\n",
]
"""Where an expression may stand, or somebody may think it may."""


def said_of(place: str, expression: str) -> list[str]:
    found = opened(place.format(flow(f"$({expression})")), "p" if place.startswith("presets") else None)
    check_opened(found)
    return [one.code for one in found.diagnostics]


@given(st.sampled_from(PLACES), EXPRESSIONS)
@tries(150)
def test_wherever_an_expression_stands_nothing_is_raised(place: str, pair: Pair) -> None:
    said_of(place, pair[0])


HEAVY = [
    "2 ** 10 ** 9",
    "9 ** 9 ** 9 ** 9",
    "(2 ** 4000) ** 4000",
    "'ab' * 10 ** 9",
    "10 ** 9 * 'ab'",
    "[0] * 10 ** 12",
    "[[0] * 9999] * 9999",
    "'a' * 9999 + 'a' * 9999",
    "(" * 100 + "1" + ")" * 100,
    "[" * 100 + "]" * 100,
    "-" * 500 + "1",
    "not " * 200 + "true",
    "1" + "+1" * 2000,
    "9" * 5000,
    "1e999",
    "round(1.5, 10 ** 9)",
    "int('9' * 9999)",
    "float('1e999')",
    "1 if " * 100 + "1" + " else 1" * 100,
    "2 ** 0.5 ** -1e300",
    "max(" * 60 + "1" + ")" * 60,
    "'%s' % 1",
]


@pytest.mark.parametrize("expression", HEAVY, ids=range(len(HEAVY)))
@pytest.mark.parametrize("place", [PLACES[1], PLACES[8], PLACES[10]], ids=["default", "repeat", "inputs"])
def test_what_would_take_for_ever_is_bounded_and_located(place: str, expression: str) -> None:
    text = place.format(flow(f"$({expression})"))
    found = [one for one in opened(text).diagnostics if one.severity == "error"]
    line = next(number for number, one in enumerate(text.split("\n"), 1) if "$(" in one and expression[:20] in one)
    refused = [one for one in found if one.code in ("E218", "E219")]
    assert all(one.span is not None and one.span.line == line for one in refused)
    assert refused or expression.startswith(("2 ** 0.5", "1 if", "max(", "(", "-", "not", "1+1")), found
