"""What came of an example. No NumPy."""

from typing import Literal

from specmodel.diagnostics import Diagnostic
from specmodel.record import Record
from specmodel.spec.examples import Example

Status = Literal["passed", "failed", "recorded"]
Number = int | float | bool | str


class Difference(Record):
    """An element of an output that is not the recorded one. `error` is infinite where the two cannot be subtracted."""

    index: tuple[int, ...]
    expected: Number
    found: Number
    error: float
    allowed: float


class Compared(Record):
    """An output beside the recorded one: `differing` of its `count` elements are further off than allowed.

    `largest` is the largest error among those, or among all where none is; None where all elements are equal.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str
    atol: float
    rtol: float
    count: int
    differing: int
    largest: Difference | None


class Outcome(Record):
    """An example of the spec at `path` that was run under a preset, or could not be.

    `recorded` are the paths that new outputs were written to.
    """

    path: str
    example: Example
    preset: str | None
    status: Status
    outputs: tuple[Compared, ...]
    diagnostics: tuple[Diagnostic, ...]
    recorded: tuple[str, ...] = ()


def difference_text(one: Compared) -> str:
    """Where an output is furthest from the recorded one, in words."""
    found = one.largest
    if found is None:
        return "all elements are equal"
    at = f"at {list(found.index)}: expected {found.expected!r}, found {found.found!r}"
    if found.error == float("inf"):
        return f"the first that cannot be compared is {at}"
    return f"the largest error is {found.error:.3g} {at}, and {found.allowed:.3g} is allowed"
