"""A model over data that may be larger than memory."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from specmodel.data.fit import input_dtypes
from specmodel.data.pieces import Batch
from specmodel.data.reading import open_inputs
from specmodel.data.sources import Source
from specmodel.data.stream import Executor, stream
from specmodel.data.writing import Sink
from specmodel.execute import execute
from specmodel.files.npy import Readable
from specmodel.files.npz import DEFAULT_CAP
from specmodel.graph.graph import Graph
from specmodel.kernels import Array
from specmodel.model.runner import Runner
from specmodel.plan.settings import DEFAULTS, Settings
from specmodel.spec.model import ModelSpec


class Job:
    """The data of a run, cut into pieces that fit into `limit` bytes.

    `graph` is the spec's own; `open_graph` is that whose batch is open, which an unbuilt spec gets from its data.
    `settings` tell how plans run. SpecError for what is too large or cannot be read.
    """

    def __init__(
        self,
        spec: ModelSpec,
        graph: Graph | None,
        open_graph: Graph,
        sources: Sequence[Source],
        weights: Callable[[Graph], Mapping[str, Array]],
        stdin: Readable,
        limit: int,
        batch_size: int | None = None,
        settings: Settings = DEFAULTS,
    ) -> None:
        self._runner = Runner(spec, graph, weights, settings)
        shapes = {source.name: source.header.shape for source in sources}
        held = sum(source.header.nbytes for source in sources if source.in_memory)
        self.pieces = Batch(shapes, held, batch_size, limit, self._runner.bound_graph, lambda: open_graph).cut()
        self.inputs = open_inputs(sources, input_dtypes(spec), stdin, min(DEFAULT_CAP, limit))

    def stream(self, sink: Sink, execute: Executor = execute) -> Iterator[int]:
        """Run and write each piece; yields the samples that were done."""
        return stream(self._runner, self.inputs, self.pieces, sink, execute)
