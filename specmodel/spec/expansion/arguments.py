"""Blocks among the arguments of layers: `TimeDistributed: {layer: {Residual: 8}}`."""

from collections.abc import Callable, Container

from specmodel import layers
from specmodel.layers.base import Layer, layer_arguments
from specmodel.layers.written import OWN_KEYS
from specmodel.yaml.node import Node

Use = Callable[[Node, str, Node | None], Node]
"""What to do with a block that is an argument, or what is no layer: the node, its name, and what stands under that."""


def each_block(kind: type[Layer], value: Node, blocks: Container[str], use: Use) -> Node:
    """The value of a layer's key with what `use` makes of the blocks among its arguments, however deep."""
    names = layer_arguments(kind)
    if value.kind != "mapping":
        return _each(value, blocks, use) if kind.positional()[:1] == names[:1] and names else value
    changed = {name: _each(value.items[name], blocks, use) for name in names if name in value.items}
    return value.with_items({**value.items, **changed}) if changed else value


def _each(node: Node, blocks: Container[str], use: Use) -> Node:
    if node.kind == "sequence":
        return node.with_elements([_each(element, blocks, use) for element in node.elements])
    if node.kind == "scalar":
        name = node.value
        known = not isinstance(name, str) or (name not in blocks and layers.find(name) is not None)
        return node if known else use(node, str(name), None)
    keys = [key for key in node.items if key not in OWN_KEYS]
    if len(keys) != 1:
        return node
    name, value = keys[0], node.items[keys[0]]
    found = layers.find(name) if name not in blocks else None
    if found is None:
        return use(node, name, value)
    return node.with_items({**node.items, name: each_block(found, value, blocks, use)})
