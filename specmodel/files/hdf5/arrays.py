"""Datasets as NumPy arrays: views of the file where all bytes lie together, unpacked where they are in chunks."""

import math
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from specmodel.files.hdf5.data import DEFLATE, FLETCHER, SHUFFLE, Chunk, chunks
from specmodel.files.hdf5.fields import damaged
from specmodel.files.hdf5.tree import Dataset
from specmodel.files.malformed import MalformedError, shown
from specmodel.files.npz import refuse_bomb

Array = NDArray[Any]


def array_of(dataset: Dataset) -> Array:
    """The numbers of a dataset, read-only; bfloat16 comes as float32. MalformedError."""
    dataset.require_numbers()
    try:
        return _numbers(dataset)
    except MalformedError as wrong:
        raise wrong.inside(f"dataset {shown(dataset.path)}") from None


def _numbers(dataset: Dataset) -> Array:
    kind = np.dtype(dataset.kind.numpy_dtype)
    if dataset.layout.tree is not None:
        array = _assembled(dataset, kind)
    else:
        array = np.frombuffer(dataset.layout.data, kind).reshape(dataset.shape)
    if dataset.dtype == "bool" and array.size > 0 and int(array.view(np.uint8).max()) > 1:
        raise MalformedError("a boolean is stored as 0 or 1, and it has another number")
    if dataset.dtype == "bfloat16":
        array = (array.astype(np.uint32) << 16).view(np.float32)
    array.flags.writeable = False
    return array


def _assembled(dataset: Dataset, kind: "np.dtype[Any]") -> Array:
    """The array whose chunks are all there, each once and where the grid has one."""
    shape, sizes = dataset.shape, dataset.layout.chunk
    expected = math.prod(-(-size // step) for size, step in zip(shape, sizes, strict=True))
    found = list(chunks(dataset.source, dataset.layout))
    refuse_bomb(dataset.nbytes, sum(len(chunk.data) for chunk in found))
    array = np.empty(shape, kind)
    seen: set[tuple[int, ...]] = set()
    for chunk in found:
        inside = all(at < size and at % step == 0 for at, size, step in zip(chunk.start, shape, sizes, strict=True))
        if not inside or chunk.start in seen:
            raise damaged("a chunk is where there is none, or twice")
        seen.add(chunk.start)
        nbytes = math.prod(sizes) * kind.itemsize
        refuse_bomb(nbytes, len(chunk.data))
        block = _unpacked(chunk, dataset, nbytes)
        places = tuple(
            slice(at, min(at + step, size)) for at, size, step in zip(chunk.start, shape, sizes, strict=True)
        )
        kept = tuple(slice(0, place.stop - place.start) for place in places)
        array[places] = np.frombuffer(block, kind).reshape(sizes)[kept]
    if len(seen) != expected:
        raise MalformedError(f"it has {expected:,} chunks, and {len(seen):,} are stored")
    return array


def _unpacked(chunk: Chunk, dataset: Dataset, size: int) -> bytes:
    """The bytes of a chunk, which are `size`."""
    data = bytes(chunk.data)
    for number, filter in reversed(list(enumerate(dataset.layout.filters))):
        if chunk.skipped >> number & 1:
            continue
        if filter == FLETCHER:
            data = data[:-4]
        elif filter == DEFLATE:
            data = _inflated(data, size + 4)
        elif filter == SHUFFLE:
            width = dataset.kind.size
            whole = len(data) // width * width
            data = np.frombuffer(data[:whole], np.uint8).reshape(width, -1).T.tobytes() + data[whole:]
    if len(data) != size:
        raise damaged(f"a chunk has {len(data):,} bytes, and {size:,} are expected")
    return data


def _inflated(data: bytes, most: int) -> bytes:
    inflater = zlib.decompressobj()
    try:
        found = inflater.decompress(data, most)
    except zlib.error:
        raise damaged("a chunk is no gzip data") from None
    if not inflater.eof:
        raise damaged("a chunk unpacks to more than it holds, or has no end")
    return found
