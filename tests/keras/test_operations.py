"""Every tensor operation, on its own examples in all dtypes, against the function of `keras.ops` that it is."""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from typing import Any

import jax
import keras
import numpy as np
import pytest

from specmodel import layers
from specmodel.diagnostics.codes import DATA_VALUE
from specmodel.graph.graph import Graph
from specmodel.layers.base import Example, Layer, call_parameters
from specmodel.layers.naming import snake_case
from specmodel.layers.slicing import Span, parts_of
from specmodel.types.fault import Fault
from tests.keras.compare import different
from tests.layers.harness import concrete_types, graph_of, outputs_of, run
from tests.layers.test_operations_table import OPERATIONS

Array = np.ndarray[Any, Any]

DTYPES = ("float32", "float16", "float64", "int32", "int8", "uint8", "int64", "uint32", "bool")
WIDE = ("float64", "int64", "uint32")
"""What JAX has only where it is told to compute in 64 bits."""
TOLERANCE = {"float16": 4e-3}
NOT_IN_KERAS = frozenset({"Slice"})
"""Operations of this project's own."""
APART = {
    "Sparsemax": "Keras 3.15 has an error there",
    "Argpartition": "which of the possible orders it gives is not said",
}
"""Operations whose numbers are not compared."""
UNSIGNED_WRAP = frozenset({"HardTanh", "LogSigmoid", "LogSoftmax", "SoftmaxOp", "Correlate"})
"""Functions of JAX that take differences of unsigned numbers, or of booleans, in their own dtype."""
LAST_BIT = dict.fromkeys(("LayerNormalizationOp", "RMSNormalizationOp"), ("int32", "int8", "uint8", "int64", "uint32"))
LAST_BIT |= {"PerspectiveTransform": ("bool",), "SobelEdges": ("bool",), "Histogram": ("float64",)}
"""Results that the last bit of a sum decides, because they are cut to integers or fall on an edge."""
_PLAIN = (1, 1, 1, 1, 1, 1, 0, 0)
"""The two last numbers of a transform mix channels with JAX, and are the perspective with TensorFlow: here 0."""


def kind_of(name: str) -> type[Layer]:
    found = layers.find(name)
    assert found is not None
    return found


def uses() -> list[Any]:
    """Every good example of every operation, the first in each dtype where it names none."""
    return [
        pytest.param(name, example, dtype, id=f"{name}-{number}-{dtype}")
        for name in OPERATIONS
        if name not in NOT_IN_KERAS and name not in APART
        for number, example in enumerate(kind_of(name).examples)
        if example.error is None
        for dtype in ((None,) if example.dtypes else DTYPES if number == 0 else DTYPES[:1])
        if not (name in UNSIGNED_WRAP and dtype in ("uint8", "uint32", "bool"))
        if dtype not in LAST_BIT.get(name, ())
    ]


def array(shape: tuple[int, ...], dtype: str, generator: np.random.Generator) -> Array:
    """Numbers for an input: a few of them, so that some are equal."""
    if dtype == "bool":
        return generator.random(shape) < 0.5
    if dtype.startswith("float"):
        return generator.normal(size=shape).round(2).astype(dtype)
    return generator.choice([1, 2, 3] if dtype.startswith("u") else [-3, -2, -1, 1, 2, 3], shape).astype(dtype)


def function_of(name: str) -> Any:
    """Keras' function of an operation's name."""
    function = snake_case(name.removesuffix("Op"))
    return getattr(keras.ops, function, None) or getattr(keras.ops.image, function)


def constant(value: Any, like: str) -> Array:
    """A constant as it is here: of the dtype of the tensor beside it, or float32 where that holds no fractions."""
    found = np.array(value)
    return found.astype("float32" if found.dtype.kind == "f" and "float" not in like else like)


