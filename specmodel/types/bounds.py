"""What can be said about sizes before there is data: every symbol is an integer of at least 1."""

from functools import lru_cache
from math import gcd

from specmodel.types.polynomial import Atom, Dim, Monomial, SymbolicDim, collect, terms_of, times

MAX_EXPANSION = 512  # terms that shifting the symbols may form
MAX_RELAXATIONS = 8  # floor divisions that are replaced by what bounds them

_Terms = dict[Monomial, int]


def equal(a: Dim, b: Dim) -> bool | None:
    """Whether two sizes are always equal (True), never (False), or only data can decide (None)."""
    if a == b:
        return True
    if isinstance(a, int) and isinstance(b, int):
        return False
    difference = _difference(a, b)
    constant = difference.pop((), 0)
    if not difference:
        return constant == 0
    if constant % gcd(*difference.values()) != 0:  # 2*h is never 3
        return False
    difference[()] = constant
    least, most = _lower(difference), _upper(difference)
    if least == most == 0:
        return True
    if (least is not None and least > 0) or (most is not None and most < 0):
        return False
    return None


def at_least(a: Dim, b: Dim) -> bool | None:
    """Whether `a >= b` always (True), never (False), or only data can decide (None)."""
    if isinstance(a, int) and isinstance(b, int):
        return a >= b
    difference = _difference(a, b)
    least = _lower(difference)
    if least is not None and least >= 0:
        return True
    most = _upper(difference)
    return False if most is not None and most < 0 else None


def lower_bound(dim: Dim) -> int | None:
    """A number that the size is never below; None where none is found."""
    return dim if isinstance(dim, int) else _lower_of(dim)


@lru_cache(maxsize=1024)  # a network has few different sizes, asked for at every tensor
def _lower_of(dim: SymbolicDim) -> int | None:
    return _lower(dict(dim.terms))


def _difference(a: Dim, b: Dim) -> _Terms:
    """`a - b` without the limits of a `Dim`, for it is not shown to anybody."""
    return collect((*terms_of(a), *((monomial, -coefficient) for monomial, coefficient in terms_of(b))))


def _upper(terms: _Terms) -> int | None:
    least = _lower({monomial: -coefficient for monomial, coefficient in terms.items()})
    return -least if least is not None else None


def _lower(terms: _Terms) -> int | None:
    """The best of three bounds: divisions as they are, those that are subtracted relaxed, all relaxed."""
    bounds = [_shifted_lower(terms)]
    for only_subtracted in (True, False):
        relaxed, scale = _relaxed(terms, only_subtracted)
        bound = _shifted_lower(relaxed)
        bounds.append(-(-bound // scale) if bound is not None else None)
    return max((bound for bound in bounds if bound is not None), default=None)


def _shifted_lower(terms: _Terms) -> int | None:
    """The constant that is left when every atom is written as its lower bound plus something that is not negative.

    It is a bound if no other coefficient is negative: `h*w - h` is `h'*w' + w'` with `h = h' + 1`, `w = w' + 1`.
    """
    if sum(1 << min(len(monomial), 64) for monomial in terms) > MAX_EXPANSION:
        return None
    shifted: _Terms = {}
    for monomial, coefficient in terms.items():
        product: _Terms = {(): coefficient}
        for atom in monomial:
            least = _atom_lower(atom)
            if least is None:
                return None
            product = collect(
                [*((times(m, (atom,)), c) for m, c in product.items()), *((m, c * least) for m, c in product.items())]
            )
        shifted = collect([*shifted.items(), *product.items()])
    constant = shifted.pop((), 0)
    return constant if all(coefficient > 0 for coefficient in shifted.values()) else None


@lru_cache(maxsize=1024)
def _atom_lower(atom: Atom) -> int | None:
    if atom.parts:  # a broadcast size is one of those it came from
        bounds = [lower_bound(part) for part in atom.parts]
        known = [bound for bound in bounds if bound is not None]
        return min(known) if len(known) == len(bounds) else None
    if atom.numerator is None:
        return 1
    least = _lower_of(atom.numerator)
    return least // atom.divisor if least is not None else None


def _relaxed(terms: _Terms, only_subtracted: bool) -> tuple[_Terms, int]:
    """`(bound, scale)` with `scale * terms >= bound`, where `bound` has fewer floor divisions.

    By `p - n + 1 <= n*(p//n) <= p`: what is added gives way to the left side, what is subtracted to the right.
    """
    scale = 1
    for _ in range(MAX_RELAXATIONS):
        found = next((found for term in terms.items() if (found := _division(term, only_subtracted)) is not None), None)
        if found is None:
            break
        monomial, atom, others = found
        assert atom.numerator is not None
        coefficient = terms[monomial]
        kept = [(m, c * atom.divisor) for m, c in terms.items() if m != monomial]
        put = [(times(others, m), c * coefficient) for m, c in atom.numerator.terms]
        slack = (others, (1 - atom.divisor) * coefficient if coefficient > 0 else 0)
        terms = collect([*kept, *put, slack])
        scale *= atom.divisor
    return terms, scale


def _division(term: tuple[Monomial, int], only_subtracted: bool) -> tuple[Monomial, Atom, Monomial] | None:
    """A division in the term that may be relaxed, as (product, division, other factors); these must not be negative."""
    monomial, coefficient = term
    if only_subtracted and coefficient > 0:
        return None
    for index, atom in enumerate(monomial):
        others = monomial[:index] + monomial[index + 1 :]
        if atom.numerator is not None and all(_never_negative(other) for other in others):
            return monomial, atom, others
    return None


def _never_negative(atom: Atom) -> bool:
    least = _atom_lower(atom)
    return least is not None and least >= 0
