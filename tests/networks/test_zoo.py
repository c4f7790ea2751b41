"""The zoo builds, in every preset, with the parameter counts that others have published.

Sources: the tables of keras.io/api/applications, torchvision's `num_params` (with the moving statistics that Keras
counts and PyTorch does not), keras-hub's presets, and the papers' own tables for the classics.
"""

from pathlib import Path

import pytest
from click.testing import CliRunner

from specmodel import load
from specmodel.cli.check import command as check_command

ZOO = Path(__file__).parents[2] / "specs" / "zoo"

PUBLISHED = {
    "alexnet": {None: 62_378_344, "torchvision": 61_100_840},
    "bert": {"base": 109_482_240, "large": 335_141_888},
    "convnext": {
        "tiny": 28_589_128,
        "small": 50_223_688,
        "base": 88_591_464,
        "large": 197_767_336,
        "xlarge": 350_196_968,
    },
    "densenet": {"densenet121": 8_062_504, "densenet169": 14_307_880, "densenet201": 20_242_984},
    "efficientnet": {
        "b0": 5_330_571,
        "b1": 7_856_239,
        "b2": 9_177_569,
        "b3": 12_320_535,
        "b4": 19_466_823,
        "b5": 30_562_527,
        "b6": 43_265_143,
        "b7": 66_658_687,
    },
    "gpt2": {"small": 124_439_808, "medium": 354_823_168, "large": 774_030_080, "xl": 1_557_611_200},
    "inception_v3": {None: 23_851_784},
    "lenet5": {None: 61_706},
    "mlperf_tiny_resnet8": {None: 78_666},
    "mobilenet_v1": {None: 4_253_864},
    "mobilenet_v2": {None: 3_538_984},
    "mobilenet_v3": {"small": 2_554_968, "large": 5_507_432},
    "resnet": {
        "resnet18": 11_699_112,
        "resnet34": 21_814_696,
        None: 25_610_152,
        "resnet101": 44_654_504,
        "resnet152": 60_344_232,
    },
    "resnet_keras": {None: 25_636_712, "resnet101": 44_707_176, "resnet152": 60_419_944},
    "resnet_v2": {None: 25_613_800, "resnet101v2": 44_675_560, "resnet152v2": 60_380_648},
    "squeezenet": {"1.0": 1_248_424, "1.1": 1_235_496},
    "unet": {None: 31_030_593, "paper": 31_030_658, "rgb": 31_031_745},
    "vgg": {"vgg11": 132_863_336, "vgg13": 133_047_848, "vgg16": 138_357_544, "vgg19": 143_667_240},
    "vit": {"b16": 86_567_656, "l16": 304_326_632},
    "xception": {None: 22_910_480},
}


@pytest.mark.parametrize(
    ("name", "preset", "parameters"),
    [(name, preset, count) for name, presets in PUBLISHED.items() for preset, count in presets.items()],
)
def test_a_network_has_the_published_number_of_parameters(name: str, preset: str | None, parameters: int) -> None:
    model = load(ZOO / f"{name}.yaml", preset=preset)
    assert model.describe()["totals"]["parameters"] == parameters


def test_every_preset_builds_as_its_file_expects_without_a_warning() -> None:
    result = CliRunner().invoke(
        check_command, ["--all-presets", "--max-warnings", "0", str(ZOO)], standalone_mode=False
    )
    assert result.return_value == 0, result.output
