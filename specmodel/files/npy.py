"""Headers of .npy files, read without NumPy and without evaluating anything.

The format is NumPy's, versions 1.0 to 3.0 (numpy.org/neps/nep-0001-npy-format.html): a magic string, the version, the
header's length, and the header, a Python dict of `descr`, `fortran_order` and `shape`; then the data.
"""

import re
import struct
from collections.abc import Sequence
from typing import Any, Protocol

from specmodel.diagnostics import codes
from specmodel.files.cursor import Cursor
from specmodel.files.malformed import MalformedError, counted, located, shown
from specmodel.files.signature import described, signature
from specmodel.files.sizes import array_bytes
from specmodel.record import Record

MAGIC = b"\x93NUMPY"
LONGEST_HEADER = 4096
"""Bytes of the dict; NumPy writes 118 for any array that has a plain dtype."""
PREFIX = 12 + LONGEST_HEADER
"""No header reaches beyond these first bytes of a file."""

DTYPES = {
    "b1": "bool",
    **{f"i{n}": f"int{8 * n}" for n in (1, 2, 4, 8)},
    **{f"u{n}": f"uint{8 * n}" for n in (1, 2, 4, 8)},
    **{f"f{n}": f"float{8 * n}" for n in (2, 4, 8)},
}
"""specmodel's name of a dtype by NumPy's type letter and size in bytes; texts (`U12`) are `string`."""

_REFUSED = {
    "O": "Python objects, which are stored as a pickle, and a pickle can run code when it is read",
    "V": "untyped bytes (void)",
    "S": "byte strings",
    "a": "byte strings",
    "c": "complex numbers",
    "M": "dates",
    "m": "durations",
}
_CONVERT = "convert it before saving: `numpy.save(file, array.astype('float32'))`; texts are saved with `astype(str)`"
_TOKEN = re.compile(r"""[ \t\r\n]*('[^'\\\n]*'|"[^"\\\n]*"|-?[0-9]+|[A-Za-z]+|[{}(),:])""")
_DESCR = re.compile(r"([<>|=]?)([A-Za-z?])([0-9]{0,9})(\[.*\])?")


class Readable(Protocol):
    """What headers are read from: a file, a pipe, the beginning of an archive's member."""

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes."""


class ArrayHeader(Record):
    """What the header of an array says.

    `dtype` is specmodel's name, `numpy_dtype` NumPy's with the byte order (`>f4`, `<U12`). The data are the `nbytes`
    bytes from `offset` of the .npy file on, in row order, or in column order (`fortran_order`).
    """

    shape: tuple[int, ...]
    dtype: str
    numpy_dtype: str
    fortran_order: bool
    offset: int
    nbytes: int


def read_header(file: Readable, size: int | None, name: str, *, code: str = codes.DATA_FILE) -> ArrayHeader:
    """Read the header of an .npy file that is open at its beginning, and compare it with the file's size.

    `size` is None for a stream, whose end is not known yet. SpecError of the given code on `name`.
    """
    with located(name, code):
        return parse_header(file, size)


def parse_header(file: Readable, size: int | None) -> ArrayHeader:
    """As `read_header`, but raises MalformedError, so that the caller can say where the bytes come from."""
    text, offset = _header_text(file)
    descr, fortran_order, shape = _header_fields(Cursor(text, _TOKEN))
    dtype, numpy_dtype, item_bytes = _dtype(descr)
    nbytes = array_bytes(shape, item_bytes)
    if size is not None:
        check_size(shape, numpy_dtype, nbytes, size - offset)
    return ArrayHeader(shape, dtype, numpy_dtype, fortran_order, offset, nbytes)


def check_size(shape: tuple[int, ...], dtype: str, declared: int, found: int) -> None:
    """The data must be exactly as long as the header says."""
    if declared == found:
        return
    header = f"its header declares {counted(declared, 'byte')} of data (shape {shape}, dtype `{dtype}`)"
    if found < declared:
        raise MalformedError(f"the file is cut short: {header}, and there are {max(0, found):,}")
    raise MalformedError(f"the file is longer than it says: {header}, and there are {found:,}")


def header_bytes(shape: Sequence[int], numpy_dtype: str) -> bytes:
    """The header of a version 1.0 file in row order, padded so that the data starts at a multiple of 64 bytes."""
    sizes = tuple(int(size) for size in shape)
    text = f"{{'descr': '{numpy_dtype}', 'fortran_order': False, 'shape': {sizes}, }}"
    length = -(-(10 + len(text) + 1) // 64) * 64 - 10
    return MAGIC + struct.pack("<BBH", 1, 0, length) + text.encode("ascii").ljust(length - 1) + b"\n"


def read_fully(file: Readable, size: int) -> bytes:
    """Read `size` bytes, or fewer where the file ends: a pipe gives what it has."""
    parts = []
    while size > 0 and (part := file.read(size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _header_text(file: Readable) -> tuple[str, int]:
    """The header's dict as text, and where the data starts."""
    first = read_fully(file, 10)
    if not first.startswith(MAGIC):
        first += read_fully(file, 6)
        raise MalformedError(f"this is not an .npy file: {described(first)}", signature(first).help)
    if len(first) < 10:
        raise MalformedError("the file is cut short: it ends within its header")
    version = (first[6], first[7])
    if version not in ((1, 0), (2, 0), (3, 0)):
        written = f"{version[0]}.{version[1]}"
        raise MalformedError(f"version {written} of the .npy format is not known: 1.0, 2.0 and 3.0 are")
    field = first[8:] if version == (1, 0) else first[8:] + read_fully(file, 2)
    length = int.from_bytes(field, "little")
    if length > LONGEST_HEADER:
        raise MalformedError(f"its header has {length:,} bytes, and {LONGEST_HEADER:,} is the limit")
    header = read_fully(file, length)
    if len(field) < (2 if version == (1, 0) else 4) or len(header) < length:
        raise MalformedError("the file is cut short: it ends within its header")
    return header.decode("utf-8" if version == (3, 0) else "latin-1", "replace"), 8 + len(field) + length


