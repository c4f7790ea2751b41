"""The arguments of a layer: from the config of any dialect to those of the catalogue, defaults left out."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from specmodel import layers
from specmodel.convert.keras import dialects, objects
from specmodel.convert.keras.network import Item
from specmodel.convert.keras.objects import ForeignError
from specmodel.convert.keras.tree import Json, is_object
from specmodel.files.malformed import MalformedError, shown
from specmodel.layers.base import Layer
from specmodel.layers.objects import CONSTRAINTS, INITIALIZERS, REGULARIZERS
from specmodel.layers.refused import reason
from specmodel.record import Record
from specmodel.spec.names import is_automatic

Report = Callable[[str], None]

_BESIDE = ("name", "trainable", "dtype")
_INNER = ("layer", "backward_layer", "cell")
_FAMILIES = {"initializer": INITIALIZERS, "regularizer": REGULARIZERS, "constraint": CONSTRAINTS}


class Made(Record):
    """A layer of the catalogue. `policy` is its dtype as the file has it; `dropped` is what training alone needs."""

    layer: Layer
    policy: str | None
    dropped: tuple[str, ...]


class Reader:
    """Makes layers of configs. `older` tells that Keras 2 wrote them; `block` makes an argument of a nested model."""

    def __init__(self, older: bool, block: Callable[[Item], Layer]) -> None:
        self.older = older
        self._block = block
        self._dropped: list[str] = []

    def layer(self, item: Item) -> Made:
        """The layer. Raises ForeignError for what it cannot be made of, ArgumentError for arguments that do not fit."""
        self._dropped = []
        kind = self.kind(item)
        layer = self._declared(kind, item, {})
        return Made(layer, objects.policy(item.config.get("dtype")), tuple(self._dropped))

    def kind(self, item: Item) -> type[Layer]:
        """The class of the catalogue that an item is of."""
        if item.catalogue is not None:
            known = layers.find(item.catalogue)
            assert known is not None
            return known
        if item.kind == "Lambda":
            raise ForeignError("a Lambda holds Python code, and nothing in a file is executed")
        if not objects.is_kerases(item.module, item.registered):
            own = item.registered or item.kind
            where = f", of the module {shown(item.module)}," if item.module is not None else ""
            raise ForeignError(f"the class {shown(own)}{where} is none of Keras': what it does is in its program")
        older = dialects.OLDER if self.older else {}
        name = older.get(item.kind) or dialects.CLASSES.get(item.kind, item.kind)
        if item.kind == "Merge":
            mode = item.config.get("mode")
            if mode not in dialects.MERGE_MODES:
                raise ForeignError(f"a Merge of the mode {shown(str(mode))} is not supported")
            name = dialects.MERGE_MODES[str(mode)]
        found = layers.find(name)
        if found is None:
            refused = reason(name)
            raise ForeignError(refused if refused is not None else f"there is no layer {shown(item.kind)} in specmodel")
        return found

    def _declared(self, kind: type[Layer], item: Item, more: Mapping[str, Any]) -> Layer:
        arguments = {**self._arguments(kind, item), **more}
        if kind.__name__ == "Activation" and arguments == {"activation": "linear"}:
            kind, arguments = _identity(), {}
        own: dict[str, Any] = {"trainable": False} if item.config.get("trainable") is False else {}
        return kind.declare(arguments, **own)

    def _arguments(self, kind: type[Layer], item: Item) -> dict[str, Any]:
        config = {**item.config, **(dialects.FIXED.get(item.kind, {}) if kind.__name__ != item.kind else {})}
        if self.older:
            config = {**dialects.ABSENT.get(kind.__name__, {}), **config}
        if item.kind == "ThresholdedReLU":
            theta = objects.number(config.get("theta", 1.0))
            return {"activation": {"threshold": {"threshold": theta, "default_value": 0.0}}}
        if item.kind == "Merge":
            return _merge(kind, config)
        renames = dialects.RENAMED.get(kind.__name__, {})
        arguments: dict[str, Any] = {}
        for key, value in config.items():
            name = renames.get(key, key)
            if name in arguments:
                continue
            if name in dialects.DROPPED:
                if value not in (None, False):
                    self._dropped.append(f"`{name}` is left out: {dialects.DROPPED[name]}")
            elif name not in kind.model_fields and name != "activity_regularizer":
                _refuse_unknown(kind, name, value)
            elif name not in dialects.IGNORED_OF.get(kind.__name__, ()):
                arguments[name] = self._value(kind, name, value)
        return _tidied(kind, {name: value for name, value in arguments.items() if not _is_default(kind, name, value)})

    def _value(self, kind: type[Layer], name: str, value: Json) -> Any:
        """One argument."""
        code = objects.code_in(value)
        if code is not None:
            raise ForeignError(f"`{name}` is {code}, and nothing in a file is executed")
        if name == "vocabulary" and isinstance(value, str):
            raise ForeignError(f"its vocabulary is in {shown(value)}, a file outside of the model")
        suffix = name.rpartition("_")[2]
        if suffix == "activation":
            return objects.activation(value, self.older)
        if suffix in _FAMILIES and value is not None:
            try:
                return objects.named(value, _FAMILIES[suffix])
            except ForeignError as error:  # training alone needs it
                self._dropped.append(f"`{name}` is left out: {error}")
                return _default(kind, name)
        if name in _INNER and value is not None:
            return self._inner(value, name)
        if name in ("cells", "layers") and isinstance(value, list):
            return tuple(self._inner(part, name) for part in value)
        if name == "axis" and isinstance(value, list) and len(value) == 1:  # as TensorFlow keeps it
            value = value[0]
        return objects.number(value)

    def _inner(self, value: Json, argument: str) -> Layer:
        """A layer that is an argument. Its name is left out where Keras made it."""
        if isinstance(value, list) and argument == "cell":
            value = {"class_name": "StackedRNNCells", "config": {"cells": value}}
        if not is_object(value) or not isinstance(value["class_name"], str):
            raise MalformedError(f"`{argument}` must be a layer: a mapping with `class_name` and `config`")
        from specmodel.convert.keras.reading import item_of

        item = item_of(value, f"`{argument}`", self.older)
        made = self._block(item) if item.network is not None else self._declared(self.kind(item), item, {})
        name = re.sub(r"^(forward|backward)_", "", item.name)
        if name and not any(is_automatic(name, one) for one in (item.kind, type(made).__name__)):
            made._name = name
        return made


def _identity() -> type[Layer]:
    found = layers.find("Identity")
    assert found is not None
    return found


def _refuse_unknown(kind: type[Layer], name: str, value: Json) -> None:
    """Stop at an argument that the catalogue's layer lacks, unless it says nothing."""
    if name in _BESIDE or name in dialects.IGNORED or name in dialects.IGNORED_OF.get(kind.__name__, ()):
        return
    if value is None or (name in dialects.ONLY and value == dialects.ONLY[name]):
        return
    code = objects.code_in(value)
    if code is not None:
        raise ForeignError(f"`{name}` is {code}, and nothing in a file is executed")
    raise ForeignError(f"its argument {shown(name)} is none of {kind.__name__} in specmodel")


