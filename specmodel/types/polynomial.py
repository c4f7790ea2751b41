"""Integer polynomials over sizes that only data will tell, in normal form.

A `SymbolicDim` is a sum of terms, a term an integer times a product of atoms, an atom a symbol, a floor division of a
polynomial by an integer, or what several sizes broadcast to. Two dims are equal if their texts are.
"""

from collections.abc import Iterable
from math import gcd
from typing import TypeAlias

from specmodel.diagnostics.codes import TOO_BIG
from specmodel.record import Record
from specmodel.types.fault import Fault

MAX_FORMULA = 4096  # characters; sums of nested divisions can double with every layer
MAX_COEFFICIENT = 10**1000
MAX_PRODUCT = 4096  # terms that one multiplication may form
MAX_NESTING = 32  # floor divisions inside each other; everything here recurses over them


class Atom(Record):
    """A symbol, the floor division `numerator // divisor`, or what `parts` broadcast to; `text` identifies it."""

    text: str
    numerator: "SymbolicDim | None" = None
    divisor: int = 1
    parts: "tuple[Dim, ...]" = ()
    nesting: int = 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Atom) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"Atom({self.text})"

    @property
    def order(self) -> tuple[bool, str]:
        """The sort key: symbols before divisions, then the alphabet."""
        return (self.numerator is not None, self.text)


Monomial: TypeAlias = tuple[Atom, ...]
Term: TypeAlias = tuple[Monomial, int]


class SymbolicDim(Record):
    """A size that depends on data: terms in order (degree, then alphabet, the constant last), and their text.

    In the text an unknown size is written `?key`. Equality and hash go by it.
    """

    terms: tuple[Term, ...]
    text: str

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SymbolicDim) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"SymbolicDim({self.text})"

    def __add__(self, other: "Dim") -> "Dim":
        if isinstance(other, SymbolicDim) and len(self.terms) == len(other.terms) == 1:  # sums over a network's layers
            (monomial, one), (same, more) = self.terms[0], other.terms[0]
            if monomial == same and one + more != 0:
                return _in_order(((monomial, one + more),))
        return polynomial((*terms_of(self), *terms_of(other)))

    def __neg__(self) -> "Dim":
        return self * -1

    def __sub__(self, other: "Dim") -> "Dim":
        return self + other * -1

    def __rsub__(self, other: int) -> "Dim":
        return self * -1 + other

    def __mul__(self, other: "Dim") -> "Dim":
        if isinstance(other, int):
            if other in (0, 1):
                return self if other else 0
            return _in_order(tuple((monomial, coefficient * other) for monomial, coefficient in self.terms))
        left, right = terms_of(self), terms_of(other)
        if len(left) * len(right) > MAX_PRODUCT:
            raise too_long()
        return polynomial((times(m, n), c * d) for m, c in left for n, d in right)

    def __floordiv__(self, divisor: int) -> "Dim":
        if divisor < 1:
            raise ValueError(f"a size is divided by positive integers, not by {divisor}")
        return _floor(self, divisor)

    __radd__ = __add__
    __rmul__ = __mul__


Dim: TypeAlias = int | SymbolicDim


def polynomial(terms: Iterable[Term]) -> Dim:
    """The sum of terms in normal form; an int where nothing but a constant is left."""
    sums = collect(terms)
    if not sums or sums.keys() == {()}:
        return sums.get((), 0)
    return _in_order(tuple(sorted(sums.items(), key=lambda term: (-len(term[0]), [atom.order for atom in term[0]]))))


def _in_order(terms: tuple[Term, ...]) -> SymbolicDim:
    """The sum of terms that are different, none of them zero, and in order already."""
    if max(abs(coefficient) for _, coefficient in terms) > MAX_COEFFICIENT:
        raise too_long()
    text = _text(terms)
    if len(text) > MAX_FORMULA:
        raise too_long()
    return SymbolicDim(terms, text)


