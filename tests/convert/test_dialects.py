"""What Keras 2 and tf.keras called and wrote otherwise, as the entries that it becomes."""

from pathlib import Path
from typing import Any

import pytest

from tests.convert.configs import entries_of, functional, layer, older, sequential, source, spec_of

IMAGE = source("x", 8, 8, 3)
STEPS = source("x", 5, 4)


def alone(kind: str, shape: tuple[int, ...] = (8, 8, 3), **config: Any) -> Any:
    """A Sequential of one layer."""
    return sequential(layer(kind, "a", batch_input_shape=[None, *shape], **config))


ALL = {"start": None, "stop": None, "step": None}


def function(name: str, *inputs: Any) -> Any:
    """A function of TensorFlow as a layer."""
    kind = "SlicingOpLambda" if name.endswith("getitem") else "TFOpLambda"
    return older(kind, f"tf.{name}", *inputs, function=name)


GLOROT = {"class_name": "VarianceScaling", "config": {"scale": 1.0, "mode": "fan_avg", "distribution": "uniform"}}
FLOAT = 0.30000001192092896
"""0.3 as a float32."""

LAYERS: dict[str, tuple[Any, str]] = {
    "initializers as what they are": (
        alone(
            "Dense", (4,), units=2, kernel_initializer=GLOROT, bias_initializer={"class_name": "Zeros", "config": {}}
        ),
        "Dense: 2",
    ),
    "he_normal": (
        alone(
            "Dense", (4,), units=2, kernel_initializer={**GLOROT, "config": {"scale": 2.0, "distribution": "normal"}}
        ),
        "Dense: {units: 2, kernel_initializer: he_normal}",
    ),
    "a regularizer of one part": (
        alone("Dense", (4,), units=2, kernel_regularizer=layer("L1L2", l1=0.0, l2=9.999999747378752e-05)),
        "Dense: {units: 2, kernel_regularizer: {L2: 0.0001}}",
    ),
    "a float32": (alone("LeakyReLU", (4,), alpha=0.10000000149011612), "LeakyReLU: 0.1"),
    "the default as a float32": (alone("LeakyReLU", (4,), alpha=FLOAT), "LeakyReLU"),
    "a NumPy number": (alone("ReLU", (4,), max_value={"type": "ndarray", "value": 6.0}), "ReLU: 6.0"),
    "a list of axes": (alone("BatchNormalization", axis=[3], scale=True, renorm=False), "BatchNormalization"),
    "another axis": (alone("BatchNormalization", axis=[1]), "BatchNormalization: 1"),
    "groups of a depthwise convolution": (
        alone("DepthwiseConv2D", kernel_size=[3, 3], strides=[1, 1], groups=1, filters=None, depth_multiplier=1),
        "DepthwiseConv2D: 3",
    ),
    "groups of a transposed convolution": (
        alone("Conv2DTranspose", filters=4, kernel_size=[3, 3], groups=1),
        "Conv2DTranspose: {filters: 4, kernel_size: 3}",
    ),
    "a crop that was a resizing": (
        alone("RandomCrop", height=4, width=4, seed=1),
        "Resizing: {height: 4, width: 4, crop_to_aspect_ratio: true}",
    ),
    "a stretching for training": (alone("RandomHeight", factor=[0, 0.2], seed=1), "Identity"),
    "a vocabulary": (
        alone(
            "TextVectorization",
            (1,),
            dtype="string",
            output_mode="int",
            output_sequence_length=3,
            vocabulary=["a", "b"],
            vocabulary_size=4,
            has_input_vocabulary=True,
        ),
        "TextVectorization: {output_sequence_length: 3, vocabulary: [a, b]}",
    ),
    "keys of the base class": (
        alone("SeparableConv2D", filters=4, kernel_size=[3, 3], kernel_initializer=GLOROT, kernel_regularizer=None),
        "SeparableConv2D: {filters: 4, kernel_size: 3}",
    ),
    "strides as the pool": (alone("MaxPooling2D", pool_size=[2, 2], strides=[2, 2], padding="valid"), "MaxPooling2D"),
    "other strides": (
        alone("MaxPooling2D", pool_size=[3, 3], strides=[2, 2]),
        "MaxPooling2D: {pool_size: 3, strides: 2}",
    ),
    "the place of the channels": (alone("Flatten", data_format="channels_last"), "Flatten"),
    "an LSTM for cuDNN": (
        alone("CuDNNLSTM", (5, 4), units=3, return_sequences=True),
        "LSTM: {units: 3, return_sequences: true}",
    ),
    "a GRU for cuDNN": (alone("CuDNNGRU", (5, 4), units=3), "GRU: 3"),
    "a GRU before reset_after": (alone("GRU", (5, 4), units=3), "GRU: {units: 3, reset_after: false}"),
    "a GRU of TensorFlow 2": (
        alone("GRU", (5, 4), units=3, reset_after=True, implementation=2, time_major=False),
        "GRU: 3",
    ),
    "the steeper hard_sigmoid": (
        alone("LSTM", (5, 4), units=3, recurrent_activation="hard_sigmoid", unroll=False, stateful=False),
        "LSTM: {units: 3, recurrent_activation: {hard_sigmoid: {slope: 0.2}}}",
    ),
    "a threshold": (
        alone("ThresholdedReLU", (4,), theta=0.5),
        "Activation: {activation: {threshold: {threshold: 0.5, default_value: 0.0}}}",
    ),
    "an activation that is a layer": (
        alone("Dense", (4,), units=2, activation=layer("LeakyReLU", alpha=0.10000000149011612)),
        "Dense: {units: 2, activation: {leaky_relu: {negative_slope: 0.1}}}",
    ),
    "an activation under another name": (alone("Activation", (4,), activation="softmax_v2"), "Activation: softmax"),
    "both directions": (
        alone("Bidirectional", (5, 4), layer=layer("LSTM", "lstm_3", units=3, go_backwards=False), merge_mode="sum"),
        "Bidirectional: {layer: {LSTM: 3}, merge_mode: sum}",
    ),
    "a backward layer that is the mirror": (
        alone(
            "Bidirectional",
            (5, 4),
            layer=layer("LSTM", "forward_lstm", units=3),
            backward_layer=layer("LSTM", "backward_lstm", units=3, go_backwards=True),
        ),
        "Bidirectional: {layer: {LSTM: 3}}",
    ),
    "a layer for each step": (
        alone("TimeDistributed", (5, 4), layer=layer("Dense", "dense_9", units=3)),
        "TimeDistributed: {layer: {Dense: 3}}",
    ),
    "a layer with a name for each step": (
        alone("TimeDistributed", (5, 4), layer=layer("Dense", "scores", units=3)),
        "TimeDistributed: {layer: {Dense: 3, name: scores}}",
    ),
    "a stack of cells": (
        alone(
            "RNN", (5, 4), cell=[layer("LSTMCell", "lstm_cell_1", units=3), layer("LSTMCell", "lstm_cell_2", units=2)]
        ),
        "RNN: {cell: {StackedRNNCells: [{LSTMCell: 3}, {LSTMCell: 2}]}}",
    ),
    "a frozen layer": (alone("Dense", (4,), units=2, trainable=False), "Dense: 2\n    trainable: false"),
    "a dtype that is the input's": (
        alone("Embedding", (4,), input_dim=7, output_dim=2, dtype="int32"),
        "Embedding: {input_dim: 7, output_dim: 2}",
    ),
    "an attention with a causal mask": (
        functional([STEPS, older("Attention", "a", "x", "x", causal=True)], ["a"]),
        "inputs: [x, x]\n    Attention: {use_causal_mask: true}",
    ),
}