def _merge(kind: type[Layer], config: Mapping[str, Json]) -> dict[str, Any]:
    if kind.__name__ == "Concatenate":
        return {"axis": config.get("concat_axis", -1)}
    return {"axes": objects.number(config.get("dot_axes", -1))} if kind.__name__ == "Dot" else {}


def _default(kind: type[Layer], name: str) -> Any:
    info = kind.model_fields.get(name)
    return info.get_default() if info is not None and not info.is_required() else None


def _is_default(kind: type[Layer], name: str, value: Any) -> bool:
    info = kind.model_fields.get(name)
    if info is None or info.is_required():
        return value is None and name == "activity_regularizer"
    suffix = name.rpartition("_")[2]
    if suffix in _FAMILIES:
        return objects.same(_FAMILIES[suffix], value, info.get_default())
    return bool(value == info.get_default())


def _tidied(kind: type[Layer], arguments: dict[str, Any]) -> dict[str, Any]:
    """Without what is the default under another spelling."""
    if arguments.get("data_format") == "channels_last":
        del arguments["data_format"]
    name = kind.__name__
    if name.endswith(("Pooling1D", "Pooling2D", "Pooling3D")) and "strides" in arguments:
        size = arguments.get("pool_size", _default(kind, "pool_size"))
        if _spread(arguments["strides"]) == _spread(size):
            del arguments["strides"]
    if name == "MultiHeadAttention" and arguments.get("value_dim") == arguments.get("key_dim"):
        arguments.pop("value_dim", None)
    if name == "Bidirectional":
        for direction in ("layer", "backward_layer"):
            if direction in arguments:
                arguments[direction] = _without_own_zeros(arguments[direction])
        _without_mirror(arguments)
    return arguments


def _spread(sizes: Any) -> Any:
    """Sizes as a list of one where all are equal: an integer stands for a list of it."""
    if not isinstance(sizes, list | tuple):
        return [sizes]
    return [sizes[0]] if sizes and all(size == sizes[0] for size in sizes) else list(sizes)


def _without_own_zeros(layer: Any) -> Any:
    """The layer without `zero_output_for_mask`, which a Bidirectional sets itself."""
    if not getattr(layer, "zero_output_for_mask", False):
        return layer
    given = {name: value for name, value in layer.changed_arguments().items() if name != "zero_output_for_mask"}
    own = {"name": layer.own_name} if layer.own_name is not None else {}
    return type(layer).declare(given, trainable=layer.own_trainable, **own)


def _without_mirror(arguments: dict[str, Any]) -> None:
    """Leave out a backward layer that is the forward one turned round, as Keras makes it."""
    forward, backward = arguments.get("layer"), arguments.get("backward_layer")
    if not isinstance(forward, Layer) or not isinstance(backward, Layer) or type(forward) is not type(backward):
        return
    there, back = forward.changed_arguments(), backward.changed_arguments()
    turned = back.pop("go_backwards", False) != there.pop("go_backwards", False)
    if turned and there == back and forward.own_name == backward.own_name:
        del arguments["backward_layer"]
