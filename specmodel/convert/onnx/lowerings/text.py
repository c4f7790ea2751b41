"""Texts. A vocabulary is a table of ONNX's machine-learning operators; hashes and tokens have no operator."""

from collections.abc import Sequence

from specmodel.convert.onnx.builder import Builder
from specmodel.convert.onnx.inexpressible import InexpressibleError
from specmodel.convert.onnx.ir import Node, Tensor
from specmodel.ops import text as ops
from specmodel.ops.value import Value

ML = "ai.onnx.ml"


def hash(op: ops.Hash, inputs: Sequence[Value], outputs: Sequence[Value], b: Builder) -> None:
    """ONNX has no hash functions of texts."""
    function = "FarmHash" if op.key is None else "SipHash"
    raise InexpressibleError(f"ONNX has no operator for hashes, and this is {function}")


def cross_hash(op: ops.CrossHash, inputs: Sequence[Value], outputs: Sequence[Value], b: Builder) -> None:
    """ONNX has no hash functions of texts."""
    raise InexpressibleError("ONNX has no operator for hashes, and this is FarmHash")


def lookup(op: ops.Lookup, inputs: Sequence[Value], outputs: Sequence[Value], b: Builder) -> None:
    """A table from tokens to places, with a place for all others."""
    (x,), (out,) = inputs, outputs
    known = op.vocabulary
    if known.missing is None:
        message = "a token outside the vocabulary is an error here (`num_oov_indices: 0`), and a number in ONNX"
        raise InexpressibleError(message)
    places: dict[ops.Token, int] = {token: place for place, token in enumerate(known.tokens, known.start)}
    if known.mask is not None:
        places[known.mask] = known.masked
    held = b.held(x)
    is_text = x.dtype == "string"
    given = held.tensor if is_text else b.cast(held.tensor, "int64")
    found = Tensor("int64", None)
    table = {"keys_strings" if is_text else "keys_int64s": list(places), "values_int64s": list(places.values())}
    b.block.nodes.append(Node("LabelEncoder", [given], [found], {**table, "default_int64": known.missing}, b.path, ML))
    b.place(out, found, held.order)


def tokenize(op: ops.Tokenize, inputs: Sequence[Value], outputs: Sequence[Value], b: Builder) -> None:
    """ONNX' own operators split and normalise texts by other rules."""
    raise InexpressibleError("ONNX has no operator that splits texts by the rules of Keras")


def count_tokens(op: ops.CountTokens, inputs: Sequence[Value], outputs: Sequence[Value], b: Builder) -> None:
    """ONNX' own operators split and normalise texts by other rules."""
    raise InexpressibleError("ONNX has no operator that splits texts by the rules of Keras")
