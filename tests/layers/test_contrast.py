"""Contrast of images: AutoContrast, ContrastLimitedAdaptiveHistogramEqualization."""

from typing import Any

import numpy as np
import pytest

from tests.layers.alone import output, refusal, shape, to_first

CLAHE = "ContrastLimitedAdaptiveHistogramEqualization"


def twin(x: Any, rows: int, columns: int, limit: float) -> Any:
    """One channel, a pixel at a time: counts of each tile, clipped and summed up; four tiles mixed for each pixel."""
    height, width = x.shape
    tall, wide = -(-height // rows), -(-width // columns)
    padded = np.pad(x, ((0, tall * rows - height), (0, wide * columns - width)), mode="symmetric")
    tables = np.empty((rows, columns, 256))
    for row in range(rows):
        for column in range(columns):
            tile = padded[row * tall : (row + 1) * tall, column * wide : (column + 1) * wide]
            counts = np.array([(tile == level).sum() for level in range(256)], float)
            if limit > 0:
                most = limit * tile.size / 256
                counts = np.minimum(counts, most) + np.maximum(counts - most, 0).sum() / 256
            below = counts.cumsum()
            tables[row, column] = (below - below[0]) * 255 / (tile.size - below[0] or 1)
    out = np.empty(x.shape)
    for i in range(height):
        for j in range(width):
            y, z = (i - tall / 2) / tall, (j - wide / 2) / wide
            top, left = int(np.floor(y)), int(np.floor(z))
            value = 0.0
            for row, share in ((top, top + 1 - y), (top + 1, y - top)):
                for column, part in ((left, left + 1 - z), (left + 1, z - left)):
                    table = tables[min(max(row, 0), rows - 1), min(max(column, 0), columns - 1)]
                    value += share * part * table[x[i, j]]
            out[i, j] = value
    return out


@pytest.mark.parametrize(
    ("size", "grid", "limit"),
    [((8, 8), [2, 2], 4.0), ((7, 10), [2, 3], 40.0), ((9, 5), [4, 2], 0.0), ((6, 6), [1, 1], 2.5), ((3, 3), [5, 5], 4)],
)
def test_tiles_are_equalized_and_mixed(size: tuple[int, int], grid: list[int], limit: float) -> None:
    x = np.random.default_rng(3).integers(0, 256, size)
    result = output(
        CLAHE, {"tile_grid_size": grid, "clip_limit": limit}, x.astype(np.float32)[np.newaxis, ..., np.newaxis]
    )
    np.testing.assert_allclose(result[0, ..., 0], twin(x, *grid, limit), rtol=1e-4, atol=1e-3)


def test_channels_and_images_do_not_see_each_other() -> None:
    x = np.random.default_rng(4).integers(0, 256, (2, 6, 7, 3)).astype(np.float32)
    arguments = {"tile_grid_size": [2, 2]}
    whole = output(CLAHE, arguments, x)
    for image in range(2):
        for channel in range(3):
            one = np.ascontiguousarray(x[image, :, :, channel])
            alone = output(CLAHE, arguments, one[np.newaxis, :, :, np.newaxis])
            np.testing.assert_array_equal(whole[image, :, :, channel], alone[0, :, :, 0])
    first = output(CLAHE, {**arguments, "data_format": "channels_first"}, np.ascontiguousarray(to_first(x)))
    np.testing.assert_array_equal(first, to_first(whole))
    np.testing.assert_array_equal(output(CLAHE, arguments, x[0]), whole[0])


def test_integers_stay_integers_and_ranges_are_moved() -> None:
    x = np.random.default_rng(5).integers(0, 256, (1, 8, 8, 1))
    whole = output(CLAHE, {"tile_grid_size": 2}, x.astype(np.float32))
    bytes_ = output(CLAHE, {"tile_grid_size": 2}, x.astype(np.uint8))
    assert bytes_.dtype == np.uint8
    np.testing.assert_array_equal(bytes_, np.floor(whole))
    halved = output(CLAHE, {"tile_grid_size": 2, "value_range": [0, 510]}, (x * 2).astype(np.float32))
    np.testing.assert_allclose(halved, whole * 2, rtol=1e-5)


def test_each_channel_is_stretched_over_the_range() -> None:
    x = np.array([[[10, 7], [20, 7]], [[30, 7], [15, 7]]], np.float32)[np.newaxis]
    result = output("AutoContrast", {}, x)
    np.testing.assert_allclose(result[0, ..., 0], [[0, 127.5], [255, 63.75]], rtol=1e-5)
    np.testing.assert_array_equal(result[0, ..., 1], 7)  # a channel of a single value stays as it is


def test_the_range_may_be_written_either_way() -> None:
    x = np.array([[[1.0], [3.0]]], np.float32)
    for value_range in ([0, 10], [10, 0]):
        np.testing.assert_allclose(output("AutoContrast", {"value_range": value_range}, x).ravel(), [0, 10], atol=1e-5)


def test_shapes_are_kept() -> None:
    assert shape(CLAHE, {}, "h", None, 3) == ("h", None, 3)
    assert shape("AutoContrast", {}, "h", None, 3) == ("h", None, 3)


@pytest.mark.parametrize(
    ("name", "arguments", "sizes", "message"),
    [
        ("AutoContrast", {"value_range": [0, 1, 2]}, (), "must be a list of two numbers, found a list of 3"),
        (CLAHE, {"clip_limit": "4"}, (), f"`clip_limit` of {CLAHE} must be a number"),
        (CLAHE, {}, (5,), "expected images"),
    ],
)
def test_refusals(name: str, arguments: dict[str, Any], sizes: tuple[Any, ...], message: str) -> None:
    assert message in refusal(name, arguments, *sizes)
