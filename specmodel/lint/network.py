"""A graph as rules look at it: who reads whom, and what was written where."""

from collections.abc import Iterator
from functools import cached_property

from specmodel.graph.graph import Graph, Node
from specmodel.layers.base import Layer
from specmodel.ops.value import Call, Op
from specmodel.spec.model import ALL_OUTPUTS, ModelSpec, Place
from specmodel.yaml import Node as Written

TRANSPARENT = frozenset(
    (
        *("Identity", "Dropout", "AlphaDropout", "GaussianDropout", "GaussianNoise", "ActivityRegularization"),
        *("SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D", "Flatten", "Reshape", "Permute"),
    )
)
"""Layers that move numbers, or leave them as they are at inference."""


class Network:
    """The nodes of a graph by what stands around them. `root` is the tree of the text that the spec was read from."""

    def __init__(self, spec: ModelSpec, graph: Graph, root: Written) -> None:
        self.spec = spec
        self.graph = graph
        self.root = root
        self.nodes = {node.path: node for node in graph.nodes}

    def __iter__(self) -> Iterator[Node]:
        return iter(self.graph.nodes)

    def of(self, *kinds: str) -> Iterator[Node]:
        """The nodes of some kinds of layers, kind by kind, each in the file's order."""
        for kind in kinds:
            yield from self._by_kind.get(kind, ())

    def calls(self, *ops: type[Op]) -> Iterator[tuple[Node, Call]]:
        """The calls of some ops, op by op, each in the file's order, and the nodes they belong to."""
        for op in ops:
            yield from self._by_op.get(op, ())

    @cached_property
    def _by_kind(self) -> dict[str, list[Node]]:
        found: dict[str, list[Node]] = {}
        for node in self.graph.nodes:
            found.setdefault(kind_of(node.layer), []).append(node)
        return found

    @cached_property
    def _by_op(self) -> dict[type[Op], list[tuple[Node, Call]]]:
        found: dict[type[Op], list[tuple[Node, Call]]] = {}
        for node in self.graph.nodes:
            for call in node.calls:
                found.setdefault(type(call.op), []).append((node, call))
        return found

    @cached_property
    def readers(self) -> dict[str, list[Node]]:
        """The nodes that read each path, in the file's order, each once."""
        found: dict[str, list[Node]] = {}
        for node in self.graph.nodes:
            for target in dict.fromkeys(ref.target for ref in node.entry.refs()):
                found.setdefault(target, []).append(node)
        return found

    @cached_property
    def outputs(self) -> frozenset[str]:
        """The paths of what the model gives out."""
        return frozenset(output.ref.target for output in self.graph.outputs)

    @cached_property
    def by_owner(self) -> dict[str, list[Node]]:
        """All calls of each layer, by the path of the one that owns the weights."""
        found: dict[str, list[Node]] = {}
        for node in self.graph.nodes:
            found.setdefault(node.entry.owner, []).append(node)
        return found

    @cached_property
    def by_place(self) -> dict[Place, list[Node]]:
        """The nodes that one written layer has become: a block or repeat makes several."""
        found: dict[Place, list[Node]] = {}
        for node in self.graph.nodes:
            found.setdefault(node.entry.place, []).append(node)
        return found

    def before(self, node: Node) -> Node | None:
        """The node whose first output is all that a node reads; None where that is an input, or there are several."""
        refs = node.entry.refs()
        if len(refs) != 1 or refs[0].index == ALL_OUTPUTS or refs[0].index > 0:
            return None
        return self.nodes.get(refs[0].target)

    def source(self, node: Node) -> Node | None:
        """The same, layers passed over that only move numbers."""
        found = self.before(node)
        while found is not None and kind_of(found.layer) in TRANSPARENT:
            found = self.before(found)
        return found


def kind_of(layer: Layer) -> str:
    """The name of a layer's class: rules need not import the families."""
    return type(layer).__name__
