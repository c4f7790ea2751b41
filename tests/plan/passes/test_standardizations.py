"""Layer and RMS normalization standardize in one op."""

import numpy as np
import pytest

from specmodel.kernels import reduce as kernels
from specmodel.ops.elementwise import rsqrt, square
from specmodel.ops.reduce import Standardize, mean
from specmodel.ops.value import Value
from specmodel.plan.passes.dead_code import dead_code
from specmodel.plan.passes.standardizations import standardizations
from specmodel.plan.scratch import Pool
from tests.plan.programs import given, program, text, weight

X = given("x", 2, 3, 4)


def normal(x: Value, axes: tuple[int, ...], epsilon: float = 1e-3, gap: float = 0.0) -> Value:
    centred = x - mean(x, axes, keepdims=True)
    return (centred if not gap else centred + gap) * rsqrt(mean(square(centred), axes, keepdims=True) + epsilon)


def root_mean(x: Value) -> Value:
    return x * rsqrt(mean(square(x), -1, keepdims=True) + 1e-6)


@pytest.mark.parametrize(
    ("output", "op"),
    [
        (normal(X, (-1,)), Standardize(1, 1e-3, True)),
        (normal(X, (1, 2), 1e-5), Standardize(2, 1e-5, True)),
        (root_mean(X), Standardize(1, 1e-6, False)),
    ],
)
def test_the_last_axes_are_standardized_in_one_op(output: Value, op: Standardize) -> None:
    (found,) = dead_code(standardizations(program([X], [output]))).instructions
    assert found.op == op
    assert found.inputs == (X,)


def test_scale_and_shift_stay_behind_it() -> None:
    whole = program([X], [normal(X, (2,)) * weight("gamma", 4) + weight("beta", 4)])
    assert text(dead_code(standardizations(whole))) == (
        "%0 = Standardize(x)\n%1 = Mul(%0, gamma)\n%2 = Add(%1, beta)\nreturn %2"
    )


@pytest.mark.parametrize(
    "output",
    [
        normal(X, (1,)),  # not the last axis
        normal(X, (-1,), gap=1.0),
        normal(given("h", 2, 3, dtype="float16"), (-1,)),
        X * rsqrt(mean(square(X), -1, keepdims=True) + weight("epsilon")),
    ],
)
def test_these_stay(output: Value) -> None:
    whole = program([X], [output])
    assert standardizations(whole) is whole


@pytest.mark.parametrize("tile", [1 << 18, 200])
@pytest.mark.parametrize("centred", [True, False])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_numbers_are_those_of_the_formula(
    centred: bool, dtype: str, tile: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernels, "TILE_BYTES", tile)
    random = np.random.default_rng(0)
    for x in (random.normal(3, 2, (5, 7, 30)), random.normal(0, 1, (5, 30, 7)).transpose(0, 2, 1)):
        x = x.astype(dtype)
        out = np.empty(x.shape, dtype)
        for work in kernels.standardize(Standardize(1, 1e-3, centred), [x], [out], Pool()):
            for number in range(work.count):  # type: ignore[union-attr]
                for call in work.calls(number, Pool()):  # type: ignore[union-attr]
                    call()
        wide = x.astype("float64") - (x.astype("float64").mean(-1, keepdims=True) if centred else 0)
        expected = wide / np.sqrt((wide**2).mean(-1, keepdims=True) + 1e-3)
        np.testing.assert_allclose(out, expected, rtol=0, atol=2e-6 if dtype == "float32" else 1e-14)
