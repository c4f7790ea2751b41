"""The weights of large products are arranged for them."""

import pytest

from specmodel.kernels import products
from specmodel.plan.passes.packed_products import packed_products
from tests.plan.programs import given, program, text, weight


@pytest.fixture(autouse=True)
def _fast_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(products, "multiplies_small_at_once", lambda: True)


def test_a_large_product_with_a_weight_is_packed() -> None:
    x = given("x", 4, 8, 100)
    found = packed_products(program([x], [x @ weight("w", 100, 700)]))
    assert text(found) == "%0 = Pack(w)\n%1 = PackedMatMul(x, %0)\nreturn %1"


@pytest.mark.parametrize(
    ("rows", "depth", "columns", "width"),
    [
        (1, 600, 500, 1),  # a single row
        (32, 784, 512, 64),
        (1, 256, 1024, None),  # a single row, and few
        (32, 512, 10, None),  # one tile already
        (1, 25_088, 4096, None),  # too large for the cache either way
    ],
)
def test_how_a_matrix_is_packed_follows_from_the_shape(rows: int, depth: int, columns: int, width: int | None) -> None:
    assert products.group_width(rows, depth, columns) == width


def test_without_such_a_library_only_single_rows_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(products, "multiplies_small_at_once", lambda: False)
    assert products.group_width(32, 784, 512) is None
    assert products.group_width(1, 784, 512) == 1


def test_these_stay() -> None:
    x, y = given("x", 32, 784), given("y", 784, 512)
    doubles = given("doubles", 32, 784, dtype="float64")
    batches = given("batches", 32, 1, 784)
    whole = program(
        [x, y, doubles, batches],
        [x @ y, doubles @ weight("w", 784, 512, dtype="float64"), batches @ weight("v", 32, 784, 512)],
    )
    assert packed_products(whole) is whole
