"""The index of .safetensors files, read and written without NumPy.

The format (github.com/huggingface/safetensors, "Format"): the length of the header in 8 bytes, the header in JSON, the
tensors' bytes one after the other without gaps, little-endian, in row order.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from specmodel.diagnostics import codes
from specmodel.files.cursor import Cursor
from specmodel.files.malformed import MalformedError, counted, located, shown
from specmodel.files.names import NAME_RULE, is_stored_name
from specmodel.files.npy import Readable, read_fully
from specmodel.files.signature import LENGTH, described, signature
from specmodel.files.sizes import array_bytes
from specmodel.record import Record

LONGEST_HEADER = 100_000_000
_MOST_KEYS = 100_000

DTYPES = {
    "BOOL": ("bool", 1),
    **{f"I{8 * n}": (f"int{8 * n}", n) for n in (1, 2, 4, 8)},
    **{f"U{8 * n}": (f"uint{8 * n}", n) for n in (1, 2, 4, 8)},
    **{f"F{8 * n}": (f"float{8 * n}", n) for n in (2, 4, 8)},
    "BF16": ("float32", 2),
}
"""specmodel's dtype and the bytes of an element in the file. BF16 is read as float32, which holds every value of it."""

_WRITTEN = {dtype: (stored, size) for stored, (dtype, size) in DTYPES.items() if stored != "BF16"}
# The quantifiers are possessive: a long text that never ends must not be tried again from each of its characters.
_TOKEN = re.compile(r"""[ \t\r\n]*+("[^"\\\x00-\x1f]*+(?:\\.[^"\\\x00-\x1f]*+)*+"|-?(?:0|[1-9][0-9]*+)|[{}\[\],:])""")


class TensorEntry(Record):
    """One tensor: specmodel's dtype, the file's own (`BF16`), and its bytes, from `start` to `end` of the file."""

    dtype: str
    stored: str
    shape: tuple[int, ...]
    start: int
    end: int


def read_index(file: Readable, size: int, name: str, *, code: str = codes.WEIGHTS_FILE) -> dict[str, TensorEntry]:
    """The tensors of a file that is open at its beginning, in the order of its header.

    SpecError of the given code on `name`.
    """
    with located(name, code):
        return parse_index(file, size)


def parse_index(file: Readable, size: int) -> dict[str, TensorEntry]:
    """As `read_index`, but raises MalformedError."""
    text, data_start = _header_text(file, size)
    cursor = Cursor(text, _TOKEN)
    tensors: dict[str, TensorEntry] = {}
    for key in _keys(cursor, "the header"):
        if key == "__metadata__":
            _skip_metadata(cursor)
        elif not is_stored_name(key):
            raise MalformedError(f"tensor {shown(key)} has a name that arrays cannot have", NAME_RULE)
        else:
            tensors[key] = _entry(cursor, key, data_start)
    cursor.expect_end()
    _check_cover(tensors, data_start, size)
    return tensors


def header_for(tensors: Mapping[str, tuple[str, tuple[int, ...]]]) -> bytes:
    """The header of a file of these tensors, given as (dtype, shape); their bytes follow in the order of `layout`."""
    parts = []
    start = 0
    for name in layout(tensors):
        dtype, shape = tensors[name]
        stored, item_bytes = _WRITTEN[dtype]
        end = start + array_bytes(shape, item_bytes)
        sizes = ",".join(str(size) for size in shape)
        parts.append(f'"{name}":{{"dtype":"{stored}","shape":[{sizes}],"data_offsets":[{start},{end}]}}')
        start = end
    text = ("{" + ",".join(parts) + "}").encode("ascii")
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text


def layout(tensors: Mapping[str, tuple[str, tuple[int, ...]]]) -> list[str]:
    """The order in which tensors are written: large elements first, so that all are aligned, then by name."""
    return sorted(tensors, key=lambda name: (-_WRITTEN[tensors[name][0]][1], name))


def _header_text(file: Readable, size: int) -> tuple[str, int]:
    """The header's JSON, and where the data starts."""
    first = read_fully(file, LENGTH)
    length = int.from_bytes(first[:8], "little")
    if len(first) < 9 or first[8:9] != b"{":
        raise MalformedError(f"this is not a .safetensors file: {described(first)}", signature(first).help)
    if length > LONGEST_HEADER:
        raise MalformedError(f"its header declares {counted(length, 'byte')}, and {LONGEST_HEADER:,} is the limit")
    if length > size - 8:
        found = counted(size - 8, "byte")
        raise MalformedError(f"the file is cut short: its header declares {length:,} bytes, and there are {found}")
    header = (first[8:] + read_fully(file, length - len(first) + 8))[:length]
    try:
        return header.decode("utf-8"), 8 + length
    except UnicodeDecodeError as error:
        raise MalformedError(f"its header is not UTF-8: byte {error.start + 9} of the file") from None


