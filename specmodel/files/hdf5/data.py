"""Where the elements of a dataset are: layout and filter messages (IV.A.2.i, IV.A.2.l), and trees of chunks (III.A)."""

from collections.abc import Iterator

from specmodel.files.hdf5.fields import NEWER, Fields, Source, damaged
from specmodel.files.hdf5.objects import EXTERNAL, FILTERS, LAYOUT, Message, only
from specmodel.files.malformed import MalformedError, counted
from specmodel.record import Record

COMPACT, CONTIGUOUS, CHUNKED, VIRTUAL = range(4)
DEFLATE, SHUFFLE, FLETCHER = 1, 2, 3
_FILTER_NAMES = {4: "szip", 5: "nbit", 6: "scaleoffset", 32000: "LZF", 32001: "Blosc", 32004: "LZ4", 32015: "Zstandard"}
_DEEPEST_TREE = 32


class Chunk(Record):
    """A block of a dataset: where it starts along each axis, its bytes, and which filters it skips."""

    start: tuple[int, ...]
    data: memoryview
    skipped: int


class Layout(Record):
    """The bytes of a dataset: all of them in `data`, or in chunks of the sizes `chunk`, which go through `filters`."""

    data: memoryview
    chunk: tuple[int, ...] = ()
    tree: int | None = None
    filters: tuple[int, ...] = ()


def layout(source: Source, found: list[Message], nbytes: int, rank: int) -> Layout:
    """Where a dataset of `nbytes` bytes lies, all of which must be there."""
    if only(found, EXTERNAL, "a list of other files") is not None:
        what = "its data is in another file, and no file but this one is opened"
        raise MalformedError(what, "save the model again with Keras, which keeps all data in one file")
    message = only(found, LAYOUT, "a layout")
    if message is None:
        raise damaged("a dataset has no layout")
    fields = Fields(message.data)
    version = fields.number(1)
    if version not in (3, 4):
        raise MalformedError("a dataset is written in the form of HDF5 before 1.6.3, which is not read", NEWER)
    kind = fields.number(1)
    if kind == VIRTUAL:
        help = "save the model again with Keras, which keeps all data in one file"
        raise MalformedError("it is put together from other datasets, which may be in other files", help)
    if kind == COMPACT:
        return Layout(_complete(fields.bytes(fields.number(2)), nbytes))
    if kind == CONTIGUOUS:
        address, size = source.address(fields), source.length(fields)
        if address == source.undefined or nbytes == 0:
            return Layout(_complete(memoryview(b""), nbytes))
        if size != nbytes:
            raise _wrong_size(nbytes, size)
        return Layout(source.at(address, nbytes))
    if kind != CHUNKED or version != 3:
        raise MalformedError("its data is in chunks of a form that is not read", NEWER)
    return _chunked(source, fields, rank, _filters(only(found, FILTERS, "a list of filters")))


def chunks(source: Source, found: Layout) -> Iterator[Chunk]:
    """The chunks of a dataset."""
    if found.tree is not None and found.tree != source.undefined:
        yield from _chunks(source, found.tree, len(found.chunk), set(), None)


def _chunked(source: Source, fields: Fields, rank: int, filters: tuple[int, ...]) -> Layout:
    axes = fields.number(1) - 1
    tree = source.address(fields)
    chunk = tuple(fields.number(4) for _ in range(axes))
    if axes != rank or rank == 0 or 0 in chunk:
        raise damaged("the chunks of a dataset have other axes than the dataset")
    return Layout(memoryview(b""), chunk, tree, filters)


def _complete(data: memoryview, nbytes: int) -> memoryview:
    if len(data) != nbytes:
        raise _wrong_size(nbytes, len(data))
    return data


def _wrong_size(declared: int, found: int) -> MalformedError:
    return MalformedError(f"its shape takes {counted(declared, 'byte')}, and {found:,} are stored")


def _filters(message: Message | None) -> tuple[int, ...]:
    """The numbers of the filters that packing went through, in its order."""
    if message is None:
        return ()
    fields = Fields(message.data)
    version, count = fields.number(1), fields.number(1)
    fields.skip(6 if version == 1 else 0)
    numbers = []
    for _ in range(count):
        number = fields.number(2)
        name = fields.number(2) if version == 1 or number >= 256 else 0
        fields.skip(2)
        values = fields.number(2)
        fields.skip(name + 4 * values + (4 if version == 1 and values % 2 else 0))
        numbers.append(number)
    unknown = [number for number in numbers if number not in (DEFLATE, SHUFFLE, FLETCHER)]
    if unknown:
        named = _FILTER_NAMES.get(unknown[0], f"filter {unknown[0]}")
        help = "save it without compression, or with gzip"
        raise MalformedError(f"it is packed with {named}; only gzip, with or without shuffle, is read", help)
    return tuple(numbers)


def _chunks(source: Source, address: int, rank: int, seen: set[int], level: int | None) -> Iterator[Chunk]:
    """The chunks below a node of a B-tree, version 1, of type 1."""
    head = source.fields(address, 8 + 2 * source.offset_size)
    if bytes(head.bytes(4)) != b"TREE" or head.number(1) != 1:
        raise damaged(f"there is no tree of chunks at byte {address:,}")
    own, count = head.number(1), head.number(2)
    if address in seen or own > _DEEPEST_TREE or (level is not None and own != level - 1):
        raise damaged("the chunks of a dataset go round in a circle")
    seen.add(address)
    key = 8 + 8 * (rank + 1)
    fields = source.fields(address + 8 + 2 * source.offset_size, count * (key + source.offset_size))
    for _ in range(count):
        size, skipped = fields.number(4), fields.number(4)
        start = tuple(fields.number(8) for _ in range(rank))
        fields.skip(8)
        child = source.address(fields)
        if own > 0:
            yield from _chunks(source, child, rank, seen, own)
        else:
            yield Chunk(start, source.at(child, size), skipped)
