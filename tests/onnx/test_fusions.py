"""Which operators groups of ops become, and where they are left apart."""

from pathlib import Path
from typing import Any

import onnx
import pytest

from tests.onnx.exported import Spec, count, exported, kinds, weight_names

IMAGE = [6, 6, 4]
STEPS = ["steps", 4]
ODD_LSTM = {"units": 3, "activation": "relu", "recurrent_activation": "hard_sigmoid", "use_bias": False}


def model_of(folder: Path, inputs: Any, *layers: Any, **more: Any) -> onnx.ModelProto:
    return exported({"inputs": inputs, "layers": list(layers), **more}, folder)


@pytest.mark.parametrize(
    ("inputs", "layers", "wanted"),
    [
        # biases
        ([4], [{"Dense": 2}], ["Gemm"]),
        (STEPS, [{"Dense": 2}], ["MatMul", "Add"]),
        (IMAGE, [{"Conv2D": {"filters": 2, "kernel_size": 3}}], ["Transpose", "Conv", "Transpose"]),
        (IMAGE, [{"Conv2DTranspose": {"filters": 2, "kernel_size": 3}}], ["Transpose", "ConvTranspose", "Transpose"]),
        # borders
        (
            IMAGE,
            [{"ZeroPadding2D": 1}, {"Conv2D": {"filters": 2, "kernel_size": 3, "padding": "same"}}],
            ["Transpose", "Conv", "Transpose"],
        ),
        (
            IMAGE,
            [{"ReLU": {}}, {"ZeroPadding2D": 1}, {"MaxPooling2D": 2}],
            ["Relu", "Transpose", "MaxPool", "Transpose"],
        ),
        (IMAGE, [{"ZeroPadding2D": 1}, {"MaxPooling2D": 2}], ["Pad", "Transpose", "MaxPool", "Transpose"]),
        # normalizations
        ([4], [{"BatchNormalization": {}}], ["BatchNormalization"]),
        ([4], [{"BatchNormalization": {"scale": False, "center": False}}], ["BatchNormalization"]),
        (
            IMAGE,
            [{"Conv2D": {"filters": 2, "kernel_size": 1, "use_bias": False}}, {"BatchNormalization": {}}],
            ["Transpose", "Conv", "BatchNormalization", "Transpose"],
        ),
        (STEPS, [{"BatchNormalization": {}}], ["Add", "Sqrt", "Div", "Mul", "Sub", "Mul", "Add"]),
        (STEPS, [{"LayerNormalization": {}}], ["LayerNormalization"]),
        (STEPS, [{"LayerNormalization": {"scale": False}}], ["LayerNormalization"]),
        ([3, 4], [{"LayerNormalization": {"axis": [1, 2]}}], ["LayerNormalization"]),
        # activations
        ([4], [{"Activation": "relu"}], ["Relu"]),
        ([4], [{"Activation": "gelu"}], ["Div", "Erf", "Add", "Mul", "Mul"]),
        ([4], [{"Activation": "elu"}], ["Elu"]),
        ([4], [{"Activation": "selu"}], ["Selu"]),
        ([4], [{"LeakyReLU": 0.1}], ["LeakyRelu"]),
        ([4], [{"Activation": "hard_sigmoid"}], ["HardSigmoid"]),
        ([4], [{"Activation": "hard_silu"}], ["HardSwish"]),
        ([4], [{"Activation": "softsign"}], ["Softsign"]),
        # repetitions
        (IMAGE, [{"UpSampling2D": 2}], ["Resize"]),
        (STEPS, [{"UpSampling1D": 3}], ["Resize"]),
    ],
)
def test_a_group_becomes(inputs: Any, layers: list[Any], wanted: list[str], tmp_path: Path) -> None:
    assert kinds(model_of(tmp_path, inputs, *layers)) == wanted


def test_newer_opsets_have_a_gelu(tmp_path: Path) -> None:
    spec: Spec = {"inputs": [4], "layers": [{"Activation": "gelu"}]}
    assert kinds(exported(spec, tmp_path, opset=20)) == ["Gelu"]


def test_what_others_read_is_not_swallowed(tmp_path: Path) -> None:
    """The product without its bias is an output, too."""
    layers = [{"name": "product", "Dense": {"units": 2, "use_bias": False}}, {"name": "sum", "AddOp": [1.0, 2.0]}]
    model = model_of(tmp_path, [4], *layers, outputs=["product", "sum"])
    assert kinds(model) == ["MatMul", "Add"]


