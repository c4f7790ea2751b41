"""What has to hold for the sizes that only data will tell."""

from collections.abc import Mapping
from typing import Literal

from specmodel.diagnostics.codes import BAD_SIZE, INCOMPATIBLE_SHAPES
from specmodel.record import Record
from specmodel.types.bounds import at_least, equal
from specmodel.types.dim import Dim, divide, evaluate, solve, unknowns, variables
from specmodel.types.fault import Fault
from specmodel.types.formula import described, spelled

Kind = Literal["equal", "at_least", "equal_or_one", "divisible"]


class Constraint(Record):
    """A relation of two sizes that data must satisfy, and the reason: a clause that says who asks for it."""

    kind: Kind
    left: Dim
    right: Dim
    reason: str = ""

    @property
    def text(self) -> str:
        """The relation in words: "`seq` equals `len`", "`h` is at least 3"."""
        left, right = described(self.left), described(self.right)
        match self.kind:
            case "equal":
                return f"{left} equals {right}"
            case "at_least":
                return f"{left} is at least {right}"
            case "divisible":
                return f"{left} is a multiple of {right}"
            case "equal_or_one" if isinstance(self.right, int):
                return f"{left} is 1 or {right}"
            case "equal_or_one":
                return f"{left} equals {right}, or one of them is 1"

    @property
    def denial(self) -> str:
        """What is wrong where it cannot hold: "`seq` and 5 cannot be the same size"."""
        left, right = described(self.left), described(self.right)
        match self.kind:
            case "equal":
                return f"{left} and {right} cannot be the same size"
            case "at_least":
                return f"{left} is less than {right}"
            case "divisible":
                return f"{left} is not a multiple of {right}"
            case "equal_or_one":
                return f"{left} and {right} are not the same size, and neither is 1"

    def holds(self, sizes: Mapping[str, Dim]) -> bool | None:
        """Whether it holds for these sizes; None where some are missing that matter."""
        left, right = evaluate(self.left, sizes), evaluate(self.right, sizes)
        match self.kind:
            case "equal":
                return equal(left, right)
            case "at_least":
                return at_least(left, right)
            case "divisible":
                return _is_multiple(left, right)
            case "equal_or_one":
                return _is_equal_or_one(left, right)


class Assume:
    """Collects in `constraints` what only data can decide, in the order it came up, each relation once.

    What can be decided at once is: a contradiction, also with a size that an earlier constraint fixed, is a `Fault`.
    `reason` is a clause for people that says who asks; `code`, `message`, `field` and `help` are the `Fault`'s.
    """

    def __init__(self) -> None:
        self.constraints: list[Constraint] = []
        self._relations: set[tuple[Kind, Dim, Dim]] = set()
        self._pinned: dict[str, int] = {}
        self._pinned_by: dict[str, Constraint] = {}

    def add(self, constraint: Constraint, code: str = INCOMPATIBLE_SHAPES) -> None:
        """Require what another `Assume` has collected, so that constraints of several calls meet."""
        self._require(constraint, code, None, None, None)

    def equal(
        self,
        a: Dim,
        b: Dim,
        reason: str = "",
        *,
        code: str = INCOMPATIBLE_SHAPES,
        message: str | None = None,
        field: str | None = None,
        help: str | None = None,
    ) -> Dim:
        """Require equal sizes and return the better known: a number, else one of named sizes, else the left."""
        self._require(Constraint("equal", a, b, reason), code, message, field, help)
        return min(a, b, key=_vagueness)

    def at_least(
        self,
        a: Dim,
        b: Dim,
        code: str = BAD_SIZE,
        message: str | None = None,
        *,
        reason: str = "",
        field: str | None = None,
        help: str | None = None,
    ) -> None:
        """Require `a >= b`."""
        self._require(Constraint("at_least", a, b, reason), code, message, field, help)

    def divisible(
        self,
        a: Dim,
        n: int,
        code: str = BAD_SIZE,
        message: str | None = None,
        *,
        reason: str = "",
        field: str | None = None,
        help: str | None = None,
    ) -> Dim:
        """Require a multiple of `n`, an integer of at least 1, and return the quotient."""
        self._require(Constraint("divisible", a, n, reason), code, message, field, help)
        return a // n

    def equal_or_one(
        self,
        a: Dim,
        b: Dim,
        reason: str = "",
        *,
        code: str = INCOMPATIBLE_SHAPES,
        message: str | None = None,
        field: str | None = None,
        help: str | None = None,
    ) -> None:
        """Require sizes that broadcast: equal ones, or one of them 1."""
        self._require(Constraint("equal_or_one", a, b, reason), code, message, field, help)

    def _require(
        self, constraint: Constraint, code: str, message: str | None, field: str | None, help: str | None
    ) -> None:
        """Record a constraint that nothing decides; raise `Fault` if it cannot hold, alone or beside those before."""
        message = message if message is not None else constraint.denial
        verdict = constraint.holds({})
        if verdict is None and self._pinned:
            verdict = constraint.holds(self._pinned)
            if verdict is False:
                message = f"{message}: {self._known_of(constraint)}"
        if verdict is False:
            raise Fault(code, message, field=field, help=help)
        if verdict is None:
            relation = (constraint.kind, constraint.left, constraint.right)
            if relation not in self._relations:
                self._relations.add(relation)
                self.constraints.append(constraint)
                self._pin(constraint)

    def _pin(self, constraint: Constraint) -> None:
        """Remember the size of a symbol that an equality fixes."""
        known, other = sorted((constraint.left, constraint.right), key=_vagueness)
        pin = solve(other, known) if constraint.kind == "equal" and isinstance(known, int) else None
        if pin is not None:
            self._pinned[pin[0]] = pin[1]
            self._pinned_by[pin[0]] = constraint

    def _known_of(self, constraint: Constraint) -> str:
        """The sizes in a constraint that are known from earlier ones, and why."""
        names = variables(constraint.left) | variables(constraint.right)
        known = []
        for name in sorted(names & self._pinned.keys()):
            reason = self._pinned_by[name].reason
            known.append(f"`{spelled(name)}` is {self._pinned[name]}" + (f" ({reason})" if reason else " already"))
        return ", ".join(known)


def _vagueness(dim: Dim) -> int:
    if isinstance(dim, int):
        return 0
    return 2 if unknowns(dim) else 1


def _is_multiple(a: Dim, n: Dim) -> bool | None:
    if divide(a, n) is not None:
        return True
    return equal(a - a // n * n, 0) if isinstance(n, int) else None


def _is_equal_or_one(a: Dim, b: Dim) -> bool | None:
    same = equal(a, b)
    if same or a == 1 or b == 1:
        return True
    if same is False and at_least(a, 2) and at_least(b, 2):
        return False
    return None
