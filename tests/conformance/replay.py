"""Build a recorded layer, run it on the recorded inputs, and compare."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from specmodel.diagnostics import Diagnostics
from specmodel.graph.graph import Graph
from specmodel.layers.base import Layer, call_parameters
from specmodel.layers.validation import ArgumentError
from specmodel.types.dim import unknown
from specmodel.types.tensor import TensorType
from tests.conformance.keras_form import arguments, beside
from tests.conformance.records import Json, find
from tests.layers.harness import graph_of, outputs_of, run

Array = np.ndarray[Any, Any]


def declare(name: str, given: Mapping[str, Any], own: Mapping[str, Any]) -> Layer:
    """The layer with Keras' arguments; raises `ArgumentError`."""
    kind = find(name)
    assert kind is not None
    return kind.declare(arguments(given), **own)


def declared(record: Json, key: str = "config") -> Layer:
    """The layer of a record, from its config or from the arguments it was made of (`init_kwargs`)."""
    given = {**record[key], **_fields(record)}
    try:
        return declare(record["layer"], given, beside(given) or beside(record["config"]))
    except ArgumentError as error:
        raise AssertionError(f"refused: {error}") from None


def inputs(record: Json, arrays: Mapping[str, Array]) -> tuple[list[str], list[Array]]:
    """The arrays of the recorded call, and the call arguments they stand for (as many, or none: in order)."""
    given = {key: arrays[key] for key in in_order(arrays, "in")}
    tensors = {key.removeprefix("kw."): array for key, array in arrays.items() if key.startswith("kw.")}
    names = [_NAMES.get(key, key).removeprefix("in.") for key in given if re.fullmatch(r"in\.(0\.)?[a-z_.]+", key)]
    if tensors and not names:
        kind = find(record["layer"])
        assert kind is not None
        names = list(call_parameters(kind)[: len(given)])
        if kind.takes_list:
            names = names[:1] * len(given)
    recorded = [_as_recorded(array) for array in (*given.values(), *tensors.values())]
    return [*names, *(key.split(".")[0] for key in tensors)], recorded


def built(layer: Layer, types: Sequence[TensorType], call: Sequence[str] = ()) -> Graph:
    """The graph of a layer that must build."""
    graph, diagnostics = graph_of(layer, types, call)
    assert errors_of(diagnostics) == []
    return graph


def errors_of(diagnostics: Diagnostics) -> list[str]:
    """The messages of the errors."""
    return [found.message for found in diagnostics if found.severity == "error"]


def replayed(layer: Layer, record: Json, arrays: Mapping[str, Array]) -> list[Array]:
    """Every output of the layer on the recorded inputs, with the recorded weights."""
    call, given = inputs(record, arrays)
    if record["config"].get("stateful") and record.get("weights_from") == "before call":
        return _called_again(layer, record, arrays)
    return _replayed(layer, arrays, call, given)


def _called_again(layer: Layer, record: Json, arrays: Mapping[str, Array]) -> list[Array]:
    """What a layer that keeps its states makes of the same input when it is called a second time."""
    call, given = inputs(record, arrays)
    first = layer.model_copy(update={"return_state": True})
    states = _replayed(first, arrays, call, given)[1:]
    call = [call_parameters(type(layer))[0], *("initial_state" for _ in states)]
    return _replayed(layer, arrays, call, [*given, *states])


def _replayed(layer: Layer, arrays: Mapping[str, Array], call: Sequence[str], given: Sequence[Array]) -> list[Array]:
    graph = built(layer, [TensorType(array.shape, array.dtype.name) for array in given], call)
    specs = list(graph.weights())
    weights = [arrays[f"w.{number}"] for number in range(len(_weight_keys(arrays)))]
    assert [tuple(spec.shape) for spec in specs] == [weight.shape for weight in weights]
    results = run(graph, {spec.path: weight for spec, weight in zip(specs, weights, strict=True)}, given)
    static = [(value.shape, value.dtype) for value in outputs_of(graph)]
    assert [(result.shape, result.dtype.name) for result in results] == static
    return results


