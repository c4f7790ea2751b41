"""The file: its bytes, weights beside it, and what happens where something is in the way."""

import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import onnx
import pytest

from specmodel.convert.onnx.export import export_onnx
from specmodel.convert.onnx.model import onnx_model
from specmodel.convert.onnx.proto import write
from specmodel.diagnostics import SpecError
from specmodel.model.opening import open_mapping
from tests.onnx.exported import Spec, exported, graph_of, shaken

SPEC: Spec = {
    "inputs": {"x": ["t", 40]},
    "layers": [{"name": "a", "Dense": 30}, {"name": "b", "LSTM": 20}, {"name": "c", "dtype": "bfloat16", "Dense": 3}],
}


def test_weights_are_the_specs_numbers(tmp_path: Path) -> None:
    graph = graph_of(open_mapping(SPEC, Path()))
    weights = shaken(list(graph.weights()))
    model = exported(graph, tmp_path, weights)
    found = {one.name: onnx.numpy_helper.to_array(one) for one in model.graph.initializer}
    np.testing.assert_array_equal(found["a/kernel"], weights["a/kernel"])
    assert found["b/lstm_cell/kernel"].shape == (1, 80, 30)  # ONNX's gates are rows, and in another order
    i, f, c, o = np.split(weights["b/lstm_cell/kernel"].T, 4)
    np.testing.assert_array_equal(found["b/lstm_cell/kernel"][0], np.concatenate([i, o, f, c]))
    np.testing.assert_array_equal(found["c/kernel"].astype(np.float32), weights["c/kernel"])


def test_weights_of_a_large_model_stand_in_a_file_beside_it(tmp_path: Path) -> None:
    graph = graph_of(open_mapping(SPEC, Path()))
    weights = shaken(list(graph.weights()))
    whole = exported(graph, tmp_path, weights)
    model, _ = onnx_model(graph, weights, 18)
    files = write(tmp_path / "large.onnx", model, largest=10_000)
    assert files == [str(tmp_path / "large.onnx"), str(tmp_path / "large.onnx.data")]
    onnx.checker.check_model(files[0], full_check=True)
    assert Path(files[0]).stat().st_size < 10_000
    read = onnx.load(files[0])
    for one, other in zip(read.graph.initializer, whole.graph.initializer, strict=True):
        assert one.name == other.name
        assert onnx.numpy_helper.to_array(one).tobytes() == onnx.numpy_helper.to_array(other).tobytes()


def test_a_file_that_may_not_be_overwritten_stays(tmp_path: Path) -> None:
    graph = graph_of(open_mapping(SPEC, Path()))
    source = tmp_path / "weights.onnx"
    source.write_bytes(b"mine")
    with pytest.raises(SpecError) as refused:
        export_onnx(source, graph, shaken(list(graph.weights())), inputs=[source])
    assert refused.value.diagnostics[0].code == "E506"
    assert source.read_bytes() == b"mine"
    assert list(tmp_path.iterdir()) == [source]


def test_a_missing_package_is_named_with_the_command_that_brings_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)  # type: ignore[arg-type]  # as if it were not installed
    graph = graph_of(open_mapping(SPEC, Path()))
    with pytest.raises(SpecError) as refused:
        export_onnx(tmp_path / "model.onnx", graph, {})
    (error,) = refused.value.diagnostics
    assert error.code == "E008"
    assert error.help == "`pip install 'specmodel[onnx]'` brings it"
    assert list(tmp_path.iterdir()) == []
    assert isinstance(onnx, ModuleType)


def test_thousands_of_layers_need_no_deep_stack(tmp_path: Path) -> None:
    layers = [{"Conv1D": {"filters": 2, "kernel_size": 1, "activation": "relu"}}] * 2000
    model = exported({"inputs": [3, 2], "layers": layers}, tmp_path, strict=False)
    assert [node.op_type for node in model.graph.node].count("Transpose") == 2
    assert len(model.graph.node) == 4002
