"""Arrays from files: mapped into memory where the format allows, and never larger than the bytes that are there.

All arrays are read-only views of the file. They may be big-endian, in column order or unaligned, as the file is:
`native` makes of any of them, or of a slice, what kernels want.
"""

import mmap
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from specmodel.diagnostics import codes
from specmodel.files.archive import DEFLATED, unpacked
from specmodel.files.malformed import MalformedError, counted, located
from specmodel.files.npy import ArrayHeader, Readable, parse_header
from specmodel.files.npz import DEFAULT_CAP, NpzEntry, read_entries, within
from specmodel.files.regular import AnyPath, open_regular
from specmodel.files.safetensors import TensorEntry, parse_index

Array = NDArray[Any]
_BLOCK = 1 << 20


def native(array: Array) -> Array:
    """The array in the machine's byte order, in row order and aligned; itself where it is so."""
    return np.require(array, dtype=array.dtype.newbyteorder("="), requirements=("C", "A"))


def map_npy(path: AnyPath, *, code: str = codes.DATA_FILE) -> Array:
    """The array of an .npy file, mapped: bytes are read when they are used. SpecError of the given code."""
    file, size = open_regular(path, code)
    with file, located(os.fspath(path), code):
        header = parse_header(file, size)
        return _view(_mapped(file, size), header, header.offset)


def read_npy_stream(file: Readable, cap: int = DEFAULT_CAP, *, name: str = "-", code: str = codes.DATA_FILE) -> Array:
    """The array of an .npy that comes through a pipe, which must end with it; at most `cap` bytes of data (E003)."""
    with located(name, code):
        header = parse_header(file, None)
        if header.nbytes > cap:
            raise MalformedError(
                f"its header declares {counted(header.nbytes, 'byte')}, and {cap:,} is the limit for a stream",
                "write it to a file and give the file's name: files are mapped, not read into memory",
                codes.TOO_LARGE,
            )
        data = bytearray()  # grows with what arrives: a header alone allocates nothing
        while len(data) < header.nbytes and (block := file.read(min(_BLOCK, header.nbytes - len(data)))):
            data += block
        if len(data) < header.nbytes:
            found = f"its header declares {counted(header.nbytes, 'byte')} of data, and {len(data):,} came"
            raise MalformedError(f"the stream ends too early: {found}")
        if file.read(1):
            raise MalformedError(f"the stream goes on after the {counted(header.nbytes, 'byte')} that it declares")
        return _view(memoryview(data).toreadonly(), header, 0)


def read_npz(path: AnyPath, cap: int = DEFAULT_CAP, *, code: str = codes.DATA_FILE) -> dict[str, Array]:
    """The arrays of an .npz file by name, each verified by its checksum.

    Stored ones are mapped; deflated ones are unpacked, `cap` bytes at most (E003). SpecError of the given code.
    """
    file, size = open_regular(path, code)
    with file, located(os.fspath(path), code):
        entries = read_entries(file, size, cap)
        buffer = _mapped(file, size)
        return {name: _member(file, buffer, entry) for name, entry in entries.items()}


def map_safetensors(path: AnyPath, *, code: str = codes.WEIGHTS_FILE) -> "MappedTensors":
    """The tensors of a .safetensors file by name, mapped. SpecError of the given code."""
    file, size = open_regular(path, code)
    with file, located(os.fspath(path), code):
        return MappedTensors(parse_index(file, size), _mapped(file, size), os.fspath(path), code)


class MappedTensors(Mapping[str, Array]):
    """The tensors of a mapped file in the order of its index; each is made when asked for, BF16 as float32."""

    def __init__(self, index: Mapping[str, TensorEntry], buffer: mmap.mmap, name: str, code: str) -> None:
        self._index = index
        self._buffer = buffer
        self._name = name
        self._code = code

    def __getitem__(self, name: str) -> Array:
        entry = self._index[name]
        stored = "<u2" if entry.stored == "BF16" else np.dtype(entry.dtype).newbyteorder("<").str
        header = ArrayHeader(entry.shape, entry.dtype, stored, False, 0, entry.end - entry.start)
        with located(self._name, self._code):
            array = _view(self._buffer, header, entry.start)
        if entry.stored != "BF16":
            return array
        widened = (array.astype(np.uint32) << 16).view(np.float32)
        widened.flags.writeable = False
        return widened

    def __iter__(self) -> Iterator[str]:
        return iter(self._index)

    def __len__(self) -> int:
        return len(self._index)


class ShardedTensors(Mapping[str, Array]):
    """The tensors of several files by name; each file is mapped when one of its tensors is asked for."""

    def __init__(self, shards: Mapping[str, Path]) -> None:
        self._shards = shards
        self._mapped: dict[Path, MappedTensors] = {}

    def __getitem__(self, name: str) -> Array:
        shard = self._shards[name]
        if shard not in self._mapped:
            self._mapped[shard] = map_safetensors(shard)
        return self._mapped[shard][name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._shards)

    def __len__(self) -> int:
        return len(self._shards)


def _mapped(file: BinaryIO, size: int) -> mmap.mmap:
    try:
        return mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ)
    except ValueError:
        raise MalformedError("the file was cut short while it was read") from None


def _member(file: BinaryIO, buffer: mmap.mmap, entry: NpzEntry) -> Array:
    """One array of an .npz file."""
    member, header = entry.member, entry.header
    with within(member):
        if member.method != DEFLATED:
            for _ in unpacked(file, member):
                pass  # the checksum: the bytes themselves are taken from the map
            return _view(buffer, header, member.start + header.offset)
        data = np.empty(member.size, np.uint8)
        filled = 0
        for block in unpacked(file, member):
            data[filled : filled + len(block)] = np.frombuffer(block, np.uint8)
            filled += len(block)
        data.flags.writeable = False
        return _view(data.data, header, header.offset)


def _view(buffer: mmap.mmap | memoryview, header: ArrayHeader, offset: int) -> Array:
    """The array over its bytes, which are known to be there."""
    dtype = np.dtype(header.numpy_dtype)
    if header.nbytes == 0:
        empty = np.empty(header.shape, dtype)
        empty.flags.writeable = False
        return empty
    if header.dtype == "bool":
        _check_booleans(np.frombuffer(buffer, np.uint8, header.nbytes, offset))
    if header.dtype == "string":
        _check_letters(np.frombuffer(buffer, f"{header.numpy_dtype[0]}u4", header.nbytes // 4, offset))
    return np.ndarray(header.shape, dtype, buffer, offset, order="F" if header.fortran_order else "C")


def _check_booleans(values: NDArray[np.uint8]) -> None:
    """NumPy computes nonsense with booleans that are neither 0 nor 1."""
    if (largest := int(values.max())) > 1:
        raise MalformedError(f"a boolean is stored as 0 or 1, and it has a {largest}")


def _check_letters(values: NDArray[np.uint32]) -> None:
    """A text with an impossible letter would raise when it is looked at."""
    for start in range(0, len(values), _BLOCK):
        block = values[start : start + _BLOCK]
        wrong = block[(block > 0x10FFFF) | ((block >= 0xD800) & (block < 0xE000))]
        if len(wrong) > 0:
            raise MalformedError(f"it has a text with the letter {int(wrong[0]):#x}, which is none of Unicode")
