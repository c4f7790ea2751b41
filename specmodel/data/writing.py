"""Where results go: an .npy, an .npz, or the screen. Each takes the rows as they are made."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, BinaryIO, Protocol

import numpy as np

from specmodel.data.pieces import Kind
from specmodel.files.output import atomic_output, is_stream, through_output
from specmodel.files.writers import NpyWriter, NpzWriter
from specmodel.kernels import Array
from specmodel.kernels.dtypes import delivered

Stored = tuple[tuple[int, ...], "np.dtype[Any]"]
EDGE = 3
"""Rows at either end that NumPy prints of a long array."""


class Sink(Protocol):
    """What takes the outputs of each piece, in their order."""

    def write(self, blocks: Sequence[Array]) -> None:
        """Take the next rows of every output."""


class FileSink(Sink, Protocol):
    """A sink that must be told the end."""

    def close(self) -> None:
        """Say that this was all."""


class NpySink:
    """One output as an .npy."""

    def __init__(self, file: BinaryIO, arrays: Mapping[str, Stored]) -> None:
        [kind] = arrays.values()
        self._writer = NpyWriter(file, *kind)

    def write(self, blocks: Sequence[Array]) -> None:
        """Take the next rows."""
        [block] = blocks
        self._writer.write(block)

    def close(self) -> None:
        """Say that this was all."""
        self._writer.close()


class NpzSink:
    """Outputs by name as an .npz; the file must be seekable."""

    def __init__(self, file: BinaryIO, arrays: Mapping[str, Stored]) -> None:
        self._names = list(arrays)
        self._writer = NpzWriter(file, arrays)

    def write(self, blocks: Sequence[Array]) -> None:
        """Take the next rows of every output."""
        for name, block in zip(self._names, blocks, strict=True):
            self._writer.write(name, block)

    def close(self) -> None:
        """Write the table of contents."""
        self._writer.close()


class Gathered:
    """Outputs of which some are text: how wide a text may be is known when all have come, so they wait."""

    def __init__(self, file: BinaryIO, names: Sequence[str], make: "type[NpySink | NpzSink]") -> None:
        self._file = file
        self._make = make
        self._blocks: dict[str, list[Array]] = {name: [] for name in names}

    def write(self, blocks: Sequence[Array]) -> None:
        """Keep the next rows of every output."""
        for kept, block in zip(self._blocks.values(), blocks, strict=True):
            kept.append(block)

    def close(self) -> None:
        """Write them all."""
        arrays = {name: np.concatenate(blocks) for name, blocks in self._blocks.items()}
        sink = self._make(self._file, {name: (array.shape, array.dtype) for name, array in arrays.items()})
        sink.write(list(arrays.values()))
        sink.close()


class Printed:
    """Outputs as NumPy prints them, holding no more of them than it shows."""

    def __init__(self, outputs: Mapping[str, Kind]) -> None:
        self._outputs = outputs
        self._long = [
            int(np.prod(shape, dtype=object)) > np.get_printoptions()["threshold"] for shape, _ in outputs.values()
        ]
        self._kept: list[list[Array]] = [[] for _ in outputs]

    def write(self, blocks: Sequence[Array]) -> None:
        """Take the next rows, and forget those that are not shown."""
        for number, block in enumerate(blocks):
            kept = self._kept[number]
            kept.append(block)
            if self._long[number] and block.ndim > 0:
                joined = np.concatenate(kept)
                if len(joined) > 2 * EDGE + 1:
                    # One row more than is printed, for which the dots stand.
                    joined = np.concatenate([joined[: EDGE + 1], joined[-EDGE:]])
                self._kept[number] = [joined]

    def text(self) -> str:
        """Name, shape, dtype and numbers of each output."""
        return "\n".join(
            f"{kind_text(name, kind)}\n{self._array_text(number)}"
            for number, (name, kind) in enumerate(self._outputs.items())
        )

    def _array_text(self, number: int) -> str:
        kept = self._kept[number]
        array = kept[0] if len(kept) == 1 else np.concatenate(kept)
        return np.array2string(array, threshold=0 if self._long[number] else array.size)


class Unseen:
    """Outputs that nobody wants to see."""

    def write(self, blocks: Sequence[Array]) -> None:
        """Take the next rows and forget them."""


def kind_text(name: str, kind: Kind) -> str:
    """An output's name, shape and dtype."""
    shape, dtype = kind
    return f"{name}: shape {shape}, dtype {dtype_text(dtype)}"


def dtype_text(dtype: str) -> str:
    """The dtype that an output has outside the model."""
    return dtype if dtype == "string" else delivered(dtype).name


@contextmanager
def file_sink(path: str, outputs: Mapping[str, Kind], inputs: Sequence[str]) -> Iterator[Sink]:
    """Write a file that appears whole or not at all, an .npz by its suffix. SpecError: E006, E506.

    A pipe or a device takes what the standard output would.
    """
    if is_stream(path):
        with through_output(path) as stream, stream_sink(stream, outputs) as written:
            yield written
        return
    with atomic_output(path, inputs) as file:
        sink = _file_sink(file, outputs, NpzSink if path.lower().endswith(".npz") else NpySink)
        yield sink
        sink.close()


@contextmanager
def stream_sink(stream: BinaryIO, outputs: Mapping[str, Kind]) -> Iterator[Sink]:
    """Write to a pipe: one output as an .npy as it is made, several as an .npz at the end."""
    if len(outputs) == 1:
        single = _file_sink(stream, outputs, NpySink)
        yield single
        single.close()
        stream.flush()
        return
    from shutil import copyfileobj
    from tempfile import TemporaryFile

    with TemporaryFile() as file:
        several = _file_sink(file, outputs, NpzSink)
        yield several
        several.close()
        file.seek(0, os.SEEK_SET)
        copyfileobj(file, stream)
    stream.flush()


def _file_sink(file: BinaryIO, outputs: Mapping[str, Kind], make: "type[NpySink | NpzSink]") -> FileSink:
    if any(dtype == "string" for _, dtype in outputs.values()):
        return Gathered(file, list(outputs), make)
    return make(file, {name: (shape, delivered(dtype)) for name, (shape, dtype) in outputs.items()})
