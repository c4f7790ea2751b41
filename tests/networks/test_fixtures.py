"""Real networks that may not be copied into the project: read from the folder that SPECMODEL_FIXTURES names.

Each folder there holds weights, an input, the reference output and `summary.json`: the layers as the original framework
reports them.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.networks.conftest import Command

FOLDER = os.environ.get("SPECMODEL_FIXTURES")
pytestmark = pytest.mark.skipif(not FOLDER, reason="SPECMODEL_FIXTURES names no folder")
FIXTURES = Path(FOLDER or "")

FITTING = {
    # spec: folder, weights, relative tolerance
    "resnet8": ("mlperf_tiny_resnet8", "weights.npz", 1e-4),
    "mini_xception": ("mini_xception_fer2013", "weights.safetensors", 1e-4),
    "textgenrnn": ("textgenrnn_lstm_attention", "weights_keras.npz", 1e-3),
}
"""Networks whose weights have the names that the spec gives them, but for a `:0` at the end."""


def reference(folder: str) -> Any:
    return np.load(FIXTURES / folder / "expected.npy")


@pytest.mark.parametrize("name", FITTING)
def test_run_gives_the_reference(run: Callable[..., Any], name: str) -> None:
    folder, weights, relative = FITTING[name]
    data = FIXTURES / folder
    found = run(f"networks/{name}.yaml", data / "input.npy", "--weights", data / weights)
    np.testing.assert_allclose(found, reference(folder), rtol=relative, atol=1e-5)


def converted(specmodel: Command, name: str, weights: Path, old_name: Callable[[str], str], to: Path) -> Path:
    """The weights under the names of a spec; `old_name` tells what the file calls one."""
    spec = Path(__file__).parents[2] / f"specs/networks/{name}.yaml"
    needed = json.loads(specmodel("weights", "list", spec, "--format", "json"))["weights"]
    paths = [weight["path"] for weight in needed]
    renames = [f"--rename={old_name(path)}={path}" for path in paths if old_name(path) != path]
    specmodel("weights", "convert", spec, weights, "-o", to / "weights.safetensors", *renames)
    return to / "weights.safetensors"


def test_mobilenet_gives_the_reference(run: Callable[..., Any], specmodel: Command, tmp_path: Path) -> None:
    """Keras 2 called the kernel of a depthwise convolution `depthwise_kernel`."""
    data = FIXTURES / "mlperf_tiny_vww_mobilenet"

    def old_name(path: str) -> str:
        return path.replace("/kernel", "/depthwise_kernel") if path.startswith("depthwise_conv2d") else path

    weights = converted(specmodel, "mobilenet_v1_vww", data / "weights.safetensors", old_name, tmp_path)
    found = run("networks/mobilenet_v1_vww.yaml", data / "input.npy", "--weights", weights)
    np.testing.assert_allclose(found, reference(data.name), rtol=1e-4, atol=1e-5)


def test_mnist_lstm_gives_the_reference(run: Callable[..., Any], specmodel: Command, tmp_path: Path) -> None:
    """The file puts the model's name in front of each weight's."""
    data = FIXTURES / "tflm_mnist_lstm"
    weights = converted(specmodel, "mnist_lstm", data / "weights_keras.npz", "mnist_lstm/{}".format, tmp_path)
    found = run("networks/mnist_lstm.yaml", data / "input.npy", "--weights", weights)
    np.testing.assert_allclose(found, reference(data.name), rtol=1e-4, atol=1e-5)
    assert found.argmax(axis=1).tolist() == list(range(10))


SUMMARIES = {
    # spec: folder, shape of the input where the spec leaves it open
    "magika/magika": ("magika_file_type_conv1d", None),
    "mtcnn_pnet/mtcnn_pnet": ("mtcnn_pnet", "None,96,80,3"),
    "g2pm/g2pm": ("g2pm_bilstm", "None,9"),
    "networks/resnet8": ("mlperf_tiny_resnet8", None),
    "networks/mobilenet_v1_vww": ("mlperf_tiny_vww_mobilenet", None),
    "networks/mini_xception": ("mini_xception_fer2013", None),
    "networks/textgenrnn": ("textgenrnn_lstm_attention", None),
    "networks/mnist_lstm": ("tflm_mnist_lstm", None),
}


@pytest.mark.parametrize("spec", SUMMARIES)
def test_every_layer_is_as_the_original_framework_reports_it(summary: Callable[..., dict[str, Any]], spec: str) -> None:
    folder, shape = SUMMARIES[spec]
    theirs = json.loads((FIXTURES / folder / "summary.json").read_text())
    ours = summary(f"{spec}.yaml", *(["--input-shape", shape] if shape is not None else []))
    assert [(layer["type"], layer["output_shapes"], layer["parameters"]) for layer in ours["layers"]] == [
        (layer["cls"], [layer["output_shape"]], layer["params"])
        for layer in theirs["layers"]
        if layer["cls"] != "InputLayer"
    ]
    assert ours["totals"]["parameters"] == theirs["total_params"]
    assert ours["totals"]["trainable"] == theirs["trainable_params"]
    assert ours["totals"]["non_trainable"] == theirs["non_trainable_params"]
