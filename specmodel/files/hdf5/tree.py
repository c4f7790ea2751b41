"""Groups and datasets by name."""

from collections.abc import Iterator

from specmodel.files.hdf5.data import Layout, layout
from specmodel.files.hdf5.fields import Fields, Source, damaged
from specmodel.files.hdf5.links import links
from specmodel.files.hdf5.objects import DATASPACE, DATATYPE, messages, only
from specmodel.files.hdf5.types import BFLOAT16, Datatype, dataspace, datatype
from specmodel.files.hdf5.values import Attributes, Heap
from specmodel.files.malformed import MalformedError, shown
from specmodel.files.signature import LENGTH, described, signature
from specmodel.files.sizes import array_bytes

SIGNATURE = b"\x89HDF\r\n\x1a\n"
_MOST_OBJECTS = 200_000
_DEEPEST = 64


class Dataset:
    """An array in the file: its shape, the type of its elements, its attributes, and where its bytes are."""

    def __init__(
        self, source: Source, path: str, shape: tuple[int, ...], kind: Datatype, attributes: Attributes, where: Layout
    ) -> None:
        self.source = source
        self.path = path
        self.shape = shape
        self.kind = kind
        self.attributes = attributes
        self.layout = where

    @property
    def dtype(self) -> str:
        """specmodel's name of its dtype."""
        return self.kind.dtype

    def read_as_bfloat16(self) -> None:
        """Take untyped elements of two bytes as bfloat16, which Keras keeps so."""
        if self.kind.size == 2 and self.kind.dtype == "":
            self.kind = BFLOAT16

    def require_numbers(self) -> None:
        """MalformedError where it holds anything but numbers and truth values."""
        if self.kind.numpy_dtype == "":
            raise MalformedError(f"dataset {shown(self.path)} holds {self.kind.kind}, and a weight is made of numbers")

    @property
    def nbytes(self) -> int:
        """The bytes that its elements take in memory, as they are stored."""
        return array_bytes(self.shape, self.kind.size)


class Group:
    """A folder of groups and datasets. Objects are read when they are asked for, each once."""

    def __init__(self, file: "_File", path: str, members: dict[str, int], attributes: Attributes) -> None:
        self.path = path
        self.attributes = attributes
        self._file = file
        self._members = members

    def __iter__(self) -> Iterator[str]:
        return iter(self._members)

    def __len__(self) -> int:
        return len(self._members)

    def __contains__(self, name: object) -> bool:
        return name in self._members

    def get(self, path: str) -> "Group | Dataset | None":
        """The object at a path below this group, or None where there is none."""
        found: Group | Dataset = self
        for name in path.split("/"):
            if not isinstance(found, Group) or name not in found:
                return None
            found = found.member(name)
        return found

    def group(self, path: str) -> "Group | None":
        """The group at a path, or None where there is none."""
        found = self.get(path)
        return found if isinstance(found, Group) else None

    def member(self, name: str) -> "Group | Dataset":
        """The object of a name that is here."""
        return self._file.object(self._members[name], f"{self.path}/{name}" if self.path else name)

    def datasets(self) -> "Iterator[Dataset]":
        """All datasets below, in the order of the names on the way."""
        for name in self._members:
            found = self.member(name)
            if isinstance(found, Dataset):
                yield found
            else:
                yield from found.datasets()


class _File:
    """A file that is read. An object that two paths lead to is refused: so there are no circles."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._heap = Heap(source)
        self._objects: dict[int, Group | Dataset] = {}

    def object(self, address: int, path: str) -> "Group | Dataset":
        """The object at an address, to which a path has led."""
        found = self._objects.get(address)
        if found is None:
            if len(self._objects) == _MOST_OBJECTS or path.count("/") >= _DEEPEST:
                raise MalformedError(f"it has more than {_MOST_OBJECTS:,} objects, or {_DEEPEST} groups in each other")
            try:
                found = self._objects[address] = self._read(address, path)
            except MalformedError as wrong:
                raise wrong if not path else wrong.inside(f"object {shown(path)}") from None
        if found.path != path:
            raise damaged(f"the paths {shown(found.path)} and {shown(path)} lead to the same object")
        return found

    def _read(self, address: int, path: str) -> "Group | Dataset":
        found = messages(self.source, address)
        attributes = Attributes(self._heap, found)
        members = links(self.source, found)
        if members is not None:
            return Group(self, path, members, attributes)
        written, space = only(found, DATATYPE, "a datatype"), only(found, DATASPACE, "a shape")
        if written is None or space is None:
            raise damaged("there is an object that is neither a group nor a dataset")
        kind, shape = datatype(Fields(written.data)), dataspace(self.source, Fields(space.data))
        sizes = shape if shape is not None else (0,)
        where = layout(self.source, found, array_bytes(sizes, kind.size), len(sizes))
        made = Dataset(self.source, path, sizes, kind, attributes, where)
        if attributes.get("dtype") == BFLOAT16.dtype:
            made.read_as_bfloat16()
        return made


def open_hdf5(data: memoryview) -> Group:
    """The root group of a file's bytes; MalformedError where they are no HDF5 file, or not all of one."""
    if bytes(data[:8]) != SIGNATURE:
        first = bytes(data[:LENGTH])
        raise MalformedError(f"this is not an HDF5 file: {described(first)}", signature(first).help)
    fields = Fields(data, 8)
    version = fields.number(1)
    if version > 3:
        raise damaged(f"its version is {version}")
    source, address, end = (_older if version < 2 else _newer)(data, fields, version)
    if end > len(data):
        message = f"the file is cut short: it says that it has {end:,} bytes, and has {len(data):,}"
        raise MalformedError(message, "get the file again")
    found = _File(source).object(address, "")
    if not isinstance(found, Group):
        raise damaged("its root is not a group")
    return found


def _older(data: memoryview, fields: Fields, version: int) -> tuple[Source, int, int]:
    """Superblocks of version 0 and 1 (II.A): the source, the address of the root, the end of the file."""
    fields.skip(4)
    source = _source(data, fields.number(1), fields.number(1))
    fields.skip(1 + 2 + 2 + 4 + (4 if version == 1 else 0))
    base, _, end, _ = (source.address(fields) for _ in range(4))
    _refuse_base(base)
    fields.skip(source.offset_size)
    return source, source.address(fields), end


def _newer(data: memoryview, fields: Fields, version: int) -> tuple[Source, int, int]:
    """Superblocks of version 2 and 3 (II.B)."""
    source = _source(data, fields.number(1), fields.number(1))
    fields.skip(1)
    base, _, end, root = (source.address(fields) for _ in range(4))
    _refuse_base(base)
    return source, root, end


def _source(data: memoryview, offset_size: int, length_size: int) -> Source:
    if offset_size not in (4, 8) or length_size not in (4, 8):
        raise damaged(f"its addresses have {offset_size} bytes, its sizes {length_size}")
    return Source(data, offset_size, length_size)


def _refuse_base(base: int) -> None:
    if base != 0:
        raise damaged(f"its data starts at byte {base:,}")
