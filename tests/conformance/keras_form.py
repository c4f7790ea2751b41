"""Keras' serialized arguments in the form a spec writes them. The tests' own reading of configs."""

from collections.abc import Mapping
from typing import Any

from tests.conformance.recorded_cells import CELLS

BESIDE = ("name", "trainable", "dtype")
"""Keys of a config that stand beside a layer, not among its arguments."""


def arguments(config: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a layer's config."""
    return {key: written(value) for key, value in config.items() if key not in BESIDE}


def beside(config: Mapping[str, Any]) -> dict[str, Any]:
    """What a config says beside the arguments: `trainable`, and the dtype policy by its name."""
    found = {key: config[key] for key in ("trainable", "dtype") if key in config}
    if isinstance(found.get("dtype"), Mapping):
        found["dtype"] = found["dtype"]["config"]["name"]
    return found


def written(value: Any) -> Any:
    """A value of a config: serialized objects become `Name` or `{Name: arguments}`, tuples become lists.

    A cell that Keras' tests define themselves becomes the same cell, defined in `recorded_cells`.
    """
    if isinstance(value, Mapping):
        return _object(value) if "class_name" in value else _marked(value)
    return [written(item) for item in value] if isinstance(value, list) else value


def _object(value: Mapping[str, Any]) -> Any:
    name, config = value["class_name"], value["config"]
    if name in CELLS:
        return CELLS[name].declare(arguments(config))
    if value["module"] == "keras.layers":
        return {name: arguments(config)}
    given = {key: written(item) for key, item in config.items() if item is not None}
    return {name: given} if given else name


def _marked(value: Mapping[str, Any]) -> Any:
    if "__tuple__" in value or "__list__" in value:
        return [written(item) for item in value.get("__tuple__", value.get("__list__"))]
    if "__float__" in value:
        return float(value["__float__"])
    if "__array__" in value:
        return value["__array__"]
    return {key: written(item) for key, item in value.items()}
