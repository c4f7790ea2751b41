"""Numbers as categories: CategoryEncoding, Discretization."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from tests.layers.alone import output, refusal, requirements, shape

MODES = ["one_hot", "multi_hot", "count"]


def twin(x: Any, depth: int, mode: str, weights: Any = None) -> Any:
    """The encoding, a number at a time; other numbers leave no trace."""
    if mode == "one_hot":
        x = x[..., 0] if x.ndim > 1 and x.shape[-1] == 1 else x
        out = np.zeros((*x.shape, depth))
        for place in np.ndindex(*x.shape):
            if 0 <= x[place] < depth:
                out[(*place, x[place])] = 1
        return out
    axis = 1 if x.ndim > 1 else 0
    out = np.zeros((*x.shape[:axis], *x.shape[axis + 1 :], depth))
    for place in np.ndindex(*x.shape):
        if 0 <= x[place] < depth:
            at = (*place[:axis], *place[axis + 1 :], x[place])
            out[at] = 1 if mode == "multi_hot" else out[at] + (1 if weights is None else weights[place])
    return out


ARRAYS = npst.arrays(np.int32, npst.array_shapes(min_dims=1, max_dims=3, max_side=4), elements=st.integers(-2, 6))


@settings(max_examples=80, deadline=None)
@given(ARRAYS, st.integers(1, 5), st.sampled_from(MODES))
def test_every_number_is_encoded(x: Any, depth: int, mode: str) -> None:
    result = output("CategoryEncoding", {"num_tokens": depth, "output_mode": mode}, x)
    np.testing.assert_array_equal(result, twin(x, depth, mode))
    assert result.dtype == np.float32


def test_weights_say_how_much_a_number_counts() -> None:
    x, weights = np.array([[1, 1, 0], [2, 5, 2]], np.int64), np.array([[0.5, 2, 3], [1, 1, 0.25]], np.float32)
    arguments = {"num_tokens": 3, "output_mode": "count"}
    result = output("CategoryEncoding", arguments, x, weights, call=("inputs", "count_weights"))
    np.testing.assert_array_equal(result, [[3, 2.5, 0], [0, 0, 1.25]])


def test_a_last_axis_of_one_is_replaced_by_the_one_hot_numbers() -> None:
    assert output("CategoryEncoding", {"num_tokens": 3, "output_mode": "one_hot"}, np.array([[2], [0]])).tolist() == [
        [0, 0, 1],
        [1, 0, 0],
    ]
    one_hot = {"num_tokens": 3, "output_mode": "one_hot"}
    assert shape("CategoryEncoding", one_hot, "n") == ("n", 3)
    assert requirements("CategoryEncoding", one_hot, "n") == ["`n` is at least 2"]


def test_whole_numbers_are_told_from_parts_except_by_multi_hot() -> None:
    x = np.array([[1.0, 1.5]], np.float32)
    assert output("CategoryEncoding", {"num_tokens": 3, "output_mode": "count"}, x).tolist() == [[0, 1, 0]]
    x = np.array([[2.5]], np.float32)
    assert output("CategoryEncoding", {"num_tokens": 3, "output_mode": "multi_hot"}, x).tolist() == [[0, 0, 1]]


def test_a_boundary_belongs_to_the_interval_above_it() -> None:
    x = np.array([[-1, 0, 0.5, 1, 2, np.nan]], np.float32)
    result = output("Discretization", {"bin_boundaries": [0, 1]}, x)
    assert result.tolist() == [[0, 1, 1, 2, 2, 2]]
    assert result.dtype == np.int32


def test_boundaries_may_descend() -> None:
    assert output("Discretization", {"bin_boundaries": [2, 1]}, np.float32([[3, 1.5, 0]])).tolist() == [[0, 1, 2]]


@settings(max_examples=40, deadline=None)
@given(ARRAYS, st.lists(st.floats(-3, 7, width=16), max_size=4), st.sampled_from(MODES))
def test_intervals_are_encoded_like_categories(x: Any, boundaries: list[float], mode: str) -> None:
    bins = sum((x >= boundary).astype(np.int32) for boundary in boundaries) + np.zeros_like(x)
    result = output("Discretization", {"bin_boundaries": sorted(boundaries), "output_mode": mode}, x)
    np.testing.assert_array_equal(result, twin(bins, len(boundaries) + 1, mode))


def test_what_adapt_has_found_comes_with_the_number_of_bins() -> None:
    assert output("Discretization", {"bin_boundaries": [0.5], "num_bins": 2}, np.float32([[1]])).tolist() == [[1]]


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("CategoryEncoding", {"num_tokens": 3, "output_mode": "tf_idf"}, "`output_mode` of CategoryEncoding must be"),
        ("Discretization", {"num_bins": 3}, "Discretization needs `bin_boundaries`"),
        ("Discretization", {}, "Discretization needs `bin_boundaries`"),
        ("Discretization", {"bin_boundaries": [0], "num_bins": 3}, "`num_bins` must be 2, found 3"),
        ("Discretization", {"bin_boundaries": ["0"]}, "`bin_boundaries[0]` of Discretization must be a number"),
    ],
)
def test_refusals(name: str, arguments: dict[str, Any], message: str) -> None:
    assert message in refusal(name, arguments)
