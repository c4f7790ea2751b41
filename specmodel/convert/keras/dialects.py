"""What Keras has called and written otherwise over the years. Every fact about a dialect stands here, once.

Read from the sources of Keras 2.0 to 2.15, tf.keras and Keras 3.
"""

from typing import Any

CLASSES: dict[str, str] = {
    "BatchNormalizationV1": "BatchNormalization",
    "BatchNormalizationV2": "BatchNormalization",
    "SyncBatchNormalization": "BatchNormalization",
    "CuDNNLSTM": "LSTM",
    "CuDNNGRU": "GRU",
    "LSTMV1": "LSTM",
    "LSTMV2": "LSTM",
    "GRUV1": "GRU",
    "GRUV2": "GRU",
    "ThresholdedReLU": "Activation",
    "AtrousConvolution1D": "Conv1D",
    "AtrousConvolution2D": "Conv2D",
    "RandomHeight": "Identity",
    "RandomWidth": "Identity",
    "Deconvolution2D": "Conv2DTranspose",
    "Deconvolution3D": "Conv3DTranspose",
}
"""Classes under other names, or gone: what they are today."""

OLDER: dict[str, str] = {"RandomCrop": "Resizing"}
"""Classes that did something else in Keras 2, after training: what they are today."""

ROUNDING: dict[str, str] = {"Resizing": "", "RandomCrop": "", "image.resize": "", "UpSampling2D": "nearest"}
"""What gave floats for integers in Keras 2 and rounds since, and the interpolation with which it does not."""

RENAMED: dict[str, dict[str, str]] = {
    "LeakyReLU": {"alpha": "negative_slope"},
    "CategoryEncoding": {"max_tokens": "num_tokens"},
    "Attention": {"causal": "use_causal_mask"},
    "AdditiveAttention": {"causal": "use_causal_mask"},
    "Bidirectional": {"forward_layer": "layer"},
    "ReshapeOp": {"new_shape": "newshape"},
}
"""Arguments by their older names."""

IGNORED = frozenset(
    (
        *("batch_input_shape", "batch_shape", "input_shape", "build_input_shape", "input_dim", "input_length"),
        *("input_dtype", "sparse", "ragged", "quantization_config", "implementation", "autocast", "shared_object_id"),
        *("dynamic", "stateful", "unroll", "synchronized", "fused", "experimental_run_tf_function", "jit_compile"),
        *("query_shape", "key_shape", "value_shape", "variable_serialization_spec", "num_constants"),
    )
)
"""Keys of configs that say nothing about what a trained layer computes."""

IGNORED_OF: dict[str, frozenset[str]] = {
    **dict.fromkeys(
        ("DepthwiseConv1D", "DepthwiseConv2D"),
        frozenset(
            ("groups", "filters", "kernel_initializer", "kernel_regularizer", "kernel_constraint")  # of the base class
        ),
    ),
    **dict.fromkeys(
        ("SeparableConv1D", "SeparableConv2D"),
        frozenset(("groups", "kernel_initializer", "kernel_regularizer", "kernel_constraint")),
    ),
    "Embedding": frozenset(("activity_regularizer",)),
    "Identity": frozenset(("factor", "interpolation", "seed")),
    "BatchNormalization": frozenset(
        ("beta_regularizer_", "renorm_clipping", "renorm_momentum", "virtual_batch_size", "adjustment")
    ),
    "RNN": frozenset(("units",)),
    **dict.fromkeys(
        ("StringLookup", "IntegerLookup", "TextVectorization"),
        frozenset(("vocabulary_dtype", "vocabulary_size", "has_input_vocabulary")),
    ),
}
"""The same for some classes: what a base class wrote along, or an option of training."""

DROPPED: dict[str, str] = {
    **dict.fromkeys(("lora_rank", "lora_alpha"), "Keras saves a layer's LoRA weights added to its kernel"),
    "stateful": "each run starts from states of zero",
}
"""Arguments without an effect on what a saved model computes here, and why. They are told."""

