"""Zip archives, read strictly: stored and deflated members whose every size, place and checksum is true.

An own reader, as `zipfile` costs `check` its start-up time, trusts what the archive says and leaks a dozen kinds of
exceptions. The format is PKWARE's APPNOTE 6.3; `archive_writing` is its other half.
"""

import struct
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from specmodel.files.malformed import MalformedError, counted, shown
from specmodel.files.signature import LENGTH, described, signature
from specmodel.record import Record

STORED, DEFLATED = 0, 8
LOCAL = struct.Struct("<4s5H3L2H")
CENTRAL = struct.Struct("<4s6H3L5H2L")
END = struct.Struct("<4s4H2LH")
END_64 = struct.Struct("<4sQ2H2L4Q")
LOCATOR_64 = struct.Struct("<4sLQL")
FULL_16, FULL_32 = 0xFFFF, 0xFFFFFFFF
"""What a field says when the number is in the zip64 part instead."""

_MOST_MEMBERS = 100_000
_LONGEST_DIRECTORY = 100_000_000
_ENCRYPTED = 0x0001 | 0x0040 | 0x2000
_PATCH = 0x0020
_DEFLATE_RATIO = 1032  # the most that deflate can do: 258 bytes for two bits
_BLOCK = 1 << 18


class Member(Record):
    """One file in an archive: its bytes are at `start`, `packed` of them, and unpack to `size`."""

    name: str
    method: int
    crc: int
    packed: int
    size: int
    header: int
    start: int


def read_members(file: BinaryIO, file_size: int, what: str = "an .npz file") -> list[Member]:
    """The members of an archive in the order of its table of contents; MalformedError where something is not true.

    Only the table and the headers of the members are read. `what` is the archive for messages.
    """
    file.seek(0)
    first = file.read(LENGTH)
    if not first.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        raise MalformedError(f"this is not {what}: {described(first)}", signature(first).help)
    count, start, end = _directory_place(file, file_size)
    file.seek(start)
    directory = file.read(end - start)
    members = []
    position = 0
    for _ in range(count):
        member, position = _entry(directory, position)
        members.append(member)
    if position != len(directory):
        raise MalformedError(f"its table of contents does not hold the {counted(count, 'member')} that it announces")
    return _placed(file, members, start)


def unpacked(file: BinaryIO, member: Member) -> Iterator[bytes]:
    """The member's bytes, block by block. Stops at once where there are more than declared; the checksum comes last."""
    crc = total = 0
    for block in _inflated(file, member) if member.method == DEFLATED else _packed(file, member):
        total += len(block)
        if total > member.size:
            raise MalformedError(f"it unpacks to more than the {counted(member.size, 'byte')} that it declares")
        crc = zlib.crc32(block, crc)
        yield block
    if total < member.size:
        raise MalformedError(f"it unpacks to {total:,} bytes, and {member.size:,} are declared")
    if crc != member.crc:
        raise MalformedError("it is damaged: its checksum (CRC-32) is wrong", "get the file again")


def _directory_place(file: BinaryIO, file_size: int) -> tuple[int, int, int]:
    """The number of members, and where the table of contents starts and ends."""
    tail_start = max(0, file_size - END.size - FULL_16)
    file.seek(tail_start)
    tail = file.read(file_size - tail_start)
    at = tail.rfind(b"PK\x05\x06")
    while at >= 0 and at + END.size + int.from_bytes(tail[at + 20 : at + 22], "little") != len(tail):
        at = tail.rfind(b"PK\x05\x06", 0, at)
    if at < 0:
        raise MalformedError("the archive is cut short or damaged: its table of contents is missing", "get it again")
    _, disk, first_disk, here, count, size, start, _ = END.unpack_from(tail, at)
    end = tail_start + at
    if at >= LOCATOR_64.size and tail.startswith(b"PK\x06\x07", at - LOCATOR_64.size):
        _, disk, end, _ = LOCATOR_64.unpack_from(tail, at - LOCATOR_64.size)
        limit = tail_start + at - LOCATOR_64.size
        first_disk, here, count, size, start = _directory_64(file, end, limit)
    if disk != 0 or first_disk != 0 or here != count:
        raise MalformedError("the archive is one part of several, which specmodel does not read")
    if start + size != end:
        raise MalformedError("its table of contents is not where the archive says: it is damaged, or bytes were added")
    if count > _MOST_MEMBERS or size > _LONGEST_DIRECTORY:
        raise MalformedError(f"the archive announces {counted(count, 'member')}, and {_MOST_MEMBERS:,} is the limit")
    return count, start, end


def _directory_64(file: BinaryIO, position: int, limit: int) -> tuple[int, int, int, int, int]:
    """What the zip64 end record says; it must reach exactly to its locator."""
    if position > limit - END_64.size:
        raise MalformedError("the archive is damaged: its zip64 end record is missing")
    file.seek(position)
    record = file.read(END_64.size)
    if len(record) < END_64.size or record[:4] != b"PK\x06\x06":
        raise MalformedError("the archive is damaged: its zip64 end record is missing")
    _, length, _, _, _, first_disk, here, count, size, start = END_64.unpack(record)
    if position + 12 + length != limit:
        raise MalformedError("the archive is damaged: its zip64 end record has a wrong length")
    return first_disk, here, count, size, start


