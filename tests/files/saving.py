"""Arrays to files at once, by the writers of the package."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from specmodel.files.safetensors import header_for, layout
from specmodel.files.writers import ArrayStream, NpzWriter


def save_npz(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    with path.open("wb") as file:
        writer = NpzWriter(file, {name: (array.shape, array.dtype) for name, array in arrays.items()})
        for name, array in arrays.items():
            writer.write(name, array)
        writer.close()


def save_safetensors(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    tensors = {name: (array.dtype.name, array.shape) for name, array in arrays.items()}
    with path.open("wb") as file:
        file.write(header_for(tensors))
        for name in layout(tensors):
            file.write(ArrayStream(arrays[name].shape, arrays[name].dtype).encode(arrays[name]))
