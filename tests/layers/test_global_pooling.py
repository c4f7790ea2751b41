"""Global pooling: one number for each channel, and masks."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.layers.alone import numbers, output, refusal, shape, to_first

REDUCE = {"Max": np.max, "Average": np.mean}


@settings(max_examples=60, deadline=None)
@given(
    kind=st.sampled_from(["Max", "Average"]),
    sizes=st.lists(st.integers(1, 5), min_size=1, max_size=3),
    channels=st.integers(1, 3),
    keepdims=st.booleans(),
    first=st.booleans(),
)
def test_all_of_space_is_reduced(kind: str, sizes: list[int], channels: int, keepdims: bool, first: bool) -> None:
    x = numbers(2, *sizes, channels)
    wanted = REDUCE[kind](x, axis=tuple(range(1, len(sizes) + 1)), keepdims=keepdims)
    arguments = {"keepdims": keepdims, "data_format": "channels_first" if first else None}
    result = output(f"Global{kind}Pooling{len(sizes)}D", arguments, np.ascontiguousarray(to_first(x)) if first else x)
    np.testing.assert_allclose(result, to_first(wanted) if first and keepdims else wanted, rtol=1e-5)


@pytest.mark.parametrize("first", [False, True])
@pytest.mark.parametrize("keepdims", [False, True])
def test_the_mean_is_over_the_steps_that_count(keepdims: bool, first: bool) -> None:
    x = np.array([[[1, 10], [2, 20], [6, 60]], [[1, 5], [3, 7], [9, 9]]], np.float32)
    mask = np.array([[True, True, False], [False, True, False]])
    arguments = {"keepdims": keepdims, "data_format": "channels_first" if first else "channels_last"}
    given = np.ascontiguousarray(to_first(x)) if first else x
    result = output("GlobalAveragePooling1D", arguments, given, mask, call=("inputs", "mask"))
    np.testing.assert_allclose(result.reshape(2, 2), [[1.5, 15], [3, 7]])
    assert result.shape == ((2, 2) if not keepdims else (2, 2, 1) if first else (2, 1, 2))


def test_what_a_masked_step_holds_does_not_matter() -> None:
    x = np.array([[[1], [np.nan], [np.inf]]], np.float32)
    mask = np.array([[1, 0, 0]], np.int32)
    assert output("GlobalAveragePooling1D", {}, x, mask, call=("inputs", "mask")).tolist() == [[1]]


def test_no_step_that_counts_gives_not_a_number() -> None:
    x, mask = numbers(1, 2, 1), np.array([[False, False]])
    assert np.isnan(output("GlobalAveragePooling1D", {}, x, mask, call=("inputs", "mask"))).all()


def test_the_mean_of_integers_is_a_float() -> None:
    assert output("GlobalAveragePooling1D", {}, np.array([[[1], [2]]], np.int32)).tolist() == [[1.5]]
    assert output("GlobalMaxPooling1D", {}, np.array([[[1], [2]]], np.int32)).dtype == "int32"


def test_symbolic_shapes() -> None:
    assert shape("GlobalMaxPooling2D", {}, "h", "w", 3) == (3,)
    assert shape("GlobalAveragePooling2D", {"keepdims": True}, "h", "w", "c") == (1, 1, "c")
    assert shape("GlobalMaxPooling3D", {"data_format": "channels_first", "keepdims": True}, 3, "d", 4, None) == (
        3,
        1,
        1,
        1,
    )


def test_refusals() -> None:
    assert refusal("GlobalMaxPooling1D", {"data_format": "channels_first"}, 3) == (
        "expected an input of rank 3, (batch, channels, steps), found (None, 3) of rank 2"
    )
    assert refusal("GlobalMaxPooling1D", {"keepdims": "no"}).startswith(
        "`keepdims` of GlobalMaxPooling1D must be true or false"
    )