def theirs(name: str, arguments: Mapping[str, Any], tensors: Sequence[Any], call: Sequence[str] = ()) -> list[Any]:
    """What Keras' function makes of tensors."""
    kind = kind_of(name)
    given = {key: tuple(value) if isinstance(value, list) else value for key, value in arguments.items()}
    if "data_format" in kind.model_fields:
        given.setdefault("data_format", "channels_last")
    if name == "Resize" and isinstance(given["size"], int):
        given["size"] = (given["size"],) * 2
    if name == "GetItem":
        parts = parts_of(kind.declare(arguments).key)  # type: ignore[attr-defined]
        return [tensors[0][tuple(slice(p.start, p.stop, p.step) if isinstance(p, Span) else p for p in parts)]]
    if name == "AffineTransform":
        given["transform"] = np.broadcast_to(given.get("transform", tensors[-1]), (*tensors[0].shape[:-3], 8)) * _PLAIN
        tensors = tensors[:1]
    if name == "PerspectiveTransform":
        for key in ("start_points", "end_points"):
            given[key] = np.broadcast_to(np.array(given[key], "float32"), (*tensors[0].shape[:-3], 4, 2))
    if name in ("AveragePool", "MaxPool"):
        given.setdefault("strides", given["pool_size"])  # what None means, but JAX fails at for images of two axes
    function = function_of(name)
    if name == "Einsum":
        return [function(given["subscripts"], *tensors)]
    if name == "Meshgrid":
        return list(function(*tensors, **given))
    if name == "Rearrange":
        return [function(*tensors, given["pattern"], **given.get("axes_lengths", {}))]
    if name == "BroadcastTo":
        new = len(given["shape"]) - tensors[0].ndim
        given["shape"] = [
            tensors[0].shape[axis - new] if size is None else size for axis, size in enumerate(given["shape"])
        ]
    whole = {"indices", "start_indices", "segment_ids"}
    for key in given.keys() & {*call_parameters(kind), "x1", "x2", "q", "bins", "sorted_sequence", "mean", *whole}:
        if isinstance(given[key], tuple):
            given[key] = constant(given[key], "int32" if key in whole else tensors[0].dtype.name)
    names = call or [one for one in call_parameters(kind) if one not in given]
    bound = {names[0]: list(tensors)} if kind.takes_list else dict(zip(names, tensors, strict=False))
    made = function(**{**bound, **given})
    return list(made) if isinstance(made, list | tuple) else [made]


def answered(name: str, example: Example, tensors: Sequence[Any]) -> tuple[list[Array] | None, Exception | None]:
    """Keras' answer, or what it raises."""
    try:
        found = theirs(name, example.arguments, tensors, example.call)
        return [np.asarray(keras.ops.convert_to_numpy(one)) for one in found], None
    except Exception as error:  # whatever Keras raises is a refusal
        return None, error


def executed(graph: Graph, arrays: Sequence[Array]) -> list[Array] | None:
    """The outputs, or None for data that is refused."""
    try:
        return run(graph, {}, arrays)
    except Fault as fault:
        if fault.code != DATA_VALUE:
            raise
        return None


@pytest.mark.parametrize(("name", "example", "dtype"), uses())
def test_an_operation_is_the_function_of_keras(name: str, example: Example, dtype: str | None) -> None:
    generator = np.random.default_rng(3)
    types = [kind if dtype is None else kind.replace(dtype=dtype) for kind in concrete_types(example)]
    given = [array(tuple(int(str(size)) for size in kind.shape), kind.dtype, generator) for kind in types]
    if name == "Searchsorted":
        given[0].sort()
    if name == "Cholesky":
        given = [x @ x.swapaxes(-1, -2) + np.eye(x.shape[-1], dtype=x.dtype) for x in given]
    wide = any(kind.dtype in WIDE for kind in types) or example.arguments.get("dtype") in WIDE
    graph, diagnostics = graph_of(kind_of(name).declare(example.arguments), types, example.call)
    refused = [found.message for found in diagnostics if found.severity == "error"]
    with jax.enable_x64(True) if wide else nullcontext():
        tensors = [keras.ops.convert_to_tensor(one, kind.dtype) for one, kind in zip(given, types, strict=True)]
        wanted, error = answered(name, example, tensors)
    if wanted is None:  # what JAX has for some dtypes alone may work here for others
        assert refused or not any(kind.dtype in ("float32", "float64") for kind in types), f"accepted; Keras: {error}"
        return
    if name == "Nextafter" and dtype == "float16":
        assert refused
        return
    assert not refused, "Keras gives an answer"
    found = executed(graph, given)
    if found is None:  # a singular matrix is an error of the data here
        assert not all(np.isfinite(one).all() for one in wanted)
        return
    assert [value.shape for value in outputs_of(graph)] == [one.shape for one in found]
    assert [one.shape for one in found] == [one.shape for one in wanted]
    if not wide:  # Keras keeps 64 bits with JAX in some functions alone
        assert [one.dtype for one in found] == [one.dtype for one in wanted]
    for one, other in zip(found, wanted, strict=True):
        assert list(different("output", one, other, TOLERANCE.get(one.dtype.name, 1e-5))) == []
