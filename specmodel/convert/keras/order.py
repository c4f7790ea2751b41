"""The order in which the calls of a model are written: each behind what it reads, chains in one piece."""

from collections.abc import Sequence
from typing import Any

from specmodel.convert.keras.network import Network, Tensor, tensors_in
from specmodel.files.malformed import MalformedError, shown

Unit = tuple[int, int]
"""A call: number of the item, number of its call."""


def resolved(network: Network) -> Network:
    """The network with the calls of nested models counted from 0.

    A functional model has a call of its own from when it was made, which counts in the numbers of the others, but is
    not in the file. MalformedError for a tensor of a layer or call that does not exist, or layers of one name.
    """
    items = {item.name: item for item in network.items}
    if len(items) < len(network.items):
        seen: set[str] = set()
        for item in network.items:
            if item.name in seen:
                raise MalformedError(f"two layers of the model {shown(network.name)} are called {shown(item.name)}")
            seen.add(item.name)
    read = [tensor for item in network.items for call in item.calls for tensor in tensors_in([call.args, call.kwargs])]
    read += [output.tensor for output in network.outputs]
    least: dict[str, int] = {}
    for tensor in read:
        least[tensor.layer] = min(least.get(tensor.layer, tensor.call), tensor.call)
    shift = {
        name: 1 for name, first in least.items() if first == 1 and name in items and items[name].network is not None
    }
    ports = {port.name for port in network.inputs or ()} if network.inputs is not None else {"input"}

    def moved(value: Any) -> Any:
        if isinstance(value, Tensor):
            call = value.call - shift.get(value.layer, 0)
            known = items.get(value.layer)
            if value.layer in ports and known is None:
                return value
            if known is None or (call >= len(known.calls) and value.layer not in ports):
                what = f"call {value.call} of the layer {shown(value.layer)}"
                raise MalformedError(f"the model {shown(network.name)} reads {what}, which does not exist")
            return value.replace(call=call)
        if isinstance(value, dict):
            return {key: moved(part) for key, part in value.items()}
        return [moved(part) for part in value] if isinstance(value, list | tuple) else value

    changed = [
        item.replace(
            calls=tuple(
                call.replace(args=tuple(moved(arg) for arg in call.args), kwargs=moved(call.kwargs))
                for call in item.calls
            )
        )
        for item in network.items
    ]
    outputs = tuple(output.replace(tensor=moved(output.tensor)) for output in network.outputs)
    return network.replace(items=tuple(changed), outputs=outputs)


def in_order(network: Network, units: Sequence[Unit]) -> list[Unit]:
    """The calls, each behind what it reads: the next is one that reads the last, if it can be, else the file's first.

    MalformedError where calls read each other in a circle.
    """
    number = {item.name: index for index, item in enumerate(network.items)}
    wanted = set(units)
    waiting: dict[Unit, set[Unit]] = {}
    readers: dict[Unit, list[Unit]] = {}
    for unit in units:
        call = network.items[unit[0]].calls[unit[1]]
        sources = {(number[t.layer], t.call) for t in tensors_in([call.args, call.kwargs]) if t.layer in number}
        if unit[1] > 0:
            sources.add((unit[0], 0))  # the entry that owns the weights comes first
        waiting[unit] = sources & wanted
        for source in waiting[unit]:
            readers.setdefault(source, []).append(unit)
    ready = dict.fromkeys(unit for unit in units if not waiting[unit])
    order: list[Unit] = []
    last: Unit | None = None
    while ready:
        following = [unit for unit in readers.get(last, ()) if unit in ready] if last is not None else []
        last = min(following) if following else next(iter(ready))
        del ready[last]
        order.append(last)
        for reader in readers.get(last, ()):
            waiting[reader].discard(last)
            if not waiting[reader]:
                ready[reader] = None
    if len(order) < len(units):
        stuck = sorted({network.items[unit[0]].name for unit in units if waiting[unit]})
        listed = ", ".join(shown(name) for name in stuck[:8]) + (", …" if len(stuck) > 8 else "")
        raise MalformedError(f"layers of the model {shown(network.name)} read each other in a circle: {listed}")
    return order