ONLY: dict[str, Any] = {"time_major": False, "renorm": False, "return_runtime": False, "ragged": False, "groups": 1}
"""Arguments that are gone: only the value that changes nothing can be imported."""

ABSENT: dict[str, dict[str, Any]] = {"GRU": {"reset_after": False}, "GRUCell": {"reset_after": False}}
"""Arguments that Keras 2 did not write, or not in all versions, and what that means."""

FIXED: dict[str, dict[str, Any]] = {
    "CuDNNLSTM": {"activation": "tanh", "recurrent_activation": "sigmoid"},
    "CuDNNGRU": {"activation": "tanh", "recurrent_activation": "sigmoid", "reset_after": True},
    "RandomCrop": {"crop_to_aspect_ratio": True, "seed": None},
}
"""What a class that is another one today had no arguments for."""

FUNCTIONS: dict[str, str] = {
    "softmax_v2": "softmax",
    "relu_v2": "relu",
    "swish_v2": "silu",
    "hard_swish": "hard_silu",
}
"""Activations under other names."""

OLD_HARD_SIGMOID = {"hard_sigmoid": {"slope": 0.2}}
"""`hard_sigmoid` before Keras 3: `0.2 x + 0.5`; it is `x / 6 + 0.5` since."""

ACTIVATION_LAYERS: dict[str, str] = {"LeakyReLU": "leaky_relu", "ReLU": "relu", "ELU": "elu", "Softmax": "softmax"}
"""Layers without weights that stand for an activation: `Dense(4, activation=LeakyReLU(0.1))`."""

SCALED_INITIALIZERS: dict[tuple[float, str, str], str] = {
    (1.0, "fan_avg", "uniform"): "glorot_uniform",
    (1.0, "fan_avg", "normal"): "glorot_normal",
    (2.0, "fan_in", "uniform"): "he_uniform",
    (2.0, "fan_in", "normal"): "he_normal",
    (1.0, "fan_in", "uniform"): "lecun_uniform",
    (1.0, "fan_in", "normal"): "lecun_normal",
}
"""Initializers that Keras 2 wrote as the VarianceScaling they are."""

MERGE_MODES: dict[str, str] = {
    "sum": "Add",
    "mul": "Multiply",
    "ave": "Average",
    "max": "Maximum",
    "concat": "Concatenate",
    "dot": "Dot",
}
"""What the `mode` of a `Merge` is today."""

EXTENSIONS = ("keras_hub", "keras_nlp")
"""Packages some of whose layers are in the catalogue."""

OPERATIONS: dict[str, str] = {
    **dict.fromkeys(("StopGradient", "ConvertToTensor", "Copy", "Conj", "Conjugate", "Real"), "Identity"),
}
"""Operations of `keras.ops` that are no more than their input after training, of real numbers."""

OPERATION_CLASSES: dict[str, str] = {
    "Allclose": "AllClose",
    "BatchNormalizationOp": "BatchNorm",
    "Cdist": "CDist",
    "Isin": "IsIn",
    "LayerNormalizationOp": "LayerNorm",
    "RMSNormalizationOp": "RMSNorm",
    "Searchsorted": "SearchSorted",
}
"""Operations whose class Keras names unlike the function, which has the name here."""

POSITIONAL: dict[str, tuple[str, ...]] = {
    "GetItem": ("x", "key"),
    "FullLike": ("x", "fill_value"),
    "Pad": ("x", "constant_values"),
    "Clip": ("x", "x_min", "x_max"),
    "Digitize": ("x", "bins"),
    "Isclose": ("x1", "x2", "rtol", "atol", "equal_nan"),
    "PerspectiveTransform": ("images", "start_points", "end_points"),
    **dict.fromkeys(("Nanpercentile", "Nanquantile", "Percentile", "Quantile"), ("x", "q")),
}
"""The call arguments of operations, where some of them are arguments of the layer here."""
