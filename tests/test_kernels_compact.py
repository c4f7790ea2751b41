"""Elementwise work is done on as few axes as say the same."""

import numpy as np
import pytest

from specmodel.kernels.compact import compact

Shape = tuple[int, ...]


@pytest.mark.parametrize(
    ("shapes", "expected"),
    [
        (((1, 5), (5,), (1, 5)), ((5,), (5,), (5,))),
        (((2, 3, 4), (4,), (2, 3, 4)), ((2, 3, 4), (4,), (2, 3, 4))),
        (((2, 3, 4), (2, 3, 4)), ((24,), (24,))),
        (((1, 3, 1, 4), (1, 1, 1), (1, 3, 1, 4)), ((12,), (), (12,))),
        (((2, 1, 4), (3, 1), (2, 3, 4)), ((2, 1, 4), (3, 1), (2, 3, 4))),
        (((1, 1, 5), (1, 3, 5)), ((1, 5), (3, 5))),
        (((), (1, 1)), ((), ())),
    ],
)
def test_arrays_lose_the_axes_of_size_one_and_are_flat_where_all_are_whole(
    shapes: tuple[Shape, ...], expected: tuple[Shape, ...]
) -> None:
    arrays = [np.zeros(shape) for shape in shapes]
    found = compact(*arrays)
    assert tuple(x.shape for x in found) == expected
    assert all(np.shares_memory(x, y) for x, y in zip(arrays, found, strict=True))


def test_what_is_no_run_of_memory_keeps_its_axes() -> None:
    out = np.zeros((1, 4, 6))[:, :, ::2]
    x = np.arange(12.0).reshape(1, 4, 3)
    a, b = compact(x, out)
    assert a.shape == b.shape == (4, 3)
    np.copyto(b, a)
    np.testing.assert_array_equal(out, x)
