"""Results on the screen look as NumPy prints the whole array, though only their ends are kept."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from specmodel.data.writing import EDGE, Printed

SHAPES = st.lists(st.integers(1, 12), min_size=0, max_size=3).flatmap(
    lambda rest: st.integers(1, 400).map(lambda rows: (rows, *rest))
)


@given(SHAPES, st.integers(1, 400), st.sampled_from(["float32", "int32", "bool"]))
def test_the_text_is_that_of_the_whole_array(shape: tuple[int, ...], size: int, dtype: str) -> None:
    array = (np.random.default_rng(0).standard_normal(shape) * 100).astype(dtype)
    printed = Printed({"y": (shape, dtype)})
    for start in range(0, shape[0], size):
        printed.write([array[start : start + size]])
    assert printed.text() == f"y: shape {shape}, dtype {dtype}\n{array}"


def test_not_more_is_kept_than_is_shown() -> None:
    printed = Printed({"y": ((1000, 50), "float32")})
    for _ in range(100):
        printed.write([np.zeros((10, 50), np.float32)])
        assert sum(len(block) for block in printed._kept[0]) <= 10 + 2 * EDGE + 1


def test_several_results_stand_one_below_the_other() -> None:
    printed = Printed({"a": ((1,), "int32"), "b": ((1, 1), "float16")})
    printed.write([np.array([3], np.int32), np.array([[0.5]], np.float16)])
    assert printed.text() == "a: shape (1,), dtype int32\n[3]\nb: shape (1, 1), dtype float16\n[[0.5]]"


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_the_dtype_is_the_one_that_is_delivered(dtype: str) -> None:
    printed = Printed({"y": ((1,), dtype)})
    printed.write([np.ones(1, np.float32)])
    assert printed.text().startswith(f"y: shape (1,), dtype {'float32' if dtype == 'bfloat16' else dtype}\n")
