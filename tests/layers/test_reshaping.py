"""Flatten, Reshape, Permute, RepeatVector: the same elements in another shape."""

from math import prod
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.layers.alone import numbers, output, refusal, requirements, shape, to_first

SIZES = st.lists(st.integers(1, 4), max_size=4)


@settings(max_examples=40, deadline=None)
@given(SIZES)
def test_flatten_keeps_row_major_order(sizes: list[int]) -> None:
    x = numbers(2, *sizes)
    assert output("Flatten", {}, x).tolist() == [list(sample.flat) for sample in x]


@settings(max_examples=40, deadline=None)
@given(SIZES, st.integers(1, 3))
def test_flatten_brings_channels_to_the_end(sizes: list[int], channels: int) -> None:
    x = numbers(2, *sizes, channels)
    first = np.ascontiguousarray(to_first(x))
    np.testing.assert_array_equal(output("Flatten", {"data_format": "channels_first"}, first), x.reshape(2, -1))


@settings(max_examples=60, deadline=None)
@given(SIZES, st.data())
def test_reshape_takes_any_order_of_factors(sizes: list[int], data: st.DataObject) -> None:
    target = data.draw(st.permutations(sizes))
    hidden = data.draw(st.none() | st.integers(0, len(target) - 1)) if target else None
    written = [-1 if axis == hidden else size for axis, size in enumerate(target)]
    x = numbers(3, *sizes)
    np.testing.assert_array_equal(output("Reshape", {"target_shape": written}, x), x.reshape(3, *target))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 4), min_size=1, max_size=4), st.data())
def test_permute_moves_axes(sizes: list[int], data: st.DataObject) -> None:
    dims = data.draw(st.permutations(range(1, len(sizes) + 1)))
    x = numbers(2, *sizes)
    result = output("Permute", {"dims": dims}, x)
    for place in np.ndindex(*sizes):
        moved = tuple(place[axis - 1] for axis in dims)
        np.testing.assert_array_equal(result[(slice(None), *moved)], x[(slice(None), *place)])


def test_repeat_vector_repeats() -> None:
    x = np.array([[1, 2], [3, 4]], np.float32)
    assert output("RepeatVector", {"n": 3}, x).tolist() == [[[1, 2]] * 3, [[3, 4]] * 3]


@pytest.mark.parametrize(
    ("name", "arguments", "sizes", "wanted"),
    [
        ("Flatten", {}, ("h", "w", 64), ("64*h*w",)),
        ("Flatten", {}, (None, 3), (None,)),
        ("Flatten", {"data_format": "channels_first"}, (3, "seq"), ("3*seq",)),
        ("Flatten", {}, (), (1,)),
        ("Reshape", {"target_shape": [-1, 64]}, ("h", "w", 64), ("h*w", 64)),
        ("Reshape", {"target_shape": [-1]}, ("h", "w"), ("h*w",)),
        ("Reshape", {"target_shape": [-1, 6]}, ("seq", 2), ("seq//3", 6)),
        ("Reshape", {"target_shape": [4, 4]}, ("seq",), (4, 4)),
        ("Reshape", {"target_shape": [-1, 2]}, (None, 4), (None, 2)),
        ("Reshape", {"target_shape": []}, (1,), ()),
        ("Permute", {"dims": [3, 1, 2]}, ("h", "w", 3), (3, "h", "w")),
        ("RepeatVector", {"n": 4}, ("features",), (4, "features")),
    ],
)
def test_symbolic_shapes(name: str, arguments: dict[str, Any], sizes: tuple[Any, ...], wanted: tuple[Any, ...]) -> None:
    assert shape(name, arguments, *sizes) == wanted


@pytest.mark.parametrize(
    ("target", "sizes", "wanted"),
    [
        ([-1, 64], ("h", "w", 64), []),
        ([-1, 6], ("seq", 2), ["`2*seq` is a multiple of 6"]),
        ([4, 4], ("seq",), ["`seq` equals 16"]),
        ([4, 4], ("seq", 2), ["`2*seq` equals 16"]),
    ],
)
def test_what_only_data_can_tell_is_required_once(target: list[int], sizes: tuple[Any, ...], wanted: list[str]) -> None:
    assert requirements("Reshape", {"target_shape": target}, *sizes) == wanted


@pytest.mark.parametrize("sizes", [(4, 4), (2, 5, 3), ("seq", 2)])
def test_a_target_that_does_not_fit_is_refused_with_both_counts(sizes: tuple[Any, ...]) -> None:
    has = prod(sizes) if "seq" not in sizes else "`2*seq`"
    message = refusal("Reshape", {"target_shape": [7, 7, 3]}, *sizes)
    shown = ", ".join(str(size) for size in (None, *sizes))
    assert message == f"`target_shape` (7, 7, 3) has 147 elements, a sample of the input ({shown}) has {has}"


@pytest.mark.parametrize(
    ("name", "arguments", "sizes", "wanted"),
    [
        (
            "Reshape",
            {"target_shape": [-1, 7]},
            (4, 4),
            "takes a multiple of 7 elements, a sample of the input (None, 4, 4) has 16",
        ),
        (
            "Reshape",
            {"target_shape": [-1, 2, -1]},
            (),
            "`target_shape` of Reshape must have -1 at most once, found it 2 times",
        ),
        ("Reshape", {"target_shape": [4, -2]}, (), "`target_shape[1]` of Reshape must be a positive size, or -1"),
        ("Reshape", {"target_shape": [4, None]}, (), "`target_shape[1]` of Reshape must be an integer, found null"),
        ("Reshape", {}, (), "Reshape needs the argument `target_shape`"),
        ("Permute", {"dims": [1, 1]}, (), "`dims` of Permute must hold each axis from 1 to 2 once, found [1, 1]"),
        (
            "Permute",
            {"dims": [2, 1]},
            (3,),
            "expected an input of rank 3, (batch, axis 1, axis 2), found (None, 3) of rank 2",
        ),
        ("RepeatVector", {"n": True}, (), "`n` of RepeatVector must be an integer, found true"),
        (
            "RepeatVector",
            {"n": 2},
            (3, 4),
            "expected an input of rank 2, (batch, features), found (None, 3, 4) of rank 3",
        ),
    ],
)
def test_refusals(name: str, arguments: dict[str, Any], sizes: tuple[Any, ...], wanted: str) -> None:
    assert wanted in refusal(name, arguments, *sizes)
