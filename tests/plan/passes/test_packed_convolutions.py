"""Kernels are packed where their products are large."""

import pytest

from specmodel.kernels import products
from specmodel.ops.conv import Conv
from specmodel.ops.packed import PackedConv
from specmodel.ops.value import Value
from specmodel.plan.passes.packed_convolutions import packed_convolutions
from tests.plan.programs import given, program, text, weight

X = given("x", 1, 30, 30, 16)
KERNEL = weight("k", 3, 3, 16, 70)


@pytest.fixture(autouse=True)
def small_products(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(products, "multiplies_small_at_once", lambda: True)


def test_a_large_kernel_is_packed() -> None:
    made = Conv((1, 2), "valid", (2, 1))(X, KERNEL)
    found = packed_convolutions(program([X], [made]))
    assert text(found) == "%0 = Reshape(k)\n%1 = Pack(%0)\n%2 = PackedConv(x, %1)\nreturn %2"
    assert found.instructions[-1].op == PackedConv((3, 3), 70, (1, 2), (2, 1), 64)
    assert found.outputs[0].type == made.type


def conv(x: Value, kernel: Value, padding: str = "valid", groups: int = 1) -> Value:
    return Conv((1, 1), padding, (1, 1), 1, groups)(x, kernel)  # type: ignore[arg-type]


DOUBLE = given("double", 1, 30, 30, 16, dtype="float64")


@pytest.mark.parametrize(
    "made",
    [
        conv(X, KERNEL, "same"),
        conv(X, weight("k", 3, 3, 8, 70), groups=2),
        conv(X, weight("k", 1, 1, 16, 2)),
        conv(X, given("computed", 3, 3, 16, 70)),
        conv(DOUBLE, weight("k", 3, 3, 16, 70, dtype="float64")),
    ],
)
def test_these_stay(made: Value) -> None:
    whole = program(list(made.call.inputs), [made])
    assert packed_convolutions(whole) is whole
