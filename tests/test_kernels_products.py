"""Products of tiles are products."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from specmodel.kernels.products import pack, packed_product
from specmodel.plan.scratch import Pool


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 150), st.integers(1, 1300), st.integers(1, 200), st.sampled_from([64, 32]), st.integers(0, 9))
def test_a_product_with_a_packed_matrix_is_that_with_the_matrix(
    rows: int, depth: int, columns: int, width: int, seed: int
) -> None:
    random = np.random.default_rng(seed)
    a, b = (random.standard_normal(shape).astype(np.float32) for shape in ((rows, depth), (depth, columns)))
    packed, out = np.full(b.size, np.nan, np.float32), np.full((rows, columns), np.nan, np.float32)
    for call in (*pack(b, width, packed), *packed_product(a, packed, width, out, Pool())):
        call()
    exact = a.astype(np.float64) @ b
    assert np.abs(out - exact).max() <= 2e-6 * np.abs(exact).max(initial=0) + 1e-5


def test_a_row_by_a_matrix_along_its_columns() -> None:
    a, b = np.arange(5, dtype=np.float32)[None], np.arange(15, dtype=np.float32).reshape(5, 3)
    packed, out = np.empty(15, np.float32), np.empty((1, 3), np.float32)
    for call in (*pack(b, 1, packed), *packed_product(a, packed, 1, out, Pool())):
        call()
    np.testing.assert_array_equal(packed.reshape(3, 5), b.T)
    np.testing.assert_array_equal(out, a @ b)


def test_the_sum_of_many_products_is_as_exact_as_the_librarys() -> None:
    random = np.random.default_rng(0)
    a, b = (random.standard_normal(shape).astype(np.float32) for shape in ((64, 8192), (8192, 64)))
    packed, out = np.empty(b.size, np.float32), np.empty((64, 64), np.float32)
    for call in (*pack(b, 64, packed), *packed_product(a, packed, 64, out, Pool())):
        call()
    exact = a.astype(np.float64) @ b
    assert np.abs(out - exact).max() < 1.5 * np.abs(a @ b - exact).max()
