"""UpSampling, and the resampling below it, against interpolation written out for one place at a time."""

from collections.abc import Callable
from math import pi, sin
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specmodel.kernels.resize import TILE
from specmodel.kernels.resize import resize as kernel
from specmodel.ops.resize import Resize
from tests.layers.alone import numbers, output, refusal, shape, to_first


def triangle(x: float) -> float:
    return max(0.0, 1 - x)


def cubic(x: float) -> float:
    if x < 1:
        return 1.5 * x**3 - 2.5 * x**2 + 1
    return -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2 if x < 2 else 0.0


def lanczos(radius: int) -> Callable[[float], float]:
    def weight(x: float) -> float:
        if x > radius:
            return 0.0
        return radius * sin(pi * x) * sin(pi * x / radius) / (pi * x) ** 2 if x > 1e-4 else 1.0

    return weight


WEIGHT = {"bilinear": triangle, "bicubic": cubic, "lanczos3": lanczos(3), "lanczos5": lanczos(5)}


def resampled(line: Any, wanted: int, interpolation: str, antialias: bool) -> list[float]:
    """A line of numbers at another length: each place a weighted mean of all."""
    step = len(line) / wanted
    width = max(step, 1.0) if antialias else 1.0
    result = []
    for i in range(wanted):
        place = (i + 0.5) * step - 0.5
        weights = [WEIGHT[interpolation](abs(place - j) / width) for j in range(len(line))]
        result.append(sum(w * v for w, v in zip(weights, line, strict=True)) / sum(weights))
    return result


def resized(x: Any, axes: tuple[int, ...], sizes: tuple[int, ...], interpolation: Any, antialias: bool = False) -> Any:
    """What the kernel makes of an array."""
    shape = [dict(zip(axes, sizes, strict=True)).get(axis, size) for axis, size in enumerate(x.shape)]
    out = np.empty(shape, x.dtype)
    for call in kernel(
        Resize(axes, sizes, interpolation, antialias), [x], [out], lambda shape, dtype: np.empty(shape, dtype)
    ):
        call()
    return out


@settings(max_examples=60, deadline=None)
@given(
    sizes=st.tuples(st.integers(1, 9), st.integers(1, 9)),
    wanted=st.tuples(st.integers(1, 20), st.integers(1, 20)),
    interpolation=st.sampled_from(sorted(WEIGHT)),
    antialias=st.booleans(),
)
def test_images_are_resampled_axis_by_axis(
    sizes: tuple[int, int], wanted: tuple[int, int], interpolation: str, antialias: bool
) -> None:
    x = numbers(2, *sizes, 2).astype(np.float64)
    result = resized(x, (1, 2), wanted, interpolation, antialias)
    rows = np.apply_along_axis(resampled, 1, x, wanted[0], interpolation, antialias)
    np.testing.assert_allclose(
        result, np.apply_along_axis(resampled, 2, rows, wanted[1], interpolation, antialias), atol=1e-9
    )


@pytest.mark.parametrize("wanted", [TILE + 1, 5 * TILE, 40])
@pytest.mark.parametrize("antialias", [False, True])
def test_long_axes_are_resampled_in_tiles(wanted: int, antialias: bool) -> None:
    x = numbers(1, 150, 1).astype(np.float64)
    result = resized(x, (1,), (wanted,), "lanczos3", antialias)
    np.testing.assert_allclose(result.ravel(), resampled(x.ravel(), wanted, "lanczos3", antialias), atol=1e-9)


@pytest.mark.parametrize(("wanted", "places"), [(7, [0, 0, 1, 1, 1, 2, 2]), (2, [0, 2]), (1, [1])])
def test_nearest_takes_the_cell_that_holds_the_centre(wanted: int, places: list[int]) -> None:
    x = numbers(2, 3, 2)
    np.testing.assert_array_equal(resized(x, (1,), (wanted,), "nearest"), x[:, places])


