"""The zoo builds, in every preset, with the figures that others have published.

Sources: the tables of keras.io/api/applications (parameters; their depth is the number of layers that hold weights),
torchvision 0.29.1 (`num_params`, which are the trainable ones: PyTorch does not count moving statistics; `_ops`, in
multiply-adds of convolutions and dense layers), keras-hub's presets, and the papers' own tables for the classics.
"""

import re
from math import prod
from pathlib import Path
from typing import NamedTuple

import pytest

from specmodel import load
from specmodel.graph.graph import Graph
from specmodel.graph.memory import ONE_SAMPLE
from specmodel.model.opening import open_spec
from specmodel.spec.params import Choice
from specmodel.types.dim import evaluate
from tests.networks.conftest import Command

ZOO = Path(__file__).parents[2] / "specs" / "zoo"
PRODUCTS = {"Conv", "DepthwiseConv", "MatMul", "Einsum"}


class Published(NamedTuple):
    """What is known of a network: parameters with moving statistics and without, depth, multiply-adds."""

    parameters: int | None = None
    trainable: int | None = None
    depth: int | None = None
    macs: int | None = None


PUBLISHED = {
    ("alexnet", None): Published(62_378_344),
    ("alexnet", "torchvision"): Published(61_100_840, 61_100_840, macs=714_188_480),
    ("bert", "tiny"): Published(4_385_920),
    ("bert", "minilm_l6"): Published(22_713_216),
    ("bert", "base"): Published(109_482_240),
    ("bert", "base_cased"): Published(108_310_272),
    ("bert", "large"): Published(335_141_888),
    ("convnext", "tiny"): Published(28_589_128, 28_589_128, macs=4_455_531_264),
    ("convnext", "small"): Published(50_223_688, 50_223_688, macs=8_683_712_256),
    ("convnext", "base"): Published(88_591_464, 88_591_464, macs=15_354_729_472),
    ("convnext", "large"): Published(197_767_336, 197_767_336, macs=34_361_433_600),
    ("convnext", "xlarge"): Published(350_196_968),
    ("densenet", "densenet121"): Published(8_062_504, 7_978_856, 242, 2_834_161_664),
    ("densenet", "densenet161"): Published(None, 28_681_000, macs=7_727_907_072),
    ("densenet", "densenet169"): Published(14_307_880, 14_149_480, 338, 3_359_843_328),
    ("densenet", "densenet201"): Published(20_242_984, 20_013_928, 402, 4_291_365_888),
    ("efficientnet", "b0"): Published(5_330_571, 5_288_548, 132, 385_814_752),
    ("efficientnet", "b1"): Published(7_856_239, 7_794_184, 186, 686_802_832),
    ("efficientnet", "b2"): Published(9_177_569, 9_109_994, 186),
    ("efficientnet", "b3"): Published(12_320_535, 12_233_232, 210, 1_827_141_392),
    ("efficientnet", "b4"): Published(19_466_823, 19_341_616, 258, 4_393_771_024),
    ("efficientnet", "b5"): Published(30_562_527, 30_389_784, 312, 10_266_384_752),
    ("efficientnet", "b6"): Published(43_265_143, 43_040_704, 360, 19_067_593_536),
    ("efficientnet", "b7"): Published(66_658_687, 66_347_960, 438, 37_745_884_192),
    ("gpt2", "small"): Published(124_439_808),
    ("gpt2", "medium"): Published(354_823_168),
    ("gpt2", "large"): Published(774_030_080),
    ("gpt2", "xl"): Published(1_557_611_200),
    ("inception_v3", None): Published(23_851_784, 23_817_352, 189, 5_713_216_096),
    ("lenet5", None): Published(61_706),
    ("mlperf_tiny_resnet8", None): Published(78_666),
    ("mobilenet_v1", None): Published(4_253_864, 4_231_976, 55, 568_740_352),
    ("mobilenet_v2", None): Published(3_538_984, 3_504_872, 105, 300_774_272),
    ("mobilenet_v3", "small"): Published(2_554_968, 2_542_856, 88, 56_510_400),
    ("mobilenet_v3", "large"): Published(5_507_432, 5_483_032, 110, 216_589_760),
    ("resnet", "resnet18"): Published(11_699_112, 11_689_512, macs=1_814_073_344),
    ("resnet", "resnet34"): Published(21_814_696, 21_797_672, macs=3_663_761_408),
    ("resnet", "resnet50"): Published(25_610_152, 25_557_032, macs=4_089_184_256),
    ("resnet", "resnet101"): Published(44_654_504, 44_549_160, macs=7_801_405_440),
    ("resnet", "resnet152"): Published(60_344_232, 60_192_808, macs=11_513_626_624),
    ("resnet", "wide_resnet50_2"): Published(None, 68_883_240, macs=11_398_000_000),
    ("resnet", "wide_resnet101_2"): Published(None, 126_886_696, macs=22_753_000_000),
    ("resnet", "resnext50_32x4d"): Published(None, 25_028_904, macs=4_230_000_000),
    ("resnet", "resnext101_32x8d"): Published(None, 88_791_336, macs=16_414_000_000),
    ("resnet", "resnext101_64x4d"): Published(None, 83_455_272, macs=15_460_000_000),
    ("resnet_keras", "resnet50"): Published(25_636_712, 25_583_592, 107, 3_857_973_248),
    ("resnet_keras", "resnet101"): Published(44_707_176, 44_601_832, 209),
    ("resnet_keras", "resnet152"): Published(60_419_944, 60_268_520, 311),
    ("resnet_v2", "resnet50v2"): Published(25_613_800, 25_568_360, 103),
    ("resnet_v2", "resnet101v2"): Published(44_675_560, 44_577_896, 205),
    ("resnet_v2", "resnet152v2"): Published(60_380_648, 60_236_904, 307),
    ("squeezenet", "1.0"): Published(1_248_424, 1_248_424, macs=819_000_000),
    ("squeezenet", "1.1"): Published(1_235_496, 1_235_496, macs=349_000_000),
    ("unet", None): Published(31_030_593),
    ("unet", "paper"): Published(31_030_658),
    ("unet", "rgb"): Published(31_031_745),
    ("vgg", "vgg11"): Published(132_863_336, 132_863_336, 11, 7_609_090_048),
    ("vgg", "vgg13"): Published(133_047_848, 133_047_848, 13, 11_308_466_176),
    ("vgg", "vgg16"): Published(138_357_544, 138_357_544, 16, 15_470_264_320),
    ("vgg", "vgg19"): Published(143_667_240, 143_667_240, 19, 19_632_062_464),
    ("vgg", "vgg11_bn"): Published(None, 132_868_840, macs=7_609_090_048),
    ("vgg", "vgg13_bn"): Published(None, 133_053_736, macs=11_308_466_176),
    ("vgg", "vgg16_bn"): Published(None, 138_365_992, macs=15_470_264_320),
    ("vgg", "vgg19_bn"): Published(None, 143_678_248, macs=19_632_062_464),
    ("vit", "b16"): Published(86_567_656, macs=17_564_000_000),
    ("vit", "b32"): Published(88_224_232, macs=4_409_000_000),
    ("vit", "l16"): Published(304_326_632, macs=61_555_000_000),
    ("vit", "l32"): Published(306_535_400, macs=15_378_000_000),
    ("xception", None): Published(22_910_480, 22_855_952, 81, 8_357_403_496),
}


