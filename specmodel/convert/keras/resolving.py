"""Which call of which layer each tensor comes from."""

from collections.abc import Iterable
from typing import Any

from specmodel.convert.keras.network import Call, Item, Network, Tensor, tensors_in
from specmodel.convert.keras.reading import CHAINED
from specmodel.files.malformed import MalformedError, shown

Shifts = dict[str, int]
"""What is to be taken off the numbers of a layer's calls."""


def resolved(network: Network) -> Network:
    """The network with all calls counted from 0, and all tensors known to exist.

    MalformedError for one that does not, and for two layers of one name.
    """
    items = _by_name(network)
    ports = {port.name for port in network.inputs} if network.inputs is not None else {CHAINED}

    def moved(value: Any, shifts: Shifts) -> Any:
        if isinstance(value, dict):
            return {key: moved(part, shifts) for key, part in value.items()}
        if isinstance(value, list | tuple):
            return [moved(part, shifts) for part in value]
        if not isinstance(value, Tensor):
            return value
        known = items.get(value.layer)
        if value.layer in ports and (known is None or not known.calls):
            return value.replace(call=0)
        call = value.call - shifts.get(value.layer, 0)
        if known is None or not 0 <= call < len(known.calls):
            what = f"call {value.call} of the layer {shown(value.layer)}"
            raise MalformedError(f"the model {shown(network.name)} reads {what}, which does not exist")
        return value.replace(call=call)

    reads = [tensor for item in network.items for call in item.calls for tensor in tensors_in([call.args, call.kwargs])]
    between = _shifts(items, reads, otherwise=0)
    changed = [
        item.replace(
            calls=tuple(Call(tuple(moved(one.args, between)), moved(one.kwargs, between)) for one in item.calls)
        )
        for item in network.items
    ]
    behind = _shifts(items, [output.tensor for output in network.outputs], otherwise=1)
    outputs = tuple(output.replace(tensor=moved(output.tensor, behind)) for output in network.outputs)
    return network.replace(items=tuple(changed), outputs=outputs)


def _by_name(network: Network) -> dict[str, Item]:
    items: dict[str, Item] = {}
    for item in network.items:
        if item.name in items:
            raise MalformedError(f"two layers of the model {shown(network.name)} are called {shown(item.name)}")
        items[item.name] = item
    return items


def _shifts(items: dict[str, Item], tensors: Iterable[Tensor], otherwise: int) -> Shifts:
    """By how much the numbers of the calls of nested models are too high.

    A functional model has a call of its own from when it was made, which is not in the file, but counts: in Keras 2
    everywhere, in Keras 3 in the model's outputs. Where the numbers leave it open, `otherwise` decides.
    """
    shifts: Shifts = {}
    for tensor in tensors:
        item = items.get(tensor.layer)
        if item is None or item.network is None:
            continue
        if tensor.call == 0:
            shifts[item.name] = 0
        elif tensor.call == len(item.calls):
            shifts[item.name] = 1
        else:
            shifts.setdefault(item.name, otherwise)
    return shifts