@pytest.mark.parametrize("interpolation", ["nearest", "bicubic"])
def test_an_array_in_another_order_is_resampled_alike(interpolation: str) -> None:
    x = numbers(2, 4, 5, 3)
    turned = np.asfortranarray(x)
    sizes = (7, 9)
    np.testing.assert_array_equal(
        resized(turned, (1, 2), sizes, interpolation), resized(x, (1, 2), sizes, interpolation)
    )


@settings(max_examples=40, deadline=None)
@given(sizes=st.lists(st.integers(1, 4), min_size=1, max_size=3), data=st.data())
def test_repeating_copies_each_cell(sizes: list[int], data: st.DataObject) -> None:
    rank = len(sizes)
    times = [data.draw(st.integers(1, 3)) for _ in sizes]
    first = rank > 1 and data.draw(st.booleans())
    arguments: dict[str, Any] = {"size": times if rank > 1 else times[0]}
    if first:
        arguments["data_format"] = "channels_first"
    x = numbers(2, *sizes, 2)
    result = output(f"UpSampling{rank}D", arguments, to_first(x).copy() if first else x)
    result = np.moveaxis(result, 1, -1) if first else result
    for place in np.ndindex(*result.shape[1:-1]):
        source = tuple(i // n for i, n in zip(place, times, strict=True))
        np.testing.assert_array_equal(result[(slice(None), *place)], x[(slice(None), *source)])


def test_bilinear_by_hand() -> None:
    x = np.array([0, 4], np.float32).reshape(1, 1, 2, 1)
    result = output("UpSampling2D", {"size": [1, 2], "interpolation": "bilinear"}, x)
    assert result.ravel().tolist() == [0, 1, 3, 4]


@pytest.mark.parametrize("interpolation", ["bilinear", "bicubic", "lanczos3", "lanczos5"])
def test_a_flat_image_stays_flat(interpolation: str) -> None:
    x = np.full((1, 3, 4, 2), 2.5, np.float32)
    result = output("UpSampling2D", {"size": [3, 2], "interpolation": interpolation}, x)
    np.testing.assert_allclose(result, np.full((1, 9, 8, 2), 2.5), rtol=1e-6)


def test_mixed_integers_are_rounded_and_kept_in_range() -> None:
    x = np.array([0, 255, 255, 0], np.uint8).reshape(1, 1, 4, 1)
    mixed = output("UpSampling2D", {"size": [1, 2], "interpolation": "bicubic"}, x.astype(np.float32)).ravel()
    result = output("UpSampling2D", {"size": [1, 2], "interpolation": "bicubic"}, x)
    assert mixed.min() < 0
    assert mixed.max() > 255
    assert result.dtype == np.uint8
    assert result.ravel().tolist() == [min(max(round(float(v)), 0), 255) for v in mixed]


def test_the_largest_integers_do_not_overflow() -> None:
    x = np.full((1, 1, 4, 1), 2**31 - 1, np.int32)
    assert (output("UpSampling2D", {"interpolation": "bilinear"}, x) > 2**31 - 2**8).all()


def test_symbolic_shapes() -> None:
    assert shape("UpSampling1D", {"size": 3}, "seq", 2) == ("3*seq", 2)
    assert shape("UpSampling2D", {"interpolation": "bicubic"}, "h", None, 3) == ("2*h", None, 3)
    assert shape("UpSampling3D", {"size": [1, 2, 3], "data_format": "channels_first"}, 1, "d", 4, "w") == (
        1,
        "d",
        8,
        "3*w",
    )


def test_refusals() -> None:
    assert refusal("UpSampling2D", {"interpolation": "bilinaer"}).startswith(
        "`interpolation` of UpSampling2D must be `nearest`"
    )
    assert refusal("UpSampling2D", {"size": 0}) == "`size` of UpSampling2D must be greater than 0, found 0"
    assert refusal("UpSampling2D", {"data_format": "channels_first"}, 3, 4) == (
        "expected an input of rank 4, (batch, channels, height, width), found (None, 3, 4) of rank 3"
    )