def macs(graph: Graph) -> int:
    """The multiply-adds of all products."""
    calls = [call for node in graph.nodes for call in node.calls if type(call.op).__name__ in PRODUCTS]
    counts = [evaluate(call.flops(), ONE_SAMPLE) for call in calls]
    assert all(isinstance(count, int) for count in counts)
    return sum(count for count in counts if isinstance(count, int)) // 2


@pytest.mark.parametrize(
    ("name", "preset", "published"),
    [(*key, published) for key, published in PUBLISHED.items()],
    ids=["-".join(filter(None, key)) for key in PUBLISHED],
)
def test_a_network_has_the_published_figures(name: str, preset: str | None, published: Published) -> None:
    _, graph = open_spec(ZOO / f"{name}.yaml", None, Choice(preset)).sound()
    assert graph is not None
    sizes = [(prod(spec.shape), spec.trainable) for spec in graph.weights()]
    found = Published(
        sum(size for size, _ in sizes),
        sum(size for size, trained in sizes if trained),
        sum(len(node.weights) > 0 for node in graph.nodes),
        macs(graph) if published.macs is not None else None,
    )
    for key, figure in published._asdict().items():
        if figure is None:
            continue
        rounded = key == "macs" and figure % 10**6 == 0  # published in thousandths of 10**9
        has = getattr(found, key)
        assert (round(has, -6) if rounded else has) == figure, key


LENET = {"c1": 156, "s2": 0, "c3": 2_416, "s4": 0, "c5": 48_120, "flatten": 0, "f6": 10_164, "output": 850}
STAGES = {"conv1": 112, "conv2": 56, "conv3": 28, "conv4": 14, "conv5": 7}


def test_lenet5_has_the_published_parameters_in_each_layer() -> None:
    found = load(ZOO / "lenet5.yaml").describe()
    assert {row["path"]: row["parameters"] for row in found["layers"]} == LENET


@pytest.mark.parametrize(("preset", "factor"), [("resnet18", 1), ("resnet34", 1), ("resnet50", 4), ("resnet152", 4)])
def test_resnets_stages_have_the_papers_sizes(preset: str, factor: int) -> None:
    model = load(ZOO / "resnet.yaml", preset=preset)
    shapes = {row["path"].split("/")[0]: row["output_shapes"][0] for row in model.describe()["layers"]}
    filters = [64, *(factor * width for width in (64, 128, 256, 512))]
    wanted = {stage: [None, size, size, width] for (stage, size), width in zip(STAGES.items(), filters, strict=True)}
    assert {stage: shapes[stage] for stage in STAGES} == wanted


def test_every_preset_builds_as_its_file_expects_without_a_warning(specmodel: Command) -> None:
    count = len(list(ZOO.glob("*.yaml")))
    assert specmodel("check", "--all-presets", "--max-warnings", "0", ZOO).splitlines()[-1] == (
        f"{count} specs checked: no mistakes"
    )


@pytest.mark.parametrize("path", sorted(ZOO.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_preset_expects_parameters_and_output_shapes(path: Path) -> None:
    opened = open_spec(path)
    (spec, _), top = opened.sound(), opened.node
    assert top is not None
    presets = top.items["presets"].items if "presets" in top.items else {}
    for holder in (top, *presets.values()):
        assert {"parameters", "outputs"} <= holder.items["expect"].items.keys()
        expected = holder.items["expect"].items["outputs"]
        assert set(expected.items) == {output.name for output in spec.outputs}
        assert all(shape.kind == "sequence" for shape in expected.items.values())


@pytest.mark.parametrize("path", sorted(ZOO.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_file_names_the_paper_or_code_that_it_follows(path: Path) -> None:
    head = " ".join(line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("#"))
    assert re.search(r"arXiv:\d{4}\.\d{4,5}|\b(19|20)\d\d\b|keras\.io|github\.com", head) is not None
