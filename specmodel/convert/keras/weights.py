"""Where the weights of an imported model are in its file."""

from collections.abc import Iterator, Sequence

from specmodel.convert.keras.document import Imported
from specmodel.convert.keras.network import Network
from specmodel.convert.keras.uses import is_operation
from specmodel.files.keras_file import KerasFile
from specmodel.weights.keras_groups import counted_names
from specmodel.weights.keras_layouts import container_of
from specmodel.weights.keras_sources import Found, Owner, by_class, by_layer


def weights_of(file: KerasFile, model: Imported, owners: Sequence[Owner]) -> Found:
    """The weights by path in the spec, as far as the file has them; MalformedError."""
    assert file.weights is not None
    ways = {origin.path: origin.way for origin in model.origins}
    if not file.by_name:
        groups = dict(_groups(model.network, (), container_of(file.weights)))
        return by_class(file.weights, {path: groups[way] for path, way in ways.items()}, owners)
    below: dict[int, list[Owner]] = {}
    for owner in sorted(owners, key=lambda owner: ways[owner.path]):
        below.setdefault(ways[owner.path][0], []).append(owner)
    items = model.network.items
    return by_layer(file.weights, [(items[number].name, found) for number, found in below.items()])


def _groups(network: Network, way: tuple[int, ...], path: str) -> Iterator[tuple[tuple[int, ...], str]]:
    """The group of each layer, by the numbers of the items that lead to it. `path` is that of the model's layers."""
    kept = [number for number, item in enumerate(network.items) if not is_operation(item)]
    names = counted_names(network.items[number].kind for number in kept)
    for number, name in zip(kept, names, strict=True):
        inner = network.items[number].network
        yield (*way, number), f"{path}/{name}"
        if inner is not None:
            yield from _groups(inner, (*way, number), f"{path}/{name}/{path.rpartition('/')[2]}")
