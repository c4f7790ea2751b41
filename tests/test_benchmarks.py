"""The workloads of the benchmarks mean the same in all the forms that are compared."""

import numpy as np
import pytest

import specmodel
from benchmarks import report
from benchmarks.as_numpy import ByHand
from benchmarks.forms import walk
from benchmarks.scaling import chain_text
from benchmarks.section import Section
from benchmarks.spread import ratio
from benchmarks.workloads import WORKLOADS

SMALLER = {
    "unet": {"size": 32, "width": 2},
    "mobilenet_v2": {"width": 0.25},
    "encoder": {"depth": 2, "tokens": 7, "width": 24, "heads": 3},
}
"""Params of specs that take too long for a test as they are."""
QUICK = ("mlp", "cnn", "mobilenet_v2", "encoder", "lstm", "gru", "unet")


@pytest.mark.parametrize("name", QUICK)
def test_a_workload_gives_what_numpy_by_hand_gives(name: str) -> None:
    workload = WORKLOADS[name]._replace(params=SMALLER.get(name, {}))
    spec = workload.open()
    model = specmodel.load(workload.spec, params=dict(workload.params) or None)
    (given,) = spec.inputs or ()
    x = np.random.default_rng(0).standard_normal((2, *given.type.shape[1:]), np.float32)
    by_hand = walk(spec, ByHand({weight.path: weight.numpy() for weight in model.weights}), {given.name: x})
    np.testing.assert_allclose(model(x), by_hand, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("name", "parameters"),
    [("mlp", 669_706), ("resnet50", 25_636_712), ("encoder", 4 * 7_087_872), ("vgg16", 138_357_544)],
)
def test_a_workload_has_as_many_parameters_as_it_is_known_for(name: str, parameters: int) -> None:
    assert specmodel.load(WORKLOADS[name].spec).describe()["totals"]["parameters"] == parameters


def test_a_chain_has_as_many_layers_as_asked_for() -> None:
    assert len(specmodel.loads(chain_text(7)).layers) == 7


def test_a_ratio_is_taken_round_by_round() -> None:
    assert ratio([1, 20, 300], [1, 10, 100]) == (2, 1.5, 2.5)


def test_a_recorded_section_takes_the_place_of_the_one_before_it_and_leaves_the_others() -> None:
    def section(title: str, cell: str) -> Section:
        return Section(title, ("a",), [(cell,)], [], {}, {})

    kept = report.markdown([section("One", "old"), section("Two", "2")])
    page = report.markdown([section("One", "new")], kept)
    assert [line for line in page.splitlines() if line.startswith("#")] == ["# Results", "## One", "## Two"]
    assert "| new |" in page
    assert "| old |" not in page
    assert "| 2 |" in page
