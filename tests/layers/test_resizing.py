"""Images of another size: Resizing, CenterCrop."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.layers.alone import numbers, output, refusal, shape, to_first

WAYS = ["nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"]


def image(*rows: list[float]) -> Any:
    return np.array(rows, np.float32)[np.newaxis, :, :, np.newaxis]


def pixels(x: Any) -> Any:
    return x[0, :, :, 0].tolist()


def test_by_hand() -> None:
    x = image([0, 4], [8, 12])
    assert pixels(output("Resizing", {"height": 1, "width": 1}, x)) == [[6]]
    assert pixels(output("Resizing", {"height": 2, "width": 4}, x)) == [[0, 1, 3, 4], [8, 9, 11, 12]]
    assert pixels(output("Resizing", {"height": 1, "width": 4, "interpolation": "nearest"}, x)) == [[8, 8, 12, 12]]


def test_without_antialias_pixels_are_skipped() -> None:
    x = image([8, 0, 0, 8, 8, 0, 0, 8])
    assert pixels(output("Resizing", {"height": 1, "width": 2}, x)) == [[0, 0]]
    (smooth,) = pixels(output("Resizing", {"height": 1, "width": 2, "antialias": True}, x))
    np.testing.assert_allclose(smooth, [4, 4], atol=1)


def test_cutting_to_the_ratio_keeps_the_middle() -> None:
    x = image([1, 2, 3, 4], [5, 6, 7, 8])
    result = output("Resizing", {"height": 2, "width": 2, "crop_to_aspect_ratio": True}, x)
    assert pixels(result) == [[2, 3], [6, 7]]


def test_a_border_brings_images_to_the_ratio() -> None:
    x = image([1, 2, 3, 4], [5, 6, 7, 8])
    result = output("Resizing", {"height": 4, "width": 4, "pad_to_aspect_ratio": True, "fill_value": 9}, x)
    assert pixels(result) == [[9] * 4, [1, 2, 3, 4], [5, 6, 7, 8], [9] * 4]


def test_whole_numbers_are_rounded_and_kept_in_range() -> None:
    x = np.array([0, 255], np.uint8).reshape(1, 1, 2, 1)
    result = output("Resizing", {"height": 1, "width": 1}, x)
    assert result.dtype == np.uint8
    assert result.ravel().tolist() == [128]
    filled = {"height": 4, "width": 2, "pad_to_aspect_ratio": True, "fill_value": 300, "interpolation": "nearest"}
    assert output("Resizing", filled, x)[0, :, 0, 0].tolist() == [255, 0, 0, 255]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_the_inferred_shape_is_the_executed_one(data: st.DataObject) -> None:
    side = st.integers(1, 9)
    name = data.draw(st.sampled_from(["Resizing", "CenterCrop"]))
    arguments: dict[str, Any] = {"height": data.draw(side), "width": data.draw(side)}
    if name == "Resizing":
        arguments["interpolation"] = data.draw(st.sampled_from(WAYS))
        arguments["antialias"] = data.draw(st.booleans())
        arguments |= data.draw(st.sampled_from([{}, {"crop_to_aspect_ratio": True}, {"pad_to_aspect_ratio": True}]))
    batch = data.draw(st.sampled_from([(), (2,)]))
    x = numbers(*batch, data.draw(side), data.draw(side), 2)
    result = output(name, arguments, x)
    assert result.shape == (*batch, arguments["height"], arguments["width"], 2)
    if batch:
        first = output(name, {**arguments, "data_format": "channels_first"}, np.ascontiguousarray(to_first(x)))
        np.testing.assert_allclose(first, to_first(result), rtol=1e-5, atol=1e-5)
        np.testing.assert_allclose(output(name, arguments, x[0]), result[0], rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", ["Resizing", "CenterCrop"])
def test_sizes_of_images_need_not_be_known(name: str) -> None:
    assert shape(name, {"height": 4, "width": 5}, "h", None, 3) == (4, 5, 3)
    assert shape(name, {"height": 4, "width": 5, "data_format": "channels_first"}, 3, "h", "w") == (3, 4, 5)


def test_the_middle_begins_before_the_exact_one() -> None:
    x = image([1, 2, 3, 4, 5])
    assert pixels(output("CenterCrop", {"height": 1, "width": 2}, x)) == [[2, 3]]
    assert pixels(output("CenterCrop", {"height": 1, "width": 3}, x)) == [[2, 3, 4]]


def test_what_is_too_small_is_cut_to_the_ratio_and_resized() -> None:
    x = image([1, 2, 3, 4])  # a square of it is one pixel
    assert pixels(output("CenterCrop", {"height": 2, "width": 2}, x)) == [[2, 2], [2, 2]]


@pytest.mark.parametrize(
    ("name", "arguments", "sizes", "message"),
    [
        ("Resizing", {"height": 0, "width": 1}, (), "`height` of Resizing must be greater than 0, found 0"),
        ("Resizing", {"height": 1, "width": 1}, (4,), "expected images, (batch, height, width, channels)"),
        ("CenterCrop", {"height": 1.5, "width": 1}, (), "`height` of CenterCrop must be an integer, found 1.5"),
        ("CenterCrop", {"height": 1, "width": 1}, (4, 4, 4, 4), "expected images"),
    ],
)
def test_refusals(name: str, arguments: dict[str, Any], sizes: tuple[Any, ...], message: str) -> None:
    assert message in refusal(name, arguments, *sizes)
