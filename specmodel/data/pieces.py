"""How a batch is cut into pieces that fit into memory, told from types before anything is allocated."""

from collections.abc import Callable, Iterator, Mapping

from specmodel.diagnostics import Diagnostic, Note, SpecError, codes
from specmodel.graph.graph import Graph
from specmodel.graph.rows import mixing_layer
from specmodel.plan.buffers import assign, byte_size
from specmodel.plan.passes import optimised
from specmodel.plan.program import lowered
from specmodel.plan.schedule import schedule
from specmodel.record import Record
from specmodel.summary.counts import byte_text
from specmodel.types.tensor import numbers

COMFORTABLE = 16 << 20
"""Bytes that inputs, buffers and outputs of a piece may have where nothing else is asked for."""
MOST_ROWS = 16384
"""Samples of a piece where nothing else is asked for."""
_PROBE = 256  # samples that memory is measured with: enough to make what is rounded up to 64 bytes negligible

Shapes = Mapping[str, tuple[int, ...]]
Kind = tuple[tuple[int, ...], str]


class Pieces(Record):
    """A batch of `rows` samples in pieces of `size`; `mixing` is the layer that forbids to cut it.

    `outputs` leads the names of outputs to the shape and dtype that they have for the whole batch.
    """

    rows: int
    size: int
    outputs: Mapping[str, Kind]
    mixing: str | None

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return ((start, min(start + self.size, self.rows)) for start in range(0, self.rows, self.size))

    @property
    def count(self) -> int:
        """How many pieces there are."""
        return -(-self.rows // self.size)


class Footprint(Record):
    """Bytes that a run takes: of the weights, of data `held` in memory, and `moving` ones that grow with the piece."""

    weights: int
    held: int
    moving: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.weights + self.held + self.moving


class Batch(Record):
    """What is to be cut: the shapes of the data, its bytes that are `held` in memory, the limits that were asked for.

    `bound` gives the graph for shapes; `open` gives that whose batch is unknown.
    """

    shapes: Shapes
    held: int
    asked: int | None
    limit: int
    bound: Callable[[Shapes], Graph]
    open: Callable[[], Graph]

    def cut(self) -> Pieces:
        """The pieces, as many samples in each as fit. SpecError (E504) where even the smallest piece does not."""
        rows = max((shape[0] for shape in self.shapes.values()), default=1)
        few = min(rows, self.asked or _PROBE)
        if few == rows:
            whole = self.bound(self.shapes)
            measured = footprint(whole, self.held)
            if self.asked is not None or measured.moving <= self._room(measured):
                return self._in_one(whole, measured, None)
        mixing = mixing_layer(self.open())
        if mixing is None:
            probe = self.bound(self._of_rows(few))
            mixing = _uneven(probe, few)
        if mixing is not None:
            whole = self.bound(self.shapes)
            return self._in_one(whole, footprint(whole, self.held), mixing)
        measured = footprint(probe, self.held)
        size = self.asked or self._chosen(measured, few, rows)
        scaled = measured.replace(moving=-(-measured.moving * size // few))
        self._refuse_above(scaled, "one sample" if size == 1 else f"a piece of {size:,} samples", mixing)
        outputs = {name: ((rows, *shape[1:]), dtype) for name, (shape, dtype) in _outputs(probe).items()}
        return Pieces(rows, size, outputs, None)

    def _in_one(self, graph: Graph, measured: Footprint, mixing: str | None) -> Pieces:
        rows = max((shape[0] for shape in self.shapes.values()), default=1)
        self._refuse_above(measured, "one sample" if rows == 1 else f"the batch of {rows:,} samples", mixing)
        return Pieces(rows, rows, _outputs(graph), mixing)

    def _of_rows(self, rows: int) -> Shapes:
        if rows == max((shape[0] for shape in self.shapes.values()), default=1):
            return self.shapes
        return {name: (rows, *shape[1:]) for name, shape in self.shapes.items()}

    def _chosen(self, measured: Footprint, few: int, rows: int) -> int:
        """As many samples as there is room for, told from the memory of a few; fewer where pieces become even by it."""
        most = max(1, min(rows, MOST_ROWS, self._room(measured) * few // max(1, measured.moving)))
        count = -(-rows // most)
        return -(-rows // count)

    def _room(self, measured: Footprint) -> int:
        """The bytes for a piece: a comfortable amount, or what there is of it."""
        return min(COMFORTABLE, self.limit - measured.weights - measured.held)

    def _refuse_above(self, found: Footprint, what: str, mixing: str | None) -> None:
        if found.total <= self.limit:
            return
        parts = {"weights": found.weights, "data that cannot be mapped": found.held, "activations": found.moving}
        listed = ", ".join(f"{part} {byte_text(size)}" for part, size in parts.items() if size > 0)
        message = f"{what} takes {byte_text(found.total)} of memory, and the limit is {byte_text(self.limit)}"
        notes = [Note(listed)]
        if mixing is not None:
            notes.append(Note(f"`{mixing}` needs the whole batch at once: it cannot run in pieces"))
        help = "allow more with `--max-memory`"
        if mixing is None and self.asked is not None and self.asked > 1:
            help = f"give a smaller `--batch-size`, or {help}"
        raise SpecError([Diagnostic(codes.OUT_OF_MEMORY, message, notes=tuple(notes), help=help)])


def footprint(graph: Graph, held: int = 0) -> Footprint:
    """The bytes that a run of a graph of known sizes takes: its plan's arena, its inputs, outputs and weights.

    A kernel's scratch is not known before the plan is made.
    """
    wanted = [output.value for output in graph.outputs]
    inputs = [given.value for given in graph.inputs]
    program = optimised(lowered(graph, wanted))
    timetable = schedule(program)
    read = {value for one in timetable.running for value in one.inputs}
    made = [value for one in timetable.prepared for value in one.outputs if value in read]
    arena = assign(inputs, timetable.running, program.outputs, program.fixed()).total
    moving = arena + sum(byte_size(value.type) for value in (*inputs, *wanted))
    stored = sum(byte_size(spec.type) for spec in graph.weights())
    return Footprint(stored + sum(byte_size(value.type) for value in made), held, moving)


def _outputs(graph: Graph) -> dict[str, Kind]:
    return {output.name: (numbers(output.value.shape), output.value.dtype) for output in graph.outputs}


def _uneven(graph: Graph, rows: int) -> str | None:
    """The output that has not one row for each sample."""
    for output in graph.outputs:
        if output.value.shape[:1] != (rows,):
            return output.ref.target
    return None
