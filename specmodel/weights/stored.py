"""What a weights file holds, read from its headers. No NumPy."""

import os
from collections.abc import Collection, Iterable, Mapping

from specmodel.diagnostics import SpecError, codes, did_you_mean
from specmodel.diagnostics.diagnostic import failure
from specmodel.files.malformed import shown
from specmodel.files.npz import read_headers
from specmodel.files.regular import AnyPath, open_regular
from specmodel.files.safetensors import TensorEntry, read_index
from specmodel.files.sharded import SUFFIX as SHARDED
from specmodel.files.sharded import read_sharded_index
from specmodel.graph.graph import Graph
from specmodel.record import Record
from specmodel.spec.model import Place
from specmodel.types.tensor import shape_text
from specmodel.weights.location import NOWHERE, moved

SUFFIXES = (".npz", ".safetensors")
"""The formats that weights are written in; an index of several .safetensors files is read, too."""
KERAS_SUFFIXES = (".h5", ".hdf5", ".keras")
"""Files of Keras, which are read."""

_PICKLE = "such files are pickles, which can run code when they are read: save its tensors as .safetensors"
_HELP = {
    ".npy": "an .npy file holds one array without a name: save the weights by name, with `numpy.savez`",
    **dict.fromkeys((".bin", ".ckpt", ".pickle", ".pkl", ".pt", ".pth"), _PICKLE),
}


class StoredArray(Record):
    """An array in a file: its shape, and specmodel's name of the dtype it is stored in."""

    shape: tuple[int, ...]
    dtype: str

    def __str__(self) -> str:
        return f"{shape_text(self.shape)} {self.dtype}"


def format_of(path: AnyPath) -> str:
    """The suffix that tells a weights file's format; SpecError (E403) on the path where it is none of them."""
    if os.fspath(path).lower().endswith(SHARDED):
        return SHARDED
    suffix = os.path.splitext(os.fspath(path))[1].lower()
    if suffix in SUFFIXES or suffix in KERAS_SUFFIXES:
        return suffix
    raise no_format(path)


def no_format(path: AnyPath) -> SpecError:
    """The error (E403) for a name that does not end as weights files do."""
    suffix = os.path.splitext(os.fspath(path))[1].lower()
    found = f"this name ends in {shown(suffix)}" if suffix else "this name has no suffix"
    message = f"weights are kept in .npz and .safetensors files, and {found}"
    return failure(codes.WEIGHTS_FORMAT, message, place=os.fspath(path), help=_HELP.get(suffix))


def read_stored(path: AnyPath, graph: Graph | None = None, *, place: Place = NOWHERE) -> dict[str, StoredArray]:
    """The arrays of a weights file by name, in the file's order. Only headers are read.

    Files of Keras know no paths of weights: `graph` tells which array is which.
    SpecError at `place`, where a spec names the file, or on the file itself: E401, E403, or E003 for a file that
    unpacks to too much.
    """
    try:
        suffix = format_of(path)
        if suffix == SHARDED:
            return {name: StoredArray(entry.shape, _dtype(entry)) for name, entry in read_sharded_index(path).items()}
        if suffix in KERAS_SUFFIXES:
            from specmodel.weights.keras_files import keras_headers  # it holds arrays in the records of this module

            return keras_headers(path, graph)
        file, size = open_regular(path, codes.WEIGHTS_FILE)
        with file:
            if suffix == ".npz":
                headers = read_headers(file, size, os.fspath(path), code=codes.WEIGHTS_FILE)
                return {name: StoredArray(header.shape, header.dtype) for name, header in headers.items()}
            index = read_index(file, size, os.fspath(path))
            return {name: StoredArray(entry.shape, _dtype(entry)) for name, entry in index.items()}
    except SpecError as error:
        raise moved(error, path, place) from None


def _dtype(entry: TensorEntry) -> str:
    return "bfloat16" if entry.stored == "BF16" else entry.dtype


def plain_name(name: str) -> str:
    """An array's name without the `:0` that TensorFlow adds."""
    return name.removesuffix(":0")


def renamed(names: Iterable[str], renames: Mapping[str, str], paths: Collection[str], path: AnyPath) -> dict[str, str]:
    """The names that a file's arrays go by after renaming to some of a spec's `paths`, each with its name in the file.

    SpecError (E402) on the file: an old name is not in it, a new one not in the spec, or two arrays would share one.
    """
    found = list(names)
    stored = {plain_name(name): name for name in found} | {name: name for name in found}
    for old, new in renames.items():
        if old not in stored:
            raise _unknown(f"the file has no array {shown(old)} to rename", old, found, path)
        if new not in paths:
            raise _unknown(f"the spec has no weight {shown(new)}, as which {shown(old)} should go", new, paths, path)
    new_names = {stored[old]: new for old, new in renames.items()}
    offered: dict[str, str] = {}
    for name in found:
        new = new_names.get(name, name)
        if new in offered:
            both = f"{shown(offered[new])} and {shown(name)}"
            raise failure(codes.WEIGHTS_MISMATCH, f"{both} would both be named {shown(new)}", place=os.fspath(path))
        offered[new] = name
    return offered


def _unknown(message: str, written: str, known: Iterable[str], path: AnyPath) -> SpecError:
    near = did_you_mean(written, known)
    help = f"did you mean {shown(near)}?" if near is not None else None
    return failure(codes.WEIGHTS_MISMATCH, message, place=os.fspath(path), help=help)
