"""Figures of a layer as polynomials: fitted to builds of one example with other values.

What a build counts is taken for a polynomial in each variable, and is the one that goes through as many builds as its
degree needs, by Newton's forward differences; a build far from those must confirm it.
"""

from collections.abc import Mapping, Sequence
from itertools import chain, pairwise
from math import factorial
from typing import Any

from specmodel.diagnostics import SpecError
from specmodel.graph.memory import ONE_SAMPLE
from specmodel.layers.base import Example, Layer
from specmodel.record import Record
from specmodel.summary.counts import parameter_count
from specmodel.summary.example import example_graph
from specmodel.types.dim import Dim, divide, evaluate, symbol, symbols, unknowns
from specmodel.types.fault import Fault

_MOST_DEGREE = 6
_FAR = 11
"""How many steps the build that confirms a formula is away."""

Sizes = tuple[Dim, ...]


class Figures(Record):
    """What is counted: shapes with the batch axis, weights by name, and the figures of one sample."""

    inputs: tuple[Sizes, ...]
    outputs: tuple[Sizes, ...]
    weights: tuple[tuple[str, Sizes], ...]
    parameters: Dim
    flops: Dim

    def sizes(self) -> Sizes:
        """All of them in one row."""
        shapes = chain(self.inputs, self.outputs, (shape for _, shape in self.weights))
        return (*chain.from_iterable(shapes), self.parameters, self.flops)

    def filled(self, sizes: Sequence[Dim]) -> "Figures":
        """The same with other sizes."""
        left = iter(sizes)
        shapes = [tuple(next(left) for _ in shape) for shape in (*self.inputs, *self.outputs)]
        weights = tuple((name, tuple(next(left) for _ in shape)) for name, shape in self.weights)
        count = len(self.inputs)
        return Figures(tuple(shapes[:count]), tuple(shapes[count:]), weights, next(left), next(left))


class Variable(Record):
    """What may have another value: the argument at `way`, or the sizes at `places` (input, axis)."""

    name: str
    value: int
    way: tuple[str, ...] = ()
    places: tuple[tuple[int, int], ...] = ()
    step: int = 1
    degree: int = 0

    def at(self, step: int) -> int:
        """The value that many steps away."""
        return self.value + step * self.step

    def put(self, example: Example, value: int | str) -> Example:
        """An example with another value there."""
        inputs = [list(shape) for shape in example.inputs]
        for number, axis in self.places:
            inputs[number][axis] = value
        arguments = _replaced(example.arguments, self.way, value) if self.way else example.arguments
        return example.replace(arguments=arguments, inputs=tuple(map(tuple, inputs)))


class Builds:
    """The builds of one example with some values changed, each made once."""

    def __init__(self, layer: type[Layer], example: Example) -> None:
        self.layer, self.example = layer, example
        self.made: dict[tuple[tuple[str, int], ...], Figures | None] = {}

    def at(self, point: Mapping[Variable, int]) -> Figures | None:
        """What is counted there; None where the layer refuses the values."""
        key = tuple(sorted((variable.name, value) for variable, value in point.items()))
        if key not in self.made:
            example = self.example
            for variable, value in point.items():
                example = variable.put(example, value)
            self.made[key] = figures_of(self.layer, example)
        return self.made[key]


def figures_of(layer: type[Layer], example: Example) -> Figures | None:
    """The figures of an example; None where it is refused, or right for some values of its names alone."""
    try:
        _, graph = example_graph(layer, example)
        flops = evaluate(sum((node.flops() for node in graph.nodes), start=0), ONE_SAMPLE)
    except (SpecError, Fault):
        return None
    if unknowns(flops) or any(one.constraint.kind in ("equal", "equal_or_one") for one in graph.requirements):
        return None
    named = {"?batch": symbol("batch")}
    return Figures(
        tuple(tuple(evaluate(size, named) for size in one.value.shape) for one in graph.inputs),
        tuple(tuple(evaluate(size, named) for size in one.value.shape) for one in graph.outputs),
        tuple((weight.path.partition("/")[2], tuple(weight.shape)) for weight in graph.weights()),
        parameter_count(graph.weights()),
        flops,
    )


def _replaced(arguments: Mapping[str, Any], way: Sequence[str], value: int | str) -> dict[str, Any]:
    """Arguments with another value at a way through them, where a layer inside has its only argument as such."""
    first, *rest = way
    if not rest:
        return {**arguments, first: value}
    inside = arguments[first]
    if not isinstance(inside, Mapping):
        return {**arguments, first: {rest[0]: value}}
    return {**arguments, first: _replaced(inside, rest, value)}


def with_degree(builds: Builds, variable: Variable) -> Variable | None:
    """The variable with the degree of what it changes; None where it changes nothing or fits no polynomial."""
    for step in (1, variable.value):
        for degree in range(1, _MOST_DEGREE + 1):
            tried = variable.replace(step=step, degree=degree)
            fitted = fit(builds, [tried], {})
            if fitted is None:
                break
            if holds(builds, [tried], fitted):
                changes = any(variable.name in symbols(size) for size in fitted)
                return tried if changes else None
    return None


def fit(builds: Builds, free: Sequence[Variable], point: Mapping[Variable, int]) -> Sizes | None:
    """The polynomials through the builds, by Newton's forward differences; None where a build is refused."""
    if not free:
        found, plain = builds.at(point), builds.at({})
        if found is None or plain is None or len(found.sizes()) != len(plain.sizes()):
            return None
        return found.sizes()
    variable, rest = free[0], free[1:]
    rows = [fit(builds, rest, {**point, variable: variable.at(step)}) for step in range(variable.degree + 1)]
    known = [row for row in rows if row is not None]
    if len(known) < len(rows):
        return None
    try:
        fitted = [_through(variable, values) for values in zip(*known, strict=True)]
    except Fault:  # a formula as long as this explains nothing
        return None
    whole = [size for size in fitted if size is not None]
    return tuple(whole) if len(whole) == len(fitted) else None


def _through(variable: Variable, values: Sequence[Dim]) -> Dim | None:
    """The polynomial with integer coefficients through values at a variable's first steps, if there is one."""
    name, step, degree = symbol(variable.name), variable.step, variable.degree
    total: Dim = 0
    basis: Dim = 1
    row = list(values)
    for order in range(degree + 1):
        total = total + basis * row[0] * (step ** (degree - order) * factorial(degree) // factorial(order))
        basis = basis * (name - variable.at(order))
        row = [after - before for before, after in pairwise(row)]
    return divide(total, step**degree * factorial(degree))


def holds(builds: Builds, free: Sequence[Variable], fitted: Sizes) -> bool:
    """Whether a build far from those of the fit has the sizes that the formulas give."""
    point = {variable: variable.at(_FAR + number) for number, variable in enumerate(free)}
    found = builds.at(point)
    values: dict[str, Dim] = {variable.name: value for variable, value in point.items()}
    return found is not None and found.sizes() == tuple(evaluate(size, values) for size in fitted)