@pytest.mark.parametrize(("config", "written"), LAYERS.values(), ids=LAYERS)
def test_a_layer_of_another_time(config: Any, written: str, tmp_path: Path) -> None:
    found = entries_of(config, tmp_path)
    start, _, rest = found.partition("name: a\n    ")
    assert start == "  - "
    assert rest.rstrip().removesuffix(":") == written


MODELS: dict[str, tuple[Any, str]] = {
    "a list for a config": (
        {"class_name": "Sequential", "config": [layer("Dense", "dense_1", units=2, batch_input_shape=[None, 4])]},
        "inputs: [4]\nlayers:\n  - name: dense_1\n    Dense: 2\n",
    ),
    "one that was never built": (
        sequential(layer("Dense", units=2), layer("Flatten"), name="net"),
        "name: net\nlayers:\n  - Dense: 2\n  - Flatten\n",
    ),
    "one that data has built": (
        {
            "class_name": "Sequential",
            "config": {"name": "net", "layers": [layer("Dense", units=2)], "build_input_shape": [3, 4]},
        },
        "name: net\ninputs:\n  input: {shape: [4], batch: 3}\nlayers:\n  - Dense: 2\n",
    ),
    "a bare config": (
        sequential(layer("InputLayer", batch_input_shape=[None, 4]), layer("Dense", units=2))["config"],
        "name: sequential_1\ninputs: [4]\nlayers:\n  - Dense: 2\n",
    ),
    "branches": (
        functional(
            [
                IMAGE,
                older("Conv2D", "left", "x", filters=2, kernel_size=[1, 1]),
                older("Conv2D", "right", "x", filters=2, kernel_size=[1, 1]),
                older("ReLU", "after_left", "left"),
                older("ReLU", "after_right", "right"),
                older("Add", "sum", "after_left", "after_right"),
                older("Concatenate", "all", "sum", "x", axis=3),
            ],
            ["all", "sum"],
            name="net",
        ),
        """\
name: net
inputs:
  x: [8, 8, 3]
layers:
  - name: left
    Conv2D: {filters: 2, kernel_size: 1}
  - name: after_left
    ReLU:
  - name: right
    inputs: x
    Conv2D: {filters: 2, kernel_size: 1}
  - name: after_right
    ReLU:
  - name: sum
    inputs: [after_left, after_right]
    Add:
  - name: all
    inputs: [sum, x]
    Concatenate:
outputs: [all, sum]
""",
    ),
    "states behind the sequence in one list": (
        functional(
            [
                STEPS,
                source("z", 3, 4),
                older("LSTM", "encoder", "x", units=2, return_state=True, recurrent_activation="sigmoid"),
                older(
                    "LSTM",
                    "decoder",
                    "z",
                    ["encoder", 0, 1, {}],
                    ["encoder", 0, 2, {}],
                    units=2,
                    recurrent_activation="sigmoid",
                ),
            ],
            ["decoder"],
        ),
        """\
name: model_1
inputs:
  x: [5, 4]
  z: [3, 4]
layers:
  - name: encoder
    inputs: x
    LSTM: {units: 2, return_state: true}
  - name: decoder
    inputs: {sequences: z, initial_state: [encoder/1, encoder/2]}
    LSTM: 2
""",
    ),
    "states that stand twice": (
        functional(
            [
                STEPS,
                source("h", 2),
                older("GRU", "g", ["x", 0, 0, {"initial_state": None}], ["h", 0, 0, {}], units=2, reset_after=True),
            ],
            ["g"],
        ),
        """\
name: model_1
inputs:
  x: [5, 4]
  h: [2]
layers:
  - name: g
    inputs: [x, h]
    GRU: 2
""",
    ),
    "whole numbers that are resized": (
        functional(
            [
                source("x", 8, 8, 3, dtype="uint8"),
                older("Resizing", "small", "x", height=4, width=4),
                older("UpSampling2D", "large", "x", size=[2, 2], interpolation="nearest"),
            ],
            ["small", "large"],
        ),
        """\
name: model_1
inputs:
  x: {shape: [8, 8, 3], dtype: uint8}
layers:
  - name: large
    UpSampling2D:
  - inputs: x
    Cast: float32
  - name: small
    Resizing: {height: 4, width: 4}
outputs: [small, large]
""",
    ),
    "a model that is called twice": (
        functional(
            [
                source("a", 4),
                source("b", 4),
                {
                    **functional([source("x", 4), older("Dense", "d", "x", units=2)], ["d"], name="encoder_1"),
                    "name": "encoder_1",
                    "inbound_nodes": [[["a", 0, 0, {}]], [["b", 0, 0, {}]]],
                },
                older("Subtract", "difference", ["encoder_1", 1, 0, {}], ["encoder_1", 2, 0, {}]),
            ],
            ["difference"],
        ),
        """\
name: model_1
inputs:
  a: [4]
  b: [4]
blocks:
  Encoder1:
    layers:
      - name: d
        Dense: 2
layers:
  - name: encoder_1
    inputs: a
    Encoder1:
  - inputs: b
    reuse: encoder_1
  - name: difference
    inputs: [encoder_1, encoder_1_1]
    Subtract:
""",
    ),
    "a model for each step": (
        sequential(
            layer(
                "TimeDistributed",
                "each",
                batch_input_shape=[None, 5, 4],
                layer=sequential(layer("Dense", units=3), layer("ReLU", "relu"), name="small_net"),
            ),
            name="net",
        ),
        """\
name: net
inputs: [5, 4]
blocks:
  SmallNet:
    layers:
      - Dense: 3
      - name: relu
        ReLU:
layers:
  - name: each
    TimeDistributed: SmallNet
""",
    ),
    "functions of TensorFlow": (
        functional(
            [
                IMAGE,
                older(
                    "TFOpLambda", "tf.math.truediv", ["x", 0, 0, {"y": 127.5, "name": None}], function="math.truediv"
                ),
                older(
                    "TFOpLambda", "tf.math.subtract", ["tf.math.truediv", 0, 0, {"y": 1.0}], function="math.subtract"
                ),
                function("__operators__.getitem", ["tf.math.subtract", 0, 0, {"slice_spec": [ALL, {"start": 1}]}]),
                function("concat", ["tf.math.subtract", 0, 0, {"axis": -1}], ["x", 0, 0, {"axis": -1}]),
                function("nn.relu6", ["tf.concat", 0, 0, {}]),
                function("math.reduce_mean", ["tf.nn.relu6", 0, 0, {"axis": [1, 2], "keepdims": True}]),
            ],
            ["tf.math.reduce_mean", "tf.__operators__.getitem"],
        ),
        """\
name: model_1
inputs:
  x: [8, 8, 3]
layers:
  - Divide: 127.5
  - SubtractOp: 1.0
  - GetItem: ":, 1:"
  - inputs: [subtract_op, x]
    ConcatenateOp: -1
  - Activation: relu6
  - Mean: {axis: [1, 2], keepdims: true}
outputs: [mean, get_item]
""",
    ),
    "ops of TensorFlow 2.0 to 2.3": (
        functional(
            [
                IMAGE,
                older(
                    "TensorFlowOpLayer",
                    "tf_op_layer_Sub",
                    "x",
                    node_def={"name": "Sub", "op": "Sub", "input": ["x", "Sub/y"]},
                    constants={"1": 0.5},
                ),
                older(
                    "TensorFlowOpLayer",
                    "tf_op_layer_sub_1",
                    "tf_op_layer_Sub",
                    node_def={"name": "sub_1", "op": "Sub"},
                    constants={"0": 1.0},
                ),
                older(
                    "TensorFlowOpLayer",
                    "tf_op_layer_Mean",
                    "tf_op_layer_sub_1",
                    node_def={"op": "Mean", "attr": {"keep_dims": {"b": False}}},
                    constants={"1": [1, 2]},
                ),
            ],
            ["tf_op_layer_Mean"],
        ),
        """\
name: model_1
inputs:
  x: [8, 8, 3]
layers:
  - SubtractOp: 0.5
  - SubtractOp: {x1: 1.0}
  - Mean: [1, 2]
""",
    ),
    "an attention of tf.keras": (
        functional(
            [
                source("q", 3, 8),
                source("v", 5, 8),
                older(
                    "MultiHeadAttention",
                    "mha",
                    ["q", 0, 0, {"value": ["v", 0, 0], "use_causal_mask": False}],
                    num_heads=2,
                    key_dim=4,
                    value_dim=4,
                    attention_axes=[1],
                    query_shape=[None, 3, 8],
                ),
            ],
            ["mha"],
        ),
        """\
name: model_1
inputs:
  q: [3, 8]
  v: [5, 8]
layers:
  - name: mha
    inputs: [q, v]
    MultiHeadAttention: {num_heads: 2, key_dim: 4}
""",
    ),
    "a merging layer before there were many": (
        functional([STEPS, source("z", 5, 2), older("Merge", "m", "x", "z", mode="concat", concat_axis=-1)], ["m"]),
        """\
name: model_1
inputs:
  x: [5, 4]
  z: [5, 2]
layers:
  - name: m
    inputs: [x, z]
    Concatenate:
""",
    ),
    "a policy": (
        functional(
            [
                source("x", 4),
                older("Dense", "dense", "x", units=3, dtype=layer("Policy", "mixed_float16")),
                older("Dense", "dense_1", "dense", units=3, dtype=layer("Policy", "mixed_float16")),
                older("Dense", "dense_2", "dense_1", units=3, dtype="float32"),
            ],
            ["dense_2"],
        ),
        """\
name: model_1
dtype: mixed_float16
inputs:
  x: [4]
layers:
  - Dense: 3
  - Dense: 3
  - Dense: 3
    dtype: float32
""",
    ),
}


@pytest.mark.parametrize(("config", "written"), MODELS.values(), ids=MODELS)
def test_a_model_of_another_time(config: Any, written: str, tmp_path: Path) -> None:
    assert spec_of(config, tmp_path) == written
