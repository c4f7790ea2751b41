"""What ONNX cannot say, of all that layers can be asked for: a use of the layer, and the reason."""

from typing import Any

from specmodel.record import Record

Shape = tuple[int | str | None, ...]


class Refused(Record):
    """A use that is refused, on inputs of these shapes; `needs_sizes` tells that it is not once all sizes are known."""

    layer: str
    arguments: dict[str, Any]
    shapes: tuple[Shape, ...]
    dtype: str
    reasons: tuple[str, ...]
    needs_sizes: bool = False


_FARM, _SIP = (f"ONNX has no operator for hashes, and this is {name}" for name in ("FarmHash", "SipHash"))
_NONE = "ONNX has no operator for {}"
_TOKENS = "ONNX has no operator that splits texts by the rules of Keras"
_OUTSIDE = "a token outside the vocabulary is an error here (`num_oov_indices: 0`), and a number in ONNX"
_CENTER = "whether an image is large enough, height and width decide"
_CUT = "how much of an image is cut off, height and width decide"
_BORDER = "how much border an image gets, height and width decide"
_BOXES = "where boxes stand, height and width decide"
_ROUND = "how often Roll goes round, the size of the axis decides"

_WORDS: tuple[Shape, ...] = ((None, 3),)
_IMAGES: tuple[Shape, ...] = ((None, "h", "w", 3),)
_WITH_BOXES = (*_IMAGES, (None, 2, 4))
_SIZES = {"height": 4, "width": 5}
_BY_FARMHASH = {"vocabulary": [7], "num_oov_indices": 2, "oov_method": "farmhash"}
_SENTENCES = {"max_tokens": 10, "output_sequence_length": 4, "vocabulary": ["the", "cat"]}

INEXPRESSIBLE = (
    Refused("Hashing", {"num_bins": 4}, _WORDS, "string", (_FARM,)),
    Refused("Hashing", {"num_bins": 4, "salt": [1, 2]}, _WORDS, "string", (_SIP,)),
    Refused("HashedCrossing", {"num_bins": 4}, ((None,), (None,)), "string", (_FARM,)),
    Refused("StringLookup", {"vocabulary": ["a"], "num_oov_indices": 2}, _WORDS, "string", (_FARM,)),
    Refused("StringLookup", {"vocabulary": ["a"], "num_oov_indices": 0}, _WORDS, "string", (_OUTSIDE,)),
    Refused("IntegerLookup", _BY_FARMHASH, _WORDS, "int64", (_FARM,)),
    Refused("IntegerLookup", {"vocabulary": [7], "num_oov_indices": 0}, _WORDS, "int64", (_OUTSIDE,)),
    Refused("TextVectorization", _SENTENCES, ((None,),), "string", (_TOKENS,)),
    Refused("CenterCrop", _SIZES, _IMAGES, "float32", (_CENTER,), True),
    Refused("CenterCrop", _SIZES, ((None, 3, "w", 3),), "float32", (_CUT,), True),
    Refused("CenterCrop", {**_SIZES, "bounding_box_format": "xyxy"}, _WITH_BOXES, "float32", (_CENTER, _BOXES), True),
    Refused("Resizing", {**_SIZES, "crop_to_aspect_ratio": True}, _IMAGES, "float32", (_CUT,), True),
    Refused("Resizing", {**_SIZES, "pad_to_aspect_ratio": True}, _IMAGES, "float32", (_BORDER,), True),
    Refused("Resizing", {**_SIZES, "bounding_box_format": "xyxy"}, _WITH_BOXES, "float32", (_BOXES,), True),
    Refused("Roll", {"shift": 3, "axis": 1}, ((None, "seq"),), "float32", (_ROUND,), True),
    Refused("Gcd", {"x2": 6}, ((None, 3),), "int32", (_NONE.format("greatest common divisors"),)),
    Refused("Lcm", {"x2": 6}, ((None, 3),), "int32", (_NONE.format("least common multiples"),)),
    Refused("Nextafter", {"x2": 6}, ((None, 3),), "float32", (_NONE.format("the number next to another"),)),
    Refused("Cholesky", {}, ((None, 3, 3),), "float32", (_NONE.format("Cholesky factors"),)),
    Refused("CholeskyInverse", {}, ((3, 3),), "float32", (_NONE.format("inverse matrices"),)),
    Refused("Inv", {}, ((None, 3, 3),), "float32", (_NONE.format("inverse matrices"),)),
    Refused("Pinv", {}, ((None, 3, 4),), "float32", (_NONE.format("inverse matrices"),)),
    Refused("MatrixRank", {}, ((None, 3, 4),), "float32", (_NONE.format("the ranks of matrices"),)),
    Refused("Solve", {}, ((None, 3, 3),) * 2, "float32", (_NONE.format("systems of equations"),)),
    Refused("SolveTriangular", {}, ((None, 3, 3),) * 2, "float32", (_NONE.format("systems of equations"),)),
)
REASONS = {(use.layer, reason) for use in INEXPRESSIBLE for reason in use.reasons}
"""The reasons by layer."""
