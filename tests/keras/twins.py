"""The real Keras: layers made of arguments as a spec writes them, called on arrays and on shapes."""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from inspect import signature
from typing import Any

import keras
import numpy as np
from keras.src.backend import get_keras_mask, set_keras_mask

from specmodel import layers
from specmodel.layers.base import Layer
from specmodel.layers.naming import snake_case

Array = np.ndarray[Any, Any]
Json = Any

_MODULES = {
    "activation": keras.activations,
    "initializer": keras.initializers,
    "regularizer": keras.regularizers,
    "constraint": keras.constraints,
}
_INNER = ("layer", "backward_layer", "cell", "cells", "layers")


def exists(name: str) -> bool:
    """Whether Keras has a layer of this name."""
    return hasattr(keras.layers, name)


def made(name: str, arguments: Mapping[str, Json], beside: Mapping[str, Json], own_name: str | None = "layer") -> Any:
    """Keras' layer of these arguments."""
    names = signature(getattr(keras.layers, name)).parameters
    arguments = {**{one: "zeros" for one in names if one.endswith("_initializer")}, **arguments}  # weights are replaced
    layer = getattr(keras.layers, name)(
        **{key: _argument(key, value, beside) for key, value in arguments.items() if key not in _call_only(name)},
        **_policy(beside),
        name=own_name,
    )
    layer.trainable = beside.get("trainable", True)
    return layer


def _policy(beside: Mapping[str, Json]) -> dict[str, Json]:
    return {key: value for key, value in beside.items() if key == "dtype"}


def call_arguments(layer: Any, name: str, arguments: Mapping[str, Json]) -> dict[str, Json]:
    """The arguments that are the call's in Keras; everything here is inference."""
    training = {"training": False} if "training" in signature(layer.call).parameters else {}
    return {key: value for key, value in arguments.items() if key in _call_only(name)} | training


def _call_only(name: str) -> tuple[str, ...]:
    found = layers.find(name)
    return found.call_only if found is not None else ()


def _argument(key: str, value: Json, beside: Mapping[str, Json]) -> Json:
    kind = key.rpartition("_")[2]
    if key in _INNER:
        prefix = "backward_" if key == "backward_layer" else ""
        return _inner(value, _policy(beside), prefix)
    if kind in _MODULES and isinstance(value, Mapping):
        ((name, own),) = value.items()
        if kind == "activation":
            return partial(getattr(keras.activations, name), **own)
        return getattr(_MODULES[kind], name)(**own)
    return tuple(value) if isinstance(value, list) else value


def _inner(value: Json, beside: Mapping[str, Json], prefix: str = "", suffix: str = "") -> Any:
    """A layer inside a layer, which Keras names as if it stood alone. Here the policy holds inside too."""
    if value is None:
        return None
    if isinstance(value, list):
        counts: Counter[str] = Counter()
        names = [item if isinstance(item, str) else next(iter(item)) for item in value]
        suffixes = [_counted(counts, name) for name in names]
        return [_inner(item, beside, suffix=suffix) for item, suffix in zip(value, suffixes, strict=True)]
    name, own = (value, {}) if isinstance(value, str) else next(iter(value.items()))
    if not isinstance(own, Mapping):
        kind = layers.find(name)
        assert kind is not None
        own = {kind.positional()[0]: own} if own is not None else {}
    return made(name, own, beside, prefix + snake_case(name) + suffix)


def _counted(counts: Counter[str], name: str) -> str:
    counts[name] += 1
    return f"_{counts[name] - 1}" if counts[name] > 1 else ""


def masked(array: Any, mask: Any) -> Any:
    """A tensor of an array, with the mask that travels with it."""
    tensor = keras.ops.convert_to_tensor(array)
    if mask is not None:
        set_keras_mask(tensor, keras.ops.convert_to_tensor(mask))
    return tensor


def called(
    layer: Any, kind: type[Layer], names: Sequence[str], values: Sequence[Any], more: Mapping[str, Json]
) -> list[Any]:
    """Call a layer on values by their names, several of one name being a list. All outputs in order."""
    lists: dict[str, list[Any]] = {}
    for name, value in zip(names, values, strict=True):
        lists.setdefault(name, []).append(value)
    given: dict[str, Any] = {
        name: found if len(found) > 1 or kind.takes_list else found[0] for name, found in lists.items()
    }
    for name in lists.keys() & {"states", "initial_state"}:
        given[name] = _states(layer, lists[name])
    return flat(layer(given.pop(names[0]), **given, **more))


def _states(layer: Any, values: list[Any]) -> Any:
    """States nested as those of the cells are."""
    sizes = getattr(layer, "state_size", None)
    return values if isinstance(sizes, int | None) else keras.tree.pack_sequence_as(list(sizes), values)


def numbers(tensor: Any) -> Array:
    """A tensor as an array; bfloat16 as float32."""
    array = np.asarray(keras.ops.convert_to_numpy(tensor))
    return array.astype(np.float32) if array.dtype.name == "bfloat16" else array


def mask_of(tensor: Any) -> Array | None:
    """The mask that travels with an output."""
    found = get_keras_mask(tensor)
    return None if found is None else numbers(found)


def flat(result: Any) -> list[Any]:
    if isinstance(result, list | tuple):
        return [tensor for item in result for tensor in flat(item)]
    return [result]


def flat_inputs(model: Any) -> list[Any]:
    """A functional model's inputs in its own order."""
    return list(keras.tree.flatten(model.inputs))
