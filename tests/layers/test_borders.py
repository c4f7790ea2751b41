"""Cropping takes borders away, ZeroPadding adds them: each undoes the other."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.layers.alone import numbers, output, refusal, requirements, shape, to_first


@st.composite
def borders(draw: st.DrawFn) -> tuple[list[list[int]], tuple[int, ...], str]:
    rank = draw(st.integers(1, 3))
    pairs = [[draw(st.integers(0, 3)), draw(st.integers(0, 3))] for _ in range(rank)]
    sizes = [before + after + draw(st.integers(1, 4)) for before, after in pairs]
    format_ = draw(st.sampled_from(["channels_last", "channels_first"])) if rank > 1 else "channels_last"
    return pairs, (2, *sizes, draw(st.integers(1, 3))), format_


def arguments(key: str, pairs: list[list[int]], data_format: str) -> dict[str, Any]:
    return {key: pairs, "data_format": data_format} if len(pairs) > 1 else {key: pairs[0]}


@settings(max_examples=80, deadline=None)
@given(borders())
def test_cropping_leaves_the_inside(case: tuple[list[list[int]], tuple[int, ...], str]) -> None:
    pairs, sizes, data_format = case
    x = numbers(*sizes)
    kept = [range(before, size - after) for size, (before, after) in zip(sizes[1:], pairs, strict=False)]
    wanted = x[np.ix_(range(2), *kept, range(sizes[-1]))]
    first = data_format == "channels_first"
    result = output(
        f"Cropping{len(pairs)}D", arguments("cropping", pairs, data_format), to_first(x).copy() if first else x
    )
    np.testing.assert_array_equal(result, to_first(wanted) if first else wanted)


@settings(max_examples=80, deadline=None)
@given(borders())
def test_padding_adds_zeros_that_cropping_takes_away(case: tuple[list[list[int]], tuple[int, ...], str]) -> None:
    pairs, sizes, data_format = case
    x = np.abs(numbers(*sizes)) + 1
    x = to_first(x).copy() if data_format == "channels_first" else x
    padded = output(f"ZeroPadding{len(pairs)}D", arguments("padding", pairs, data_format), x)
    assert padded.sum() == x.sum()
    np.testing.assert_array_equal(
        output(f"Cropping{len(pairs)}D", arguments("cropping", pairs, data_format), padded), x
    )


@pytest.mark.parametrize(
    ("short", "long"),
    [
        (1, [[1, 1], [1, 1]]),
        ([1, 2], [[1, 1], [2, 2]]),
        ([[0, 1], 2], [[0, 1], [2, 2]]),
        ([0, [2, 1]], [[0, 0], [2, 1]]),
    ],
)
def test_a_number_stands_for_both_ends(short: Any, long: Any) -> None:
    x = numbers(1, 6, 7, 2)
    for name, key in (("Cropping2D", "cropping"), ("ZeroPadding2D", "padding")):
        np.testing.assert_array_equal(output(name, {key: short}, x), output(name, {key: long}, x))


def test_defaults() -> None:
    assert [shape(f"ZeroPadding{rank}D", {}, *(5,) * rank, 2) for rank in (1, 2, 3)] == [
        (7, 2),
        (7, 7, 2),
        (7, 7, 7, 2),
    ]
    assert [shape(f"Cropping{rank}D", {}, *(5,) * rank, 2) for rank in (1, 2, 3)] == [(3, 2), (5, 5, 2), (3, 3, 3, 2)]


def test_symbolic_shapes() -> None:
    assert shape("Cropping1D", {"cropping": [1, 2]}, "seq", 3) == ("seq - 3", 3)
    assert shape("ZeroPadding2D", {"padding": [[0, 1], [2, 2]]}, "h", None, 3) == ("h + 1", None, 3)
    assert shape("Cropping2D", {"cropping": 1, "data_format": "channels_first"}, "c", "h", 5) == ("c", "h - 2", 3)


def test_something_must_be_left() -> None:
    assert requirements("Cropping1D", {"cropping": [1, 2]}, "seq", 3) == ["`seq` is at least 4"]
    assert requirements("Cropping1D", {"cropping": 0}, "seq", 3) == []
    assert refusal("Cropping3D", {"cropping": [0, [3, 1], 0]}, 5, 4, 5, 2) == (
        "`cropping` takes 3 + 1 from axis 2, which has the size 4: nothing is left"
    )


@pytest.mark.parametrize(
    ("name", "given", "wanted"),
    [
        ("Cropping1D", {"cropping": -1}, "`cropping` of Cropping1D must be at least 0, found -1"),
        ("Cropping1D", {"cropping": [0, -1]}, "`cropping[1]` of Cropping1D must be at least 0, found -1"),
        ("Cropping2D", {"cropping": [0, -2]}, "`cropping[1]` of Cropping2D must be at least 0, found -2"),
        ("ZeroPadding2D", {"padding": True}, "`padding` of ZeroPadding2D must be an integer or a list of 2, each"),
        (
            "ZeroPadding2D",
            {"padding": [1, 1.5]},
            "`padding[1]` of ZeroPadding2D must be an integer or a list [before, after]",
        ),
        (
            "ZeroPadding3D",
            {"padding": [[1, 1]] * 4},
            "`padding` of ZeroPadding3D must be an integer or a list of 3, each",
        ),
    ],
)
def test_refusals(name: str, given: dict[str, Any], wanted: str) -> None:
    assert refusal(name, given).startswith(wanted)
