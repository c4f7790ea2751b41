"""W708: an open size that must be a multiple, and is not declared as one."""

from collections.abc import Iterator, Sequence

from specmodel.diagnostics import Note, codes
from specmodel.graph.graph import Requirement
from specmodel.lint.network import Network, kind_of
from specmodel.lint.rule import Remark, Rule
from specmodel.spec.model import InputSpec
from specmodel.types.assume import Constraint
from specmodel.types.dim import evaluate, variables

_SIZES = range(1, 521)
"""The sizes that are tried: divisions by constants repeat, the longest period that is told four times."""
_LONGEST = 128
_MOST = 16
"""Constraints on one size that are looked at, and notes that are given."""


def find(network: Network) -> Iterator[Remark]:
    """Sizes of inputs that only every n-th number fits, found by trying them on what the layers require."""
    required = _by_size(network.graph.requirements)
    for given in network.spec.inputs or ():
        for axis, size in enumerate(given.type.shape):
            name = next(iter(variables(size)), "")
            found = required.pop(name, None) if axis > 0 else None
            step = _step([requirement.constraint for requirement in found], name) if found is not None else None
            if found is not None and step is not None:
                yield _remark(given, axis, step, found)


def _by_size(requirements: Sequence[Requirement]) -> dict[str, list[Requirement]]:
    """What is required of each open size alone."""
    found: dict[str, list[Requirement]] = {}
    for requirement in requirements:
        names = variables(requirement.constraint.left) | variables(requirement.constraint.right)
        if len(names) == 1:
            found.setdefault(next(iter(names)), []).append(requirement)
    return found


def _step(constraints: Sequence[Constraint], name: str) -> tuple[int, int] | None:
    """`n` and `r` where exactly the numbers `n*k + r` fit, from some number on; None where all do, or it is not so."""
    relations = [_strict(one) for one in constraints if one.kind != "at_least"][:_MOST]
    if not relations:
        return None
    fitting = [size for size in _SIZES if all(relation.holds({name: size}) for relation in relations)]
    if len(fitting) < len(_SIZES) // _LONGEST:
        return None
    step = fitting[-1] - fitting[-2]
    rest = fitting[-1] % step
    regular = [size for size in _SIZES if size % step == rest and size >= fitting[0]]
    return (step, rest) if 1 < step <= _LONGEST and fitting == regular else None


def _strict(constraint: Constraint) -> Constraint:
    """The constraint for sizes that are no 1, which broadcasts with anything."""
    return constraint.replace(kind="equal") if constraint.kind == "equal_or_one" else constraint


def _remark(given: InputSpec, axis: int, step: tuple[int, int], required: Sequence[Requirement]) -> Remark:
    size = given.type.shape[axis]
    (name,) = variables(size)
    factor = evaluate(size, {name: 1})
    assert isinstance(factor, int)  # an axis is a name, a multiple of one, or unknown
    every, rest = factor * step[0], factor * step[1]
    needed = f"a multiple of {every}" if rest == 0 else f"of the form {every}*n + {rest}"
    shown = f"`{size}`, " if not name.startswith("?") else ""
    message = f"{shown}axis {axis} of input `{given.name}`{',' if shown else ''} must be {needed}: no other size fits"
    if rest == 0:
        help = f"declare it: `{every}*{'n' if name.startswith('?') else name}`"
    else:
        listed = ", ".join(str(number * every + rest) for number in range(3))
        help = f"sizes that fit are {listed} …; padding the layers differently may free it"
    firsts = {one.entry.path: one for one in reversed(required) if one.constraint.kind != "at_least"}
    notes = [
        Note(f"{kind_of(one.entry.layer)} `{path}` needs that {one.constraint.text}", one.entry.place.span)
        for path, one in reversed(firsts.items())
    ]
    return Remark(message, given.place, None, tuple(notes[:_MOST]), help)


RULE = Rule(codes.DIVISIBLE_SIZES, network=find)
