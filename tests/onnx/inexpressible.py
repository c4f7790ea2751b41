"""What ONNX cannot say, of all that layers can be asked for: a use of the layer, and the reason."""

from typing import Any

from specmodel.record import Record

Shape = tuple[int | str | None, ...]


class Refused(Record):
    """A use that is refused; `needs_sizes` tells that it is not once all sizes are known."""

    layer: str
    arguments: dict[str, Any]
    shape: Shape
    dtype: str
    reason: str
    needs_sizes: bool = False


_HASH = "ONNX has no operator for hashes, and this is {}"
_TOKENS = "ONNX has no operator that splits texts by the rules of Keras"
_OUTSIDE = "a token outside the vocabulary is an error here (`num_oov_indices: 0`), and a number in ONNX"
_CENTER = "whether an image is large enough, height and width decide"
_CUT = "how much of an image is cut off, height and width decide"
_BORDER = "how much border an image gets, height and width decide"
_ROUND = "how often Roll goes round, the size of the axis decides"
_IMAGE: Shape = (None, "h", "w", 3)
_SIZES = {"height": 4, "width": 5}
_SEVERAL = {"vocabulary": [7], "num_oov_indices": 2, "oov_method": "farmhash"}
_TOKENS_OF_TEXT = {"max_tokens": 10, "output_sequence_length": 4, "vocabulary": ["the", "cat"]}

INEXPRESSIBLE = (
    Refused("Hashing", {"num_bins": 4}, (None, 3), "string", _HASH.format("FarmHash")),
    Refused("Hashing", {"num_bins": 4, "salt": [1, 2]}, (None, 3), "string", _HASH.format("SipHash")),
    Refused("HashedCrossing", {"num_bins": 4}, (None,), "string", _HASH.format("FarmHash")),
    Refused("StringLookup", {"vocabulary": ["a"], "num_oov_indices": 2}, (None, 3), "string", _HASH.format("FarmHash")),
    Refused("StringLookup", {"vocabulary": ["a"], "num_oov_indices": 0}, (None, 3), "string", _OUTSIDE),
    Refused("IntegerLookup", _SEVERAL, (None, 3), "int64", _HASH.format("FarmHash")),
    Refused("IntegerLookup", {"vocabulary": [7], "num_oov_indices": 0}, (None, 3), "int64", _OUTSIDE),
    Refused("TextVectorization", _TOKENS_OF_TEXT, (None,), "string", _TOKENS),
    Refused("CenterCrop", _SIZES, _IMAGE, "float32", _CENTER, True),
    Refused("CenterCrop", _SIZES, (None, 3, "w", 3), "float32", _CUT, True),
    Refused("Resizing", {**_SIZES, "crop_to_aspect_ratio": True}, _IMAGE, "float32", _CUT, True),
    Refused("Resizing", {**_SIZES, "pad_to_aspect_ratio": True}, _IMAGE, "float32", _BORDER, True),
    Refused("Roll", {"shift": 3, "axis": 1}, (None, "seq"), "float32", _ROUND, True),
)
