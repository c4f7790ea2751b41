"""Sums of products whose axes stand in the order of matrix products are such."""

import pytest

from specmodel.ops.linear import einsum
from specmodel.plan.passes.einsums import einsums
from tests.plan.programs import given, program, text, weight


def test_the_projection_of_heads_is_one_product() -> None:
    x, kernel = given("x", 2, 5, 6), weight("kernel", 6, 3, 4)
    whole = program([x], [einsum("abX,XHD->abHD", x, kernel)])
    assert text(einsums(whole)) == ("%0 = Reshape(kernel)\n%1 = MatMul(x, %0)\n%2 = Reshape(%1)\nreturn %2")


def test_axes_that_are_summed_together_become_one() -> None:
    x, kernel = given("x", 2, 5, 3, 4), weight("kernel", 3, 4, 6)
    found = einsums(program([x], [einsum("abHD,HDo->abo", x, kernel)]))
    assert text(found) == "%0 = Reshape(x)\n%1 = Reshape(kernel)\n%2 = MatMul(%0, %1)\nreturn %2"


@pytest.mark.parametrize(
    ("equation", "left", "right"),
    [
        ("aqd,akd->aqk", (2, 3, 4), (2, 5, 4)),  # one product for each a
        ("abX,HX->abH", (2, 5, 6), (3, 6)),  # a matrix to be turned
        ("abX,XH->aHb", (2, 5, 6), (6, 3)),  # a result to be turned
        ("ab,bc->c", (2, 3), (3, 4)),  # a sum over rows
    ],
)
def test_these_stay(equation: str, left: tuple[int, ...], right: tuple[int, ...]) -> None:
    a, b = given("a", *left), given("b", *right)
    whole = program([a, b], [einsum(equation, a, b)])
    assert einsums(whole) is whole
