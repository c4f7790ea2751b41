"""What only the shapes of a model tell to be a default, left out."""

from collections.abc import Mapping, Sequence
from typing import Any

from specmodel import layers
from specmodel.convert.keras.document import Imported
from specmodel.graph.graph import Graph, Node
from specmodel.layers.base import Layer
from specmodel.layers.written import first_argument

_Inside = tuple[Sequence[str], Node]
"""A node and the names on the way to it."""


_OF_THE_OUTPUT = ("OneHot",)
"""Layers whose axis is one of what they give, which has one more."""


def tidy(model: Imported, graph: Graph) -> None:
    """Leave out axes that say what the default says, in the document: `axis: 3` of an image is the last one."""
    ranks = {given.spec.name: given.value.rank for given in graph.inputs}
    ranks |= {node.path: node.outputs[0].value.rank for node in graph.nodes}
    inside = [(node.path.split("/"), node) for node in graph.nodes]
    _tidy_entries(model.document["layers"], inside, model.document.get("blocks", {}), ranks)


def _tidy_entries(
    entries: list[Any], inside: Sequence[_Inside], blocks: Mapping[str, Any], ranks: Mapping[str, int]
) -> None:
    """Tidy the entries of a model or block, each of which the nodes of one name are made of."""
    groups: dict[str, list[_Inside]] = {}
    for names, node in inside:
        groups.setdefault(names[0], []).append((names[1:], node))
    for number, (entry, group) in enumerate(zip(entries, groups.values(), strict=True)):
        kind = entry if isinstance(entry, str) else next(key for key in entry if key[0].isupper() or key == "reuse")
        if kind in blocks:
            _tidy_entries(blocks[kind]["layers"], group, blocks, ranks)
        elif isinstance(entry, dict) and kind != "reuse":
            refs = group[0][1].entry.refs()
            if refs and refs[0].target in ranks:
                entries[number] = _tidied(entry, kind, ranks[refs[0].target])


def _tidied(entry: dict[str, Any], kind: str, rank: int) -> Any:
    found = layers.find(kind)
    assert found is not None
    arguments = dict(first_argument(found, entry[kind]))
    left = {name: value for name, value in arguments.items() if not _is_default(found, name, value, rank)}
    if len(left) == len(arguments):
        return entry
    first = found.positional()[:1]
    value: Any = left or None
    if tuple(left) == first and left[first[0]] is not None and not isinstance(left[first[0]], dict):
        value = left[first[0]]
    return kind if value is None and len(entry) == 1 else {**entry, kind: value}


def _is_default(kind: type[Layer], name: str, value: Any, rank: int) -> bool:
    info = kind.model_fields[name]
    default = info.get_default() if not info.is_required() else ...
    if name == "axis" and default in (-1, (-1,)):
        return bool(value == rank - 1) and kind.__name__ not in _OF_THE_OUTPUT
    return name == "attention_axes" and default is None and _listed(value) == list(range(1, rank - 1))


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]
