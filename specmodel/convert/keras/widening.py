"""Whole numbers that are resized: Keras 2 made floats of them first, and Keras 3 rounds the results."""

from specmodel.convert.keras.dialects import ROUNDING
from specmodel.convert.keras.network import Call, Item, Network, Tensor, tensors_in


def widened(network: Network) -> Network:
    """A model of Keras 2 with a Cast between its integer inputs and the layers that would round."""
    ports = {port.name for port in network.inputs or () if port.dtype.removeprefix("u").startswith("int")}
    casts: dict[str, Item] = {}
    items = []
    for item in network.items:
        name = str(item.config.get("function", item.kind))
        if name in ROUNDING and item.config.get("interpolation") != ROUNDING[name]:
            read = {tensor.layer for call in item.calls for tensor in tensors_in([call.args])} & ports
            for port in sorted(read - casts.keys()):
                called = f"cast_{len(casts)}" if casts else "cast"
                casts[port] = Item(called, "Cast", {"dtype": "float32"}, (Call((Tensor(port),), {}),), operation=True)
            item = item.replace(calls=tuple(_reading(call, casts) for call in item.calls))
        items.append(item)
    return network.replace(items=(*items, *casts.values()))


def _reading(call: Call, casts: dict[str, Item]) -> Call:
    """The call, with what is cast in the place of inputs."""
    args = tuple(
        Tensor(casts[arg.layer].name) if isinstance(arg, Tensor) and arg.layer in casts else arg for arg in call.args
    )
    return call.replace(args=args)
