"""Real networks with their weights, and random ones, in onnxruntime: what the executor gives, and the originals."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from specmodel.cli.export import command
from specmodel.execute import execute
from specmodel.graph.bind import build_bound
from specmodel.model.opening import open_mapping, open_spec
from specmodel.plan.compile import compile_graph
from specmodel.weights.store import load_weights
from tests.keras.graphs import network, open_shape
from tests.onnx.exported import shaken
from tests.onnxruntime.running import assert_alike, in_onnxruntime

SPECS = Path(__file__).parents[2] / "specs"
FOLDER = os.environ.get("SPECMODEL_FIXTURES")
FIXTURES = Path(FOLDER or "")

Rename = Callable[[str], str]


def agree(spec: Path, weights: Path, given: Path, wanted: list[Path], folder: Path, old_name: Rename = str) -> None:
    """The exported network gives what the executor gives, and what the original framework gave."""
    found, graph = open_spec(spec).sound()
    assert graph is not None
    specs, x = list(graph.weights()), np.load(given)
    renames = {old_name(one.path): one.path for one in specs if old_name(one.path) != one.path}
    numbers = load_weights(weights, specs, renames=renames)
    x = x.astype((found.inputs or ())[0].type.dtype)
    _, known = build_bound(found, {(found.inputs or ())[0].name: x.shape}, graph)
    assert_alike(graph, numbers, [x], execute(compile_graph(known, numbers), [x]), folder)
    for one, path in zip(in_onnxruntime(folder / "model.onnx", [x]), wanted, strict=bool(wanted)):
        np.testing.assert_allclose(one, np.load(path), rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize(
    ("name", "given", "wanted"),
    [
        ("magika", "input", ["expected"]),
        ("mtcnn_pnet", "input", ["expected_bbox", "expected_prob"]),
        ("g2pm", "input", ["expected_hidden", "expected_logits"]),
        ("g2pm", "masked_input", []),  # padding counts for nothing, and its numbers differ from the original's
    ],
)
def test_a_network_that_comes_with_its_weights(name: str, given: str, wanted: list[str], tmp_path: Path) -> None:
    data = SPECS / name
    paths = [data / f"{one}.npy" for one in wanted]
    agree(data / f"{name}.yaml", data / f"{name}.safetensors", data / f"{given}.npy", paths, tmp_path)


def _depthwise(path: str) -> str:
    """Keras 2 called the kernel of a depthwise convolution `depthwise_kernel`."""
    return path.replace("/kernel", "/depthwise_kernel") if path.startswith("depthwise_conv2d") else path


@pytest.mark.skipif(not FOLDER, reason="SPECMODEL_FIXTURES names no folder")
@pytest.mark.parametrize(
    ("spec", "folder", "weights", "old_name"),
    [
        ("resnet8", "mlperf_tiny_resnet8", "weights.npz", str),
        ("mini_xception", "mini_xception_fer2013", "weights.safetensors", str),
        ("textgenrnn", "textgenrnn_lstm_attention", "weights_keras.npz", str),
        ("mobilenet_v1_vww", "mlperf_tiny_vww_mobilenet", "weights.safetensors", _depthwise),
        ("mnist_lstm", "tflm_mnist_lstm", "weights_keras.npz", "mnist_lstm/{}".format),
    ],
)
def test_a_network_whose_weights_lie_elsewhere(
    spec: str, folder: str, weights: str, old_name: Rename, tmp_path: Path
) -> None:
    data = FIXTURES / folder
    wanted = [data / "expected.npy"]
    agree(SPECS / "networks" / f"{spec}.yaml", data / weights, data / "input.npy", wanted, tmp_path, old_name)


def test_random_networks(networks: range, tmp_path: Path) -> None:
    for number in networks:
        made = network(number)
        spec, graph = open_mapping(made.spec(), Path()).sound()
        assert graph is not None
        weights, generator = shaken(list(graph.weights())), np.random.default_rng(number)
        arrays = [_sample(open_shape(shape), dtype, generator) for shape, dtype in made.inputs]
        shapes = {given.name: array.shape for given, array in zip(spec.inputs or (), arrays, strict=True)}
        wanted = execute(compile_graph(build_bound(spec, shapes, graph)[1], weights), arrays)
        try:
            assert_alike(graph, weights, arrays, wanted, tmp_path)
        except AssertionError as error:
            raise AssertionError(f"network {number}: {made.spec()}") from error


def _sample(shape: tuple[int | None, ...], dtype: str, generator: np.random.Generator) -> Any:
    sizes = (3, *(6 if size is None else size for size in shape))
    if dtype == "int32":
        return generator.integers(0, 4, sizes).astype(dtype)
    array = generator.normal(size=sizes).astype(dtype)
    if len(sizes) == 3:
        array[0, -2:] = 0  # steps that Masking takes for padding
    return array


def test_the_file_of_the_command_runs(tmp_path: Path) -> None:
    """From the command line to the numbers, once."""
    path = tmp_path / "magika.onnx"
    done = CliRunner().invoke(command, [str(SPECS / "magika/magika.yaml"), "-o", str(path)], standalone_mode=False)
    assert done.exception is None
    x = np.load(SPECS / "magika/input.npy").astype(np.int32)
    (found,) = in_onnxruntime(path, [x])
    np.testing.assert_allclose(found, np.load(SPECS / "magika/expected.npy"), rtol=1e-3, atol=1e-5)
