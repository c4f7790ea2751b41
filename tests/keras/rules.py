"""The rule for each layer: how its arguments fit together, and which inputs they fit."""

from collections.abc import Sequence

from tests.keras.inputs import Maker, any_shape, over
from tests.keras.sequence_rules import (
    CELLS,
    attention_heads,
    bidirectional,
    cell,
    dot_attention,
    grouped_attention,
    recurrent,
    rnn,
    stacked,
    time_distributed,
)
from tests.keras.shape_rules import (
    concatenate,
    dense,
    dot,
    einsum,
    embedding,
    flatten,
    group_normalization,
    last_axes,
    many_axes,
    masking,
    merging,
    noise,
    one_axis,
    permute,
    reshape,
    shared_axes,
)
from tests.keras.spatial_rules import adaptive, conv_lstm, convolution, cropping, images, pooling, transposed


def _ranks(text: str, ranks: Sequence[int], rule: Maker) -> dict[str, Maker]:
    return {text.format(rank): rule for rank in ranks}


_THREE = (1, 2, 3)
RULES: dict[str, Maker] = {
    **_ranks("Conv{}D", _THREE, convolution),
    **_ranks("DepthwiseConv{}D", (1, 2), convolution),
    **_ranks("SeparableConv{}D", (1, 2), convolution),
    **_ranks("Conv{}DTranspose", _THREE, transposed),
    **_ranks("MaxPooling{}D", _THREE, pooling),
    **_ranks("AveragePooling{}D", _THREE, pooling),
    **_ranks("GlobalMaxPooling{}D", _THREE, images),
    **_ranks("GlobalAveragePooling{}D", _THREE, images),
    **_ranks("AdaptiveMaxPooling{}D", _THREE, adaptive),
    **_ranks("AdaptiveAveragePooling{}D", _THREE, adaptive),
    **_ranks("ZeroPadding{}D", _THREE, images),
    **_ranks("UpSampling{}D", _THREE, images),
    **_ranks("SpatialDropout{}D", _THREE, images),
    **_ranks("Cropping{}D", _THREE, cropping),
    **_ranks("ConvLSTM{}D", _THREE, conv_lstm),
    **dict.fromkeys(("Add", "Average", "Maximum", "Minimum", "Multiply"), merging(1, 4)),
    "Subtract": merging(2, 2),
    "Concatenate": concatenate,
    "Dot": dot,
    "Reshape": reshape,
    "Permute": permute,
    "Flatten": flatten,
    "RepeatVector": any_shape(2, 2),
    **dict.fromkeys(("Dropout", "AlphaDropout", "GaussianDropout", "GaussianNoise", "ActivityRegularization"), noise),
    "Dense": dense,
    "EinsumDense": einsum,
    "Embedding": embedding,
    "Masking": masking,
    "Identity": any_shape(2, 5, kinds=("float", "int32", "bool")),
    **dict.fromkeys(("Activation", "ELU", "LeakyReLU", "ReLU"), any_shape(2, 4)),
    "Softmax": over(many_axes),
    "PReLU": over(shared_axes),
    "BatchNormalization": over(one_axis),
    "LayerNormalization": over(many_axes),
    "UnitNormalization": over(many_axes),
    "RMSNormalization": over(last_axes),
    "GroupNormalization": group_normalization,
    **dict.fromkeys(("LSTM", "GRU", "SimpleRNN"), recurrent),
    **dict.fromkeys(CELLS, cell),
    "StackedRNNCells": stacked,
    "RNN": rnn,
    "Bidirectional": bidirectional,
    "TimeDistributed": time_distributed,
    "MultiHeadAttention": attention_heads,
    "GroupedQueryAttention": grouped_attention,
    "Attention": dot_attention,
    "AdditiveAttention": dot_attention,
}

SKIPPED: dict[str, tuple[str, ...]] = {
    "StackedRNNCells": ("cells",),
    "RNN": ("cell",),
    "Bidirectional": ("layer", "backward_layer"),
    "TimeDistributed": ("layer",),
    "EinsumDense": ("equation", "output_shape", "bias_axes"),
    "Reshape": ("target_shape",),
    "Permute": ("dims",),
    "Dot": ("axes",),
    **dict.fromkeys(("Dropout", "AlphaDropout", "GaussianDropout"), ("noise_shape",)),
    "BatchNormalization": ("renorm", "renorm_clipping", "synchronized"),
    **dict.fromkeys(("LSTM", "GRU"), ("use_cudnn",)),
}
