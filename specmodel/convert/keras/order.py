"""The order in which the calls of a model are written: each behind what it reads, chains in one piece."""

from collections.abc import Sequence

from specmodel.convert.keras.network import Network, tensors_in
from specmodel.files.malformed import MalformedError, shown

Unit = tuple[int, int]
"""A call: number of the item, number of its call."""


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
