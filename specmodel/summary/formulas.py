"""A layer's shapes, weights, parameters and FLOPs as formulas over its arguments and the sizes of its inputs.

They are made of builds of its example and said nowhere else. A size has a name where the layer takes any; figures are
fitted in arguments that are positive integers, and in sizes that must be numbers. What no polynomial fits stays the
example's own number.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import chain, count
from math import gcd, prod
from typing import Any

from specmodel import layers
from specmodel.layers.base import Example, Layer
from specmodel.layers.written import first_argument
from specmodel.record import Record
from specmodel.summary.arguments import argument_type
from specmodel.summary.fitting import Builds, Figures, Variable, figures_of, fit, holds, with_degree
from specmodel.types.dim import Dim, divide, symbols
from specmodel.types.formula import spelled
from specmodel.types.polynomial import terms_of

_MOST_BUILDS = 300
_LARGER = 16
"""How many times as large sizes are that must be numbers, so that windows have room."""


def formulas(layer: type[Layer], example: Example) -> Figures:
    """The figures of a layer used as in an example, over names for what may have other values."""
    example, sizes = _named(layer, example)
    example, free = _fitted(layer, example, [*_counts(layer, example), *sizes])
    builds = Builds(layer, example)
    plain = builds.at({})
    assert plain is not None
    while free:
        for tried in (free, *([one for one in free if one is not left] for left in reversed(free))):
            fitted = fit(builds, tried, {})
            if fitted is not None and holds(builds, tried, fitted):
                return plain.filled(fitted)
        free.pop()
    return plain


def _counts(layer: type[Layer], example: Example) -> list[Variable]:
    """The arguments of the example that count something, those of a layer inside included."""
    found: dict[str, Variable] = {}

    def collect(kind: type[Layer], arguments: Mapping[str, Any], way: tuple[str, ...]) -> None:
        for name, value in arguments.items():
            alike = isinstance(value, list) and value and all(part == value[0] for part in value)
            only = value[0] if alike else value
            if argument_type(kind, name).startswith("positive integer") and type(only) is int:
                found.setdefault(name, Variable(name, only, (*way, name)))
            for inner, more in value.items() if isinstance(value, Mapping) and len(value) == 1 else ():
                inside = layers.find(inner)
                if inside is not None:
                    collect(inside, first_argument(inside, more), (*way, name, inner))

    collect(layer, example.arguments, ())
    return list(found.values())


def _named(layer: type[Layer], example: Example) -> tuple[Example, list[Variable]]:
    """The example with sizes that have names where the layer takes any, and the sizes that must be numbers."""
    numbers = []
    for size in _sizes(layer, example):
        tried = _with_name(layer, example, size)
        if tried is None:
            numbers.append(size)
        else:
            example = tried
    for size in _together(numbers):
        tried = _with_name(layer, example, size)
        if tried is not None:
            example = tried
            numbers = [one for one in numbers if one.value != size.value]
    return example, numbers


def _with_name(layer: type[Layer], example: Example, size: Variable) -> Example | None:
    """The example with a name for a size, if the layer takes any; a batch has no name."""
    tried = size.put(example, size.name)
    if any(axis == 0 for _, axis in size.places) or figures_of(layer, tried) is None:
        return None
    return tried


def _fitted(layer: type[Layer], example: Example, variables: Sequence[Variable]) -> tuple[Example, list[Variable]]:
    """The variables that a polynomial fits, and the example with larger sizes for them where the layer takes these."""
    free: list[Variable] = []

    def keep(variable: Variable) -> bool:
        nonlocal example
        for factor in (1,) if variable.way else (_LARGER, 1):
            larger = variable.replace(value=factor * variable.value)
            tried = larger.put(example, larger.value)
            known = with_degree(Builds(layer, tried), larger)
            if known is not None and prod(one.degree + 1 for one in (*free, known)) <= _MOST_BUILDS:
                free.append(known)
                example = tried
                return True
        return False

    left = [one for one in variables if not keep(one)]
    for one in _together(left):
        keep(one)
    return example, free


def _together(variables: Sequence[Variable]) -> list[Variable]:
    """Variables of one value as one each, where there are several: an argument's name comes first."""
    groups: dict[int, list[Variable]] = {}
    for one in variables:
        groups.setdefault(one.value, []).append(one)
    ordered = [
        sorted(group, key=lambda one: (not one.way, not one.name.startswith(("channels", "features"))))
        for group in groups.values()
        if len(group) > 1
    ]
    return [group[0].replace(places=tuple(chain.from_iterable(one.places for one in group))) for group in ordered]


