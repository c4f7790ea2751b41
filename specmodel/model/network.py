"""A spec ready to run: its graph, the weights of its layers, and a runner over them."""

from collections.abc import Callable, Iterator, Mapping
from threading import RLock

from specmodel.diagnostics import Diagnostics
from specmodel.graph.bind import StatedShape, bind
from specmodel.graph.build import build
from specmodel.graph.graph import Graph, Node
from specmodel.graph.rows import mixing_layer
from specmodel.kernels import Array
from specmodel.model.runner import Runner
from specmodel.model.weights import Weight, name_below, weights_of
from specmodel.plan.settings import DEFAULTS, Settings
from specmodel.spec.model import UNBUILT_INPUT, InputSpec, ModelSpec, Place
from specmodel.types.dim import unknown
from specmodel.types.tensor import TensorType

Source = Callable[[Graph], Mapping[str, Array]]
"""Gives the numbers of a graph's weights by path: those they start with, or those of a file."""

_DEFERRED = (InputSpec(UNBUILT_INPUT, TensorType((unknown("batch"),), "float32"), Place()),)
"""The input of an unbuilt model, as far as it is known."""


class Network:
    """A spec with the weights of its layers.

    `graph` is None while the model is unbuilt; the first data builds it. `shown` is the spec with the inputs that the
    graph was built on. A model built from data takes other sizes as well, if its weights fit. `source` gives the
    numbers that weights start with; `refuse` raises for a graph that is not to be; `settings` tell how it runs.
    """

    def __init__(
        self,
        spec: ModelSpec,
        graph: Graph | None,
        source: Source,
        refuse: Callable[[Graph], None] | None = None,
        settings: Settings = DEFAULTS,
    ) -> None:
        self.spec = spec
        self.shown = spec
        self.graph: Graph | None = None
        self.lock = RLock()
        self._source = source
        self._refuse = refuse
        self._runner = Runner(spec, graph, self._arrays, settings)
        self._by_rows: bool | None = None
        if graph is not None:
            self._take(spec, graph)

    @property
    def inputs(self) -> tuple[InputSpec, ...]:
        """What data is converted to."""
        return self.spec.inputs if self.spec.inputs is not None else _DEFERRED

    def build_on(self, shapes: Mapping[str, StatedShape]) -> None:
        """Build an unbuilt model for inputs of these shapes. Raises `SpecError` where they do not fit."""
        with self.lock:
            if self.graph is None:
                self._take(*self._built_on(shapes))

    def run(self, arrays: Mapping[str, Array]) -> list[Array]:
        """The outputs for arrays by input name; the first run builds an unbuilt model."""
        if self.graph is None:
            self.build_on({name: array.shape for name, array in arrays.items()})
        return self._runner.run(arrays)

    def treats_rows_apart(self, arrays: Mapping[str, Array]) -> bool:
        """Whether a batch may run in pieces, for inputs of this kind."""
        with self.lock:
            if self._by_rows is None:
                graph = self.graph if self.spec.inputs is not None else None
                if graph is None:
                    _, graph = self._built_on({name: (None, *array.shape[1:]) for name, array in arrays.items()})
                self._by_rows = mixing_layer(graph) is None
            return self._by_rows

    def weights(self) -> list[Weight]:
        """The weights in the file's order; none while the model is unbuilt."""
        return [weight for node in self._nodes(self.graph) for weight in weights_of(node.layer).weights(node.path)]

    def take_numbers(self, numbers: Mapping[str, Array]) -> None:
        """Replace the numbers of all weights, by path."""
        for node in self._nodes(self.graph):
            found = {name_below(node.path, spec): (numbers, spec.path) for spec in node.weights}
            weights_of(node.layer).put(found)

    def _built_on(self, shapes: Mapping[str, StatedShape]) -> tuple[ModelSpec, Graph]:
        diagnostics = Diagnostics()
        spec = bind(self.spec, shapes, diagnostics)
        diagnostics.raise_errors()
        graph = build(spec, diagnostics)
        diagnostics.raise_errors()
        return spec, graph

    def _take(self, shown: ModelSpec, graph: Graph) -> None:
        """Take up a graph: its weights are declared, with the numbers that they start with."""
        if self._refuse is not None:
            self._refuse(graph)
        self._refuse_other_shapes(graph)
        numbers = self._source(graph)
        for node in self._nodes(graph):
            home = weights_of(node.layer)
            home.declare(node.path, node.weights, numbers)
            home.read_by(self._runner)
        self.shown, self.graph = shown, graph

    def _refuse_other_shapes(self, graph: Graph) -> None:
        diagnostics = Diagnostics()
        for node in self._nodes(graph):
            weights_of(node.layer).refuse_other_shapes(node.path, node.weights, diagnostics)
        diagnostics.raise_errors()

    def _arrays(self, graph: Graph) -> Mapping[str, Array]:
        """The numbers for a plan of a graph of other sizes."""
        self._refuse_other_shapes(graph)
        return {
            spec.path: weights_of(node.layer).array(name_below(node.path, spec))
            for node in self._nodes(graph)
            for spec in node.weights
        }

    def _nodes(self, graph: Graph | None) -> Iterator[Node]:
        """The nodes that own weights."""
        return (node for node in (graph.nodes if graph is not None else ()) if not node.entry.reused)
