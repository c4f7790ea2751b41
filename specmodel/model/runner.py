"""Run a spec on arrays: bind their sizes, compile a plan for them once, execute it."""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from threading import Lock

from specmodel.diagnostics import Diagnostics
from specmodel.execute import blame, execute
from specmodel.graph.bind import build_bound
from specmodel.graph.graph import Graph
from specmodel.kernels import Array
from specmodel.plan.compile import compile_graph
from specmodel.plan.plan import Plan
from specmodel.plan.settings import DEFAULTS, Settings
from specmodel.plan.threads import default_threads
from specmodel.record import Record
from specmodel.spec.model import ModelSpec
from specmodel.types.fault import Fault

PLANS_KEPT = 8
"""Plans for different shapes that a runner keeps, the latest used."""

Shapes = tuple[tuple[str, tuple[int, ...]], ...]
Executor = Callable[[Plan, Sequence[Array]], list[Array]]


class Compiled(Record):
    """A plan with the graph of known sizes it was made of."""

    graph: Graph
    plan: Plan


class Runner:
    """Runs one spec with one set of weights.

    `graph` is the spec's own graph, with open sizes; None while the spec is unbuilt. `weights` is asked for the weights
    that a graph needs when a plan is made of it. `settings` tell how plans are to run.
    """

    def __init__(
        self,
        spec: ModelSpec,
        graph: Graph | None,
        weights: Callable[[Graph], Mapping[str, Array]],
        settings: Settings = DEFAULTS,
    ) -> None:
        self.spec = spec
        self._settings = settings
        self.graph = graph
        self._weights = weights
        self._plans: OrderedDict[Shapes, Compiled] = OrderedDict()
        self._bound: tuple[Shapes, Graph] | None = None
        self._lock = Lock()

    def run(self, arrays: Mapping[str, Array], execute: Executor = execute) -> list[Array]:
        """The outputs for arrays by input name, of the declared dtypes.

        The arrays that come back are the caller's own. Raises `SpecError` for sizes or values the model cannot take.
        `execute` runs the plan.
        """
        shapes = tuple([(name, array.shape) for name, array in arrays.items()])
        with self._lock:
            compiled = self.compiled(shapes)
            ordered = [arrays[given.spec.name] for given in compiled.graph.inputs]
            try:
                with compiled.plan.libraries:
                    return execute(compiled.plan, ordered)
            except Fault as fault:
                raise self._located(compiled, ordered, fault) from None

    def forget_plans(self) -> None:
        """Drop what was compiled: the weights have changed."""
        with self._lock:
            self._plans.clear()

    def compiled(self, shapes: Shapes) -> Compiled:
        """The plan for these input shapes, made at the first call."""
        found = self._plans.get(shapes)
        if found is None:
            graph = self.bound_graph(dict(shapes))
            threads = default_threads() if self._settings.threads is None else self._settings.threads
            weights, fast_math = self._weights(graph), self._settings.fast_math
            found = Compiled(graph, compile_graph(graph, weights, threads=threads, fast_math=fast_math))
            self._plans[shapes] = found
            if len(self._plans) > PLANS_KEPT:
                self._plans.popitem(last=False)
        self._plans.move_to_end(shapes)
        return found

    def bound_graph(self, shapes: Mapping[str, tuple[int, ...]]) -> Graph:
        """The graph with the sizes of these shapes; the last is kept. Raises `SpecError` where they do not fit."""
        key = tuple(shapes.items())
        if self._bound is None or self._bound[0] != key:
            self._bound = key, build_bound(self.spec, shapes, self.graph)[1]
        return self._bound[1]

    def _located(self, compiled: Compiled, arrays: Sequence[Array], fault: Fault) -> Exception:
        found = blame(compiled.plan, arrays)
        path, fault = found if found is not None else ("", fault)
        diagnostics = Diagnostics()
        for entry in self.spec.entries:
            if entry.path == path:
                message = f"{type(entry.layer).__name__} `{path}`: {fault.message}"
                with diagnostics.inside(entry.frame):
                    diagnostics.add(fault.code, message, entry.place.span, place=entry.place.text, help=fault.help)
        if not diagnostics.failed:
            diagnostics.add(fault.code, fault.message, help=fault.help)
        from specmodel.diagnostics import SpecError

        return SpecError(list(diagnostics))
