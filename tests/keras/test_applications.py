"""Every architecture of `keras.applications`, imported: parameters exactly, outputs as Keras computes them.

With fewer than 20 `--cases` a few small ones stand for all.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import specmodel
from specmodel.model.importing import read_foreign
from tests.keras.round_trip import differences

SMALL = 96
"""A size of image that all of them take."""
FEW = ("MobileNetV2",)


def constructors() -> list[str]:
    """The names of all functions that make an architecture."""
    return sorted(
        name for name in dir(keras.applications) if name[0].isupper() and callable(getattr(keras.applications, name))
    )


def chosen(config: pytest.Config) -> list[str]:
    """The architectures of this run."""
    return constructors() if config.getoption("--cases") >= 20 else list(FEW)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "architecture" in metafunc.fixturenames:
        metafunc.parametrize("architecture", chosen(metafunc.config))


@pytest.fixture(autouse=True)
def session() -> Iterator[None]:
    """Keras' memory is given back after each."""
    keras.backend.clear_session()
    yield
    keras.backend.clear_session()


def test_parameters_at_full_size(architecture: str, tmp_path: Path) -> None:
    model = getattr(keras.applications, architecture)(weights=None)
    (tmp_path / "config.json").write_text(model.to_json())
    found = read_foreign(tmp_path / "config.json")
    assert found.graph is not None
    totals = specmodel.load(dict(found.document)).describe()["totals"]
    assert totals["parameters"] == model.count_params()
    assert totals["trainable"] == sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)


def test_outputs(architecture: str, tmp_path: Path) -> None:
    model = getattr(keras.applications, architecture)(weights=None, input_shape=(SMALL, SMALL, 3))
    vary(model)
    image = np.random.default_rng(1).uniform(0, 255, (2, SMALL, SMALL, 3)).astype(np.float32)
    assert differences(model, [image], tmp_path, 1e-4) == []


def vary(model: Any) -> None:
    """Change what starts at zero or one."""
    generator = np.random.default_rng(0)
    for weight in model.weights:
        if len(weight.shape) == 1:
            spread = generator.uniform(0.8, 1.2, weight.shape)
            weight.assign(spread if "variance" in weight.path else np.asarray(weight) + spread - 1)
