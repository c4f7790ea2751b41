"""The graph: nodes that group the ops of one layer, for people; values between them."""

from collections.abc import Iterator

from specmodel.layers.base import Layer
from specmodel.layers.scope import Masked
from specmodel.ops.source import WeightSpec
from specmodel.ops.value import Call, Value
from specmodel.record import Record
from specmodel.spec.model import Entry, InputSpec, Ref
from specmodel.types.assume import Constraint
from specmodel.types.dim import Dim


class Node(Record):
    """One layer of the graph. `calls` are its ops in the order they run; a layer that reuses weights owns none.

    `open_choices` are decisions on how it is computed that only known sizes will bring.
    """

    entry: Entry
    outputs: tuple[Masked, ...]
    calls: tuple[Call, ...]
    weights: tuple[WeightSpec, ...]
    open_choices: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """The layer's path."""
        return self.entry.path

    @property
    def layer(self) -> Layer:
        """The declaration."""
        return self.entry.layer

    def flops(self) -> Dim:
        """Floating-point operations of the layer."""
        total: Dim = 0
        for call in self.calls:
            total = total + call.flops()
        return total


class GraphInput(Record):
    """An input of the graph and the value it feeds in."""

    spec: InputSpec
    value: Value


class GraphOutput(Record):
    """A named output of the graph; `ref` names the layer or input it comes from."""

    name: str
    value: Value
    ref: Ref


class Requirement(Record):
    """A constraint that only data can decide, and the layer that needs it."""

    constraint: Constraint
    entry: Entry


class Graph(Record):
    """A model with types. `nodes` stand in the file's order, `order` is the order in which they can run."""

    name: str
    inputs: tuple[GraphInput, ...]
    nodes: tuple[Node, ...]
    order: tuple[int, ...]
    outputs: tuple[GraphOutput, ...]
    requirements: tuple[Requirement, ...]

    def weights(self) -> Iterator[WeightSpec]:
        """All weights in the file's order, each once."""
        for node in self.nodes:
            yield from node.weights

    def in_order(self) -> Iterator[Node]:
        """The nodes in the order in which they run."""
        return (self.nodes[index] for index in self.order)
