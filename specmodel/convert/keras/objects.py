"""Objects inside configs: activations, initializers, regularizers, constraints, dtype policies."""

import struct
from collections.abc import Mapping
from typing import Any

from specmodel.convert.keras.dialects import (
    ACTIVATION_LAYERS,
    EXTENSIONS,
    FUNCTIONS,
    OLD_HARD_SIGMOID,
    RENAMED,
    SCALED_INITIALIZERS,
)
from specmodel.convert.keras.tree import Json, is_object
from specmodel.files.malformed import shown
from specmodel.layers.naming import snake_case
from specmodel.layers.objects import ACTIVATIONS, Family

_MANY_DIGITS = 5
"""As many fewer tell a float32 that was written as a float64 from a number that was meant."""


class ForeignError(Exception):
    """Something that specmodel has no counterpart of: a class of the user's own, code, an option that is not there."""


def is_kerases(module: Json, registered: Json) -> bool:
    """Whether a class is Keras' own, as far as the file says where it is from."""
    if not isinstance(module, str | None) or not isinstance(registered, str | None):
        return False
    package = (registered or "").rpartition(">")[0]
    if package:
        return package in EXTENSIONS or package.lower() == "keras"
    root = (module or "keras").partition(".")[0]
    return root in ("keras", "tf_keras", "tensorflow", "builtins", *EXTENSIONS)


def code_in(value: Json) -> str | None:
    """What a value holds that is a program, if anything."""
    if isinstance(value, dict):
        if value.get("class_name") in ("__lambda__", "function_type") or value.get("function_type") == "lambda":
            return "a Python function"
        value = list(value.values())
    if isinstance(value, list):
        return next((found for part in value if (found := code_in(part)) is not None), None)
    return None


def activation(value: Json, older: bool) -> Any:
    """An activation as a spec writes it. `older` tells that Keras 2 wrote it."""
    if value is None:
        return "linear"
    if isinstance(value, str):
        name = FUNCTIONS.get(value, value)
        if name == "hard_sigmoid" and older:
            return OLD_HARD_SIGMOID
        if name not in ACTIVATIONS.spellings:
            raise ForeignError(f"the activation {shown(name)} is none of Keras'")
        return name
    if not is_object(value):
        raise ForeignError("an activation is neither a name nor an object")
    if code_in(value) is not None:
        raise ForeignError("an activation is a Python function, and nothing in a file is executed")
    kind, config = str(value["class_name"]), value["config"]
    if not is_kerases(value.get("module"), value.get("registered_name")):
        raise ForeignError(f"the activation {shown(str(value.get('registered_name') or kind))} is none of Keras'")
    if kind == "function" and isinstance(config, str):
        return activation(config, older)
    if kind in ACTIVATION_LAYERS and isinstance(config, dict):
        renames = RENAMED.get(kind, {})
        given = {
            renames.get(key, key): number(part)
            for key, part in config.items()
            if key not in ("name", "trainable", "dtype")
        }
        return {ACTIVATION_LAYERS[kind]: {key: part for key, part in given.items() if part is not None}}
    if kind == "Activation" and isinstance(config, dict):
        return activation(config.get("activation"), older)
    name = snake_case(kind)
    if name in ACTIVATIONS.spellings:
        return activation(name, older)
    raise ForeignError(f"the activation {shown(kind)} is none of Keras'")


def named(value: Json, family: Family) -> Any:
    """An initializer, regularizer or constraint as a spec writes it: its name, or one key with what is not default."""
    if isinstance(value, str):
        if value not in family.spellings:
            raise ForeignError(f"the {family.title} {shown(value)} is none of Keras'")
        return value
    if not is_object(value):
        raise ForeignError(f"the {family.title} is neither a name nor an object")
    kind, config = str(value["class_name"]), value["config"]
    if not is_kerases(value.get("module"), value.get("registered_name")) or kind not in family.spellings:
        raise ForeignError(f"the {family.title} {shown(str(value.get('registered_name') or kind))} is none of Keras'")
    given = {key: number(part) for key, part in config.items()} if isinstance(config, dict) else {}
    seed = given.get("seed")
    if isinstance(seed, dict):
        given["seed"] = None
    if family.spellings[kind] == "VarianceScaling":
        scaled = _scaled(given)
        if scaled is not None:
            return scaled
    if family.spellings[kind] == "L1L2":
        kind, given = _one_of_two(given)
    fields = family.declaration(kind).model_fields
    own = {key: part for key, part in given.items() if key in fields and part != fields[key].default}
    return {family.spellings[kind]: own} if own else snake_case(family.spellings[kind])


def same(family: Family, one: Any, other: Any) -> bool:
    """Whether two written objects are the same under their names."""
    return bool(_canonical(family, one) == _canonical(family, other))


def policy(value: Json) -> str | None:
    """The dtype policy that a layer's `dtype` names; None where it says nothing."""
    if isinstance(value, str) or value is None:
        return value
    if is_object(value) and isinstance(value["config"], dict):
        kind, config = str(value["class_name"]), value["config"]
        name = config.get("name")
        if kind in ("DTypePolicy", "FloatDTypePolicy", "Policy", "PolicyV1") and isinstance(name, str):
            return name
        raise ForeignError(f"the dtype policy {shown(str(name or kind))} is not supported")
    if isinstance(value, dict) and value.get("class_name") == "DTypePolicyMap":
        raise ForeignError("a map of dtype policies is not supported")
    raise ForeignError("its dtype is neither a name nor a policy")


def number(value: Json) -> Any:
    """A number as a person would write it: a float32 in the shortest digits, a NumPy scalar as its value."""
    if isinstance(value, dict):
        inner = value.get("config") if value.get("class_name") in ("__numpy__", "__tensor__") else value
        if isinstance(inner, dict) and "value" in inner:
            return number(inner["value"])
        return value
    if isinstance(value, list):
        return [number(part) for part in value]
    return shortest(value) if isinstance(value, float) else value


def shortest(value: float) -> float:
    """The number in fewer digits, where it is a float32 and these mean the same one: 0.3 for 0.30000001192092896."""
    try:
        packed = struct.pack("<f", value)
    except OverflowError:
        return value
    if struct.unpack("<f", packed)[0] != value:
        return value
    for digits in range(1, 10):
        candidate = float(f"{value:.{digits}g}")
        try:
            if struct.pack("<f", candidate) == packed:
                return candidate if len(repr(value)) - len(repr(candidate)) >= _MANY_DIGITS else value
        except OverflowError:
            continue
    return value


def _scaled(given: Mapping[str, Any]) -> str | None:
    distribution = str(given.get("distribution", "normal")).lower().replace("truncated_", "")
    scale, mode = given.get("scale", 1.0), str(given.get("mode", "fan_in")).lower()
    if given.get("seed") is not None or not isinstance(scale, int | float):
        return None
    return SCALED_INITIALIZERS.get((float(scale), mode, distribution))


def _one_of_two(given: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """L1 or L2 alone, where the other of an L1L2 is nothing."""
    l1, l2 = given.get("l1") or 0.0, given.get("l2") or 0.0
    if not l1 and l2:
        return "L2", {"l2": l2}
    return ("L1", {"l1": l1}) if l1 and not l2 else ("L1L2", {"l1": l1, "l2": l2})


def _canonical(family: Family, value: Any) -> Any:
    if isinstance(value, str):
        return family.spellings.get(value, value)
    if isinstance(value, Mapping) and len(value) == 1:
        ((name, arguments),) = value.items()
        return (family.spellings.get(str(name), name), tuple(sorted((arguments or {}).items())))
    return value
