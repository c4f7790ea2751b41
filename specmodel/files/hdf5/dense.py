"""Links and attributes that an object keeps apart, in a fractal heap (III.G) that a B-tree of version 2 leads into.

h5py writes groups so that have more than eight members, one of them with a name that is not ASCII.
"""

from collections.abc import Iterator

from specmodel.files.hdf5.fields import NEWER, Fields, Source, damaged
from specmodel.files.malformed import MalformedError
from specmodel.record import Record

_IDENTITIES = {5: (4, 7), 6: (8, 7), 8: (0, 8), 9: (0, 8)}
"""Where an identity stands in a record, by the type of the tree: links and attributes, by name and by order."""
_MOST_MESSAGES = 200_000
_DEEPEST_TREE = 16
_PREFIX, _CHECKSUM = 6, 4


def dense_messages(source: Source, heap: int, tree: int) -> Iterator[memoryview]:
    """The messages in a heap, which the records of a tree point into."""
    found = _heap(source, heap)
    for identity in _Tree(source, tree).identities():
        yield found.object(identity)


class _Heap(Record):
    """A fractal heap: blocks of doubling sizes, `width` in a row. `rows` is 0 where the root is a block of data."""

    source: Source
    width: int
    first: int
    largest: int
    bits: int
    length_bytes: int
    root: int
    rows: int

    def object(self, identity: memoryview) -> memoryview:
        """The bytes of an object: its place in the heap's own space is in its identity."""
        fields = Fields(identity)
        if fields.number(1) != 0:
            raise MalformedError("a link or attribute is kept in a form that is not read", NEWER)
        offset = fields.number(self.offset_bytes)
        length = fields.number(self.length_bytes)
        block, start, size = self._block(self.root, self.rows, offset)
        if offset + length > start + size:
            raise damaged("a message reaches beyond its block")
        return self.source.at(block + offset - start, length)

    @property
    def offset_bytes(self) -> int:
        """How wide places in the heap are written."""
        return -(-self.bits // 8)

    def _block(self, root: int, rows: int, offset: int) -> tuple[int, int, int]:
        """The address of the block of data that holds a place, where the block starts, and its size."""
        if rows == 0:
            return root, 0, self.first
        row, start = 0, 0
        while row < rows and offset >= start + self.width * self._size(row):
            start += self.width * self._size(row)
            row += 1
        if row == rows or self._size(row) > self.largest:
            raise MalformedError("an object has more messages than are read", NEWER)
        column = (offset - start) // self._size(row)
        head = self.source.fields(root, 5 + self.source.offset_size + self.offset_bytes)
        if bytes(head.bytes(4)) != b"FHIB":
            raise damaged(f"there is no table of blocks at byte {root:,}")
        place = root + len(head.data) + (row * self.width + column) * self.source.offset_size
        block = self.source.address(self.source.fields(place, self.source.offset_size))
        return block, start + column * self._size(row), self._size(row)

    def _size(self, row: int) -> int:
        return self.first << max(row - 1, 0)


def _heap(source: Source, address: int) -> _Heap:
    lengths, offsets = source.length_size, source.offset_size
    fields = source.fields(address, 22 + 12 * lengths + 3 * offsets)
    if bytes(fields.bytes(4)) != b"FRHP":
        raise damaged(f"there is no heap at byte {address:,}")
    fields.skip(3)
    filters, _, largest_object = fields.number(2), fields.number(1), fields.number(4)
    if filters:
        raise MalformedError("messages of an object are packed, which is not read", NEWER)
    fields.skip(10 * lengths + 2 * offsets)
    width, first, largest = fields.number(2), source.length(fields), source.length(fields)
    bits, _, root, rows = fields.number(2), fields.number(2), source.address(fields), fields.number(2)
    if not (0 < width <= 1024 and 0 < first <= largest < 2**32 and 0 < bits <= 64 and rows <= 64):
        raise damaged("a heap has impossible sizes")
    length_bytes = min(-(-(largest.bit_length() - 1) // 8), _bytes_for(largest_object))
    return _Heap(source, width, first, largest, bits, length_bytes, root, rows)


class _Tree:
    """A B-tree of version 2 over the messages in a heap."""

    def __init__(self, source: Source, address: int) -> None:
        self._source = source
        fields = source.fields(address, 22 + source.offset_size + source.length_size)
        if bytes(fields.bytes(4)) != b"BTHD":
            raise damaged(f"there is no tree at byte {address:,}")
        fields.skip(1)
        self._kind, self._node, self._record, self._depth = (fields.number(size) for size in (1, 4, 2, 2))
        fields.skip(2)
        self._root, self._count = source.address(fields), fields.number(2)
        self._start, size = _IDENTITIES.get(self._kind, (0, self._record + 1))
        self._end = self._start + size
        if self._record < self._end or self._node < 32 or self._depth > _DEEPEST_TREE:
            raise damaged("a tree is of no known form")
        self._seen: set[int] = set()
        self._found = 0

    def identities(self) -> Iterator[memoryview]:
        """Where the messages are in the heap."""
        if self._root != self._source.undefined:
            yield from self._below(self._root, self._count, self._depth)

    def _below(self, address: int, count: int, level: int) -> Iterator[memoryview]:
        self._found += count
        if address in self._seen or self._found > _MOST_MESSAGES:
            raise damaged("the messages of an object go round in a circle")
        self._seen.add(address)
        fields = self._source.fields(address, self._node)
        if bytes(fields.bytes(4)) != (b"BTIN" if level > 0 else b"BTLF"):
            raise damaged(f"there is no node of a tree at byte {address:,}")
        fields.skip(2)
        for _ in range(count):
            record = fields.bytes(self._record)
            yield record[self._start : self._end]
        for _ in range(count + 1 if level > 0 else 0):
            child, records = self._source.address(fields), fields.number(_bytes_for(self._most(0)))
            fields.skip(_bytes_for(self._most_below(level - 1)) if level > 1 else 0)
            yield from self._below(child, records, level - 1)

    def _most(self, level: int) -> int:
        """How many records a node of a level can have."""
        left = self._node - _PREFIX - _CHECKSUM
        if level == 0:
            return left // self._record
        pointer = self._source.offset_size + _bytes_for(self._most(0))
        pointer += _bytes_for(self._most_below(level - 1)) if level > 1 else 0
        return (left - pointer) // (self._record + pointer)

    def _most_below(self, level: int) -> int:
        """How many records a node of a level and all below it can have."""
        own = self._most(level)
        return own if level == 0 else (own + 1) * self._most_below(level - 1) + own


def _bytes_for(most: int) -> int:
    """The bytes that numbers up to `most` take."""
    return max(most.bit_length() - 1, 0) // 8 + 1
