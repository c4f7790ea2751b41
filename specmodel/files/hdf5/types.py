"""What elements are, and how many there are: datatype and dataspace messages (IV.A.2.b, IV.A.2.d)."""

from specmodel.files.hdf5.fields import Fields, Source, damaged
from specmodel.files.malformed import MalformedError
from specmodel.files.sizes import MOST_AXES
from specmodel.record import Record

FIXED, FLOAT, TIME, STRING, BITS, OPAQUE, COMPOUND, REFERENCE, ENUM, VARIABLE, ARRAY = range(11)
_NAMES = {
    TIME: "times",
    BITS: "bit fields",
    OPAQUE: "untyped bytes",
    COMPOUND: "records",
    REFERENCE: "references to other objects",
    ENUM: "enumerations",
    VARIABLE: "lists of any length",
    ARRAY: "arrays of arrays",
}


class Datatype(Record):
    """The type of an element.

    `dtype` is specmodel's name, empty where it has none; `numpy_dtype` is NumPy's, with the byte order, of the bits as
    they are stored. `text` tells that the elements are texts, `variable` that they are kept in a heap.
    """

    size: int
    dtype: str = ""
    numpy_dtype: str = ""
    text: bool = False
    variable: bool = False
    kind: str = ""


BFLOAT16 = Datatype(2, "bfloat16", "<u2")


def datatype(fields: Fields, depth: int = 0) -> Datatype:
    """The datatype that is written at a place."""
    head = fields.number(1)
    flags, size = fields.number(3), fields.number(4)
    kind = head & 15
    order = ">" if flags & 1 else "<"
    if kind == FIXED:
        offset, precision = fields.number(2), fields.number(2)
        letter = "i" if flags & 8 else "u"
        if offset == 0 and precision == 8 * size and size in (1, 2, 4, 8):
            return Datatype(size, f"{'' if flags & 8 else 'u'}int{8 * size}", f"{order}{letter}{size}")
        return Datatype(size, kind=f"integers of {precision} bits")
    if kind == FLOAT:
        return _float(fields, flags, size, order)
    if kind == STRING:
        return Datatype(size, "string", text=True, kind="texts")
    if kind == VARIABLE and flags & 15 == 1:
        return Datatype(size, "string", text=True, variable=True, kind="texts")
    if kind == ENUM and depth == 0:
        return _boolean(fields, flags & 0xFFFF, size)
    return Datatype(size, kind=_NAMES.get(kind, "something unknown"))


def _float(fields: Fields, flags: int, size: int, order: str) -> Datatype:
    """IEEE 754's, and bfloat16: told by the bits of the exponent and of the mantissa."""
    offset, precision = fields.number(2), fields.number(2)
    _, exponent, _, mantissa, bias = *(fields.number(1) for _ in range(4)), fields.number(4)
    layout = (size, exponent, mantissa)
    if flags & 0x40 == 0 and offset == 0 and precision == 8 * size and bias == (1 << max(exponent, 1) - 1) - 1:
        if layout in ((2, 5, 10), (4, 8, 23), (8, 11, 52)):
            return Datatype(size, f"float{8 * size}", f"{order}f{size}")
        if layout == (2, 8, 7):
            return Datatype(size, "bfloat16", f"{order}u2")
    return Datatype(size, kind=f"floats of {exponent} and {mantissa} bits")


def _boolean(fields: Fields, members: int, size: int) -> Datatype:
    """h5py's truth values: an enumeration of the bytes FALSE and TRUE."""
    base = datatype(fields, 1)
    names = bytes(fields.bytes(min(fields.left, 32)))
    if members == 2 and size == 1 and base.size == 1 and names.startswith(b"FALSE\0") and b"TRUE\0" in names:
        return Datatype(1, "bool", "|b1")
    return Datatype(size, kind=_NAMES[ENUM])


def dataspace(source: Source, fields: Fields) -> tuple[int, ...] | None:
    """The sizes of all axes; None for a dataspace without elements."""
    version, rank, flags = fields.number(1), fields.number(1), fields.number(1)
    if version == 1:
        fields.skip(5)
    elif version == 2:
        if fields.number(1) == 2:
            return None
    else:
        raise damaged("a shape is of no known version")
    if rank > MOST_AXES:
        raise MalformedError(f"it has {rank} axes, and {MOST_AXES} is the limit")
    shape = tuple(source.length(fields) for _ in range(rank))
    fields.skip(rank * source.length_size if flags & 1 else 0)
    return shape
