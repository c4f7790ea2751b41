"""The zoo at small sizes: the same architectures with few filters, blocks and pixels."""

from pathlib import Path
from typing import Any

from specmodel.model.opening import Opened, open_source
from specmodel.spec.params import Choice
from specmodel.text import SourceFile
from specmodel.yaml import Node

ZOO = Path(__file__).parents[2] / "specs" / "zoo"
_BIG, _LARGER = "[224, 224, 3]", "[299, 299, 3]"

SMALL: dict[str, tuple[tuple[str, str] | None, dict[str, Any]]] = {
    "alexnet": (None, {"filters": [4, 8, 8, 8, 4], "classes": 5, "size": 67}),
    "bert": (None, {"depth": 2, "width": 8, "heads": 2, "vocabulary": 50, "positions": 16}),
    "convnext": ((_BIG, "[32, 32, 3]"), {"width": 4, "deep": 1, "classes": 5}),
    "dcgan_generator": (None, {"noise": 6, "start": [2, 2, 8], "filters": [6, 4, 4]}),
    "densenet": ((_BIG, "[64, 64, 3]"), {"depths": [2, 2, 2, 2], "growth": 4, "classes": 5}),
    "efficientnet": (None, {"width": 0.1, "depth": 0.1, "size": 64, "classes": 5}),
    "gpt2": (None, {"depth": 2, "width": 8, "heads": 2, "vocabulary": 50, "positions": 16}),
    "inception_v3": ((_LARGER, "[96, 96, 3]"), {"classes": 5}),
    "lenet5": (None, {}),
    "lstm_text_classifier": (None, {"words": 50, "embedding": 6, "units": [4, 4]}),
    "mlp_mixer": (
        None,
        {"patch": 8, "depth": 2, "channels": 8, "tokens_mlp": 6, "channels_mlp": 6, "size": 32, "classes": 5},
    ),
    "mlperf_tiny_autoencoder": (None, {"mels": 16}),
    "mlperf_tiny_ds_cnn": (None, {}),
    "mlperf_tiny_mobilenet": (None, {}),
    "mlperf_tiny_resnet8": (None, {}),
    "mobilenet_v1": ((_BIG, "[64, 64, 3]"), {"width": 0.125, "classes": 5}),
    "mobilenet_v2": ((_BIG, "[64, 64, 3]"), {"width": 0.125, "classes": 5}),
    "mobilenet_v3": ((_BIG, "[64, 64, 3]"), {"width": 0.125, "classes": 5}),
    "resnet": ((_BIG, "[32, 32, 3]"), {"depths": [1, 1, 1, 1], "classes": 5}),
    "resnet_keras": ((_BIG, "[32, 32, 3]"), {"depths": [1, 1, 1, 1], "classes": 5}),
    "resnet_v2": ((_BIG, "[32, 32, 3]"), {"depths": [2, 2, 2, 2], "classes": 5}),
    "seq2seq_gru": (None, {"source_words": 50, "target_words": 40, "embedding": 6, "units": 5}),
    "squeezenet": ((_BIG, "[64, 64, 3]"), {"classes": 5}),
    "unet": (None, {"size": 32, "width": 4, "channels": 3}),
    "vgg": ((_BIG, "[32, 32, 3]"), {"depths": [1, 1, 1, 1, 1], "classes": 5}),
    "vit": (None, {"depth": 2, "width": 8, "heads": 2, "image": 32, "classes": 5}),
    "wavenet_stack": (None, {"levels": 8, "stacks": 2, "layers": 3, "residual": 4, "skip": 6}),
    "xception": ((_LARGER, "[96, 96, 3]"), {"classes": 5}),
}
"""For each network: what replaces what in its text, and its params."""


def opened(name: str, **more: Any) -> Opened:
    """A network of the zoo at its small size."""
    replaced, params = SMALL[name]
    path = ZOO / f"{name}.yaml"
    text = path.read_text(encoding="utf-8")
    if replaced is not None:
        assert replaced[0] in text, name
        text = text.replace(*replaced)
    given = Node.from_plain({"params": {**params, **more}}).items["params"].items
    return open_source(SourceFile(str(path), text), ZOO, None, Choice(None, given))
