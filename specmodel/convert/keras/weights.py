"""Where the weights of an imported model are in its file."""

from collections.abc import Iterable

from specmodel.convert.keras.document import Imported
from specmodel.convert.keras.uses import Origin
from specmodel.files.keras_file import KerasFile
from specmodel.ops.source import WeightSpec
from specmodel.weights.keras_layouts import container_of
from specmodel.weights.keras_sources import Found, Owner, by_class, by_layer


def weights_of(file: KerasFile, model: Imported, specs: Iterable[WeightSpec]) -> Found:
    """The weights by path in the spec, as far as the file has them; MalformedError."""
    assert file.weights is not None
    origins = {origin.path: origin for origin in model.origins}
    owned: dict[str, list[WeightSpec]] = {}
    for spec in specs:
        owned.setdefault(_origin(origins, spec.path).path, []).append(spec)
    owners = {path: Owner(path, origins[path].layer, tuple(found)) for path, found in owned.items()}
    if not file.by_name:
        container = f"/{container_of(file.weights)}/"
        groups = {path: (container + container.join(origins[path].groups))[1:] for path in owners}
        return by_class(file.weights, groups, owners.values())
    below: dict[int, list[Owner]] = {}
    for owner in sorted(owners.values(), key=lambda owner: origins[owner.path].way):
        below.setdefault(origins[owner.path].way[0], []).append(owner)
    items = model.network.items
    return by_layer(file.weights, [(items[number].name, found) for number, found in below.items()])


def _origin(origins: dict[str, Origin], path: str) -> Origin:
    """The layer that a weight belongs to: the innermost that the file has by itself."""
    while path not in origins:
        path = path.rpartition("/")[0]
    return origins[path]
