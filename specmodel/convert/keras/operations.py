"""Operations as nodes: `keras.ops` of Keras 3 become the operation layers of the catalogue."""

from collections.abc import Mapping
from typing import Any

from specmodel import layers
from specmodel.convert.keras import dialects, objects
from specmodel.convert.keras.network import Call, Item, Tensor, tensors_in
from specmodel.convert.keras.objects import ForeignError
from specmodel.files.malformed import shown
from specmodel.layers.base import Layer, call_parameters
from specmodel.layers.operation import Constants, Operation
from specmodel.layers.refused import reason
from specmodel.record import Record

Tensors = dict[str, Tensor | tuple[Tensor, ...]]
_NAMES = {written: name for name, written in dialects.OPERATION_CLASSES.items()}


class MadeOperation(Record):
    """An operation with its constants, and the tensors that it is called with, by the names of its call arguments."""

    layer: Layer
    tensors: Tensors


def operation(item: Item, call: Call) -> MadeOperation:
    """The operation of one call; raises ForeignError, or ArgumentError for arguments that do not fit."""
    kind = _find(item.kind)
    if kind is None:
        why = reason(item.kind)
        raise ForeignError(why if why is not None else f"there is no operation {shown(item.kind)} in specmodel")
    renames = dialects.RENAMED.get(kind.__name__, {})
    arguments = {
        renames.get(key, key): objects.number(value)
        for key, value in item.config.items()
        if key not in ("name", "sparse")
    }
    return bound(kind, arguments, call)


def bound(kind: type[Layer], arguments: Mapping[str, Any], call: Call) -> MadeOperation:
    """A layer whose call has tensors and constants: the constants become arguments."""
    parameters = call_parameters(kind)
    names = dialects.POSITIONAL.get(kind.__name__, (*parameters, *kind.positional()))
    args = (
        (call.args,) if kind.takes_list and not (len(call.args) == 1 and isinstance(call.args[0], list)) else call.args
    )
    if len(args) > len(names):
        raise ForeignError(f"it is called with {len(args)} arguments, and {kind.__name__} takes {len(names)}")
    given = {**dict(zip(names, args, strict=False)), **call.kwargs}
    own: dict[str, Any] = dict(arguments)
    tensors: Tensors = {}
    for name, value in given.items():
        found = tensors_in(value)
        if found and name in parameters:
            if isinstance(value, list | tuple) and len(found) != len(value):
                raise ForeignError(f"`{name}` mixes tensors and constants")
            tensors[name] = value if isinstance(value, Tensor) else tuple(found)
        elif found:
            raise ForeignError(f"`{name}` is a tensor, and must be a constant in specmodel")
        elif name == "key" and "key" in kind.model_fields:
            own[name] = index_text(value)
        elif name in kind.model_fields:
            own[name] = _constant(value)
        elif value is not None:
            raise ForeignError(f"its argument {shown(name)} is none of {kind.__name__} in specmodel")
    if tensors.keys() == {"x2"} and "x1" in own and issubclass(kind, Constants):
        tensors = {"x1": tensors["x2"]}  # the only input, in whose place the constant is not
    defaults = {name: info.get_default() for name, info in kind.model_fields.items() if not info.is_required()}
    own = {name: value for name, value in own.items() if value is not None or defaults.get(name, ...) is not None}
    return MadeOperation(kind.declare(own), {name: tensors[name] for name in parameters if name in tensors})


def index_text(key: Any) -> Any:
    """What stands between the brackets of `x[…]`, as `GetItem` writes it."""
    parts = key if isinstance(key, list | tuple) else [key]
    return ", ".join(_index(part) for part in parts)


def _index(part: Any) -> str:
    """One index: an integer, null, or a slice as Keras 3 or as TensorFlow writes it."""
    if part is None:
        return "null"
    if isinstance(part, int) and not isinstance(part, bool):
        return str(part)
    if isinstance(part, dict):
        if part.get("class_name") == "__ellipsis__":
            return "..."
        ends = part.get("config") if part.get("class_name") == "__slice__" else part
        if isinstance(ends, dict) and ends and ends.keys() <= {"start", "stop", "step"}:
            return _slice(ends.get("start"), ends.get("stop"), ends.get("step"))
    raise ForeignError("it is indexed by something that is neither an integer nor a slice")


def _slice(start: Any, stop: Any, step: Any) -> str:
    """A slice as Python writes it."""
    places = [place for place in (start, stop, step) if place is not None]
    if any(isinstance(place, bool) or not isinstance(place, int) for place in places):
        raise ForeignError("it is indexed by a slice whose ends are no integers")
    text = f"{'' if start is None else start}:{'' if stop is None else stop}"
    return text if step in (None, 1) else f"{text}:{step}"


def _constant(value: Any) -> Any:
    """A constant of a call: a NumPy array or tensor as its numbers."""
    found = objects.number(value)
    if isinstance(found, dict):
        raise ForeignError("a constant of it is an object")
    return found


def _find(name: str) -> type[Layer] | None:
    if name in dialects.OPERATIONS:
        return layers.find(dialects.OPERATIONS[name])
    for candidate in (_NAMES.get(name, f"{name}Op"), name):
        kind = layers.find(candidate)
        if kind is not None and issubclass(kind, Operation):
            return kind
    return None
