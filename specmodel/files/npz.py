"""The arrays of an .npz file and their headers, read without NumPy and without unpacking any data."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import BinaryIO

from specmodel.diagnostics import codes
from specmodel.files.archive import DEFLATED, Member, read_members, unpacked
from specmodel.files.malformed import MalformedError, counted, located, shown
from specmodel.files.names import NAME_RULE, is_stored_name
from specmodel.files.npy import PREFIX, ArrayHeader, parse_header
from specmodel.record import Record

DEFAULT_CAP = 4 << 30
HARMLESS = 64 << 20
"""Bytes that may come of any archive, however small."""
BOMB_RATIO = 100
"""How many times its size an archive beyond that may unpack to; deflate can reach 1,030, numbers rarely 10."""
"""Bytes that the deflated members of a file may unpack to, together."""


class NpzEntry(Record):
    """One array of an .npz file."""

    header: ArrayHeader
    member: Member


def read_headers(
    file: BinaryIO, size: int, name: str, *, code: str = codes.DATA_FILE, cap: int = DEFAULT_CAP
) -> dict[str, ArrayHeader]:
    """The header of each array by its name, in the file's order. SpecError of the given code on `name`.

    What must be unpacked may have `cap` bytes (E003); stored members take none.
    """
    with located(name, code):
        return {array: entry.header for array, entry in read_entries(file, size, cap).items()}


def read_entries(file: BinaryIO, size: int, cap: int) -> dict[str, NpzEntry]:
    """As `read_headers`, with the places of the data, and raising MalformedError."""
    members: dict[str, Member] = {}
    for member in read_members(file, size):
        array = member.name.removesuffix(".npy")
        if array == member.name:
            raise MalformedError(f"member {shown(member.name)} is not a `name.npy`: an .npz file holds nothing else")
        if not is_stored_name(array):
            raise MalformedError(f"member {shown(member.name)} has a name that arrays cannot have", NAME_RULE)
        if array in members:
            raise MalformedError(f"there are two members of the name {shown(member.name)}")
        members[array] = member
    _refuse_above(cap, members)
    return {array: NpzEntry(member_header(file, member), member) for array, member in members.items()}


def member_header(file: BinaryIO, member: Member) -> ArrayHeader:
    """The header of one member, whose first bytes are unpacked for it."""
    with within(member):
        head = bytearray()
        for block in unpacked(file, member):
            head += block
            if len(head) >= PREFIX:
                break
        return parse_header(BytesIO(head), member.size)


def refuse_bomb(size: int, packed: int) -> None:
    """Refuse what unpacks to far more than numbers do."""
    if size > max(HARMLESS, BOMB_RATIO * packed):
        raise MalformedError(
            f"it unpacks from {counted(packed, 'byte')} to {size:,}, as a zip bomb does",
            "if the data is really so even, save it without compression",
            codes.TOO_LARGE,
        )


def _refuse_above(cap: int, members: dict[str, Member]) -> None:
    """Refuse what unpacks to more than `cap` bytes, or to far more than numbers do: a bomb is small where it lies."""
    deflated = [member for member in members.values() if member.method == DEFLATED]
    total = sum(member.size for member in deflated)
    packed = sum(member.packed for member in deflated)
    refuse_bomb(total, packed)
    if total > cap:
        raise MalformedError(
            f"its arrays unpack to {counted(total, 'byte')}, and the limit is {cap:,}",
            "save it with `numpy.savez`, which does not compress: such arrays are read where they are",
            codes.TOO_LARGE,
        )


@contextmanager
def within(member: Member) -> Iterator[None]:
    """Say of which member a MalformedError speaks."""
    try:
        yield
    except MalformedError as wrong:
        raise wrong.inside(f"member {shown(member.name)}") from None
