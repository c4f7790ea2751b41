"""Augmentation at inference: images stay as they are, and arguments are checked all the same."""

from typing import Any

import numpy as np
import pytest

from specmodel import layers
from tests.layers.alone import output, refusal

FAMILIES = ("mixing_augmentation", "color_augmentation", "geometric_augmentation")
NAMES = [name for family in FAMILIES for name in layers.FAMILIES[family]]
NEEDED: dict[str, dict[str, Any]] = {
    "MaxNumBoundingBoxes": {"max_number": 3},
    "RandomCrop": {"height": 2, "width": 2},
    "RandomTranslation": {"height_factor": 0.1, "width_factor": 0.1},
    "RandomZoom": {"height_factor": 0.1},
    "RandomPosterization": {"factor": 4},
    **{
        f"Random{change}": {"factor": 0.2}
        for change in "Brightness ColorDegeneration Contrast Hue Rotation Saturation Sharpness".split()
    },
}
KEEP_INTEGERS = {
    *("Equalization", "MaxNumBoundingBoxes", "MixUp", "RandomBrightness", "RandomColorDegeneration"),
    *("RandomColorJitter", "RandomContrast", "RandomCrop", "RandomGrayscale", "RandomHue", "RandomInvert"),
    *("RandomPosterization", "RandomSaturation"),
}
"""Layers that give back the bytes they get; the others make them floating-point numbers, in Keras as here."""


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("sizes", [(2, 4, 5, 3), (4, 5, 3)])
def test_images_stay_as_they_are(name: str, sizes: tuple[int, ...]) -> None:
    x = np.random.default_rng(1).integers(0, 256, sizes)
    for dtype in (np.float32, np.uint8):
        result = output(name, NEEDED.get(name, {}), x.astype(dtype))
        np.testing.assert_array_equal(result, x)
        assert result.dtype == (np.uint8 if dtype == np.uint8 and name in KEEP_INTEGERS else np.float32)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_no_image_is_refused(name: str) -> None:
    assert refusal(name, NEEDED.get(name, {}), 4).startswith("expected images, (batch, height, width, channels)")


@pytest.mark.parametrize("name", [name for name in NAMES if name in NEEDED])
def test_required_arguments_are_missed(name: str) -> None:
    first = next(iter(NEEDED[name]))
    rest = {key: value for key, value in NEEDED[name].items() if key != first}
    assert refusal(name, rest) == f"{name} needs the argument `{first}`"


def test_a_crop_reads_half_precision_as_it_is() -> None:
    x = np.ones((1, 4, 4, 1), np.float16)
    assert output("RandomCrop", NEEDED["RandomCrop"], x).dtype == np.float16
    assert output("RandomFlip", {}, x).dtype == np.float32


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("RandomBrightness", {"factor": [-1, 1]}),
        ("RandomContrast", {"factor": [-5, 0.5]}),  # Keras looks only at the ends that would shut the range out
        ("RandomZoom", {"height_factor": [-0.9, 1], "width_factor": None}),
        ("RandomGaussianBlur", {"kernel_size": [3, 5], "sigma": 0}),
        ("RandomErasing", {"fill_value": None, "scale": [0.1, 0.2]}),
        ("RandomPosterization", {"factor": [1, 8]}),
        ("RandomElasticTransform", {"fill_mode": "mirror"}),
        ("AugMix", {"bounding_box_format": "xyxy", "seed": 3}),
    ],
)
def test_arguments_that_are_taken(name: str, arguments: dict[str, Any]) -> None:
    x = np.ones((1, 2, 2, 3), np.float32)
    np.testing.assert_array_equal(output(name, arguments, x), x)


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("RandomBrightness", {"factor": 1.1}, "`factor` of RandomBrightness must be a number from -1 to 1"),
        ("RandomBrightness", {"factor": 0.1, "value_range": "0"}, "`value_range` of RandomBrightness must be a list"),
        ("RandomTranslation", {"height_factor": [0.1, -1.2], "width_factor": 0}, "a number from -1 to 1"),
        ("RandomTranslation", {"height_factor": {"a": 1}, "width_factor": 0}, "found a mapping"),
        ("RandomZoom", {"height_factor": -1}, "a number above -1 and at most 1"),
        ("RandomShear", {"y_factor": [0, -0.1]}, "`y_factor` of RandomShear must be a number from 0 to 1"),
        ("RandomRotation", {"factor": 0.1, "fill_mode": "mirror"}, "`fill_mode` of RandomRotation must be"),
        ("RandomFlip", {"seed": 0.5}, "`seed` of RandomFlip must be an integer"),
        ("RandomGaussianBlur", {"kernel_size": [3, 4]}, "must be an odd number or two of them"),
    ],
)
def test_arguments_that_are_refused(name: str, arguments: dict[str, Any], message: str) -> None:
    assert message in refusal(name, arguments)
