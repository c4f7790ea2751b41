"""GELU, which layers write in several ops, is one, and gives the numbers of its formula."""

from math import erf, sqrt

import numpy as np
import pytest

from specmodel.kernels.special import gelu as gelu_calls
from specmodel.kernels.special import tanh_gelu as tanh_gelu_calls
from specmodel.layers.activation_functions import gelu, silu
from specmodel.ops.elementwise import erf as erf_op
from specmodel.ops.value import Value
from specmodel.plan.passes.activations import activations
from specmodel.plan.passes.dead_code import dead_code
from specmodel.plan.scratch import Pool
from tests.plan.programs import given, program, text

X = given("x", 2, 3)


@pytest.mark.parametrize(("approximate", "name"), [(False, "Gelu"), (True, "TanhGelu")])
def test_gelu_is_one_op(approximate: bool, name: str) -> None:
    assert text(dead_code(activations(program([X], [gelu(X, approximate=approximate)])))) == (
        f"%0 = {name}(x)\nreturn %0"
    )


def test_a_part_that_is_read_elsewhere_is_made_as_well() -> None:
    bent = gelu(X)
    inner = bent.call.inputs[1].call.inputs[0]  # the error function
    assert text(dead_code(activations(program([X], [bent, inner])))) == (
        "%0 = Mul(x, 0.7071067811865476)\n%1 = Erf(%0)\n%2 = Gelu(x)\nreturn %2, %1"
    )


def other_scale(x: Value) -> Value:
    return 0.5 * x * (erf_op(x * 0.7) + 1)


def of_two(x: Value) -> Value:
    return 0.5 * given("y", 2, 3) * (erf_op(x * sqrt(0.5)) + 1)


@pytest.mark.parametrize("made", [other_scale, of_two, silu, lambda x: gelu(given("h", 2, 3, dtype="float16"))])
def test_these_stay(made: object) -> None:
    assert callable(made)
    whole = program([X], [made(X)])
    assert activations(whole) is whole


@pytest.mark.parametrize(("dtype", "limit"), [("float32", 1e-6), ("float64", 1e-14)])
@pytest.mark.parametrize("calls", [gelu_calls, tanh_gelu_calls])
def test_the_numbers_are_those_of_the_formula_also_in_place(calls: object, dtype: str, limit: float) -> None:
    assert callable(calls)
    x = np.concatenate([np.linspace(-9, 9, 40_001), [np.inf, 1e4, 0.0, 1e-30]]).astype(dtype)
    wide = x.astype("float64")
    if calls is gelu_calls:
        share = np.array([1 + erf(one * sqrt(0.5)) for one in wide]) / 2
    else:
        share = (1 + np.tanh(np.sqrt(2 / np.pi) * (wide + 0.044715 * wide**3))) / 2
    for out in (np.empty_like(x), x):
        with np.errstate(all="ignore"):
            for call in calls(x, out, Pool()):
                call()
        np.testing.assert_allclose(out, wide * share, rtol=1e-6, atol=limit)
