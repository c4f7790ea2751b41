"""The arrays that a command line names, known by their headers. No NumPy."""

import re
from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO
from typing import BinaryIO

from specmodel.diagnostics import Diagnostics, SpecError, codes, did_you_mean
from specmodel.files.archive import DEFLATED
from specmodel.files.malformed import located
from specmodel.files.names import SEGMENT
from specmodel.files.npy import PREFIX, ArrayHeader, Readable, parse_header, read_fully
from specmodel.files.npz import DEFAULT_CAP, read_entries
from specmodel.files.regular import open_regular
from specmodel.record import Record

STDIN = "-"
STDIN_NAME = "<stdin>"
_NAMED = re.compile(rf"({SEGMENT})=(.+)", re.DOTALL)


class Given(Record):
    """One INPUT of the command line: a file, `-` or an .npz; `name` is the input it was given for."""

    name: str | None
    file: str

    @property
    def shown(self) -> str:
        """What messages call it."""
        return STDIN_NAME if self.file == STDIN else self.file

    @property
    def is_archive(self) -> bool:
        """Whether it is an .npz, which names its arrays itself."""
        return self.file.lower().endswith(".npz")


class Source(Record):
    """An array for one input of the model, and where it comes from.

    It is mapped, or `in_memory` where it comes through a pipe or must be unpacked.
    """

    name: str
    given: Given
    header: ArrayHeader
    in_memory: bool


class Stored(Record):
    """An array of a file: its header, and whether it must be unpacked or comes through a pipe."""

    header: ArrayHeader
    in_memory: bool


class Resumed:
    """A stream whose first bytes have been read: they come again."""

    def __init__(self, first: bytes, rest: Readable) -> None:
        self._first = first
        self._rest = rest

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes."""
        if not self._first:
            return self._rest.read(size)
        found, self._first = self._first[:size], self._first[size:]
        return found


def read_given(text: str) -> Given:
    """An INPUT as it is written: `file.npy`, `file.npz`, `name=file.npy` or `-`.

    A file whose own name has an `=` is written `./a=b.npy`.
    """
    named = _NAMED.fullmatch(text)
    return Given(named[1], named[2]) if named is not None else Given(None, text)


def read_sources(
    given: Sequence[Given], names: Sequence[str], stdin: BinaryIO, cap: int = DEFAULT_CAP
) -> tuple[list[Source], Readable]:
    """The sources of the model's inputs `names`, in this order, and the standard input with nothing of it taken.

    An .npy without a name is for the first input that no other is named for. What must be unpacked may have `cap`
    bytes. Raises `SpecError` with all that is wrong.
    """
    diagnostics = Diagnostics()
    stream: Readable = stdin
    found: list[tuple[Given, Mapping[str, Stored]]] = []
    for one in given:
        try:
            if one.file == STDIN:
                first = read_fully(stdin, PREFIX)
                stream = Resumed(first, stdin)
                with located(STDIN_NAME, codes.DATA_FILE):
                    found.append((one, {"": Stored(parse_header(BytesIO(first), None), True)}))
            else:
                found.append((one, arrays_of(one, cap)))
        except SpecError as error:
            diagnostics.extend(error.diagnostics)
    diagnostics.raise_errors()
    sources = _assigned(found, names, diagnostics)
    diagnostics.raise_errors()
    return sources, stream


def arrays_of(given: Given, cap: int) -> Mapping[str, Stored]:
    """The arrays of a file by their names; an .npy has one, without a name. SpecError (E501, E003)."""
    file, size = open_regular(given.file, codes.DATA_FILE)
    with file, located(given.file, codes.DATA_FILE):
        if not given.is_archive:
            return {"": Stored(parse_header(file, size), False)}
        entries = read_entries(file, size, cap)
        return {name: Stored(entry.header, entry.member.method == DEFLATED) for name, entry in entries.items()}


def _assigned(
    files: Iterable[tuple[Given, Mapping[str, Stored]]], names: Sequence[str], diagnostics: Diagnostics
) -> list[Source]:
    found: dict[str, Source] = {}
    unnamed: list[tuple[Given, Stored]] = []
    for given, arrays in files:
        for member, array in arrays.items():
            name = member or given.name
            if name is None:
                unnamed.append((given, array))
            elif name in found:
                other = found[name].given.shown
                message = f"there are two arrays for the input `{name}`: the other one is in `{other}`"
                diagnostics.add(codes.DATA_MISMATCH, message, place=given.shown)
            elif name not in names:
                _add_unknown(given, name, names, diagnostics)
            else:
                found[name] = Source(name, given, array.header, array.in_memory)
    free = [name for name in names if name not in found]
    for name, (given, array) in zip(free, unnamed, strict=False):
        found[name] = Source(name, given, array.header, array.in_memory)
    for given, _ in unnamed[len(free) :]:
        message = f"this is one array too many: the model has {_listed(names)}"
        diagnostics.add(codes.DATA_MISMATCH, message, place=given.shown)
    if not diagnostics.failed:
        for name in free[len(unnamed) :]:
            help = f"give it by name: `{name}=FILE.npy`"
            diagnostics.add(codes.DATA_MISMATCH, f"there is no data for the input `{name}`", help=help)
    return [found[name] for name in names if name in found]


def _add_unknown(given: Given, name: str, names: Sequence[str], diagnostics: Diagnostics) -> None:
    near = did_you_mean(name, names)
    help = f"did you mean `{near}`?" if near is not None else f"the model has {_listed(names)}"
    diagnostics.add(codes.DATA_MISMATCH, f"the model has no input `{name}`", place=given.shown, help=help)


def _listed(names: Sequence[str]) -> str:
    quoted = ", ".join(f"`{name}`" for name in names)
    return f"the input {quoted}" if len(names) == 1 else f"the inputs {quoted}"


def files_of(given: Iterable[Given]) -> list[str]:
    """The paths of the files among them."""
    return [one.file for one in given if one.file != STDIN]
