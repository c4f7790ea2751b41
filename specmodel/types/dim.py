"""Sizes of axes: known ones are plain integers, others formulas over named and unknown sizes."""

from collections.abc import Mapping
from typing import TypeGuard

from specmodel.types.polynomial import Atom, Dim, Monomial, SymbolicDim, nesting_of, of_atom, polynomial, terms_of

__all__ = [
    "Dim",
    "SymbolicDim",
    "divide",
    "evaluate",
    "is_known",
    "merged",
    "solve",
    "symbol",
    "symbols",
    "unknown",
    "unknowns",
    "variables",
]

MAX_NAME = 128  # characters


def symbol(name: str) -> SymbolicDim:
    """The size that a user calls `name`: an integer of at least 1, the same wherever the name stands."""
    if not name.isascii() or not name.isidentifier() or len(name) > MAX_NAME:
        raise ValueError(f"`{name[:MAX_NAME]}` is not a name for a size: letters, digits and `_`, and no digit first")
    return of_atom(Atom(name))


def unknown(key: str) -> SymbolicDim:
    """A size without a name: an integer of at least 1, the same wherever the key is the same.

    `evaluate` looks it up as `?key`, so that no user's name can meet it.
    """
    return of_atom(Atom(f"?{key}"))


def merged(*sizes: Dim) -> Dim:
    """The size that sizes broadcast to, taken for granted that they do: the one that is not 1."""
    parts = {part for size in sizes for part in _merged_parts(size)} - {1}
    known = [part for part in parts if isinstance(part, int)]
    if known or not parts:
        return max(known, default=1)
    if len(parts) == 1:
        return parts.pop()
    ordered = sorted(parts, key=str)
    text = f"?broadcast({', '.join(map(str, ordered))})"
    return of_atom(Atom(text, parts=tuple(ordered), nesting=1 + max(map(nesting_of, ordered))))


def is_known(dim: Dim) -> TypeGuard[int]:
    """Whether a size is a plain integer."""
    return isinstance(dim, int)


def variables(dim: Dim) -> frozenset[str]:
    """What a size depends on, as `evaluate` looks it up: names, and `?key` for unknown sizes."""
    found: set[str] = set()
    for monomial, _ in terms_of(dim):
        for atom in monomial:
            inner = (atom.numerator,) if atom.numerator is not None else atom.parts
            found.update(*(variables(part) for part in inner) if inner else [{atom.text}])
    return frozenset(found)


def symbols(dim: Dim) -> frozenset[str]:
    """The names that a size depends on."""
    return frozenset(text for text in variables(dim) if not text.startswith("?"))


def unknowns(dim: Dim) -> frozenset[str]:
    """The unknown sizes that a size depends on, as `evaluate` looks them up: `?key`."""
    return frozenset(text for text in variables(dim) if text.startswith("?"))


def evaluate(dim: Dim, sizes: Mapping[str, Dim]) -> Dim:
    """The size with names (`seq`) and unknown sizes (`?key`) replaced; those that `sizes` lacks stay."""
    if isinstance(dim, int):
        return dim
    total: Dim = 0
    for monomial, coefficient in dim.terms:
        value: Dim = coefficient
        for atom in monomial:
            value = value * _value(atom, sizes)
        total = total + value
    return total


def solve(dim: Dim, size: int) -> tuple[str, int] | None:
    """What `sizes` must hold for `dim` to be `size`, where `dim` is a multiple of one symbol plus a constant.

    `solve(16*h, 32)` is `("h", 2)`; None where `dim` has another form or nothing fits.
    """
    if isinstance(dim, int) or len(dim.terms) > 2 or len(dim.terms[0][0]) != 1:
        return None
    (atom,), factor = dim.terms[0]
    rest = dim.terms[1] if len(dim.terms) == 2 else ((), 0)
    if atom.numerator is not None or atom.parts or rest[0]:
        return None
    value, remainder = divmod(size - rest[1], factor)
    return (atom.text, value) if remainder == 0 else None


def divide(a: Dim, b: Dim) -> Dim | None:
    """The quotient where `a` is a multiple of `b` as a polynomial (`64*h*w` by `h`), else None."""
    divisor = terms_of(b)
    if not divisor:
        return None
    lead, factor = divisor[0]
    quotient: Dim = 0
    while terms := terms_of(a):
        monomial = _without(terms[0][0], lead)
        if monomial is None or terms[0][1] % factor:
            return None
        part = polynomial([(monomial, terms[0][1] // factor)])
        quotient, a = quotient + part, a - part * b
    return quotient


def _value(atom: Atom, sizes: Mapping[str, Dim]) -> Dim:
    if atom.numerator is not None:
        return evaluate(atom.numerator, sizes) // atom.divisor
    if atom.parts:
        return merged(*(evaluate(part, sizes) for part in atom.parts))
    return sizes[atom.text] if atom.text in sizes else of_atom(atom)


def _merged_parts(size: Dim) -> tuple[Dim, ...]:
    """The sizes that a broadcast one came from, so that broadcasting again adds nothing."""
    if isinstance(size, SymbolicDim) and size.terms[0][0][0].text == size.text:
        return size.terms[0][0][0].parts or (size,)
    return (size,)


def _without(monomial: Monomial, factor: Monomial) -> Monomial | None:
    """The atoms of `monomial` that are left after taking those of `factor`; None where one is missing."""
    left = list(monomial)
    for atom in factor:
        if atom not in left:
            return None
        left.remove(atom)
    return tuple(left)
