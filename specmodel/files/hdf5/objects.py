"""The headers of objects: a list of messages, in one or several blocks (IV.A)."""

from collections.abc import Iterator

from specmodel.files.hdf5.fields import Fields, Source, damaged
from specmodel.record import Record

DATASPACE, LINK_INFO, DATATYPE, LINK, EXTERNAL = 0x01, 0x02, 0x03, 0x06, 0x07
LAYOUT, FILTERS, ATTRIBUTE, CONTINUATION, SYMBOL_TABLE = 0x08, 0x0B, 0x0C, 0x10, 0x11
ATTRIBUTE_INFO = 0x15

_MOST_BLOCKS = 1000
_SHARED = 0x02
_TIMES, _ATTRIBUTE_LIMITS, _CREATION_ORDER = 0x20, 0x10, 0x04


class Message(Record):
    """One message: what kind it is, and its bytes. One that is kept elsewhere in the file is `shared`."""

    kind: int
    data: memoryview
    shared: bool


class _Header(Record):
    """How the messages of an object are written, and its first block of them."""

    newer: bool
    ordered: bool
    address: int
    size: int


def messages(source: Source, address: int) -> list[Message]:
    """The messages of the object at an address."""
    header = _newer(source, address) if bytes(source.at(address, 4)) == b"OHDR" else _older(source, address)
    blocks = [source.fields(header.address, header.size)]
    seen = {header.address}
    found = []
    for fields in blocks:  # grows while it is read
        for message in _in_block(fields, header):
            if message.kind != CONTINUATION:
                found.append(message)
                continue
            place = Fields(message.data)
            start, size = source.address(place), source.length(place)
            if start in seen or len(blocks) == _MOST_BLOCKS:
                raise damaged("the header of an object goes on for ever")
            seen.add(start)
            blocks.append(source.fields(start + 4, size - 8) if header.newer else source.fields(start, size))
    return found


def only(found: list[Message], kind: int, what: str) -> Message | None:
    """The message of a kind, of which there may be one."""
    matching = [message for message in found if message.kind == kind]
    if len(matching) > 1:
        raise damaged(f"an object has {what} twice")
    if matching and matching[0].shared:
        raise damaged(f"{what} of an object is kept elsewhere, as in no file of Keras")
    return matching[0] if matching else None


def _older(source: Source, address: int) -> _Header:
    """Version 1 (IV.A.1.a)."""
    head = source.fields(address, 16)
    if head.number(1) != 1:
        raise damaged(f"there is no object at byte {address:,}")
    head.skip(7)
    return _Header(False, False, address + 16, head.number(4))


def _newer(source: Source, address: int) -> _Header:
    """Version 2 (IV.A.1.b)."""
    head = source.fields(address, min(34, len(source.data) - address))
    head.skip(4)
    if head.number(1) != 2:
        raise damaged("the header of an object is of no known version")
    flags = head.number(1)
    head.skip((16 if flags & _TIMES else 0) + (4 if flags & _ATTRIBUTE_LIMITS else 0))
    size = head.number(1 << (flags & 3))
    return _Header(True, bool(flags & _CREATION_ORDER), address + head.position, size)


def _in_block(fields: Fields, header: _Header) -> Iterator[Message]:
    prefix = (6 if header.ordered else 4) if header.newer else 8
    while fields.left >= prefix:
        kind = fields.number(1 if header.newer else 2)
        size, flags = fields.number(2), fields.number(1)
        fields.skip(prefix - (4 if header.newer else 5))
        yield Message(kind, fields.bytes(size), bool(flags & _SHARED))