def _keys(cursor: Cursor, what: str) -> Iterator[str]:
    """The keys of an object; whoever asks for the next key has read the value of the last one."""
    seen: set[str] = set()
    cursor.expect("{")
    if cursor.accept("}"):
        return
    while True:
        key = _text(cursor, "a name in double quotes")
        if key in seen:
            raise MalformedError(f"{what} has {shown(key)} twice")
        if len(seen) == _MOST_KEYS:
            raise MalformedError(f"{what} has more than {_MOST_KEYS:,} entries, which is the limit")
        seen.add(key)
        cursor.expect(":")
        yield key
        if cursor.accept("}"):
            return
        cursor.expect(",")


def _skip_metadata(cursor: Cursor) -> None:
    for _ in _keys(cursor, "`__metadata__`"):
        _text(cursor, "a text in double quotes (all of `__metadata__` are texts)")


def _entry(cursor: Cursor, name: str, data_start: int) -> TensorEntry:
    """The description of one tensor, checked by itself."""
    what = f"tensor {shown(name)}"
    fields: dict[str, Any] = {}
    for key in _keys(cursor, what):
        if key == "dtype":
            fields[key] = _text(cursor, "a dtype in double quotes")
        elif key in ("shape", "data_offsets"):
            fields[key] = _numbers(cursor, "a size" if key == "shape" else "an offset")
        else:
            raise MalformedError(f"{what} has the key {shown(key)}, which is none of the .safetensors format")
    missing = [f"`{key}`" for key in ("dtype", "shape", "data_offsets") if key not in fields]
    if missing:
        raise MalformedError(f"{what} lacks {' and '.join(missing)}")
    stored, shape, offsets = fields["dtype"], fields["shape"], fields["data_offsets"]
    if stored not in DTYPES:
        raise MalformedError(f"{what} is of dtype {shown(stored)}; those read are {', '.join(sorted(DTYPES))}")
    dtype, item_bytes = DTYPES[stored]
    try:
        nbytes = array_bytes(shape, item_bytes)
    except MalformedError as wrong:
        raise wrong.inside(what) from None
    if len(offsets) != 2 or offsets[1] - offsets[0] != nbytes:
        declared = f"its shape {shape} of {stored} takes {counted(nbytes, 'byte')}"
        raise MalformedError(f"{what} contradicts itself: {declared}, its `data_offsets` are {list(offsets[:3])}")
    return TensorEntry(dtype, stored, shape, data_start + offsets[0], data_start + offsets[1])


def _text(cursor: Cursor, what: str) -> str:
    """A JSON string."""
    quoted = cursor.quoted(what)
    if "\\" not in quoted:
        return quoted[1:-1]
    import json  # names have no escapes: only foreign metadata pays for it

    try:
        return str(json.loads(quoted))
    except ValueError:
        raise MalformedError(f"its header has a bad escape in {shown(quoted)}") from None


def _numbers(cursor: Cursor, what: str) -> tuple[int, ...]:
    """A JSON list of whole numbers; a shape of a hundred axes is refused later, one of a million here."""
    numbers: list[int] = []
    cursor.expect("[")
    while not cursor.accept("]"):
        if numbers:
            cursor.expect(",")
        numbers.append(cursor.whole(what))
        if len(numbers) > 100:
            raise MalformedError(f"its header has a list of more than 100 numbers where {what} is expected")
    return tuple(numbers)


def _check_cover(tensors: Mapping[str, TensorEntry], start: int, size: int) -> None:
    """The tensors must fill the data exactly: a hole could hide bytes, an overlap make the file larger than it is."""
    position, before = start, "the header"
    for name, entry in sorted(tensors.items(), key=lambda item: (item[1].start, item[1].end)):
        if entry.start != position:
            kind = "a gap" if entry.start > position else "an overlap"
            raise MalformedError(f"there is {kind} between {before} and tensor {shown(name)}")
        position, before = entry.end, f"tensor {shown(name)}"
    if position > size:
        raise MalformedError(f"the file is cut short: its tensors end at byte {position:,}, the file at {size:,}")
    if position < size:
        raise MalformedError(f"the file is longer than it says: its tensors end at byte {position:,}, it at {size:,}")
