"""Attributes: small values beside groups and datasets (IV.A.2.m), and the heap that keeps their texts (III.E)."""

import struct
from collections.abc import Iterator, Mapping

from specmodel.files.hdf5.dense import dense_messages
from specmodel.files.hdf5.fields import Fields, Source, damaged, utf8
from specmodel.files.hdf5.objects import ATTRIBUTE, ATTRIBUTE_INFO, Message
from specmodel.files.hdf5.types import Datatype, dataspace, datatype
from specmodel.files.malformed import MalformedError, counted, shown

Value = str | int | float | bool | list[str] | None

LARGEST = 64 << 20
"""Bytes of all texts that are read from the attributes of a file."""
_MOST_HEAP_OBJECTS = 1_000_000
_LONGEST_NAME = 1024
_FORMATS = {"int": "bhiq", "uint": "BHIQ", "float": " efd"}


class Attributes(Mapping[str, Value]):
    """The attributes of an object by name; each is read when it is asked for.

    None stands for one that holds neither texts nor a single number.
    """

    def __init__(self, heap: "Heap", found: list[Message]) -> None:
        self._heap = heap
        self._raw: dict[str, tuple[Datatype, tuple[int, ...] | None, Fields]] = {}
        for message in found:
            if message.kind == ATTRIBUTE and not message.shared:
                self._add(message.data)
            elif message.kind == ATTRIBUTE_INFO:
                for data in _apart(heap.source, message):
                    self._add(data)

    def _add(self, data: memoryview) -> None:
        fields, source = Fields(data), self._heap.source
        version, flags = fields.number(1), fields.number(1)
        if version not in (1, 2, 3) or (version > 1 and flags & 3):
            raise damaged("an attribute is written in no known form")
        sizes = [fields.number(2) for _ in range(3)]
        fields.skip(1 if version == 3 else 0)
        parts = []
        for size in sizes:
            start = fields.position
            parts.append(fields.bytes(size))
            if version == 1:
                fields.align(start)
        name = _terminated(parts[0])
        if len(name) > _LONGEST_NAME or name in self._raw:
            raise damaged(f"an object has the attribute {shown(name)} twice" if name in self._raw else "a name is long")
        kind, shape = datatype(Fields(parts[1])), dataspace(source, Fields(parts[2]))
        self._raw[name] = (kind, shape, fields)

    def __getitem__(self, name: str) -> Value:
        kind, shape, fields = self._raw[name]
        fields = Fields(fields.data, fields.position)
        count = 1
        for size in shape or ():
            count *= size
        if shape is None or (not kind.text and (count != 1 or kind.dtype in ("", "bfloat16"))):
            return [] if count == 0 else None  # Keras' empty list of names is one of floats
        try:
            if not kind.text:
                return _number(kind, fields)
            if count * kind.size > fields.left:
                raise damaged(f"it has {counted(count, 'text')}, and the bytes of {fields.left // max(kind.size, 1):,}")
            texts = [self._text(kind, fields) for _ in range(count)]
        except MalformedError as wrong:
            raise wrong.inside(f"attribute {shown(name)}") from None
        return texts if shape else texts[0]

    def _text(self, kind: Datatype, fields: Fields) -> str:
        if not kind.variable:
            return _terminated(self._heap.spent(fields.bytes(kind.size)))
        length, address, index = fields.number(4), self._heap.source.address(fields), fields.number(4)
        if length == 0:
            return ""
        found = self._heap.object(address, index)
        if length > len(found):
            raise damaged(f"a text of {counted(length, 'byte')} has {len(found):,}")
        return _terminated(found[:length])

    def __iter__(self) -> Iterator[str]:
        return iter(self._raw)

    def __len__(self) -> int:
        return len(self._raw)


class Heap:
    """The global heap: collections of objects that attributes refer to, each read once."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._collections: dict[int, dict[int, memoryview]] = {}
        self._objects = 0
        self._bytes = 0

    def object(self, address: int, index: int) -> memoryview:
        """The bytes of an object."""
        if address not in self._collections:
            self._collections[address] = self._read(address)
        found = self._collections[address].get(index)
        if found is None:
            raise damaged(f"the heap at byte {address:,} has no object {index}")
        return self.spent(found)

    def spent(self, data: memoryview) -> memoryview:
        """The same bytes, counted against the limit."""
        self._bytes += len(data)
        if self._bytes > LARGEST:
            raise MalformedError(f"the attributes of the file have more than {counted(LARGEST, 'byte')}, the limit")
        return data

    def _read(self, address: int) -> dict[int, memoryview]:
        head = self.source.fields(address, 8 + self.source.length_size)
        if bytes(head.bytes(4)) != b"GCOL":
            raise damaged(f"there is no heap at byte {address:,}")
        head.skip(4)
        fields = self.source.fields(address, self.source.length(head))
        fields.skip(min(head.position, fields.left))
        found: dict[int, memoryview] = {}
        while fields.left >= 8 + self.source.length_size:
            index = fields.number(2)
            fields.skip(6)
            size = self.source.length(fields)
            if index == 0:  # the free space at the end
                break
            self._objects += 1
            if self._objects > _MOST_HEAP_OBJECTS or index in found:
                raise damaged("a heap has an object twice, or too many")
            found[index] = fields.bytes(size)
            fields.align()
        return found


def _apart(source: Source, message: Message) -> Iterator[memoryview]:
    """The attributes that are kept apart from their object, as newer files do with many."""
    fields = Fields(message.data)
    fields.skip(1)
    fields.skip(2 if fields.number(1) & 1 else 0)
    heap, tree = source.address(fields), source.address(fields)
    if heap != source.undefined:
        yield from dense_messages(source, heap, tree)


def _terminated(data: memoryview) -> str:
    """A text up to its first NUL."""
    return utf8(bytes(data).partition(b"\0")[0], "a text in it")


def _number(kind: Datatype, fields: Fields) -> Value:
    if kind.dtype == "bool":
        return fields.number(1) != 0
    family = kind.dtype.rstrip("0123456789")
    letter = _FORMATS[family][kind.size.bit_length() - 1]
    value: int | float = struct.unpack(f"{kind.numpy_dtype[0]}{letter}", fields.bytes(kind.size))[0]
    return value
