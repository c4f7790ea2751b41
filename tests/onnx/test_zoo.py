"""The zoo in ONNX: which operators, and how many transpositions."""

from pathlib import Path

import pytest

from tests.onnx.exported import agree, bound, count, exported, graph_of, inferred_shapes
from tests.onnx.zoo import SMALL, ZOO, opened

TRANSPOSITIONS = {
    "alexnet": 5,  # one to begin, two around each response normalization, which goes along the channels
    "bert": 8,  # four for each of two attentions: heads of query, key and value, and back
    "convnext": 19,  # one to begin, two around the layer normalization of each block and each step down
    "dcgan_generator": 2,
    "densenet": 1,
    "efficientnet": 1,
    "gpt2": 9,  # as bert, and one of the embeddings, which are also the last matrix
    "inception_v3": 1,
    "lenet5": 0,  # images of one channel, and of one pixel in the end
    "lstm_text_classifier": 1,
    "mlp_mixer": 6,  # one to begin; two for each mixing of tokens, and one more where the first begins
    "mlperf_tiny_autoencoder": 0,
    "mlperf_tiny_ds_cnn": 0,
    "mlperf_tiny_mobilenet": 1,
    "mlperf_tiny_resnet8": 1,
    "mobilenet_v1": 1,
    "mobilenet_v2": 1,
    "mobilenet_v3": 1,
    "resnet": 1,
    "resnet_keras": 1,
    "resnet_v2": 1,
    "seq2seq_gru": 2,  # around the GRU, whose steps come first in ONNX
    "squeezenet": 1,
    "unet": 1,
    "vgg": 1,
    "vit": 10,
    "wavenet_stack": 2,
    "xception": 1,
}
"""At small sizes. With 1 the images are turned at the beginning, and nothing after that."""


def test_every_network_of_the_zoo_is_here() -> None:
    assert {path.stem for path in ZOO.glob("*.yaml")} == set(SMALL) == set(TRANSPOSITIONS)


@pytest.mark.parametrize("name", SMALL)
def test_a_network_is_checked_and_has_few_transpositions(name: str, tmp_path: Path) -> None:
    graph = graph_of(opened(name))
    model = exported(graph, tmp_path)
    assert agree(inferred_shapes(model), graph)
    assert count(model, "Transpose") == TRANSPOSITIONS[name]


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("resnet", {"Conv": 17, "BatchNormalization": 17, "Relu": 13, "Add": 4, "Mul": 0, "Pad": 0}),
        ("mobilenet_v3", {"HardSwish": 21, "HardSigmoid": 8, "Pad": 0}),
        ("bert", {"LayerNormalization": 5, "Softmax": 2, "Einsum": 0}),
        ("lstm_text_classifier", {"LSTM": 4, "Scan": 0}),
        ("unet", {"Conv": 19, "ConvTranspose": 4, "MaxPool": 4, "Concat": 4}),
    ],
)
def test_a_network_is_made_of_the_operators_that_readers_are_fast_with(
    name: str, wanted: dict[str, int], tmp_path: Path
) -> None:
    model = exported(graph_of(opened(name)), tmp_path)
    assert {kind: count(model, kind) for kind in wanted} == wanted


def test_a_batch_of_one_changes_nothing(tmp_path: Path) -> None:
    """Sizes of one that are in front of all others must not be lost where values meet."""
    model = exported(bound(opened("mobilenet_v2"), batch=1), tmp_path)
    assert count(model, "Transpose") == 1
    assert count(model, "Reshape") == 0
