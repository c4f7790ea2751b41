"""The weights of models: arrays, files, and the specs that name files."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import specmodel
from specmodel import Input, Model, Sequential, SpecError, layers

SPEC = {"inputs": [4], "layers": [{"Dense": 3}, "BatchNormalization"]}


def test_weights_stand_in_keras_order() -> None:
    model = specmodel.load(SPEC)
    assert [(weight.path, weight.shape, weight.trainable) for weight in model.weights] == [
        ("dense/kernel", (4, 3), True),
        ("dense/bias", (3,), True),
        ("batch_normalization/gamma", (3,), True),
        ("batch_normalization/beta", (3,), True),
        ("batch_normalization/moving_mean", (3,), False),
        ("batch_normalization/moving_variance", (3,), False),
    ]


def test_weights_that_are_set_are_used_and_given_back() -> None:
    model, x = specmodel.load(SPEC), np.ones((1, 4))
    model(x)
    arrays = [np.full(weight.shape, number + 1.0) for number, weight in enumerate(model.weights)]
    model.set_weights(arrays)
    for found, given in zip(model.get_weights(), arrays, strict=True):
        np.testing.assert_array_equal(found, given)
        assert found.dtype == np.float32
    # (1 * 4 + 2 - 5) / sqrt(6 + 0.001) * 3 + 4
    np.testing.assert_allclose(model(x), np.full((1, 3), 1 / np.sqrt(6.001) * 3 + 4), rtol=1e-6)


def test_arrays_that_were_given_stay_the_callers_own() -> None:
    model = specmodel.load(SPEC)
    arrays = model.get_weights()
    model.set_weights(arrays)
    arrays[0][:] = 9
    assert not (model.get_weights()[0] == 9).any()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda arrays: arrays[:-1], "has 6 weights, got 5 arrays"),
        (
            lambda arrays: [arrays[0].T, *arrays[1:]],
            r"`dense/kernel` has the shape \(4, 3\), got one of shape \(3, 4\)",
        ),
        (lambda arrays: [*arrays[:-1], ["a", "b", "c"]], "`batch_normalization/moving_variance` is float32, got"),
    ],
)
def test_weights_that_do_not_fit_change_nothing(change: Any, message: str) -> None:
    model = specmodel.load(SPEC)
    before = model.get_weights()
    with pytest.raises(ValueError, match=message):
        model.set_weights(change([array + 1 for array in before]))
    for found, kept in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(found, kept)


@pytest.mark.parametrize("suffix", [".npz", ".safetensors"])
def test_a_file_keeps_the_weights(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"weights{suffix}"
    first, second = Sequential([Input((4,)), layers.Dense(3)], seed=1), Sequential([Input((4,)), layers.Dense(3)])
    x = np.ones((1, 4))
    second(x)
    first.save_weights(path)
    second.load_weights(path)
    np.testing.assert_array_equal(second(x), first(x))


def test_a_file_that_does_not_fit_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "weights.npz"
    Sequential([Input((5,)), layers.Dense(3, name="other")]).save_weights(path)
    model = specmodel.load(SPEC)
    before = model.get_weights()
    with pytest.raises(SpecError) as caught:
        model.load_weights(path)
    (found,) = caught.value.diagnostics
    assert found.code == "E402"
    assert any("missing: `dense/kernel`" in note.message for note in found.notes)
    np.testing.assert_array_equal(model.get_weights()[0], before[0])


def with_weights(folder: Path, extra: str = "") -> Path:
    Sequential([Input((4,)), layers.Dense(3)], seed=7).save_weights(folder / "seven.npz")
    Sequential([Input((4,)), layers.Dense(3)], seed=8).save_weights(folder / "eight.npz")
    path = folder / "spec.yaml"
    path.write_text(f"weights: seven.npz\nlayers: [Dense: 3]\n{extra}")
    return path


def kernel(model: Model) -> Any:
    return model.weights[0].numpy()


@pytest.mark.parametrize("extra", ["", "inputs: [4]\n"])
def test_a_spec_names_its_weights_and_a_program_may_name_others(tmp_path: Path, extra: str) -> None:
    path, x = with_weights(tmp_path, extra), np.ones((1, 4))
    own, other = specmodel.load(path), specmodel.load(path, weights=tmp_path / "eight.npz")
    own(x), other(x)
    np.testing.assert_array_equal(kernel(own), kernel(Sequential([Input((4,)), layers.Dense(3)], seed=7)))
    np.testing.assert_array_equal(kernel(other), kernel(Sequential([Input((4,)), layers.Dense(3)], seed=8)))


@pytest.mark.parametrize("extra", ["", "inputs: [4]\n"])
def test_a_missing_weights_file_is_an_error_when_the_spec_is_loaded(tmp_path: Path, extra: str) -> None:
    path = with_weights(tmp_path, extra)
    (tmp_path / "seven.npz").unlink()
    with pytest.raises(SpecError, match=r"spec\.yaml:1:10: error\[E401\]"):
        specmodel.load(path)


def test_weights_of_a_spec_stay_below_its_root(tmp_path: Path) -> None:
    folder = tmp_path / "below"
    folder.mkdir()
    with_weights(tmp_path)
    path = folder / "spec.yaml"
    path.write_text("inputs: [4]\nweights: ../seven.npz\nlayers: [Dense: 3]\n")
    with pytest.raises(SpecError, match="E004"):
        specmodel.load(path)
    assert specmodel.load(path, root=tmp_path).built


def test_weights_are_made_when_they_are_asked_for() -> None:
    model = specmodel.load({"inputs": [2**30], "layers": [{"Dense": 2**30}, {"Dense": 2**30}]})
    assert model.weights[0].shape == (2**30, 2**30)
    assert model.describe()["totals"]["parameters"] == 2 * (2**60 + 2**30)
