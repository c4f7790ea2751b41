"""Outputs beside recorded ones, rows as they are made."""

from collections.abc import Mapping, Sequence

import numpy as np

from specmodel.data.outcomes import Compared, Difference, Number
from specmodel.data.pieces import Kind
from specmodel.kernels import Array
from specmodel.record import Record
from specmodel.spec.examples import Tolerances

DEFAULTS = {
    "float64": (1e-9, 1e-7),
    "float32": (1e-5, 1e-4),
    "float16": (1e-3, 1e-2),
    "bfloat16": (1e-2, 3e-2),
}
"""The `atol` and `rtol` of an output by its dtype; all else must be equal."""


class Tolerance(Record):
    """How far an element may be off: `atol + rtol * abs(recorded)`."""

    atol: float
    rtol: float


def tolerance(name: str, dtype: str, atol: Tolerances, rtol: Tolerances) -> Tolerance:
    """What is allowed for an output: what the example says, where one given alone leaves nothing to the other."""
    own = [given.get(name) if isinstance(given, Mapping) else given for given in (atol, rtol)]
    if own == [None, None]:
        return Tolerance(*DEFAULTS.get(dtype, (0.0, 0.0)))
    return Tolerance(*(given if given is not None else 0.0 for given in own))


class Comparing:
    """A sink that holds the rows of outputs against recorded arrays, in the outputs' order."""

    def __init__(
        self, outputs: Mapping[str, Kind], recorded: Mapping[str, Array], tolerances: Mapping[str, Tolerance]
    ) -> None:
        self._ones = [_Output(name, outputs[name], recorded[name], tolerances[name]) for name in outputs]

    def write(self, blocks: Sequence[Array]) -> None:
        """Take the next rows of every output."""
        for one, block in zip(self._ones, blocks, strict=True):
            one.take(block)

    def compared(self) -> tuple[Compared, ...]:
        """What was found, when all rows have come."""
        return tuple(one.compared() for one in self._ones)


class _Output:
    """One output, and what was seen of it so far."""

    def __init__(self, name: str, kind: Kind, recorded: Array, allowed: Tolerance) -> None:
        self._name = name
        self._kind = kind
        self._recorded = recorded
        self._allowed = allowed
        self._rows = 0
        self._differing = 0
        self._largest: Difference | None = None

    def take(self, block: Array) -> None:
        start = self._rows
        self._rows += len(block) if block.ndim > 0 else 1
        recorded = self._recorded[start : self._rows] if block.ndim > 0 else self._recorded
        error, allowed = _errors(block, recorded, self._allowed)
        wrong = ~(error <= allowed)
        count = int(np.count_nonzero(wrong))
        if count > 0 and self._differing == 0:
            self._largest = None  # what differs counts more than what is merely off
        if count > 0 or self._differing == 0:
            self._keep_largest(np.where(wrong, error, -1) if count > 0 else error, allowed, block, recorded, start)
        self._differing += count

    def _keep_largest(self, error: Array, allowed: Array, block: Array, recorded: Array, start: int) -> None:
        if error.size == 0:
            return
        place = np.unravel_index(int(error.argmax()), error.shape)
        size = float(error[place])
        if size > 0 and (self._largest is None or size > self._largest.error):
            index = tuple(int(axis) for axis in place)
            index = (index[0] + start, *index[1:]) if index else ()
            self._largest = Difference(
                index, _number(recorded[place]), _number(block[place]), size, float(allowed[place])
            )

    def compared(self) -> Compared:
        shape, dtype = self._kind
        count = int(np.prod(shape, dtype=object))
        allowed = self._allowed
        return Compared(self._name, shape, dtype, allowed.atol, allowed.rtol, count, self._differing, self._largest)


def _errors(found: Array, recorded: Array, tolerance: Tolerance) -> tuple[Array, Array]:
    """How far each element is off, infinite where that is no number, and how far it may be."""
    if found.dtype.kind not in "biuf":
        return np.where(np.asarray(found) == np.asarray(recorded), 0.0, np.inf), np.zeros(found.shape)
    same = (found == recorded) | ((found != found) & (recorded != recorded))
    with np.errstate(all="ignore"):
        wide, expected = found.astype(np.float64), recorded.astype(np.float64)
        error = np.abs(wide - expected)
        allowed = tolerance.atol + tolerance.rtol * np.abs(expected)
    # Integers that differ have an error, even where float64 holds both as one number.
    error = np.where(same, 0.0, np.where(np.isfinite(error), np.maximum(error, np.finfo(np.float64).tiny), np.inf))
    return error, np.where(np.isfinite(allowed), allowed, 0.0)


def _number(value: object) -> Number:
    """The element as Python has it; a float of few bits is the one with the fewest digits, as NumPy prints it."""
    if isinstance(value, np.floating):
        return float(str(value))
    plain = value.item() if isinstance(value, np.generic) else value
    return plain if isinstance(plain, bool | int | float) else str(plain)
