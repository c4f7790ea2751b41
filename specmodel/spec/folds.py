"""What a flat model has lost: which of its entries stand in one block, group or repeat."""

from collections.abc import Iterator

from specmodel.layers.naming import snake_case
from specmodel.spec.expansion.definitions import Definition, Leaf, Region, Reuse, Scope, Times
from specmodel.spec.model import Fold, Ref
from specmodel.spec.references import BrokenError, NoSuchError, Resolver

GROUP, SEVERAL = "group", "entry"


def folds_of(scope: Scope, resolver: Resolver) -> dict[str, Fold]:
    """The blocks, named groups and named repeats by their paths, outer ones first."""
    return {found.path: Fold(_kind(found), outputs) for found, outputs in _folds(scope, resolver)}


def _folds(scope: Scope, resolver: Resolver) -> Iterator[tuple[Region | Times, tuple[Ref, ...]]]:
    for member in scope.members:
        found = member.becomes if isinstance(member, Reuse) else member
        if isinstance(found, Region | Times):
            try:
                yield found, resolver.refs(found, ["*"] if isinstance(found, Region) else [])
            except (BrokenError, NoSuchError):
                continue
            yield from _folds(found.inside, resolver)


def _kind(definition: Definition | None) -> str:
    """The word for it: a block's name, `group`, or what a repeat writes and how often."""
    if isinstance(definition, Reuse):
        return _kind(definition.becomes)
    if isinstance(definition, Times):
        kinds = {_kind(time) for time in definition.times}
        return f"{kinds.pop() if len(kinds) == 1 else SEVERAL} × {len(definition.times)}"  # noqa: RUF001
    if isinstance(definition, Region):
        while definition.original is not None:
            definition = definition.original
        base, blocks = definition.base, definition.level.module.blocks
        return next((name for name in blocks if snake_case(name) == base), GROUP)
    return type(definition.layer).__name__ if isinstance(definition, Leaf) else SEVERAL
