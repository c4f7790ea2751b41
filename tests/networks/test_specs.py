"""The specs to start from: right, of the published sizes, and doing what they say."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.networks.conftest import SPECS, Command

Run = Callable[..., Any]
Summary = Callable[..., dict[str, Any]]


def test_every_spec_is_right(specmodel: Command) -> None:
    count = len(list(SPECS.rglob("*.yaml")))
    assert specmodel("check", SPECS, "--max-warnings", "0") == f"{count} specs checked: no mistakes\n"


def layers(summary: dict[str, Any]) -> list[tuple[list[int | None], int]]:
    """Output shape and parameters of each layer."""
    return [(layer["output_shapes"][0], layer["parameters"]) for layer in summary["layers"]]


# The tutorial's models


def test_the_tutorials_model_is_unbuilt_without_inputs(summary: Summary) -> None:
    found = summary("tutorial/my_sequential.yaml")
    assert found["built"] is False
    assert [layer["output_shapes"] for layer in found["layers"]] == [None, None, None]


def test_the_tutorials_model_is_built_by_a_shape(summary: Summary) -> None:
    found = summary("tutorial/my_sequential.yaml", "--input-shape", "1,4")
    assert layers(found) == [([1, 2], 10), ([1, 3], 9), ([1, 4], 16)]


def test_the_tutorials_model_is_built_by_data(run: Run, tmp_path: Path) -> None:
    np.save(tmp_path / "ones.npy", np.ones((3, 3), np.float32))
    found = run("tutorial/my_sequential.yaml", tmp_path / "ones.npy")
    assert found.shape == (3, 4)
    assert (found == found[0]).all()


def test_the_tutorials_model_with_inputs_has_shapes_at_once(summary: Summary) -> None:
    found = summary("tutorial/my_sequential_with_inputs.yaml")
    assert layers(found) == [([None, 2], 10), ([None, 3], 9), ([None, 4], 16)]
    assert found["totals"]["parameters"] == 35


def test_the_tutorials_incremental_model_shows_its_shapes_so_far(summary: Summary) -> None:
    assert layers(summary("tutorial/incremental.yaml")) == [([None, 2], 10)]


# Published figures


def test_lenet5_has_the_published_layers(summary: Summary) -> None:
    found = summary("lenet5.yaml")
    assert layers(found) == [
        ([None, 28, 28, 6], 156),
        ([None, 14, 14, 6], 0),
        ([None, 10, 10, 16], 2_416),
        ([None, 5, 5, 16], 0),
        ([None, 1, 1, 120], 48_120),
        ([None, 120], 0),
        ([None, 84], 10_164),
        ([None, 10], 850),
    ]
    assert found["totals"]["parameters"] == 61_706


TOTALS = {
    "mlp.yaml": (784 + 1) * 512 + (512 + 1) * 512 + (512 + 1) * 10,
    "networks/resnet8.yaml": 78_666,
    "networks/mobilenet_v1_vww.yaml": 221_794,
    "networks/mini_xception.yaml": 58_168,
    "networks/textgenrnn.yaml": 461_693,
    "networks/mnist_lstm.yaml": 9_530,
}


@pytest.mark.parametrize(("spec", "parameters"), TOTALS.items())
def test_parameters(summary: Summary, spec: str, parameters: int) -> None:
    assert summary(spec)["totals"]["parameters"] == parameters


# Several inputs, several outputs, shared layers


def test_two_inputs_give_two_outputs(run: Run, tmp_path: Path) -> None:
    generator = np.random.default_rng(0)
    image, camera = generator.normal(size=(3, 32, 32, 3)), generator.normal(size=(3, 4))
    np.savez(tmp_path / "data.npz", image=image.astype(np.float32), camera=camera.astype(np.float32))
    found = run("two_inputs_two_outputs.yaml", tmp_path / "data.npz", several=True)
    assert {name: array.shape for name, array in found.items()} == {"kind": (3, 5), "box": (3, 4)}
    np.testing.assert_allclose(found["kind"].sum(axis=1), 1, rtol=1e-5)


TEXTS = np.array([[3, 14, 15, 92, 6], [5, 35, 89, 79, 0]], np.int32)
OTHERS = np.array([[2, 71, 82], [81, 82, 0]], np.int32)


@pytest.fixture
def likeness(run: Run, tmp_path: Path) -> Callable[[Any, Any], Any]:
    """How alike the shared encoder finds pairs of texts."""

    def of(left: Any, right: Any) -> Any:
        np.savez(tmp_path / "texts.npz", left=left, right=right)
        return run("siamese.yaml", tmp_path / "texts.npz")[:, 0]

    return of


def test_the_shared_encoder_finds_equal_texts_alike(likeness: Callable[[Any, Any], Any]) -> None:
    np.testing.assert_allclose(likeness(TEXTS, TEXTS), 1, rtol=1e-5)


def test_the_shared_encoder_takes_padding_for_nothing(likeness: Callable[[Any, Any], Any]) -> None:
    np.testing.assert_allclose(likeness(TEXTS, np.pad(TEXTS, [(0, 0), (0, 3)])), 1, rtol=1e-5)


def test_the_shared_encoder_does_not_care_which_text_is_left(likeness: Callable[[Any, Any], Any]) -> None:
    found = likeness(TEXTS, OTHERS)
    assert (np.abs(found) < 0.99).all()
    np.testing.assert_allclose(likeness(OTHERS, TEXTS), found, rtol=1e-5)


def test_the_shared_encoder_has_its_weights_once(summary: Summary) -> None:
    embedding, lstm = 1000 * 32, 4 * 24 * (32 + 24 + 1)
    assert summary("siamese.yaml")["totals"]["parameters"] == embedding + lstm
