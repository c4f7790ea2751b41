"""Pooling against windows that are cut out and reduced one by one."""

from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specmodel.kernels.pool import BLOCK
from tests.layers.alone import numbers, output, refusal, requirements, shape, to_first

REDUCE = {"Max": np.max, "Average": np.mean}


def twin(kind: str, x: Any, window: tuple[int, ...], strides: tuple[int, ...], padding: str) -> Any:
    """Pooling, a window at a time; the cells of a window that hang over the border are left out."""
    sizes = x.shape[1:-1]
    if padding == "same":
        counts = [-(-size // stride) for size, stride in zip(sizes, strides, strict=True)]
        missing = [(n - 1) * s + w - size for n, s, w, size in zip(counts, strides, window, sizes, strict=True)]
        starts = [-(max(m, 0) // 2) for m in missing]
    else:
        counts = [(size - w) // s + 1 for size, w, s in zip(sizes, window, strides, strict=True)]
        starts = [0] * len(sizes)
    out = np.empty((len(x), *counts, x.shape[-1]))
    for place in product(*map(range, counts)):
        box = []
        for i, start, stride, side in zip(place, starts, strides, window, strict=True):
            first = start + i * stride
            box.append(slice(max(first, 0), first + side))
        cells = x[(slice(None), *box)]
        out[(slice(None), *place)] = REDUCE[kind](cells, axis=tuple(range(1, x.ndim - 1)))
    return out


@st.composite
def poolings(draw: st.DrawFn) -> tuple[str, dict[str, Any], tuple[int, ...]]:
    rank = draw(st.integers(1, 3))
    side = st.lists(st.integers(1, 4), min_size=rank, max_size=rank)
    window, padding = draw(side), draw(st.sampled_from(["valid", "same"]))
    sizes = [draw(st.integers(w if padding == "valid" else 1, 7)) for w in window]
    arguments = {
        "pool_size": window,
        "strides": draw(st.none() | side),
        "padding": padding,
        "data_format": draw(st.sampled_from([None, "channels_last", "channels_first"])),
    }
    kind = draw(st.sampled_from(["Max", "Average"]))
    return f"{kind}Pooling{rank}D", arguments, (draw(st.integers(1, 3)), *sizes, draw(st.integers(1, 3)))


@settings(max_examples=120, deadline=None)
@given(poolings())
def test_pooling_reduces_every_window(case: tuple[str, dict[str, Any], tuple[int, ...]]) -> None:
    name, arguments, sizes = case
    x = numbers(*sizes)
    first = arguments["data_format"] == "channels_first"
    strides = arguments["strides"] or arguments["pool_size"]
    wanted = twin(name.removesuffix(name[-9:]), x, tuple(arguments["pool_size"]), tuple(strides), arguments["padding"])
    result = output(name, arguments, np.ascontiguousarray(to_first(x)) if first else x)
    np.testing.assert_allclose(result, to_first(wanted) if first else wanted, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("name", "arguments", "wanted"),
    [
        ("MaxPooling1D", {}, [4, 3]),
        ("MaxPooling1D", {"strides": 1, "padding": "same"}, [4, 4, 3, 5, 5]),
        ("MaxPooling1D", {"pool_size": 3, "padding": "same"}, [4, 5]),
        ("AveragePooling1D", {"pool_size": 2, "padding": "same"}, [2.5, 2.5, 5]),  # the last window has one cell
        ("AveragePooling1D", {"pool_size": 4, "strides": 1, "padding": "same"}, [7 / 3, 2.5, 3.5, 10 / 3, 4]),
        ("AveragePooling1D", {"pool_size": 9, "strides": 3, "padding": "same"}, [3, 3]),
    ],
)
def test_windows_at_the_border_by_hand(name: str, arguments: dict[str, Any], wanted: list[float]) -> None:
    x = np.array([1, 4, 2, 3, 5], np.float32).reshape(1, 5, 1)
    np.testing.assert_allclose(output(name, arguments, x).ravel(), wanted, rtol=1e-6)


def test_a_border_of_negative_numbers_stays_negative() -> None:
    x = np.full((1, 3, 3, 1), -2, np.float32)
    assert (output("MaxPooling2D", {"padding": "same"}, x) == -2).all()


def test_not_a_number_is_the_maximum_of_its_windows() -> None:
    x = np.array([1, np.nan, 3, 4], np.float32).reshape(1, 4, 1)
    np.testing.assert_array_equal(output("MaxPooling1D", {}, x).ravel(), [np.nan, 4])


def test_samples_of_different_blocks_are_pooled_alike() -> None:
    sample = numbers(1, 64, 64, 40)
    assert 5 * sample.nbytes > BLOCK
    x = np.concatenate([sample, sample + 1, sample * 2, -sample, sample])
    for name in ("MaxPooling2D", "AveragePooling2D"):
        whole = output(name, {"pool_size": 3, "strides": 2}, x)
        each = [output(name, {"pool_size": 3, "strides": 2}, one[np.newaxis])[0] for one in x]
        np.testing.assert_array_equal(whole, each)


@pytest.mark.parametrize(
    ("dtype", "kind"), [("int32", "Max"), ("int32", "Average"), ("float64", "Max"), ("float64", "Average")]
)
def test_dtypes(dtype: str, kind: str) -> None:
    x = numbers(1, 4, 4, 2).astype(dtype)
    result = output(f"{kind}Pooling2D", {"pool_size": 2}, x, dtype="float64" if dtype == "float64" else "float32")
    assert result.dtype == ("float32" if (dtype, kind) == ("int32", "Average") else dtype)
    np.testing.assert_allclose(result, twin(kind, x, (2, 2), (2, 2), "valid"), rtol=1e-6)


@pytest.mark.parametrize(
    ("arguments", "sizes", "wanted"),
    [
        ({}, ("h", "w", 3), ("h//2", "w//2", 3)),
        ({"padding": "same"}, ("h", 5, 3), ("(h - 1)//2 + 1", 3, 3)),
        ({"pool_size": 3, "strides": 1}, ("h", "w", "c"), ("h - 2", "w - 2", "c")),
        ({"data_format": "channels_first"}, (3, "h", 8), (3, "h//2", 4)),
        ({}, (None, None, 3), (None, None, 3)),
    ],
)
def test_symbolic_shapes(arguments: dict[str, Any], sizes: tuple[Any, ...], wanted: tuple[Any, ...]) -> None:
    assert shape("MaxPooling2D", arguments, *sizes) == wanted


def test_a_window_must_fit_where_the_size_is_not_known_yet() -> None:
    assert requirements("AveragePooling1D", {"pool_size": 3}, "seq", 8) == ["`seq` is at least 3"]
    assert requirements("AveragePooling1D", {"pool_size": 3, "padding": "same"}, "seq", 8) == []


@pytest.mark.parametrize(
    ("arguments", "sizes", "wanted"),
    [
        ({"pool_size": 7}, (8, 6, 3), "a window of 7 does not fit into axis 2, which has the size 6"),
        (
            {"pool_size": 7, "data_format": "channels_first"},
            (8, 6, 9),
            "a window of 7 does not fit into axis 2, which has the size 6",
        ),
        ({}, (8, 8), "expected an input of rank 4, (batch, height, width, channels), found (None, 8, 8) of rank 3"),
        ({"pool_size": [2]}, (), "`pool_size` of MaxPooling2D must be an integer or a list of 2, found a list of 1"),
        ({"pool_size": None}, (), "`pool_size` of MaxPooling2D must be an integer or a list of 2, found null"),
        ({"strides": [1, 0]}, (), "`strides[1]` of MaxPooling2D must be greater than 0, found 0"),
        ({"strides": -1}, (), "`strides` of MaxPooling2D must be greater than 0, found -1"),
        ({"padding": "causal"}, (), '`padding` of MaxPooling2D must be `valid` or `same`, found the text "causal"'),
    ],
)
def test_refusals(arguments: dict[str, Any], sizes: tuple[int, ...], wanted: str) -> None:
    assert refusal("MaxPooling2D", arguments, *sizes) == wanted
