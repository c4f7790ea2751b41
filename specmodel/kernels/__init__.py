"""NumPy kernels. The kernel of an op stands in the file of the same name, under the op's name in snake case.

A kernel is `kernel(op, inputs, outputs, scratch)`: it is called once, when a plan is made, with the arrays that every
run will use, decides everything there is to decide, and yields calls without arguments that do the work, or `Tiles` of
such. The calls allocate nothing large. Arrays of float16 and bfloat16 are float32 here; the plan rounds after each op.

A kernel that can end in other ops, done tile by tile, has a core: `CORES` of the file holds a function
`core(op, inputs, epilogue, scratch)`, which leaves the output to the epilogue.

A movement of elements that needs no work is a view: `VIEWS` of the file holds a function `view(op, array)`, which
returns None where only a copy can do it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any, Protocol

import numpy as np

from specmodel.layers.naming import snake_case
from specmodel.ops.value import Call, Op, Value
from specmodel.record import Record

Array = np.ndarray[Any, Any]
Bound = Callable[[], object]


class Scratch(Protocol):
    """Working memory of one step: its content is lost when the step ends."""

    def __call__(self, shape: tuple[int, ...], dtype: Any) -> Array:
        """An uninitialised, contiguous array."""
        ...

    def part(self) -> Callable[[], None]:
        """What begins another part of the step: it may use the bytes that are handed out from now on again."""
        ...


class Body(Record):
    """Calls of ops bound to arrays: from the arguments' to the results'."""

    arguments: tuple[Array, ...]
    results: tuple[Array, ...]
    calls: tuple[Bound, ...]


class BodyScratch(Scratch, Protocol):
    """Working memory that can also hold a graph of its own, for an op that has a body."""

    def body(
        self,
        arguments: Sequence[Value],
        calls: Sequence[Call],
        results: Sequence[Value],
        captured: Mapping[Value, Array],
        carried: Mapping[Value, Value],
    ) -> Body:
        """Bind calls that lead from arguments to results; `captured` are arrays of other values that they read.

        `carried` leads arguments to the results that they become when the body runs again: the two share a buffer where
        their lives allow. The calls may write over the other arguments.
        """
        ...


class Tiles(Record):
    """A part of a step that falls into `count` pieces, which may run in any order and at the same time.

    `calls` gives the calls of a piece; each has working memory of its own. All take about so many `nanoseconds`.
    """

    count: int
    calls: Callable[[int, Scratch], Iterable[Bound]]
    nanoseconds: float


Work = Bound | Tiles
Kernel = Callable[[Any, Sequence[Array], Sequence[Array], Any], Iterable[Work]]
View = Callable[[Any, Array], Array | None]
Core = Callable[[Any, Sequence[Array], Any, Any], Iterable[Work]]


def kernel_of(kind: type[Op]) -> Kernel:
    """The kernel of an op's class."""
    found: Kernel = getattr(_module(kind.__module__), snake_case(kind.__name__))
    return found


def in_turn(work: Iterable[Work], scratch: Scratch) -> Iterator[Bound]:
    """The calls of work, tiles one after the other."""
    for one in work:
        if isinstance(one, Tiles):
            begin = scratch.part()
            for number in range(one.count):
                begin()
                yield from one.calls(number, scratch)
        else:
            yield one


def core_of(kind: type[Op]) -> Core | None:
    """What can take an epilogue in the kernel of an op's class."""
    cores: dict[type[Op], Core] = getattr(_module(kind.__module__), "CORES", {})
    return cores.get(kind)


def view_of(kind: type[Op]) -> View | None:
    """The view function of an op's class, if it can be a view."""
    views: dict[type[Op], View] = getattr(_module(kind.__module__), "VIEWS", {})
    return views.get(kind)


@cache
def _module(of_ops: str) -> ModuleType:
    """The module of kernels beside a module of ops."""
    return import_module(of_ops.replace(".ops.", ".kernels."))