def _entry(directory: bytes, position: int) -> tuple[Member, int]:
    """One entry of the table of contents, and where the next one starts."""
    if position + CENTRAL.size > len(directory) or not directory.startswith(b"PK\x01\x02", position):
        raise MalformedError("the archive is damaged: its table of contents ends too early")
    fields = CENTRAL.unpack_from(directory, position)
    flags, method, crc, packed, size = fields[3], fields[4], fields[7], fields[8], fields[9]
    name_length, extra_length, comment_length, disk, header = *fields[10:14], fields[16]
    extra_start = position + CENTRAL.size + name_length
    end = extra_start + extra_length + comment_length
    if end > len(directory):
        raise MalformedError("the archive is damaged: its table of contents ends too early")
    name = directory[position + CENTRAL.size : extra_start].decode("utf-8", "replace")
    what = f"member {shown(name)}"
    if flags & _ENCRYPTED:
        raise MalformedError(f"{what} is encrypted")
    if method not in (STORED, DEFLATED) or flags & _PATCH:
        raise MalformedError(f"{what} is packed by method {method}; only stored (0) and deflated (8) ones are read")
    size, packed, header = _zip64(directory[extra_start:end], (size, packed, header), what)
    if disk not in (0, FULL_16) or (method == STORED and size != packed):
        raise MalformedError(f"the archive is damaged: the entry of {what} contradicts itself")
    if size > packed * _DEFLATE_RATIO:
        raise MalformedError(f"{what} declares {size:,} bytes, more than its {packed:,} bytes can unpack to")
    return Member(name, method, crc, packed, size, header, 0), end


def _zip64(extra: bytes, numbers: tuple[int, int, int], what: str) -> tuple[int, int, int]:
    """The size, packed size and offset, each from the zip64 field where it does not fit in 32 bits."""
    if FULL_32 not in numbers:
        return numbers
    position = 0
    while position + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, position)
        if kind == 1:
            wide = [number for (number,) in struct.iter_unpack("<Q", extra[position + 4 :][: length // 8 * 8])]
            if len(wide) < numbers.count(FULL_32):
                break
            size, packed, header = (wide.pop(0) if number == FULL_32 else number for number in numbers)
            return size, packed, header
        position += 4 + length
    raise MalformedError(f"the archive is damaged: the zip64 sizes of {what} are missing")


def _placed(file: BinaryIO, members: list[Member], directory_start: int) -> list[Member]:
    """The members with the places of their bytes, which their local headers tell; none may reach into the next."""
    placed = {}
    end = 0
    for member in sorted(members, key=lambda member: member.header):
        what = f"member {shown(member.name)}"
        if member.header < end:
            raise MalformedError(f"{what} overlaps another member")
        file.seek(member.header)
        local = file.read(LOCAL.size)
        if len(local) < LOCAL.size or local[:4] != b"PK\x03\x04":
            raise MalformedError(f"the archive is damaged: the header of {what} is missing")
        _, _, flags, method, *_, name_length, extra_length = LOCAL.unpack(local)
        name = file.read(name_length).decode("utf-8", "replace")
        if name != member.name or method != member.method or flags & _ENCRYPTED:
            raise MalformedError(f"the archive contradicts itself: {what} is another one by its own header")
        start = member.header + LOCAL.size + name_length + extra_length
        end = start + member.packed
        if end > directory_start:
            raise MalformedError(f"{what} reaches beyond the data of the archive")
        placed[id(member)] = member.replace(start=start)
    return [placed[id(member)] for member in members]


def _packed(file: BinaryIO, member: Member) -> Iterator[bytes]:
    """The bytes as they are in the archive."""
    position, end = member.start, member.start + member.packed
    while position < end:
        file.seek(position)  # each time: several members may be read in turn
        block = file.read(min(_BLOCK, end - position))
        if not block:
            raise MalformedError("the file was cut short while it was read")
        position += len(block)
        yield block


def _inflated(file: BinaryIO, member: Member) -> Iterator[bytes]:
    """The unpacked bytes in blocks of bounded size, however far the packed ones expand."""
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        for block in _packed(file, member):
            if inflater.eof:
                raise MalformedError("it is damaged: there are bytes after its packed data")
            while block and not inflater.eof:
                yield inflater.decompress(block, _BLOCK)
                block = inflater.unconsumed_tail
        while not inflater.eof and (last := inflater.decompress(b"", _BLOCK)):
            yield last
    except zlib.error as error:
        reason = str(error).partition(": ")[2] or "its packed data is no deflate stream"
        raise MalformedError(f"it is damaged: {reason}", "get the file again") from None
    if not inflater.eof:
        raise MalformedError("it is damaged: its packed data has no end")
    if inflater.unused_data:
        raise MalformedError("it is damaged: there are bytes after its packed data")
