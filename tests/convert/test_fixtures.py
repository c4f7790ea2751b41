"""Real networks as Keras saved them: each file is imported and gives the numbers of the original framework.

They are read from the folder that SPECMODEL_FIXTURES names.
"""

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

import specmodel
from specmodel.cli import cli

FOLDER = os.environ.get("SPECMODEL_FIXTURES")
pytestmark = pytest.mark.skipif(not FOLDER, reason="SPECMODEL_FIXTURES names no folder")
FIXTURES = Path(FOLDER or "")

OUTPUTS = {
    "g2pm_bilstm": ("expected_hidden", "expected_logits"),
    "mtcnn_pnet": ("expected_bbox", "expected_prob"),
}
"""The references of networks with several outputs, in their order; one is `expected`."""
FILES = [
    "g2pm_bilstm/model.keras",
    "mini_xception_fer2013/model.h5",
    "mini_xception_fer2013/model.keras",
    "mlperf_tiny_resnet8/model.h5",
    "mlperf_tiny_resnet8/model.keras",
    "mlperf_tiny_vww_mobilenet/model.h5",
    "mlperf_tiny_vww_mobilenet/model.keras",
    "mtcnn_pnet/model.h5",
    "mtcnn_pnet/model.keras",
    "textgenrnn_lstm_attention/model.keras",
    "tflm_mnist_lstm/model.h5",
    "tflm_mnist_lstm/model.keras",
]


def imported(file: Path, spec: Path) -> None:
    result = CliRunner().invoke(cli, ["import", str(file), "-o", str(spec), "-q"], standalone_mode=False)
    assert (result.exception, result.output) == (None, "")


@pytest.mark.parametrize("name", FILES)
def test_a_model_gives_the_outputs_of_its_framework(tmp_path: Path, name: str) -> None:
    folder = FIXTURES / name.partition("/")[0]
    imported(FIXTURES / name, tmp_path / "model.yaml")
    assert specmodel.check(tmp_path / "model.yaml") == []
    found: Any = specmodel.load(tmp_path / "model.yaml")(np.load(folder / "input.npy"))
    names = OUTPUTS.get(folder.name, ("expected",))
    for output, reference in zip(found if len(names) > 1 else [found], names, strict=True):
        np.testing.assert_allclose(output, np.load(folder / f"{reference}.npy"), rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("name", FILES)
def test_a_model_has_the_layers_that_its_framework_reports(tmp_path: Path, name: str) -> None:
    imported(FIXTURES / name, tmp_path / "model.yaml")
    ours = specmodel.load(tmp_path / "model.yaml").describe()
    theirs = json.loads((FIXTURES / name).with_name("summary.json").read_text())
    assert sorted(
        (one["path"], one["type"], one["output_shapes"], one["parameters"]) for one in ours["layers"]
    ) == sorted(
        (one["name"], one["cls"], [one["output_shape"]], one["params"])
        for one in theirs["layers"]
        if one["cls"] != "InputLayer"
    )
    assert ours["totals"]["parameters"] == theirs["total_params"]
    assert ours["totals"]["trainable"] == theirs["trainable_params"]


@pytest.mark.parametrize("name", ["mini_xception_fer2013", "mlperf_tiny_resnet8", "mlperf_tiny_vww_mobilenet"])
def test_a_config_alone_is_imported(tmp_path: Path, name: str) -> None:
    imported(FIXTURES / name / "config.json", tmp_path / "config.yaml")
    imported(FIXTURES / name / "model.h5", tmp_path / "model.yaml")
    assert (tmp_path / "config.yaml").read_text() == (tmp_path / "model.yaml").read_text().replace(
        "weights: model.safetensors\n", ""
    )
    assert not (tmp_path / "config.safetensors").exists()
