"""The records of a zip archive of stored members: pure functions from numbers to bytes.

Every number may be beyond 32 bits (zip64); times are fixed, so that equal contents give equal bytes. The format is
PKWARE's APPNOTE 6.3; `archive` is its other half.
"""

import struct

from specmodel.files.archive import CENTRAL, END, END_64, FULL_16, FULL_32, LOCAL, LOCATOR_64, STORED

_VERSION = 45  # the first that knows zip64
_DATE = 1 << 5 | 1  # 1980-01-01, the earliest there is
_PADDING = 0xD935  # the extra field that Android's zipalign made the custom for this
_REGULAR_FILE = 0o100644 << 16
_MADE_ON_UNIX = 3 << 8


def local_header(name: str, crc: int, size: int, offset: int, align: int = 64) -> bytes:
    """The header before a member's bytes, padded so that they start at a multiple of `align` of the archive.

    Its length depends on the name and the offset alone: it may be written again when the checksum is known.
    """
    encoded = name.encode("ascii")
    sizes = struct.pack("<2H2Q", 1, 16, size, size)
    bare = LOCAL.size + len(encoded) + len(sizes) + 4
    padding = struct.pack("<2H", _PADDING, -(offset + bare) % align).ljust(4 + -(offset + bare) % align, b"\0")
    fields = (b"PK\x03\x04", _VERSION, 0, STORED, 0, _DATE, crc, FULL_32, FULL_32, len(encoded))
    return LOCAL.pack(*fields, len(sizes) + len(padding)) + encoded + sizes + padding


def central_entry(name: str, crc: int, size: int, offset: int) -> bytes:
    """The member's entry in the table of contents."""
    encoded = name.encode("ascii")
    wide = [number for number in (size, size, offset) if number >= FULL_32]
    extra = struct.pack(f"<2H{len(wide)}Q", 1, 8 * len(wide), *wide) if wide else b""
    narrow = min(size, FULL_32)
    fields = (b"PK\x01\x02", _MADE_ON_UNIX | _VERSION, _VERSION, 0, STORED, 0, _DATE, crc, narrow, narrow)
    lengths = (len(encoded), len(extra), 0, 0, 0, _REGULAR_FILE, min(offset, FULL_32))
    return CENTRAL.pack(*fields, *lengths) + encoded + extra


def end_records(count: int, size: int, offset: int) -> bytes:
    """What ends an archive whose table of contents has this many entries and bytes and stands at `offset`."""
    narrow = min(count, FULL_16)
    end = END.pack(b"PK\x05\x06", 0, 0, narrow, narrow, min(size, FULL_32), min(offset, FULL_32), 0)
    if count < FULL_16 and size < FULL_32 and offset < FULL_32:
        return end
    record = END_64.pack(b"PK\x06\x06", END_64.size - 12, _VERSION, _VERSION, 0, 0, count, count, size, offset)
    return record + LOCATOR_64.pack(b"PK\x06\x07", 0, offset + size, 1) + end
