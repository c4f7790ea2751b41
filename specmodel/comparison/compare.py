"""Two specs side by side."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from specmodel.comparison.matching import Pairs, layered, matched
from specmodel.graph.graph import Graph
from specmodel.record import Record
from specmodel.spec.model import Entry, ModelSpec
from specmodel.spec.writing import written_arguments
from specmodel.summary.figures import Figures, figures
from specmodel.weights.match import Match, match
from specmodel.weights.stored import StoredArray

_FIGURES = ("parameters", "trainable", "flops", "activation_bytes")


class Side(Record):
    """A spec that is compared; without a graph it is unbuilt. `file` is what it was opened as.

    `named` tells whether it says its name: one that is taken from the file's is no part of the model.
    """

    file: str
    spec: ModelSpec
    graph: Graph | None
    named: bool = True


class Change(Record):
    """Something that has one value before and another after; None where it is not there, or not known.

    `kind` is what the values are: a `figure`, the `shapes` of outputs, a `tensor` with shape and dtype, or any `value`.
    """

    what: str
    before: Any
    after: Any
    kind: Literal["figure", "shapes", "tensor", "value"] = "value"


class LayerChange(Record):
    """A layer that is added (`before` is None), removed (`after` is None), or the same with another name or changes."""

    before: str | None
    after: str | None
    kind: str
    changes: tuple[Change, ...] = ()
    figures: Figures = {}

    @property
    def how(self) -> str:
        """`added`, `removed`, `changed` or `renamed`."""
        if self.before is None:
            return "added"
        if self.after is None:
            return "removed"
        return "changed" if self.changes else "renamed"


class Comparison(Record):
    """All that differs. `weights` tells whether the first model's load into the second; None where one is unbuilt.

    `totals` are all figures of the whole, equal or not.
    """

    before: Side
    after: Side
    model: tuple[Change, ...]
    layers: tuple[LayerChange, ...]
    totals: tuple[Change, ...]
    weights: Match | None

    @property
    def differs(self) -> bool:
        """Whether anything but figures that follow from it is different."""
        return bool(self.model or self.layers)


def compare(before: Side, after: Side) -> Comparison:
    """Everything that differs between two specs, in the order of the second; what was removed stands where it was."""
    old, new = figures(before.spec, before.graph), figures(after.spec, after.graph)
    return Comparison(
        before,
        after,
        tuple(_model_changes(before, after, old, new)),
        tuple(_layer_changes(before.spec, after.spec, old, new)),
        tuple(Change(key, old["totals"][key], new["totals"][key], "figure") for key in new["totals"]),
        _weights(before.graph, after.graph),
    )


def _model_changes(before: Side, after: Side, old: Figures, new: Figures) -> Iterator[Change]:
    if before.named or after.named:
        yield from _changed("name", before.spec.name, after.spec.name)
    for what in ("dtype", "seed", "weights"):
        yield from _changed(what, getattr(before.spec, what), getattr(after.spec, what))
    yield from _changed("built", old["built"], new["built"])
    for kind in ("inputs", "outputs"):
        first, second = ({one["name"]: one for one in side[kind]} for side in (old, new))
        for name in dict.fromkeys([*first, *second]):
            tensors = [_tensor(side.get(name)) for side in (first, second)]
            yield from _changed(f"{kind[:-1]} {name}", tensors[0], tensors[1], "tensor")


def _tensor(value: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if value is None else {"shape": value["shape"], "dtype": value["dtype"]}


def _layer_changes(before: ModelSpec, after: ModelSpec, old: Figures, new: Figures) -> Iterator[LayerChange]:
    old_arguments = {entry.path: written_arguments(entry.layer) for entry in before.entries}
    new_arguments = {entry.path: written_arguments(entry.layer) for entry in after.entries}
    pairs = matched(layered(before.entries, old_arguments), layered(after.entries, new_arguments))
    old_rows, new_rows = ({row["path"]: row for row in side["layers"]} for side in (old, new))
    entries = {entry.path: entry for entry in before.entries}
    came_from = {path: source for source, path in pairs.items()}
    waiting = list(before.entries)
    for entry in after.entries:
        source = came_from.get(entry.path)
        if source is None:
            yield LayerChange(None, entry.path, type(entry.layer).__name__, (), new_rows[entry.path])
            continue
        yield from _removed_above(waiting, source, pairs, old_rows)
        rows = (old_rows[source], new_rows[entry.path])
        changes = tuple(_changes(entries[source], entry, rows, pairs))
        if changes or source != entry.path:
            yield LayerChange(source, entry.path, type(entry.layer).__name__, changes, rows[1])
    yield from _removed_above(waiting, None, pairs, old_rows)


def _removed_above(
    waiting: list[Entry], path: str | None, pairs: Pairs, rows: Mapping[str, Figures]
) -> Iterator[LayerChange]:
    """The layers that are gone and stood above a path, or all that are left; those looked at are taken away."""
    count = next((index for index, entry in enumerate(waiting) if entry.path == path), None)
    if count is None and path is not None:
        return
    for entry in waiting[:count]:
        if entry.path not in pairs:
            yield LayerChange(entry.path, None, type(entry.layer).__name__, (), rows[entry.path])
    del waiting[: len(waiting) if count is None else count + 1]


def _changes(old: Entry, new: Entry, rows: tuple[Figures, Figures], pairs: Pairs) -> Iterator[Change]:
    yield from _changed("type", type(old.layer).__name__, type(new.layer).__name__)
    if type(old.layer) is type(new.layer):
        first, second = written_arguments(old.layer, everything=True), written_arguments(new.layer, everything=True)
        for name in second:
            yield from _changed(name, first[name], second[name])
    yield from _changed("trainable", old.layer.own_trainable, new.layer.own_trainable)
    yield from _changed("dtype", old.layer.own_dtype, new.layer.own_dtype)
    yield from _changed("shares the weights of", _owner(old), _owner(new))
    if _read_as(old, pairs) != _read_as(new, {}):
        yield Change("inputs", rows[0]["inputs"], rows[1]["inputs"])
    yield from _changed("output", rows[0]["output_shapes"], rows[1]["output_shapes"], "shapes")
    for key in _FIGURES:
        yield from _changed(key, rows[0][key], rows[1][key], "figure")


def _owner(entry: Entry) -> str | None:
    return entry.owner if entry.reused else None


def _read_as(entry: Entry, pairs: Pairs) -> list[tuple[str, list[tuple[str, int]]]]:
    """What each call argument reads, under the names of the second model."""
    found = []
    for name, argument in entry.arguments:
        refs = argument if isinstance(argument, tuple) else () if argument is None else (argument,)
        found.append((name, [(pairs.get(ref.target, ref.target), ref.index) for ref in refs]))
    return found


def _changed(
    what: str, before: Any, after: Any, kind: Literal["figure", "shapes", "tensor", "value"] = "value"
) -> Sequence[Change]:
    return [] if before == after and type(before) is type(after) else [Change(what, before, after, kind)]


def _weights(before: Graph | None, after: Graph | None) -> Match | None:
    if before is None or after is None:
        return None
    stored = {spec.path: StoredArray(spec.shape, spec.dtype) for spec in before.weights()}
    return match(after.weights(), stored)
