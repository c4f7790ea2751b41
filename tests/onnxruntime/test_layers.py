"""Every layer's examples, exported with unknown sizes and run in onnxruntime, give what the executor gives."""

from pathlib import Path

import numpy as np
import pytest

from specmodel import layers
from specmodel.layers.base import Example
from specmodel.layers.validation import ArgumentError
from tests.layers import harness
from tests.layers.test_examples import GOOD
from tests.onnx.exported import refusals, with_all_outputs
from tests.onnxruntime.running import WITHOUT_KERNEL, assert_alike, in_onnxruntime

POLICIES = ("float16", "bfloat16", "float64")
DEFAULT = [case for case in GOOD if case.values[1].arguments == {} or "filters" in case.values[1].arguments]  # type: ignore[union-attr]


def agree(name: str, example: Example, folder: Path, *, sizes: str, dtype: str | None = None) -> None:
    """One layer in both; skipped where it has no such dtype, or is refused."""
    kind = layers.find(name)
    assert kind is not None
    own = {} if dtype is None else {"dtype": dtype}
    batch = 1 if sizes == "one" else 2
    try:
        layer = kind.declare(example.arguments, **own)
        known, _ = harness.graph_of(layer, harness.concrete_types(example, batch), example.call)
    except ArgumentError:
        pytest.skip(f"{name} takes no {dtype}")
    types = harness.types_of(example) if sizes == "unknown" else harness.concrete_types(example, batch)
    graph, _ = harness.graph_of(layer, types, example.call)
    if not graph.nodes:
        pytest.skip(f"{name} is not built in {dtype}")
    if refusals(with_all_outputs(graph)):
        pytest.skip("refused: tests/onnx/inexpressible.py")
    generator = np.random.default_rng(0)
    weights = harness.random_weights(known, generator)
    arrays = [harness.sample(kind, generator) for kind in harness.concrete_types(example, batch)]
    wanted = harness.run(known, weights, arrays)
    assert_alike(with_all_outputs(graph), weights, arrays, wanted, folder)


@pytest.mark.parametrize(("name", "example"), GOOD)
def test_with_unknown_sizes(name: str, example: Example, tmp_path: Path) -> None:
    agree(name, example, tmp_path, sizes="unknown")


@pytest.mark.parametrize(("name", "example"), GOOD)
def test_with_known_sizes_and_a_batch_of_one(name: str, example: Example, tmp_path: Path) -> None:
    if name == "Squeeze":
        pytest.skip("it leaves out what is known to be one")
    agree(name, example, tmp_path, sizes="one")


@pytest.mark.parametrize("dtype", POLICIES)
@pytest.mark.parametrize(("name", "example"), DEFAULT)
def test_in_other_dtypes(name: str, example: Example, dtype: str, tmp_path: Path) -> None:
    try:
        agree(name, example, tmp_path, sizes="unknown", dtype=dtype)
    except Exception as error:
        lacking = str(error).partition("implementation for ")[2].partition("(")[0]
        if dtype != "float64" or lacking not in WITHOUT_KERNEL:
            raise


@pytest.mark.parametrize("kind", sorted(WITHOUT_KERNEL - {"AveragePool", "Conv", "ConvTranspose", "Det"}))
def test_an_operator_without_a_kernel_still_has_none(kind: str, tmp_path: Path) -> None:
    import onnx

    given = onnx.helper.make_tensor_value_info("x", onnx.TensorProto.DOUBLE, [2])
    made = onnx.helper.make_tensor_value_info("y", onnx.TensorProto.DOUBLE, [2])
    graph = onnx.helper.make_graph([onnx.helper.make_node(kind, ["x"], ["y"])], kind, [given], [made])
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 18)], ir_version=8)
    onnx.save(model, tmp_path / "model.onnx")
    with pytest.raises(Exception, match="NOT_IMPLEMENTED"):
        in_onnxruntime(tmp_path / "model.onnx", [np.ones(2)])
