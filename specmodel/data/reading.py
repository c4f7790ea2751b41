"""The arrays of a run, mapped, and cut into pieces of the dtype that the model takes."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from specmodel.data.sources import STDIN, STDIN_NAME, Source
from specmodel.diagnostics import Diagnostic, codes
from specmodel.diagnostics.diagnostic import failure
from specmodel.files.arrays import map_npy, read_npy_stream, read_npz
from specmodel.files.npy import Readable
from specmodel.files.npz import DEFAULT_CAP
from specmodel.kernels import Array
from specmodel.kernels.dtypes import delivered


class RunInput:
    """One input's data. Each piece is checked as it is taken; what was seen is in `notes` at the end."""

    def __init__(self, name: str, dtype: str, place: str, array: Array) -> None:
        self.name = name
        self.rows = len(array)
        self._dtype = dtype
        self._place = place
        self._array = array
        self._nans = self._infinite = 0
        self._first: tuple[int, ...] | None = None

    def piece(self, start: int, stop: int) -> Array:
        """The samples from `start` to `stop` in the declared dtype. SpecError (E507) for integers it cannot hold."""
        part = self._array[start:stop]
        if self._dtype == "string":
            return part
        wanted = delivered(self._dtype)
        if wanted.kind in "iu" and part.dtype.kind in "iu" and not np.can_cast(part.dtype, wanted):
            self._check_range(part, start)
        with np.errstate(over="ignore", invalid="ignore"):
            cast = part.astype(wanted, order="C", copy=False)
        if wanted.kind == "f":
            self._count_not_finite(cast, start)
        return cast

    def notes(self) -> list[Diagnostic]:
        """What is odd about the numbers seen so far."""
        if self._first is None:
            return []
        kinds = [(self._nans, "NaN"), (self._infinite, "infinite")]
        counts = " and ".join(f"{count:,} {kind}" for count, kind in kinds if count > 0)
        values = "value" if self._nans + self._infinite == 1 else "values"
        message = f"input `{self.name}` has {counts} {values}, the first at {list(self._first)}"
        return [Diagnostic(codes.NOT_FINITE, message, place=self._place)]

    def _check_range(self, part: Array, start: int) -> None:
        limits = np.iinfo(self._dtype)
        for fits in (part >= limits.min, part <= limits.max):
            if not fits.all():
                place = _first(~fits)
                where = [place[0] + start, *place[1:]]
                message = f"input `{self.name}` is {self._dtype}, from {limits.min} to {limits.max}"
                help = "declare the input with a larger `dtype`, or correct the data"
                found = f"found {part[place]} at {where}"
                raise failure(codes.DATA_VALUE, f"{message}; {found}", place=self._place, help=help)

    def _count_not_finite(self, cast: Array, start: int) -> None:
        finite = np.isfinite(cast)
        if finite.all():
            return
        if self._first is None:
            place = _first(~finite)
            self._first = (place[0] + start, *place[1:])
        nans = int(np.isnan(cast).sum())
        self._nans += nans
        self._infinite += cast.size - int(finite.sum()) - nans


def open_inputs(
    sources: Sequence[Source], dtypes: Mapping[str, str], stdin: Readable, cap: int = DEFAULT_CAP
) -> list[RunInput]:
    """The data of the sources; `cap` bytes at most come through the pipe or are unpacked. Raises `SpecError`."""
    archives: dict[str, Mapping[str, Array]] = {}
    opened = []
    for source in sources:
        given = source.given
        if given.is_archive:
            if given.file not in archives:
                archives[given.file] = read_npz(given.file, cap)
            array = archives[given.file].get(source.name)
        elif given.file == STDIN:
            array = read_npy_stream(stdin, cap, name=STDIN_NAME)
        else:
            array = map_npy(given.file)
        if array is None or array.shape != source.header.shape:
            raise failure(codes.DATA_FILE, "the file changed while it was read", place=given.shown)
        opened.append(RunInput(source.name, dtypes[source.name], given.shown, array))
    return opened


def notes_of(inputs: Iterable[RunInput]) -> list[Diagnostic]:
    """What is odd about the numbers of all inputs."""
    return [note for one in inputs for note in one.notes()]


def _first(wrong: Array) -> tuple[int, ...]:
    """The index of the first true element in row order."""
    return tuple(int(axis) for axis in np.unravel_index(int(wrong.argmax()), wrong.shape))
