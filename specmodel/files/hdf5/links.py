"""What a group holds: names, and the addresses of objects (III.A, III.B, III.D, IV.A.2.g)."""

from collections.abc import Iterator

from specmodel.files.hdf5.dense import dense_messages
from specmodel.files.hdf5.fields import Fields, Source, damaged, utf8
from specmodel.files.hdf5.objects import LINK, LINK_INFO, SYMBOL_TABLE, Message, only
from specmodel.files.malformed import MalformedError, shown

_LONGEST_NAME = 1024
_DEEPEST_TREE = 32
_SOFT = 2
_KINDS = {1: "a soft link", 64: "an external link"}


def links(source: Source, found: list[Message]) -> dict[str, int] | None:
    """The addresses of a group's objects by name; None for what is no group. Links to elsewhere are refused."""
    table = only(found, SYMBOL_TABLE, "a table of names")
    info = only(found, LINK_INFO, "a description of links")
    if table is None and info is None:
        return None
    pairs = _in_table(source, table) if table is not None else _in_messages(source, info, found)
    members: dict[str, int] = {}
    for name, address in pairs:
        if not name or "/" in name or name == "." or len(name) > _LONGEST_NAME:
            raise damaged(f"a group has a member of the name {shown(name)}")
        if name in members:
            raise damaged(f"a group has two members of the name {shown(name)}")
        members[name] = address
    return members


def _in_table(source: Source, message: Message) -> Iterator[tuple[str, int]]:
    fields = Fields(message.data)
    tree, heap = source.address(fields), source.address(fields)
    names = _local_heap(source, heap)
    for node in _leaves(source, tree, set(), None):
        yield from _symbols(source, node, names)


def _local_heap(source: Source, address: int) -> memoryview:
    fields = source.fields(address, 8 + 2 * source.length_size + source.offset_size)
    if bytes(fields.bytes(4)) != b"HEAP":
        raise damaged(f"there is no heap of names at byte {address:,}")
    fields.skip(4)
    size = source.length(fields)
    fields.skip(source.length_size)
    return source.at(source.address(fields), size)


def _leaves(source: Source, address: int, seen: set[int], level: int | None) -> Iterator[int]:
    """The addresses of the symbol nodes below a node of a B-tree, version 1, of type 0."""
    head = source.fields(address, 8 + 2 * source.offset_size)
    if bytes(head.bytes(4)) != b"TREE" or head.number(1) != 0:
        raise damaged(f"there is no tree of names at byte {address:,}")
    own, count = head.number(1), head.number(2)
    if address in seen or own > _DEEPEST_TREE or (level is not None and own != level - 1):
        raise damaged("the names of a group go round in a circle")
    seen.add(address)
    size = count * (source.length_size + source.offset_size)
    fields = source.fields(address + 8 + 2 * source.offset_size, size)
    for _ in range(count):
        fields.skip(source.length_size)
        child = source.address(fields)
        if own > 0:
            yield from _leaves(source, child, seen, own)
        elif child in seen:
            raise damaged("the names of a group go round in a circle")
        else:
            seen.add(child)
            yield child


def _symbols(source: Source, address: int, names: memoryview) -> Iterator[tuple[str, int]]:
    head = source.fields(address, 8)
    if bytes(head.bytes(4)) != b"SNOD":
        raise damaged(f"there are no names at byte {address:,}")
    head.skip(2)
    count = head.number(2)
    fields = source.fields(address + 8, count * (2 * source.offset_size + 24))
    for _ in range(count):
        at, target, cached = source.address(fields), source.address(fields), fields.number(4)
        fields.skip(20)
        name = _name(names, at)
        if cached == _SOFT:
            raise _refused(name, "a soft link")
        yield name, target


def _name(names: memoryview, at: int) -> str:
    raw = bytes(names[at : at + _LONGEST_NAME + 1])
    name, end, _ = raw.partition(b"\0")
    if not end:
        raise damaged("the name of a member has no end")
    return utf8(name, "the name of a member")


def _in_messages(source: Source, info: Message | None, found: list[Message]) -> Iterator[tuple[str, int]]:
    """The members of a newer group: in messages of its header, or in a heap where they are many."""
    for message in found:
        if message.kind == LINK:
            yield _link(source, message.data)
    if info is None:
        return
    fields = Fields(info.data)
    fields.skip(1)
    fields.skip(8 if fields.number(1) & 1 else 0)
    heap, tree = source.address(fields), source.address(fields)
    if heap != source.undefined:
        for data in dense_messages(source, heap, tree):
            yield _link(source, data)


def _link(source: Source, data: memoryview) -> tuple[str, int]:
    """A link message."""
    fields = Fields(data)
    version, flags = fields.number(1), fields.number(1)
    if version != 1:
        raise damaged("a link is written in no known form")
    kind = fields.number(1) if flags & 8 else 0
    fields.skip((8 if flags & 4 else 0) + (1 if flags & 16 else 0))
    name = utf8(bytes(fields.bytes(fields.number(1 << (flags & 3)))), "the name of a member")
    if kind != 0:
        raise _refused(name, _KINDS.get(kind, "a link of its own kind"))
    return name, source.address(fields)


def _refused(name: str, kind: str) -> MalformedError:
    message = f"the member {shown(name)} is {kind}: a link can lead anywhere, to other files too, and none is followed"
    return MalformedError(message, "save the model again with Keras, which writes no links")
