"""The layer catalogue. Classes are imported by family, when a spec or a program first names one.

`FAMILIES` holds one line a family: the module, and the classes in it (a test compares them with the modules).
"""

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING
from typing import Any as _Any  # `Any` is a layer

if TYPE_CHECKING:
    from specmodel.layers.base import Layer

FAMILIES: dict[str, tuple[str, ...]] = {
    "core": ("Dense", "Embedding", "Identity", "Masking"),
    "einsum_dense": ("EinsumDense",),
    "reversible_embedding": ("ReversibleEmbedding",),
    "ternary_dense": ("TernaryDense",),
    "activation": ("Activation", "ELU", "LeakyReLU", "PReLU", "ReLU", "Softmax"),
    "convolution": tuple(f"Conv{rank}D" for rank in (1, 2, 3)),
    "depthwise_convolution": ("DepthwiseConv1D", "DepthwiseConv2D", "SeparableConv1D", "SeparableConv2D"),
    "transposed_convolution": tuple(f"Conv{rank}DTranspose" for rank in (1, 2, 3)),
    "pooling": tuple(f"{kind}Pooling{rank}D" for kind in ("Average", "Max") for rank in (1, 2, 3)),
    "global_pooling": tuple(f"Global{kind}Pooling{rank}D" for kind in ("Average", "Max") for rank in (1, 2, 3)),
    "adaptive_pooling": tuple(f"Adaptive{kind}Pooling{rank}D" for kind in ("Average", "Max") for rank in (1, 2, 3)),
    "normalization": (
        "BatchNormalization",
        "GroupNormalization",
        "LayerNormalization",
        "RMSNormalization",
        "UnitNormalization",
    ),
    "merging": ("Add", "Average", "Concatenate", "Dot", "Maximum", "Minimum", "Multiply", "Subtract"),
    "reshaping": ("Flatten", "Permute", "RepeatVector", "Reshape"),
    "borders": tuple(f"{kind}{rank}D" for kind in ("Cropping", "ZeroPadding") for rank in (1, 2, 3)),
    "upsampling": tuple(f"UpSampling{rank}D" for rank in (1, 2, 3)),
    "preprocessing": ("Normalization", "Rescaling"),
    "encoding": ("CategoryEncoding", "Discretization"),
    "hashing": ("HashedCrossing", "Hashing"),
    "lookup": ("IntegerLookup", "StringLookup"),
    "text_vectorization": ("TextVectorization",),
    "spectrograms": ("MelSpectrogram", "STFTSpectrogram"),
    "resizing": ("CenterCrop", "Resizing"),
    "contrast": ("AutoContrast", "ContrastLimitedAdaptiveHistogramEqualization"),
    "pipeline": ("Pipeline",),
    "mixing_augmentation": ("AugMix", "CutMix", "MaxNumBoundingBoxes", "MixUp", "RandAugment", "RandomErasing"),
    "color_augmentation": (
        *("Equalization", "RandomBrightness", "RandomColorDegeneration", "RandomColorJitter", "RandomContrast"),
        *("RandomGaussianBlur", "RandomGrayscale", "RandomHue", "RandomInvert", "RandomPosterization"),
        *("RandomSaturation", "RandomSharpness", "Solarization"),
    ),
    "geometric_augmentation": (
        *("RandomCrop", "RandomElasticTransform", "RandomFlip", "RandomPerspective", "RandomRotation"),
        *("RandomShear", "RandomTranslation", "RandomZoom"),
    ),
    "regularization": (
        *("ActivityRegularization", "AlphaDropout", "Dropout", "GaussianDropout", "GaussianNoise"),
        *(f"SpatialDropout{rank}D" for rank in (1, 2, 3)),
    ),
    "recurrent": ("GRU", "LSTM", "SimpleRNN"),
    "recurrent_cells": ("GRUCell", "LSTMCell", "SimpleRNNCell"),
    "stacked_cells": ("StackedRNNCells",),
    "rnn": ("RNN",),
    "conv_lstm": tuple(f"ConvLSTM{rank}D" for rank in (1, 2, 3)),
    "wrappers": ("Bidirectional", "TimeDistributed"),
    "spectral_normalization": ("SpectralNormalization",),
    "operations_along": ("Argsort", "Cumprod", "Cumsum", "Normalize", "OneHot", "Sort", "TopK"),
    "operations_binary": tuple(
        (
            "AddOp Arctan2 Cast Clip Divide DivideNoNan Equal FloorDivide Greater GreaterEqual Less LessEqual "
            "Logaddexp LogicalAnd LogicalOr LogicalXor MaximumOp MinimumOp Mod MultiplyOp NotEqual Power "
            "SubtractOp Where"
        ).split()
    ),
    "operations_elementwise": tuple(
        (
            "Absolute Arccos Arccosh Arcsin Arcsinh Arctan Arctanh Ceil Cos Cosh Erf Exp Exp2 Expm1 Floor "
            "Isfinite Isinf Isnan Log Log10 Log1p Log2 LogicalNot Negative Reciprocal Round Rsqrt Sigmoid Sign "
            "Sin Sinh Sqrt Square Tan Tanh Trunc"
        ).split()
    ),
    "operations_fill": ("FullLike", "OnesLike", "Tril", "Triu", "ZerosLike"),
    "operations_linear": ("DotOp", "Einsum", "Matmul", "Tensordot"),
    "operations_order": ("Flip", "Pad", "Repeat", "Roll", "Tile"),
    "operations_reduce": tuple(
        "All Any Argmax Argmin CountNonzero Logsumexp Max Mean Min Norm Prod Std Sum Var".split()
    ),
    "operations_shape": tuple("BroadcastTo ExpandDims Moveaxis Ravel ReshapeOp Squeeze Swapaxes Transpose".split()),
    "operations_slicing": ("ConcatenateOp", "GetItem", "Slice", "Split", "Stack", "Take", "Unstack"),
    "weight": ("Weight",),
    "positions": ("PositionEmbedding", "SinePositionEncoding"),
    "attention": ("MultiHeadAttention",),
    "dot_attention": ("AdditiveAttention", "Attention"),
    "grouped_attention": ("GroupedQueryAttention",),
}

