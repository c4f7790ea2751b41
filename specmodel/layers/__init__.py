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
    "operations_activation": tuple(
        (
            "Celu Elu Gelu Glu HardShrink HardSigmoid HardSilu HardTanh LeakyRelu LogSigmoid LogSoftmax Relu "
            "Relu6 Selu Silu SoftShrink SoftmaxOp Softplus Softsign SparsePlus SparseSigmoid Sparsemax "
            "Squareplus TanhShrink Threshold"
        ).split()
    ),
    "operations_along": ("Argsort", "Cumprod", "Cumsum", "Normalize", "OneHot", "Sort", "TopK"),
    "operations_arrange": tuple(
        ("Append ArraySplit Dsplit Dstack Fliplr Flipud Hsplit Hstack Rot90 Vsplit Vstack").split()
    ),
    "operations_binary": tuple(
        (
            "AddOp Arctan2 Cast Clip Divide DivideNoNan Equal FloorDivide Greater GreaterEqual Less LessEqual "
            "Logaddexp LogicalAnd LogicalOr LogicalXor MaximumOp MinimumOp Mod MultiplyOp NotEqual Power "
            "SubtractOp Where"
        ).split()
    ),
    "operations_color": ("HSVToRGB", "RGBToGrayscale", "RGBToHSV"),
    "operations_diagonal": ("Diag", "Diagflat", "Diagonal", "Trace", "Vander"),
    "operations_elementwise": tuple(
        (
            "Absolute Arccos Arccosh Arcsin Arcsinh Arctan Arctanh Ceil Cos Cosh Erf Exp Exp2 Expm1 Floor "
            "Isfinite Isinf Isnan Log Log10 Log1p Log2 LogicalNot Negative Reciprocal Round Rsqrt Sigmoid Sign "
            "Sin Sinh Sqrt Square Tan Tanh Trunc"
        ).split()
    ),
    "operations_fill": ("FullLike", "OnesLike", "Tril", "Triu", "ZerosLike"),
    "operations_fourier": ("FFT", "FFT2", "IFFT2", "IRFFT", "ISTFT", "RFFT", "STFT"),
    "operations_grids": ("DepthToSpace", "ExtractSequences", "Meshgrid", "SpaceToDepth", "UnravelIndex"),
    "operations_image": ("CropImages", "GaussianBlur", "PadImages", "Resize", "SobelEdges"),
    "operations_linalg": tuple(
        ("Cholesky CholeskyInverse Det Inv Logdet MatrixRank Pinv Slogdet Solve SolveTriangular").split()
    ),
    "operations_linear": ("DotOp", "Einsum", "Matmul", "Tensordot"),
    "operations_matrix": ("Cdist", "Correlate", "Cross", "InnerOp", "Kron", "OuterOp", "Vdot"),
    "operations_nan": tuple(
        ("Nanargmax Nanargmin Nancumprod Nancumsum Nanmax Nanmean Nanmin Nanprod Nanstd Nansum Nanvar").split()
    ),
    "operations_network": tuple(
        ("BatchNormalizationOp DotProductAttention LayerNormalizationOp Moments MultiHot RMSNormalizationOp").split()
    ),
    "operations_order": ("Flip", "Pad", "Repeat", "Roll", "Tile"),
    "operations_pairs": tuple(
        (
            "Allclose BitwiseAnd BitwiseOr BitwiseXor Fmax Fmin Fmod Gcd Heaviside Hypot Isclose Isin Lcm "
            "Ldexp LeftShift Logaddexp2 Nextafter RightShift"
        ).split()
    ),
    "operations_patches": ("ExtractPatches", "Fold", "Unfold"),
    "operations_places": ("Argpartition", "Digitize", "Searchsorted", "SliceOp", "SliceUpdate", "TakeAlongAxis"),
    "operations_quantiles": ("Median", "Nanmedian", "Nanpercentile", "Nanquantile", "Percentile", "Quantile"),
    "operations_rearrange": ("Rearrange",),
    "operations_reduce": tuple(
        ("All Any Argmax Argmin CountNonzero Logsumexp Max Mean Min Norm Prod Std Sum Var").split()
    ),
    "operations_sampling": ("AffineTransform", "MapCoordinates", "PerspectiveTransform"),
    "operations_scatter": ("Scatter", "ScatterUpdate", "SegmentMax", "SegmentMin", "SegmentProd", "SegmentSum"),
    "operations_shape": tuple(("BroadcastTo ExpandDims Moveaxis Ravel ReshapeOp Squeeze Swapaxes Transpose").split()),
    "operations_slicing": ("ConcatenateOp", "GetItem", "Slice", "Split", "Stack", "Take", "Unstack"),
    "operations_source": tuple(("Arange Eye Full Geomspace IdentityOp Linspace Logspace Ones Tri Zeros").split()),
    "operations_special": tuple(
        (
            "BitwiseNot Cbrt Deg2rad Erfc Erfinv Fabs I0 Isneginf Isposinf NanToNum Rad2deg SaturateCast Signbit Sinc"
        ).split()
    ),
    "operations_statistics": ("AverageOp", "Bincount", "Corrcoef", "Diff", "Histogram", "Ptp", "Trapezoid"),
    "operations_tapers": ("Bartlett", "Blackman", "Hamming", "Hanning", "Kaiser"),
    "operations_window": tuple(
        (
            "AdaptiveAveragePool AdaptiveMaxPool AveragePool ConvOp ConvTransposeOp DepthwiseConvOp MaxPool "
            "SeparableConvOp"
        ).split()
    ),
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
    "HardSwish": "HardSilu",
    "Swish": "Silu",
    "BitwiseInvert": "BitwiseNot",
    "BitwiseLeftShift": "LeftShift",
    "BitwiseRightShift": "RightShift",
    "Empty": "Zeros",
    "EmptyLike": "ZerosLike",
    "AllClose": "Allclose",
    "BatchNorm": "BatchNormalizationOp",
    "CDist": "Cdist",
    "IsIn": "Isin",
    "LayerNorm": "LayerNormalizationOp",
    "RMSNorm": "RMSNormalizationOp",
    "SearchSorted": "Searchsorted",
    "GroupQueryAttention": "GroupedQueryAttention",
}
"""Keras' other names of the same layers."""

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
