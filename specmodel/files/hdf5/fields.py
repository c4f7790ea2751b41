"""Numbers and bytes at the places where an HDF5 file says they are."""

from specmodel.files.malformed import MalformedError, counted

NEWER = (
    "it was written in a newer form of HDF5 than Keras uses: save it again with Keras, or with h5py without `libver`"
)
"""What to do with a file that is well-formed, but not in the form that Keras writes."""


class Fields:
    """A walk over the little-endian fields of some bytes."""

    def __init__(self, data: memoryview, position: int = 0) -> None:
        self.data = data
        self.position = position

    def number(self, size: int) -> int:
        """The next unsigned number of `size` bytes."""
        return int.from_bytes(self.bytes(size), "little")

    def bytes(self, count: int) -> memoryview:
        """The next bytes, all of which must be there."""
        end = self.position + count
        if end > len(self.data):
            raise damaged("a header ends too early")
        found = self.data[self.position : end]
        self.position = end
        return found

    def skip(self, count: int) -> None:
        """Pass over some bytes."""
        self.bytes(count)

    def align(self, start: int = 0) -> None:
        """Go on to a multiple of 8 bytes behind `start`; the last field may be cut short there."""
        self.position = min(self.position + -(self.position - start) % 8, len(self.data))

    @property
    def left(self) -> int:
        """Bytes that have not been read."""
        return len(self.data) - self.position


class Source:
    """The bytes of a whole file, and how wide its addresses (`offset_size`) and sizes (`length_size`) are."""

    def __init__(self, data: memoryview, offset_size: int = 8, length_size: int = 8) -> None:
        self.data = data
        self.offset_size = offset_size
        self.length_size = length_size
        self.undefined = (1 << 8 * offset_size) - 1

    def at(self, address: int, count: int) -> memoryview:
        """The bytes at an address, which must be in the file."""
        if address + count > len(self.data):
            raise MalformedError(
                f"the file is cut short or damaged: it refers to {counted(count, 'byte')} at {address:,}, "
                f"and has {len(self.data):,}",
                "get the file again",
            )
        return self.data[address : address + count]

    def fields(self, address: int, count: int) -> Fields:
        """A walk over the bytes at an address."""
        return Fields(self.at(address, count))

    def address(self, fields: Fields) -> int:
        """The next field as an address."""
        return fields.number(self.offset_size)

    def length(self, fields: Fields) -> int:
        """The next field as a size."""
        return fields.number(self.length_size)


def damaged(what: str) -> MalformedError:
    """The error for a file that contradicts itself."""
    return MalformedError(f"the file is damaged: {what}", "get the file again")


def utf8(data: bytes, what: str) -> str:
    """UTF-8 text; what is none is an error."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise damaged(f"{what} is not UTF-8") from None