def test_16_bit_numbers_are_rounded_after_each_op(tmp_path: Path) -> None:
    model = model_of(tmp_path, [4], {"dtype": "float16", "Dense": 2})
    assert count(model, "Gemm") == 0
    to = [attribute.i for node in model.graph.node if node.op_type == "Cast" for attribute in node.attribute]
    half, single = onnx.TensorProto.FLOAT16, onnx.TensorProto.FLOAT
    assert to.count(half) == 4  # the input, which is float32, the product, the sum, and the output, which is float16
    assert to.count(single) == 5  # the first three, and the weights, which are kept in 16 bits


# Recurrent layers


@pytest.mark.parametrize(
    ("layer", "kind"),
    [
        ({"LSTM": 3}, "LSTM"),
        ({"LSTM": ODD_LSTM}, "LSTM"),
        ({"GRU": 3}, "GRU"),
        ({"GRU": {"units": 3, "reset_after": False, "return_sequences": True}}, "GRU"),
        ({"SimpleRNN": {"units": 3, "go_backwards": True}}, "RNN"),
        ({"RNN": {"cell": {"LSTMCell": 3}}}, "LSTM"),
        ({"RNN": {"cell": [{"GRUCell": 3}, {"LSTMCell": 2}]}}, "Scan"),
        ({"LSTM": {"units": 3, "activation": "mish"}}, "Scan"),
        ({"dtype": "float16", "LSTM": 3}, "Scan"),
    ],
)
def test_a_recurrent_layer_is_an_operator_or_a_loop(layer: Any, kind: str, tmp_path: Path) -> None:
    model = model_of(tmp_path, STEPS, layer)
    assert [one for one in kinds(model) if one in ("LSTM", "GRU", "RNN", "Scan")] == [kind]


def test_masked_steps_need_a_loop(tmp_path: Path) -> None:
    embedding = {"Embedding": {"input_dim": 5, "output_dim": 4, "mask_zero": True}}
    model = model_of(tmp_path, {"words": {"shape": ["steps"], "dtype": "int32"}}, embedding, {"LSTM": 3})
    assert count(model, "Scan") == 1
    assert count(model, "LSTM") == 0


def test_stacked_layers_hand_over_steps_first(tmp_path: Path) -> None:
    lstm = {"LSTM": {"units": 3, "return_sequences": True}}
    both = {"Bidirectional": {"layer": lstm}}
    assert count(model_of(tmp_path, STEPS, lstm, lstm, lstm), "Transpose") == 2
    model = model_of(tmp_path, STEPS, both, both)
    assert count(model, "Transpose") == 2
    assert count(model, "Slice") == 0  # backwards twice is nothing


# Weights


def test_a_shared_layer_has_its_weights_once(tmp_path: Path) -> None:
    for layer, names in (
        ({"Dense": 4}, ["one/kernel", "one/bias"]),
        ({"Conv1D": {"filters": 4, "kernel_size": 1}}, ["one/kernel", "one/bias"]),
        ({"LSTM": {"units": 4, "return_sequences": True}}, [f"one/lstm_cell/{n}" for n in _CELL]),
    ):
        model = model_of(tmp_path, STEPS, {"name": "one", **layer}, {"name": "two", "reuse": "one"})
        assert weight_names(model) == names


_CELL = ("kernel", "recurrent_kernel", "bias")


def test_embeddings_that_are_also_the_last_matrix_are_there_once(tmp_path: Path) -> None:
    table = {"name": "table", "ReversibleEmbedding": {"input_dim": 9, "output_dim": 4}}
    back = {"name": "scores", "reuse": {"table": {"reverse": True}}}
    model = model_of(tmp_path, {"words": {"shape": ["steps"], "dtype": "int32"}}, table, back)
    assert weight_names(model) == ["table/embeddings"]
    assert tuple(model.graph.initializer[0].dims) == (9, 4)  # as the spec has it: two read it, in two orders


def test_a_weight_for_each_sample_is_broadcast_where_it_meets_samples(tmp_path: Path) -> None:
    layers = [{"name": "shift", "Weight": {"shape": [4]}}, {"inputs": ["x", "shift"], "Add": {}}]
    assert kinds(model_of(tmp_path, {"x": [4]}, *layers)) == ["Add"]
