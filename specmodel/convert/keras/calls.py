"""The calls of a layer, as `inbound_nodes` writes them.

Keras 3: `{"args": [...], "kwargs": {...}}`, tensors as `{"class_name": "__keras_tensor__", …}` anywhere inside.
Keras 2: `[[layer, node, output, {kwargs}], …]`, one list for each input; the kwargs, those of the first, hold tensors
as `[layer, node, output]`, and constants as `["_CONSTANT_VALUE", -1, value]`.
"""

from typing import Any

from specmodel.convert.keras.network import Call, Tensor
from specmodel.convert.keras.tree import Json, index, kind_of, listed, mapping, text
from specmodel.files.malformed import MalformedError

CONSTANT = "_CONSTANT_VALUE"


def calls_of(nodes: Json, what: str) -> tuple[Call, ...]:
    """The calls that `inbound_nodes` of a layer holds."""
    return tuple(_call(node, f"`inbound_nodes` of {what}") for node in listed(nodes, f"`inbound_nodes` of {what}"))


def reference(value: Json, what: str) -> Tensor:
    """A tensor that is written as `[layer, node, output]`."""
    parts = listed(value, what)
    if len(parts) not in (3, 4):
        raise MalformedError(f"a tensor in {what} must be [layer, node, output], found {len(parts)} values")
    return Tensor(text(parts[0], what), index(parts[1], what), index(parts[2], what))


def is_reference(value: Json) -> bool:
    """Whether it looks like `[layer, node, output]`."""
    return (
        isinstance(value, list)
        and len(value) in (3, 4)
        and isinstance(value[0], str)
        and all(isinstance(part, int) and not isinstance(part, bool) for part in value[1:3])
    )


def _call(node: Json, what: str) -> Call:
    if isinstance(node, dict) and "args" in node:
        args = listed(node["args"], f"`args` in {what}")
        kwargs = mapping(node.get("kwargs", {}), f"`kwargs` in {what}")
        return Call(tuple(_newer(arg, what) for arg in args), {key: _newer(arg, what) for key, arg in kwargs.items()})
    named: list[dict[str, Json]] = []
    inputs = _older_inputs(node, what, named)
    single = isinstance(inputs, list) and len(inputs) == 1
    return Call(
        (inputs[0] if single else inputs,), {key: _older(arg) for key, arg in (named[0] if named else {}).items()}
    )


def _older_inputs(node: Json, what: str, named: list[dict[str, Json]]) -> Any:
    """What a call of Keras 2 reads; the kwargs that stand beside each input come into `named`."""
    if isinstance(node, list) and node and isinstance(node[0], str):
        if len(node) == 4:
            named.append(mapping(node[3], f"the kwargs in {what}"))
        return node[2] if node[0] == CONSTANT and len(node) > 2 else reference(node, what)
    if isinstance(node, dict):
        return {key: _older_inputs(part, what, named) for key, part in node.items()}
    return [_older_inputs(part, what, named) for part in listed(node, what)]


def _older(value: Json) -> Any:
    """A call argument of Keras 2, in which tensors are lists that look like one."""
    if isinstance(value, list) and len(value) >= 3 and value[0] == CONSTANT:
        return value[2]
    if is_reference(value):
        return Tensor(value[0], value[1], value[2]) if value[1] >= 0 and value[2] >= 0 else value
    if isinstance(value, list):
        return [_older(part) for part in value]
    if isinstance(value, dict):
        return {key: _older(part) for key, part in value.items()}
    return value


def _newer(value: Json, what: str) -> Any:
    """A call argument of Keras 3."""
    if isinstance(value, list):
        return [_newer(part, what) for part in value]
    if not isinstance(value, dict):
        return value
    if value.get("class_name") == "__keras_tensor__":
        history = mapping(value.get("config"), f"a tensor in {what}").get("keras_history")
        if not isinstance(history, list) or len(history) != 3:
            raise MalformedError(f"a tensor in {what} must come from a layer, found {kind_of(history)}")
        return reference(history, what)
    return {key: _newer(part, what) for key, part in value.items()}
