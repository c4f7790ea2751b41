"""Dtypes in ONNX: what elements are kept in, and what is computed in."""

from specmodel.types.tensor import DTYPES, is_floating

CODES = {
    "float32": 1,
    "uint8": 2,
    "int8": 3,
    "uint16": 4,
    "int16": 5,
    "int32": 6,
    "int64": 7,
    "string": 8,
    "bool": 9,
    "float16": 10,
    "float64": 11,
    "uint32": 12,
    "uint64": 13,
    "bfloat16": 16,
}
"""The numbers of the element types (`TensorProto.DataType`)."""


def physical(dtype: str) -> str:
    """The dtype that a value is kept in: 16-bit floats are float32, rounded after each op, as where a spec runs."""
    return "float32" if dtype in ("float16", "bfloat16") else dtype


def delivered(dtype: str) -> str:
    """The dtype of a model's input or output: as where a spec runs, bfloat16, which NumPy lacks, is float32 there."""
    return "float32" if dtype == "bfloat16" else dtype


def working(dtype: str) -> str:
    """The dtype to compute in: readers have few operators for integers of less than 32 bits, and none for booleans."""
    kind = DTYPES[dtype]
    if is_floating(dtype) or dtype in ("string", "int32", "int64", "uint64"):
        return physical(dtype)
    return "int64" if kind.itemsize == 4 else "int32"
