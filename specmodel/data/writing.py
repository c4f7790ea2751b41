"""Where results go: an .npy, an .npz, or the screen. Each takes the rows as they are made."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import BinaryIO, Protocol

import numpy as np

from specmodel.data.pieces import Kind
from specmodel.files.output import atomic_output
from specmodel.files.writers import NpyWriter, NpzWriter
from specmodel.kernels import Array
from specmodel.kernels.dtypes import delivered

EDGE = 3
"""Rows at either end that NumPy prints of a long array."""


class Sink(Protocol):
    """What takes the outputs of each piece, in their order."""

    def write(self, blocks: Sequence[Array]) -> None:
        """Take the next rows of every output."""


class NpySink:
    """One output as an .npy."""

    def __init__(self, file: BinaryIO, outputs: Mapping[str, Kind]) -> None:
        [(shape, dtype)] = outputs.values()
        self._writer = NpyWriter(file, shape, delivered(dtype))

    def write(self, blocks: Sequence[Array]) -> None:
        """Take the next rows."""
        [block] = blocks
        self._writer.write(block)

    def close(self) -> None:
        """Say that this was all."""
        self._writer.close()


class NpzSink:
    """Outputs by name as an .npz; the file must be seekable."""

    def __init__(self, file: BinaryIO, outputs: Mapping[str, Kind]) -> None:
        self._names = list(outputs)
        self._writer = NpzWriter(file, {name: (shape, delivered(dtype)) for name, (shape, dtype) in outputs.items()})

    def write(self, blocks: Sequence[Array]) -> None:
        """Take the next rows of every output."""
        for name, block in zip(self._names, blocks, strict=True):
            self._writer.write(name, block)

    def close(self) -> None:
        """Write the table of contents."""
        self._writer.close()


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
    return f"{name}: shape {shape}, dtype {delivered(dtype)}"


@contextmanager
def file_sink(path: str, outputs: Mapping[str, Kind], inputs: Sequence[str]) -> Iterator[Sink]:
    """Write a file that appears whole or not at all, an .npz by its suffix. SpecError: E006, E506."""
    with atomic_output(path, inputs) as file:
        sink = NpzSink(file, outputs) if path.lower().endswith(".npz") else NpySink(file, outputs)
        yield sink
        sink.close()


@contextmanager
def stream_sink(stream: BinaryIO, outputs: Mapping[str, Kind]) -> Iterator[Sink]:
    """Write to a pipe: one output as an .npy as it is made, several as an .npz at the end."""
    if len(outputs) == 1:
        single = NpySink(stream, outputs)
        yield single
        single.close()
        stream.flush()
        return
    from shutil import copyfileobj
    from tempfile import TemporaryFile

    with TemporaryFile() as file:
        several = NpzSink(file, outputs)
        yield several
        several.close()
        file.seek(0, os.SEEK_SET)
        copyfileobj(file, stream)
    stream.flush()
