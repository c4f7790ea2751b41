"""Convolutions of three taps are made with fewer products where that is worth it."""

import numpy as np
import pytest

from specmodel.kernels import products
from specmodel.ops.conv import Conv
from specmodel.ops.shape import Pad, pad
from specmodel.ops.value import Value
from specmodel.ops.winograd import Winograd
from specmodel.plan.passes.dead_code import dead_code
from specmodel.plan.passes.winograd import winograd
from specmodel.plan.program import Program
from tests.plan.programs import given, program, results, weight


@pytest.fixture(autouse=True)
def small_products(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(products, "multiplies_small_at_once", lambda: True)


X, KERNEL = given("x", 1, 20, 19, 64), weight("k", 3, 3, 64, 70)


def conv(x: Value, kernel: Value = KERNEL, stride: int = 1, dilation: int = 1) -> Value:
    axes = x.rank - 2
    return Conv((stride,) * axes, "valid", (dilation,) * axes)(x, kernel)


def assert_near(found: Program, whole: Program) -> None:
    (one,), (other,) = results(found), results(whole)
    assert np.abs(one - other).max() <= 2e-6 * np.abs(other).max()


def after(x: Value, made: Value) -> Program:
    return dead_code(winograd(program([x], [made])))


def test_a_large_convolution_is_made_in_tiles() -> None:
    made = conv(X)
    found = after(X, made)
    (op,) = [one.op for one in found.instructions if isinstance(one.op, Winograd)]
    assert op == Winograd(2, (18, 17), 70, 64)
    assert found.outputs[0].type == made.type
    assert_near(found, program([X], [made]))


def test_tiles_that_go_beyond_the_output_see_more_zeros_in_the_same_border() -> None:
    found = after(X, conv(pad(X, ((0, 0), (1, 1), (1, 1), (0, 0)))))
    (border,) = [one.op for one in found.instructions if isinstance(one.op, Pad)]
    assert border.pads[1:3] == ((1, 1), (1, 2))


@pytest.mark.parametrize("shape", [(1, 60, 64), (1, 6, 7, 8, 64)])
def test_sequences_and_volumes_are_made_so_too(shape: tuple[int, ...]) -> None:
    x, kernel = given("x", *shape), weight("k", *(3,) * (len(shape) - 2), 64, 128)
    found = after(x, conv(x, kernel))
    assert any(isinstance(one.op, Winograd) for one in found.instructions)
    assert_near(found, program([x], [conv(x, kernel)]))


FEW = given("few", 1, 40, 40, 2)
DOUBLE = given("double", 1, 20, 20, 64, dtype="float64")


@pytest.mark.parametrize(
    ("x", "made"),
    [
        (X, conv(X, stride=2)),
        (X, conv(X, dilation=2)),
        (X, conv(X, weight("k", 3, 2, 64, 70))),
        (X, conv(X, weight("k", 5, 5, 64, 70))),
        (X, Conv((1, 1), "same", (1, 1))(X, KERNEL)),
        (X, Conv((1, 1), "valid", (1, 1), 1, 2)(X, weight("k", 3, 3, 32, 70))),
        (FEW, conv(FEW, weight("k", 3, 3, 2, 40))),  # transforms cost more than they save
        (DOUBLE, conv(DOUBLE, weight("k", 3, 3, 64, 70, dtype="float64"))),
    ],
)
def test_these_stay(x: Value, made: Value) -> None:
    whole = program([x], [made])
    assert winograd(whole) is whole
