"""Where Keras 3 keeps the weights of a layer in its files: groups by class and counter, below them the layer's parts.

`layers/dense_1/vars/0` is the first weight of the second Dense. The groups of inner layers have the names of attributes
in Keras' programs: those of `saving_lib.py` and the layers' sources, written here once for both directions.
"""

from collections.abc import Iterable, Sequence

from specmodel.layers.base import Layer
from specmodel.layers.naming import snake_case
from specmodel.layers.operation import Operation
from specmodel.layers.recurrence import Recurrent
from specmodel.spec.composite import Composite

Place = tuple[str, int]
"""A group below the layer's own (`forward_layer/cell`, empty for itself), and a weight's number in its `vars`."""

INNER = "layer"
"""The group of the layer inside a wrapper."""

IDF_WEIGHTS = "idf_weights"
"""The variable of a look-up that is no weight here, but an argument."""

STORED_AS = {"GroupQueryAttention": "GroupedQueryAttention"}
"""Public names of classes that Keras calls otherwise itself, and so in its files."""

_PROJECTIONS = ("query", "key", "gate", "value")
_ATTENTION = {
    "MultiHeadAttention": {**{name: f"{name}_dense" for name in _PROJECTIONS}, "attention_output": "output_dense"},
    "GroupedQueryAttention": {**{name: f"_{name}_dense" for name in _PROJECTIONS}, "attention_output": "_output_dense"},
}
_ATTENTION["MultiHeadAttention"]["gate"] = "_gate_dense"
_FIRST_OWN = {"SpectralNormalization": 1}
"""Layers among whose own variables a weight of another comes first."""


def counted_names(kinds: Iterable[str]) -> list[str]:
    """The groups of layers of these classes in a row: `dense`, `conv2d`, `dense_1`."""
    counts: dict[str, int] = {}
    names = []
    for kind in kinds:
        base = snake_case(STORED_AS.get(kind, kind))
        counts[base] = counts.get(base, -1) + 1
        names.append(f"{base}_{counts[base]}" if counts[base] else base)
    return names


def first_own(layer: Layer) -> int:
    """How many weights of inner layers stand before a layer's own among its variables, once more."""
    return _FIRST_OWN.get(type(layer).__name__, 0)


def places_of(layer: Layer, names: Sequence[str]) -> dict[str, Place]:
    """Where each weight of a layer is kept; `names` are below its path, in the order of Keras' `layer.weights`."""
    own = [name for name in names if "/" not in name]
    first = first_own(layer)
    places = {name: ("", first + number) for number, name in enumerate(own)}
    inside: dict[str, list[str]] = {}
    for name in names:
        scope, slash, rest = name.partition("/")
        if slash:
            inside.setdefault(scope, []).append(rest)
    parts = _inner(layer, list(inside)) if inside else []
    for (scope, below_it), (group, inner) in zip(inside.items(), parts, strict=True):
        if inner is not None:
            found = places_of(inner, below_it)
        else:
            found = {name: ("", number) for number, name in enumerate(below_it)}
        for name, (below, number) in found.items():
            places[f"{scope}/{name}"] = (f"{group}/{below}" if below else group, number)
    return places


def _inner(layer: Layer, scopes: Sequence[str]) -> list[tuple[str, Layer | None]]:
    """The group of each inner layer, and the layer where it has parts of its own; `scopes` are their names here."""
    kind = type(layer).__name__
    if kind in _ATTENTION:
        return [(_ATTENTION[kind][scope], None) for scope in scopes]
    if kind == "Bidirectional":
        forward, backward = layer.layer, layer.backward_layer or layer.layer  # type: ignore[attr-defined]
        return [("forward_layer", forward), ("backward_layer", backward)]
    if isinstance(layer, Recurrent):
        return [("cell", getattr(layer, "cell", None))]
    if kind in ("TimeDistributed", "SpectralNormalization"):
        return [(INNER, layer.layer)]  # type: ignore[attr-defined]
    if isinstance(layer, Composite):
        made = {path.rpartition("/")[2]: one for path, one in layer.body.layers.items()}
        kept = {name: one for name, one in made.items() if not isinstance(one, Operation)}
        counted = dict(zip(kept, counted_names(type(one).__name__ for one in kept.values()), strict=True))
        return [(f"layers/{counted[scope]}", kept[scope]) for scope in scopes]
    if kind == "StackedRNNCells":
        cells: Sequence[Layer] = layer.cells  # type: ignore[attr-defined]
        names = counted_names(type(cell).__name__ for cell in cells)
        return [(f"cells/{group}", cell) for group, cell in zip(names, cells, strict=True)]
    if kind == "Pipeline":
        inner: Sequence[Layer] = layer.layers  # type: ignore[attr-defined]
        groups = counted_names(type(one).__name__ for one in inner)
        named = dict(zip(_called(inner), zip(groups, inner, strict=True), strict=True))
        return [(f"layers/{named[scope][0]}", named[scope][1]) for scope in scopes]
    raise AssertionError(f"{kind} has inner layers {scopes}")


def _called(inner: Sequence[Layer]) -> list[str]:
    """What layers in a row are called here: their names, counted where one comes again."""
    counts: dict[str, int] = {}
    names = []
    for layer in inner:
        name = layer.declared_name
        counts[name] = counts.get(name, -1) + 1
        names.append(f"{name}_{counts[name]}" if counts[name] else name)
    return names
