"""Write arrays to files, row block by row block: .npy and .npz. Equal arrays give equal bytes."""

import math
import zlib
from collections.abc import Mapping
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import DTypeLike, NDArray

from specmodel.files.archive_writing import central_entry, end_records, local_header
from specmodel.files.names import is_array_name
from specmodel.files.npy import DTYPES, header_bytes

Array = NDArray[Any]


class ArrayStream:
    """The bytes of an .npy as they are made: the header of an array of known shape, then its rows in blocks.

    Blocks are cast safely to the dtype, which is written little-endian. An array without axes is a single block.
    """

    def __init__(self, shape: tuple[int, ...], dtype: DTypeLike) -> None:
        self.shape = shape
        self.dtype = np.dtype(dtype).newbyteorder("<")
        is_text = self.dtype.kind == "U" and self.dtype.itemsize > 0
        if not is_text and f"{self.dtype.kind}{self.dtype.itemsize}" not in DTYPES:
            raise TypeError(f"arrays of {self.dtype} are not written")
        self.header = header_bytes(shape, self.dtype.str)
        self.nbytes = len(self.header) + math.prod(shape) * self.dtype.itemsize
        self._rows = shape[0] if shape else 1
        self._written = 0

    def encode(self, block: Array) -> memoryview:
        """The bytes of the next rows, to be written before the block changes."""
        rows = block.shape[0] if self.shape else 1
        if block.shape[1:] != self.shape[1:] or block.ndim != len(self.shape) or self._written + rows > self._rows:
            raise ValueError(f"rows {self._written} on of shape {self.shape} cannot be of shape {block.shape}")
        self._written += rows
        cast = block.astype(self.dtype, order="C", casting="safe", copy=False)
        return cast.reshape(-1).view(np.uint8).data

    def finish(self) -> None:
        """All rows must have come."""
        if self._written != self._rows:
            raise ValueError(f"{self._written} of {self._rows} rows were written")


class NpyWriter:
    """Writes one array of known shape to a file or pipe, block by block; `close` leaves the file open."""

    def __init__(self, file: BinaryIO, shape: tuple[int, ...], dtype: DTypeLike) -> None:
        self._file = file
        self._stream = ArrayStream(shape, dtype)
        file.write(self._stream.header)

    def write(self, block: Array) -> None:
        """Append rows: an array whose axes but the first are those of the shape."""
        self._file.write(self._stream.encode(block))

    def close(self) -> None:
        """Say that this was all; ValueError if rows are missing."""
        self._stream.finish()


class NpzWriter:
    """Writes several arrays of known shapes to a seekable file, each block by block, in any order.

    As the shapes are known, so is the place of every byte: nothing is buffered or written twice but 100 bytes a
    member, whose checksum comes last. Members are stored, their data aligned to 64 bytes.
    """

    def __init__(self, file: BinaryIO, arrays: Mapping[str, tuple[tuple[int, ...], DTypeLike]]) -> None:
        self._file = file
        self._members: dict[str, _Member] = {}
        offset = 0
        for name, (shape, dtype) in arrays.items():
            if not is_array_name(name):
                raise ValueError(f"{name!r} is no name of an array")
            self._members[name] = member = _Member(f"{name}.npy", ArrayStream(shape, dtype), offset)
            self._put(member, member.stream.header)
            offset = member.end
        self._end = offset

    def write(self, name: str, block: Array) -> None:
        """Append rows to one of the arrays."""
        member = self._members[name]
        self._put(member, member.stream.encode(block))

    def close(self) -> None:
        """Write the checksums and the table of contents; ValueError if rows are missing."""
        entries = []
        for member in self._members.values():
            member.stream.finish()
            numbers = (member.name, member.crc, member.stream.nbytes, member.offset)
            self._file.seek(member.offset)
            self._file.write(local_header(*numbers))
            entries.append(central_entry(*numbers))
        directory = b"".join(entries)
        self._file.seek(self._end)
        self._file.write(directory + end_records(len(entries), len(directory), self._end))

    def _put(self, member: "_Member", data: bytes | memoryview) -> None:
        self._file.seek(member.position)
        self._file.write(data)
        member.position += len(data)
        member.crc = zlib.crc32(data, member.crc)


class _Member:
    """A member that is being written: where it begins, and how far it has come."""

    def __init__(self, name: str, stream: ArrayStream, offset: int) -> None:
        self.name = name
        self.stream = stream
        self.offset = offset
        self.crc = 0
        self.position = offset + len(local_header(name, 0, stream.nbytes, offset))
        self.end = self.position + stream.nbytes