def expected(arrays: Mapping[str, Array]) -> list[Array]:
    """The recorded outputs, in order."""
    if "out" in arrays:
        return [arrays["out"]]
    return [arrays[key] for key in in_order(arrays, "out")]


_PARTS = ("images", "bounding_boxes.boxes", "bounding_boxes.labels")
"""The parts of a mapping of images and what stands beside them, in the order of this project's layers."""
_NAMES = {"in.0.images": "data", "in.0.bounding_boxes.boxes": "boxes", "in.0.bounding_boxes.labels": "labels"}
"""What the call arguments of this project are called that Keras has in such a mapping."""


def in_order(arrays: Mapping[str, Array], what: str) -> list[str]:
    """The keys of the recorded inputs or outputs, in order."""
    parts = {part: place for place, part in enumerate(_PARTS)}
    found = sorted(key for key in arrays if key == what or key.startswith(f"{what}."))
    return sorted(found, key=lambda key: parts.get(re.sub(r"^(in|out)\.(0\.)?", "", key), 0))


def assert_same(found: Sequence[Array], wanted: Sequence[Array], record: Json) -> None:
    """Equal dtypes and shapes, and equal numbers within what the layer's dtype can hold."""
    tolerance = tolerance_of(record)
    found = [_as_recorded(array) for array in found]
    assert [(array.dtype, array.shape) for array in found] == [(array.dtype, array.shape) for array in wanted]
    for one, other in zip(found, wanted, strict=True):
        np.testing.assert_allclose(one.astype(float), other.astype(float), rtol=tolerance, atol=tolerance)


def tolerance_of(record: Json) -> float:
    """How far numbers may be off; on an ill-conditioned record, as far as those of Keras' own backends are."""
    if "16" in str(beside(record["config"]).get("dtype")):
        return 2e-3
    errors: dict[str, float | None] = record.get("replay_error", {})
    return max([1e-5, *(error for error in errors.values() if error is not None)])


def shapes(written: Any) -> Iterator[tuple[int | None, ...]]:
    """The shapes of a recorded call, whatever they stand in: one, several, or by name."""
    if isinstance(written, Mapping):
        for item in written.get("__tuple__") or written.get("__list__") or written.values():
            yield from shapes(item)
    elif written and isinstance(written[0], list):
        for item in written:
            yield from shapes(item)
    else:
        yield tuple(written)


def call_names(written: Any) -> list[str]:
    """The call arguments that recorded shapes name, if they do."""
    if isinstance(written, Mapping) and not written.keys() & {"__tuple__", "__list__"}:
        return list(written)
    return []


def types(written: Any, dtypes: Sequence[str] | str | None) -> list[TensorType]:
    """The types of recorded shapes, null being unknown."""
    found = list(shapes(written))
    names = [dtypes or "float32"] * len(found) if isinstance(dtypes, str | None) else dtypes
    return [
        TensorType(tuple(_size(size, axis, number) for axis, size in enumerate(shape)), dtype)
        for number, (shape, dtype) in enumerate(zip(found, names, strict=True))
    ]


def _size(size: int | None, axis: int, number: int) -> Any:
    if size is not None:
        return size
    return unknown("batch") if axis == 0 else unknown(f"x{number}.{axis}")


def _as_recorded(array: Array) -> Array:
    """An array as JAX has it, whose integers have 32 bits."""
    return array.astype(np.int32) if array.dtype == np.int64 else array


def _fields(record: Json) -> dict[str, Any]:
    """The call arguments that are no arrays; `training` is none of ours: everything is inference."""
    call: Json = record["data_call_kwargs" if "data_call_kwargs" in record else "call_kwargs"]
    return {key: value for key, value in call.items() if key != "training" and not isinstance(value, Mapping)}


def _weight_keys(arrays: Mapping[str, Array]) -> list[str]:
    return [key for key in arrays if re.fullmatch(r"w\.\d+", key)]
