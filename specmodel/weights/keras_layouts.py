"""Which group of a Keras weights file belongs to which layer of a spec."""

from collections.abc import Iterator, Mapping, Sequence

from specmodel.files.hdf5 import Group
from specmodel.files.malformed import MalformedError
from specmodel.graph.graph import Graph, Node
from specmodel.weights.keras_groups import counted_names
from specmodel.weights.keras_order import keras_order
from specmodel.weights.keras_sources import Found, Owner, by_class, by_layer, layer_datasets, names_in

CONTAINERS = ("layers", "_layer_checkpoint_dependencies")
"""What Keras calls the layers of a model; the second name is that of tf.keras 2.12."""
_NAME = "vars"


def weights_in(root: Group, by_name: bool, graph: Graph) -> Found:
    """The weights of a spec in a weights file of Keras: of Keras 2 (`by_name`) or of Keras 3."""
    nodes = keras_order(graph)
    owners = [Owner.of(node) for node in nodes if node.weights]
    if by_name:
        return by_layer(root, _layers(root, owners))
    groups = dict(_groups(root, container_of(root), [(node.path.split("/"), node) for node in nodes]))
    return by_class(root, groups, owners)


def container_of(root: Group) -> str:
    """The group of a model's layers."""
    return next((name for name in CONTAINERS if name in root), CONTAINERS[0])


def _layers(group: Group, owners: Sequence[Owner]) -> list[tuple[str, list[Owner]]]:
    """The layers of a file of Keras 2 with those of the spec: by their names, else by their order."""
    ours: dict[str, list[Owner]] = {}
    for owner in owners:
        ours.setdefault(owner.path.partition("/")[0], []).append(owner)
    theirs = [name for name in names_in(group, "layer_names") if next(layer_datasets(group, name), None) is not None]
    known = set(theirs)
    if all(name in known for name in ours) or len(ours) != len(theirs):
        return [(name, found) for name, found in ours.items() if name in known]
    return list(zip(theirs, ours.values(), strict=True))


_Inside = tuple[Sequence[str], Node]
"""A layer and the names on the way to it."""


def _groups(root: Group, path: str, inside: Sequence[_Inside]) -> Iterator[tuple[str, str]]:
    """The group of each layer by its path. `path` is the group that holds those of one model or block."""
    members: dict[str, list[_Inside]] = {}
    for names, node in inside:
        members.setdefault(names[0], []).append((names[1:], node))
    layers = {name: found[0][1] for name, found in members.items() if not found[0][0]}
    models = {name: found for name, found in members.items() if name not in layers}
    here = root.group(path)
    kept = _named(here) if here is not None else {}
    nested = _models(here) if here is not None else []
    if models and not nested:  # blocks of the spec's own, which the file knows nothing of
        layers, models = {"/".join(names): node for names, node in inside}, {}
    if all(name in kept for name, node in layers.items() if node.weights) and all(name in kept for name in models):
        groups = {name: kept[name] for name in (*layers, *models) if name in kept}
    else:
        counted = counted_names(type(node.layer).__name__ for node in layers.values())
        groups = dict(zip(layers, counted, strict=True)) | _in_order(models, nested)
    for name, node in layers.items():
        if name in groups:
            yield node.path, f"{path}/{groups[name]}"
    for name, below in models.items():
        if name in groups:
            yield from _groups(root, f"{path}/{groups[name]}/{path.rpartition('/')[2]}", below)


def _named(here: Group) -> dict[str, str]:
    """The groups by the layers' names, which later versions of Keras 3 keep beside the variables."""
    found: dict[str, str] = {}
    for child in here:
        variables = here.group(f"{child}/{_NAME}")
        name = variables.attributes.get("name") if variables is not None else None
        if isinstance(name, str):
            found[name] = child
    return found


def _models(here: Group) -> list[str]:
    """The groups of models in the order in which they were counted."""
    found = [child for child in here if any(here.group(f"{child}/{name}") is not None for name in CONTAINERS)]
    return sorted(found, key=lambda name: (len(name), name))


def _in_order(models: Mapping[str, object], nested: Sequence[str]) -> dict[str, str]:
    if not models:
        return {}
    kinds = {name.rstrip("0123456789").rstrip("_") for name in nested}
    if len(nested) != len(models) or len(kinds) > 1:
        have = f"the file has {len(nested)} models of {len(kinds)} classes in a model, the spec {len(models)} blocks"
        raise MalformedError(f"{have}, and which is which cannot be told")
    return dict(zip(models, nested, strict=True))