def _sizes(layer: type[Layer], example: Example) -> list[Variable]:
    """The sizes of the inputs that are numbers; those alike, counted from the end, are one."""
    taken = {*layer.model_fields, *(size for shape in example.inputs for size in shape if isinstance(size, str))}
    places: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for number, shape in enumerate(example.inputs):
        for axis, size in enumerate(shape):
            if isinstance(size, int):
                places.setdefault((axis - len(shape), size), []).append((number, axis))
    found = []
    for (axis, size), where in places.items():
        wanted = "n" if where[0][1] == 0 else _axis_names(layer, len(example.inputs[where[0][0]]))[axis]
        name = next(name for name in chain([wanted], (f"{wanted}{n}" for n in count(2))) if name not in taken)
        taken.add(name)
        found.append(Variable(name, size, places=tuple(where)))
    return found


def _axis_names(layer: type[Layer], rank: int) -> list[str]:
    """What the axes of an input are called: as the description does, if it names as many."""
    described = re.search(r"Input \(([^()…]+)\)", " ".join((layer.__doc__ or "").split()))
    names = described[1].split(", ") if described is not None else []
    if len(names) == rank:
        return names
    if "data_format" in layer.model_fields:
        return ["batch", *("depth", "height", "width")[5 - rank :], "channels"]
    return ["batch", *(["steps"] if rank == 3 else [f"size{axis}" for axis in range(1, rank - 1)]), "features"]


class Written(Record):
    """Figures in words: `named` are output sizes with names of their own, which the FLOPs are a multiple of."""

    inputs: tuple[tuple[str, ...], ...]
    outputs: tuple[tuple[str, ...], ...]
    named: tuple[tuple[str, str], ...]
    weights: tuple[tuple[str, tuple[str, ...]], ...]
    parameters: str
    flops: str


def written(found: Figures) -> Written:
    """The figures as text."""
    left, names = found.flops, dict[str, Dim]()
    given = {name for shape in found.inputs for size in shape for name in symbols(size)}
    for size in dict.fromkeys(size for shape in found.outputs for size in shape):
        quotient = divide(left, size) if len(terms_of(size)) > 1 and left != 0 else None
        if quotient is not None:
            name = f"{min(symbols(size) & given, default='size')}_out"
            names[name if name not in names else f"{name}{len(names) + 1}"] = size
            left = quotient
    by_size = {size: name for name, size in names.items()}
    number = gcd(*(abs(factor) for _, factor in terms_of(left))) if names else 1
    rest = text_of(divide(left, number) or 0)
    rest = f"({rest})" if names and len(terms_of(left)) > 1 else rest
    factors = [*([str(number)] if number != 1 else []), *names, *([rest] if rest != "1" else [])]
    return Written(
        tuple(tuple(map(text_of, shape)) for shape in found.inputs),
        tuple(tuple(by_size.get(size) or text_of(size) for size in shape) for shape in found.outputs),
        tuple((name, text_of(size)) for name, size in names.items()),
        tuple((name, tuple(map(text_of, shape))) for name, shape in found.weights),
        text_of(found.parameters),
        "*".join(factors) or "1",
    )


def text_of(size: Dim) -> str:
    """A polynomial as people write it: powers as such, the constant last, and before it what is taken away."""
    text = ""
    for monomial, coefficient in sorted(terms_of(size), key=lambda term: (not term[0], term[1] < 0)):
        powers = Counter(spelled(atom.text) for atom in monomial)
        number = [str(abs(coefficient))] if abs(coefficient) != 1 or not powers else []
        alone = len(powers) + len(number) == 1
        names = [f"({name})" if "//" in name and not (alone and n == 1) else name for name, n in powers.items()]
        factors = [name if n == 1 else f"{name}**{n}" for name, n in zip(names, powers.values(), strict=True)]
        text += f" {'-' if coefficient < 0 else '+'} {'*'.join([*number, *factors])}"
    return (
        text.removeprefix(" + ").replace(" - ", "-", 1) if text.startswith(" - ") else text.removeprefix(" + ") or "0"
    )
