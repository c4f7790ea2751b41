"""Masks that travel by themselves here, and which Keras 3 writes out as operations and arguments."""

from collections.abc import Sequence
from typing import Any

from specmodel.convert.keras.network import Item, Network, Tensor
from specmodel.layers.base import Layer

Origin = tuple[Any, ...]
"""What a mask says: ("not", tensor, number) where elements differ, ("any", tensor, number) where steps have such."""
NONE: Origin = ()


class Masks:
    """The mask that travels with each value of a model, as far as it can be told; fed in the order of the calls."""

    def __init__(self, network: Network) -> None:
        self._items = {item.name: item for item in network.items}
        self._made: dict[tuple[str, int], Origin | None] = {}

    def note(self, item: Item, number: int, layer: Layer | None, tensors: list[Tensor]) -> None:
        """Keep what travels with the outputs of a call; None is what cannot be told."""
        self._made[(item.name, number)] = self._after(layer, tensors)

    def implied(self, tensor: Tensor | None, mask: Tensor) -> bool:
        """Whether a mask that is passed is the one that travels with a value anyway."""
        travelling = self.travelling(tensor) if tensor is not None else None
        return bool(travelling) and travelling == self._written(mask)

    def travelling(self, tensor: Tensor) -> Origin | None:
        """The mask that a value brings along."""
        return self._made.get((tensor.layer, tensor.call), NONE) if tensor.output == 0 else None

    def _after(self, layer: Layer | None, tensors: list[Tensor]) -> Origin | None:
        if layer is None:
            return None
        kind, arguments = type(layer).__name__, layer.changed_arguments()
        if kind == "Embedding" and arguments.get("mask_zero") and tensors:
            return ("not", tensors[0], 0)
        if kind == "Masking" and tensors:
            return ("any", tensors[0], float(arguments.get("mask_value", 0.0)))
        if not layer.supports_masking or not tensors:
            return NONE
        found = [self.travelling(tensor) for tensor in tensors]
        if all(origin == NONE for origin in found):
            return NONE
        if not _keeps_mask(layer):
            return NONE
        return found[0] if len(found) == 1 and not layer.takes_list else None

    def _written(self, mask: Tensor) -> Origin | None:
        """What the operations say that a mask is made of."""
        item = self._items.get(mask.layer)
        if item is None or mask.call >= len(item.calls):
            return None
        call = item.calls[mask.call]
        if item.kind == "NotEqual" and len(call.args) == 2 and isinstance(call.args[0], Tensor):
            return ("not", call.args[0], call.args[1])
        if item.kind == "Any" and item.config.get("axis") == -1 and len(call.args) == 1:
            inner = self._written(call.args[0]) if isinstance(call.args[0], Tensor) else None
            return (
                ("any", inner[1], float(inner[2])) if inner is not None and isinstance(inner[2], int | float) else None
            )
        return None


def _keeps_mask(layer: Layer) -> bool:
    """Whether a layer that supports masks has steps in its output."""
    inner = layer.changed_arguments().get("layer", layer)
    returns = getattr(inner, "return_sequences", None)
    return returns is not False


def unread(network: Network, reads: Sequence[tuple[str, list[Tensor]]], operations: set[str]) -> set[str]:
    """The operations that no call reads any more and no output needs; `reads` are the calls by layer."""
    gone: set[str] = set()
    outputs = {output.tensor.layer for output in network.outputs}
    while True:
        read = {tensor.layer for name, tensors in reads if name not in gone for tensor in tensors} | outputs
        more = {name for name in operations if name not in read and name not in gone}
        if not more:
            return gone
        gone |= more


def is_mask_argument(name: str) -> bool:
    """Whether a call argument is a mask that Keras passes by itself."""
    return name == "mask" or (name.endswith("_mask") and name != "attention_mask")
