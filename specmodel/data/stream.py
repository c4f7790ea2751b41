"""Run a model over its data, piece by piece."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol

from specmodel.data.pieces import Pieces
from specmodel.data.reading import RunInput
from specmodel.data.writing import Sink
from specmodel.kernels import Array
from specmodel.plan.plan import Plan

Executor = Callable[[Plan, Sequence[Array]], list[Array]]


class Runs(Protocol):
    """A model that runs on arrays by input name; it keeps plans for the shapes it has seen."""

    def run(self, arrays: Mapping[str, Array], execute: Executor) -> list[Array]:
        """The outputs, as `execute` makes them of a plan."""

    def forget_plans(self) -> None:
        """Give the plans' memory back."""


def stream(model: Runs, inputs: Sequence[RunInput], pieces: Pieces, sink: Sink, execute: Executor) -> Iterator[int]:
    """Run and write each piece; yields the samples that were done."""
    for start, stop in pieces:
        if stop - start < pieces.size:
            model.forget_plans()  # the last piece is a smaller one and takes the place of the others
        sink.write(model.run({given.name: given.piece(start, stop) for given in inputs}, execute))
        yield stop - start