def _header_fields(cursor: Cursor) -> tuple[str, bool, tuple[int, ...]]:
    """The three entries, in any order, each once."""
    fields: dict[str, Any] = {}
    cursor.expect("{")
    while not cursor.accept("}"):
        key = cursor.quoted("a key in quotes")[1:-1]
        if key not in ("descr", "fortran_order", "shape"):
            raise MalformedError(f"its header has the key {shown(key)}, which is none of the .npy format")
        if key in fields:
            raise MalformedError(f"its header has `{key}` twice")
        cursor.expect(":")
        fields[key] = _descr(cursor) if key == "descr" else _flag(cursor) if key == "fortran_order" else _shape(cursor)
        if cursor.next != "}":
            cursor.expect(",")
    cursor.expect_end()
    missing = [f"`{key}`" for key in ("descr", "fortran_order", "shape") if key not in fields]
    if missing:
        raise MalformedError(f"its header lacks {' and '.join(missing)}")
    return fields["descr"], fields["fortran_order"], fields["shape"]


def _descr(cursor: Cursor) -> str:
    if cursor.rest()[:1] in ("[", "("):
        raise MalformedError("it holds structured arrays (with named fields), which specmodel does not read", _CONVERT)
    return cursor.quoted("a dtype in quotes")[1:-1]


def _flag(cursor: Cursor) -> bool:
    if cursor.next not in ("True", "False"):
        raise cursor.expected("`True` or `False`")
    return cursor.take() == "True"


def _shape(cursor: Cursor) -> tuple[int, ...]:
    """A tuple of sizes. Python 2 wrote `3L`; one size takes a comma, as `(3)` is a number."""
    sizes: list[int] = []
    cursor.expect("(")
    while not cursor.accept(")"):
        sizes.append(cursor.whole("the size of an axis"))
        cursor.accept("L")
        if cursor.next != ")" or len(sizes) == 1:
            cursor.expect(",")
    return tuple(sizes)


def _dtype(descr: str) -> tuple[str, str, int]:
    """specmodel's name of a dtype, NumPy's, and the bytes of an element."""
    parts = _DESCR.fullmatch(descr)
    order, letter, digits = (parts[1], parts[2], parts[3]) if parts is not None else ("", "", "")
    if letter in _REFUSED:
        raise MalformedError(f"it holds {_REFUSED[letter]} (dtype {shown(descr)})", _CONVERT)
    size = int(digits) if digits else 0
    known = DTYPES.get(f"{letter}{size}") if letter != "U" or size == 0 else "string"
    if known is None or (parts is not None and parts[4]):
        raise MalformedError(f"its dtype {shown(descr)} is none that specmodel reads", _CONVERT)
    item_bytes = 4 * size if known == "string" else size
    if item_bytes == 1:
        return known, f"|{letter}1", 1
    if order not in ("<", ">"):
        raise MalformedError(f"its dtype {shown(descr)} does not say the order of the bytes (`<` or `>`)", _CONVERT)
    return known, f"{order}{letter}{size}", item_bytes
