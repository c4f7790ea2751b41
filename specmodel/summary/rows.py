"""The rows of a summary: layers, or blocks with what is in them summed up."""

from collections.abc import Callable, Mapping, Sequence

from specmodel.graph.graph import Graph, Node
from specmodel.graph.memory import ONE_SAMPLE, output_bytes
from specmodel.layers.base import Layer
from specmodel.ops.source import WeightSpec
from specmodel.ops.value import Value
from specmodel.record import Record
from specmodel.spec.model import ALL_OUTPUTS, Entry, ModelSpec, Ref
from specmodel.summary.counts import parameter_count
from specmodel.types.dim import Dim, evaluate


class Row(Record):
    """A layer, or the layers of a folded block, group or repeat.

    `inputs` are the rows, or inputs of the model, that it reads. `nodes` and `outputs` are None while the model is
    unbuilt; `owners` are the rows whose weights it uses where it has none of its own.
    """

    path: str
    kind: str
    inputs: tuple[str, ...]
    entries: tuple[Entry, ...]
    nodes: tuple[Node, ...] | None
    outputs: tuple[Value, ...] | None
    owners: tuple[str, ...]

    @property
    def folded(self) -> bool:
        """Whether it stands for the layers of a block."""
        return len(self.entries) != 1 or self.entries[0].path != self.path

    @property
    def layer(self) -> Layer | None:
        """The layer that it is, if it is one."""
        return None if self.folded else self.entries[0].layer

    def weights(self) -> list[WeightSpec]:
        """The weights of its layers."""
        return [spec for node in self.nodes or () for spec in node.weights]

    def parameters(self) -> int:
        """How many numbers its weights hold."""
        return parameter_count(self.weights())

    def trainable(self) -> int:
        """How many of them are trained."""
        return parameter_count(spec for spec in self.weights() if spec.trainable)

    def flops(self) -> Dim:
        """Floating-point operations for a batch of one."""
        return self._sum(Node.flops)

    def activation_bytes(self) -> Dim:
        """The bytes of its layers' outputs, for a batch of one."""
        return self._sum(output_bytes)

    def _sum(self, of: Callable[[Node], Dim]) -> Dim:
        total: Dim = 0
        for node in self.nodes or ():
            total = total + of(node)
        return evaluate(total, ONE_SAMPLE)


def rows_of(spec: ModelSpec, graph: Graph | None, depth: int | None = None) -> list[Row]:
    """The layers in the file's order; what lies deeper in blocks than `depth` is folded into a row of its block."""
    groups: dict[str, list[Entry]] = {}
    for entry in spec.entries:
        groups.setdefault(_folded(entry.path, depth), []).append(entry)
    nodes = {node.path: node for node in graph.nodes} if graph is not None else None
    values = _values(graph) if graph is not None else {}
    return [_row(path, entries, spec, nodes, values, depth) for path, entries in groups.items()]


def _folded(path: str, depth: int | None) -> str:
    return path if depth is None else "/".join(path.split("/")[:depth])


def _folded_ref(ref: Ref, depth: int | None) -> Ref:
    path = _folded(ref.target, depth)
    return ref if path == ref.target else Ref(path)


def _values(graph: Graph) -> dict[str, list[Value]]:
    values = {given.spec.name: [given.value] for given in graph.inputs}
    values.update((node.path, [output.value for output in node.outputs]) for node in graph.nodes)
    return values


def _row(
    path: str,
    entries: Sequence[Entry],
    spec: ModelSpec,
    nodes: Mapping[str, Node] | None,
    values: Mapping[str, list[Value]],
    depth: int | None,
) -> Row:
    kind = type(entries[0].layer).__name__
    refs: tuple[Ref, ...] = (Ref(entries[-1].path, ALL_OUTPUTS),)
    folded = len(entries) > 1 or entries[0].path != path
    if folded:
        fold = spec.folds.get(path)  # a flat spec has paths for names, and nothing else of its blocks
        count = f"{len(entries)} layer{'' if len(entries) == 1 else 's'}"
        kind, refs = (fold.kind, fold.outputs) if fold is not None else (count, refs)
    read = [_folded_ref(ref, depth) for entry in entries for ref in entry.refs()]
    if folded:
        read = list(dict.fromkeys(ref for ref in read if ref.target != path))
    owners = dict.fromkeys(_folded(entry.owner, depth) for entry in entries if entry.reused)
    own = any(not entry.reused for entry in entries)
    outputs = [value for ref in refs for value in _of(ref, values)]
    return Row(
        path,
        kind,
        tuple(map(str, read)),
        tuple(entries),
        tuple(nodes[entry.path] for entry in entries if entry.path in nodes) if nodes is not None else None,
        tuple(outputs) if nodes is not None else None,
        () if own else tuple(owners),
    )


def _of(ref: Ref, values: Mapping[str, list[Value]]) -> list[Value]:
    found = values.get(ref.target, [])
    return found if ref.index == ALL_OUTPUTS else found[ref.index : ref.index + 1]