ALIASES: dict[str, str] = {
    **{f"Convolution{rank}D": f"Conv{rank}D" for rank in (1, 2, 3)},
    **{f"Convolution{rank}DTranspose": f"Conv{rank}DTranspose" for rank in (1, 2, 3)},
    **{f"SeparableConvolution{rank}D": f"SeparableConv{rank}D" for rank in (1, 2)},
    **{f"AvgPool{rank}D": f"AveragePooling{rank}D" for rank in (1, 2, 3)},
    **{f"MaxPool{rank}D": f"MaxPooling{rank}D" for rank in (1, 2, 3)},
    **{f"GlobalAvgPool{rank}D": f"GlobalAveragePooling{rank}D" for rank in (1, 2, 3)},
    **{f"GlobalMaxPool{rank}D": f"GlobalMaxPooling{rank}D" for rank in (1, 2, 3)},
    "Abs": "Absolute",
    "Amax": "Max",
    "Amin": "Min",
    "TrueDivide": "Divide",
    "GroupQueryAttention": "GroupedQueryAttention",
}
"""Keras' other names of the same layers."""

REFUSED: dict[str, str] = {
    "Lambda": "a Lambda holds Python code, and reading a spec runs none: write the layers it is made of",
    **dict.fromkeys(
        ("JaxLayer", "FlaxLayer", "TFSMLayer", "TorchModuleWrapper"),
        "it wraps a program of another framework, and reading a spec runs none: write the layers it is made of",
    ),
    "Wrapper": "it is what wrappers are made of: write Bidirectional, SpectralNormalization or TimeDistributed",
    "InputLayer": "inputs stand under the top-level key `inputs`",
    "Input": "inputs stand under the top-level key `inputs`",
}
"""Keras layers that a spec cannot hold, each with what to do instead."""

_FAMILY_OF = {name: family for family, names in FAMILIES.items() for name in names}
NAMES = tuple(sorted(_FAMILY_OF))
"""Every layer's name."""


@cache
def find(name: str) -> "type[Layer] | None":
    """The class of a layer's name or alias, or None where there is no such layer."""
    name = ALIASES.get(name, name)
    family = _FAMILY_OF.get(name)
    if family is None:
        return None
    found: type[Layer] = getattr(import_module(f"specmodel.layers.{family}"), name)
    return found


def __getattr__(name: str) -> _Any:
    found = find(name)
    if found is None:
        raise AttributeError(f"module 'specmodel.layers' has no attribute {name!r}")
    return found


def __dir__() -> list[str]:
    return [*NAMES, *sorted(ALIASES)]