def collect(terms: Iterable[Term]) -> dict[Monomial, int]:
    """The terms with like ones added up and zeros gone."""
    sums: dict[Monomial, int] = {}
    for monomial, coefficient in terms:
        sums[monomial] = sums.get(monomial, 0) + coefficient
    return {monomial: coefficient for monomial, coefficient in sums.items() if coefficient != 0}


def terms_of(dim: Dim) -> tuple[Term, ...]:
    """The terms of any size; none for 0."""
    if isinstance(dim, SymbolicDim):
        return dim.terms
    return (((), dim),) if dim != 0 else ()


def times(left: Monomial, right: Monomial) -> Monomial:
    """The product of two products of atoms."""
    if not left or not right:
        return left or right
    return tuple(sorted(left + right, key=lambda atom: atom.order))


def nesting_of(dim: Dim) -> int:
    """How many divisions and broadcasts are inside each other."""
    return max((atom.nesting for monomial, _ in terms_of(dim) for atom in monomial), default=0)


def of_atom(atom: Atom) -> SymbolicDim:
    """The size that is an atom."""
    if atom.nesting > MAX_NESTING or len(atom.text) > MAX_FORMULA:
        raise too_long()
    return SymbolicDim((((atom,), 1),), atom.text)


def _floor(dim: Dim, divisor: int) -> Dim:
    """`dim // divisor`: whole multiples come out, and the constant left inside is in (-divisor, 0].

    That constant makes a ceiling division read `(h - 1)//2 + 1`.
    """
    whole: list[Term] = []
    rest: list[Term] = []
    for monomial, coefficient in terms_of(dim):
        quotient = coefficient // divisor if monomial else -(-coefficient // divisor)
        whole.append((monomial, quotient))
        rest.append((monomial, coefficient - quotient * divisor))
    return polynomial(whole) + _proper_floor(polynomial(rest), divisor)


def _proper_floor(rest: Dim, divisor: int) -> Dim:
    """`rest // divisor`, where no coefficient of `rest` reaches the divisor."""
    if isinstance(rest, int):
        return rest // divisor
    common = gcd(divisor, *(coefficient for monomial, coefficient in rest.terms if monomial))
    if common > 1:  # (2*h - 1)//4 is (h - 1)//2: all but the constant is whole after dividing by 2
        return _floor(
            polynomial((monomial, coefficient // common) for monomial, coefficient in rest.terms), divisor // common
        )
    for monomial, coefficient in rest.terms:
        inner = monomial[0].numerator if len(monomial) == 1 and coefficient == 1 else None
        if inner is not None:  # (h//2 + w)//3 is (h + 2*w)//6
            scale = monomial[0].divisor
            others = rest - polynomial([(monomial, 1)])
            return _floor(inner + others * scale, divisor * scale)
    operand = rest.text if _is_symbol(rest) else f"({rest.text})"
    return of_atom(Atom(f"{operand}//{divisor}", rest, divisor, nesting=nesting_of(rest) + 1))


def _is_symbol(dim: SymbolicDim) -> bool:
    monomial, coefficient = dim.terms[0]
    return len(dim.terms) == 1 and coefficient == 1 and len(monomial) == 1 and monomial[0].numerator is None


def _text(terms: Iterable[Term]) -> str:
    text = ""
    for monomial, coefficient in terms:
        factors = [str(abs(coefficient))] if abs(coefficient) != 1 or not monomial else []
        alone = len(factors) + len(monomial) == 1
        sign = ("-" if coefficient < 0 else "") if not text else " - " if coefficient < 0 else " + "
        bare = alone and sign != "-"  # -h//2 would be (-h)//2
        factors += [atom.text if bare or atom.numerator is None else f"({atom.text})" for atom in monomial]
        text += sign + "*".join(factors)
    return text


def too_long() -> Fault:
    """The limits of a formula keep sizes that grow with every layer from stopping everything."""
    return Fault(
        TOO_BIG,
        "the size of an axis is too long a formula of the sizes that are not known",
        help="give the inputs known sizes",
    )
