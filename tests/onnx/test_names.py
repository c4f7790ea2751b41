"""What is called how: inputs, outputs, weights, layers, sizes."""

from pathlib import Path
from typing import Any

import onnx
import pytest

from specmodel.diagnostics import SpecError
from tests.onnx.exported import Spec, exported, kinds, weight_names

PAIR = [{"name": "one", "Dense": 3}, {"name": "two", "Dense": {"units": 3, "activation": "tanh"}}]
BLOCKS: Spec = {
    "inputs": {"x": ["seq", 4]},
    "blocks": {"Pair": {"layers": PAIR}},
    "layers": [{"name": "first", "Pair": {}}, {"name": "last", "GlobalMaxPooling1D": {}}],
}


def nodes(model: onnx.ModelProto) -> list[tuple[str, str]]:
    return [(node.name, node.op_type) for node in model.graph.node]


def shape(info: Any) -> list[int | str]:
    return [dim.dim_value if dim.HasField("dim_value") else dim.dim_param for dim in info.type.tensor_type.shape.dim]


def test_a_layer_gives_its_path_to_the_node_that_makes_its_output_and_to_that(tmp_path: Path) -> None:
    model = exported(BLOCKS, tmp_path)
    assert nodes(model) == [
        ("first/one/MatMul", "MatMul"),
        ("first/one", "Add"),
        ("first/two/MatMul", "MatMul"),
        ("first/two/Add", "Add"),
        ("first/two", "Tanh"),
        ("last", "ReduceMax"),
    ]
    assert [node.output[0] for node in model.graph.node] == [node.name for node in model.graph.node]


def test_weights_have_their_paths(tmp_path: Path) -> None:
    wanted = ["first/one/kernel", "first/one/bias", "first/two/kernel", "first/two/bias"]
    assert weight_names(exported(BLOCKS, tmp_path)) == wanted


def test_inputs_and_outputs_keep_their_names(tmp_path: Path) -> None:
    model = exported({**BLOCKS, "outputs": {"odds": "last", "hidden": "first", "again": "last"}}, tmp_path)
    assert [one.name for one in model.graph.input] == ["x"]
    assert [one.name for one in model.graph.output] == ["odds", "hidden", "again"]
    assert dict(nodes(model))["last"] == "ReduceMax"
    assert kinds(model).count("Identity") == 1  # a second name for the same numbers


def test_an_output_may_be_an_input(tmp_path: Path) -> None:
    layers = [{"name": "d", "Dense": 2}, {"name": "none", "Dropout": 0.5}]
    model = exported({"inputs": {"x": [4]}, "layers": layers, "outputs": ["x", "d", "none"]}, tmp_path)
    assert [one.name for one in model.graph.output] == ["x", "d", "none"]


def test_an_output_with_the_name_of_another_input_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SpecError) as refused:
        exported({"inputs": {"x": [4]}, "layers": [{"name": "d", "Dense": 2}], "outputs": {"x": "d"}}, tmp_path)
    assert refused.value.diagnostics[0].message == (
        "`x` is the name of an input and of another output: in ONNX a name means one tensor"
    )


def test_a_layer_may_have_the_name_of_a_helper(tmp_path: Path) -> None:
    layers = [{"name": "constant", "Activation": "gelu"}, {"name": "constant_1", "Activation": "gelu"}]
    model = exported({"inputs": {"x": [4]}, "layers": layers}, tmp_path)
    assert [one.name for one in model.graph.output] == ["constant_1"]


def test_sizes_are_parameters_with_their_names_and_formulas(tmp_path: Path) -> None:
    spec: Spec = {
        "inputs": {"sound": ["seq", 2], "image": [None, "batch", 3]},
        "layers": [
            {"name": "conv", "inputs": "sound", "Conv1D": {"filters": 3, "kernel_size": 3, "strides": 2}},
            {"name": "longer", "inputs": "conv", "UpSampling1D": 2},
            {"name": "pool", "inputs": "image", "MaxPooling2D": 2},
        ],
        "outputs": ["conv", "longer", "pool"],
    }
    model = exported(spec, tmp_path)
    batch = shape(model.graph.input[0])[0]
    assert shape(model.graph.input[0]) == [batch, "seq", 2]
    rows = shape(model.graph.input[1])[1]
    assert shape(model.graph.input[1]) == [batch, rows, "batch", 3]
    assert len({batch, rows, "batch", "seq"}) == 4
    assert [shape(one) for one in model.graph.output] == [
        [batch, "(seq - 1)//2", 3],
        [batch, "2*((seq - 1)//2)", 3],
        [batch, f"{rows}//2", "batch//2", 3],
    ]
