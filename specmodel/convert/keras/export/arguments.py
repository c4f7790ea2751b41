"""Layers as Keras writes them: a class with its config, defaults left out."""

from collections.abc import Mapping
from typing import Any

from specmodel.convert.keras.dialects import ACTIVATION_LAYERS
from specmodel.layers.base import Layer
from specmodel.layers.objects import CONSTRAINTS, INITIALIZERS, REGULARIZERS, Family, Named
from specmodel.layers.operation import Operation

Json = dict[str, Any]

_FAMILIES: dict[str, tuple[Family, str]] = {
    "initializer": (INITIALIZERS, "keras.initializers"),
    "regularizer": (REGULARIZERS, "keras.regularizers"),
    "constraint": (CONSTRAINTS, "keras.constraints"),
}
_AS_LAYER = {function: kind for kind, function in ACTIVATION_LAYERS.items()}
"""The layer that stands for an activation with arguments."""
PUBLIC = {"GroupedQueryAttention": "GroupQueryAttention"}
"""Classes under the name that `keras.layers` has them by."""
NOT_KERAS = {
    "Weight": "Keras has no layer that is a weight alone",
    "PositionEmbedding": "it is KerasHub's, not Keras'",
    "SinePositionEncoding": "it is KerasHub's, not Keras'",
}
_RNG = "`{}: {{{}: …}}` is a function with arguments, which a Keras config cannot hold"


class InexpressibleError(Exception):
    """Keras has nothing for this; the text says why."""


def layer_object(layer: Layer, name: str | None, policy: str | None) -> Json:
    """A layer as an object of a config, without its calls. Raises `InexpressibleError`."""
    kind = type(layer).__name__
    if kind in NOT_KERAS:
        raise InexpressibleError(NOT_KERAS[kind])
    config: Json = {} if name is None else {"name": name}
    if not layer.own_trainable:
        config["trainable"] = False
    own = layer.own_dtype if layer.own_dtype is not None else policy
    if own is not None:
        config["dtype"] = made("keras", "DTypePolicy", {"name": own})
    return made("keras.layers", PUBLIC.get(kind, kind), {**config, **arguments(layer)})


def arguments(layer: Layer) -> Json:
    """The constructor's arguments that differ from their defaults."""
    changed = {key: value for key, value in layer.changed_arguments().items() if key not in type(layer).call_only}
    return {key: _value(key, value) for key, value in changed.items()}


def made(module: str, kind: str, config: Any) -> Json:
    """An object of a config."""
    return {"module": module, "class_name": kind, "config": config, "registered_name": None}


def family_of(key: str) -> tuple[Family, str] | None:
    """The family of objects that an argument takes, and the module they are in."""
    return _FAMILIES.get(key.rpartition("_")[2])


def activation_layer(value: Named) -> tuple[str, Json]:
    """The layer that an activation with arguments is: its class and arguments. Raises `InexpressibleError`."""
    if value.name not in _AS_LAYER:
        raise InexpressibleError(_RNG.format(value.name, value.arguments[0][0]))
    return _AS_LAYER[value.name], dict(value.arguments)


def _value(key: str, value: Any) -> Any:
    if isinstance(value, Layer):
        return layer_object(value, value.own_name, None)
    if isinstance(value, Named):
        family = family_of(key)
        if family is None:
            kind, given = activation_layer(value)
            return made("keras.layers", kind, given)
        objects, module = family
        return made(module, objects.spellings[value.name], {k: _value("", v) for k, v in value.arguments})
    if isinstance(value, Mapping):
        return {inner: _value("", part) for inner, part in value.items()}
    if isinstance(value, list | tuple):
        return [_value(key, part) for part in value]
    return value


def acts_in_training(layer: Layer) -> bool:
    """Whether Keras takes a call that does not say otherwise for one in training: augmentation."""
    return type(layer).__module__.endswith("_augmentation")


def is_operation(layer: Layer) -> bool:
    """Whether a layer is a function of `keras.ops`."""
    return isinstance(layer, Operation)
