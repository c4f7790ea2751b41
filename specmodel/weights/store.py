"""The weights of a model as arrays: read from a file, made from a seed, written to a file."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from specmodel.diagnostics import Diagnostics, SpecError, codes
from specmodel.diagnostics.diagnostic import failure
from specmodel.files.arrays import ShardedTensors, map_safetensors, native, read_npz
from specmodel.files.malformed import counted, located
from specmodel.files.npz import DEFAULT_CAP
from specmodel.files.output import atomic_output
from specmodel.files.regular import AnyPath
from specmodel.files.safetensors import header_for, layout
from specmodel.files.sharded import SUFFIX as SHARDED
from specmodel.files.sharded import read_shards
from specmodel.files.writers import ArrayStream, NpzWriter
from specmodel.graph.graph import Graph
from specmodel.ops.source import WeightSpec
from specmodel.spec.model import Place
from specmodel.weights.bfloat16 import as_bfloat16
from specmodel.weights.keras_files import keras_sources
from specmodel.weights.location import NOWHERE, moved
from specmodel.weights.match import match
from specmodel.weights.stored import KERAS_SUFFIXES, SUFFIXES, StoredArray, format_of, no_format, read_stored, renamed

if TYPE_CHECKING:
    from specmodel.weights.mapping.resolve import Product
    from specmodel.weights.mapping.rules import Rule

Array = NDArray[Any]
_ONE_FILE = "name one .safetensors file: it may be of any size"

Kind = tuple[tuple[int, ...], "np.dtype[Any]"]


class Weights(Mapping[str, Array]):
    """The arrays of a model's weights by path, in the order of their specs; each is made when it is asked for.

    Arrays are read-only and have the spec's dtype; bfloat16, which NumPy lacks, is float32 that holds only numbers of
    bfloat16. With `keep` an array that was made stays; without, it is made anew each time.
    """

    def __init__(self, specs: Iterable[WeightSpec], make: Callable[[WeightSpec], Array], *, keep: bool = True) -> None:
        self.specs = {spec.path: spec for spec in specs}
        self._make = make
        self._kept: dict[str, Array] | None = {} if keep else None

    def __getitem__(self, path: str) -> Array:
        if self._kept is not None and path in self._kept:
            return self._kept[path]
        spec = self.specs[path]
        try:
            array = _held(self._make(spec), spec.dtype)
        except MemoryError:
            size = f"shape {spec.type}, {spec.dtype}"
            raise failure(codes.OUT_OF_MEMORY, f"there is not enough memory for the weight `{path}` ({size})") from None
        if self._kept is not None:
            self._kept[path] = array
        return array

    def __iter__(self) -> Iterator[str]:
        return iter(self.specs)

    def __len__(self) -> int:
        return len(self.specs)


def load_weights(
    path: AnyPath,
    specs: Iterable[WeightSpec],
    graph: Graph | None = None,
    *,
    place: Place = NOWHERE,
    diagnostics: Diagnostics | None = None,
    renames: Mapping[str, str] | None = None,
    rules: "Sequence[Rule]" = (),
    keep: bool = True,
) -> Weights:
    """The weights of a spec from a file, mapped into memory where the format allows and the dtype is the spec's.

    `graph`, which the weights belong to, tells which array of a Keras file is which. `renames` leads names in the file
    to paths of the spec; `rules` make weights of arrays of another layout, by the names in the file. Warnings
    and notes go to `diagnostics`. SpecError at `place`, where a spec names the file, or on the file itself: E401, E402,
    E403, E003; E404 at a rule.
    """
    wanted = list(specs)
    graph = graph if not rules else None
    entries = read_stored(path, graph, place=place)
    products: Mapping[str, Product] = {}
    if rules:
        products, entries = _followed(rules, entries, wanted)
    offered = renamed(entries, renames or {}, {spec.path for spec in wanted}, path)
    stored = {name: entries[stored] for name, stored in offered.items()}
    found = match(wanted, stored | {made: product.stored for made, product in products.items()})
    said = Diagnostics(found.diagnostics(path, place))
    said.raise_errors()
    if diagnostics is not None:
        diagnostics.extend(said)
    arrays = _open(path, graph, place)
    names = {weight: offered[name] for weight, name in found.names.items() if weight not in products}

    def make(spec: WeightSpec) -> Array:
        product = products.get(spec.path)
        return native(arrays[names[spec.path]] if product is None else product.array(arrays))

    return Weights(wanted, make, keep=keep)


def initial_weights(specs: Iterable[WeightSpec], seed: int, *, keep: bool = True) -> Weights:
    """The weights that a spec starts with: a function of the seed, each weight's path and its initializer alone."""
    from specmodel.weights.initialize import initial  # whoever loads a file does not need it

    return Weights(specs, lambda spec: initial(spec, seed), keep=keep)


def save_weights(path: AnyPath, weights: Mapping[str, Array], inputs: Iterable[AnyPath] = ()) -> None:
    """Write weights to an .npz or .safetensors file, whole or not at all, holding one array in memory at a time.

    SpecError on the path: E403 for another suffix, E006 where it cannot be written or the disk is too small, E506
    where it is one of `inputs`.
    """
    suffix = format_of(path)
    if suffix == SHARDED:
        raise failure(codes.WEIGHTS_FORMAT, "shards are read, not written", place=os.fspath(path), help=_ONE_FILE)
    if suffix not in SUFFIXES:
        raise no_format(path)
    kinds = _kinds(weights)
    if suffix == ".safetensors":
        _refuse_text(path, kinds)
    with atomic_output(path, inputs) as file:
        _refuse_full_disk(path, file, kinds)
        if suffix == ".npz":
            _write_npz(file, weights, kinds)
        else:
            _write_safetensors(file, weights, kinds)


@cache
def held_dtype(dtype: str) -> "np.dtype[Any]":
    """NumPy's dtype of a weight: its own, float32 for bfloat16."""
    return np.dtype(np.float32 if dtype == "bfloat16" else np.str_ if dtype == "string" else dtype)


def _followed(
    rules: "Sequence[Rule]", entries: Mapping[str, StoredArray], specs: Sequence[WeightSpec]
) -> "tuple[Mapping[str, Product], dict[str, StoredArray]]":
    """What rules make of the arrays of a file, and the arrays that they leave."""
    from specmodel.weights.mapping.resolve import resolve  # few conversions have rules

    found = Diagnostics()
    resolved = resolve(rules, entries, specs, found)
    found.raise_errors()
    return resolved.products, dict(resolved.rest)


def _open(path: AnyPath, graph: Graph | None, place: Place) -> Mapping[str, Array]:
    try:
        if format_of(path) == ".npz":
            return read_npz(path, DEFAULT_CAP, code=codes.WEIGHTS_FILE)
        if format_of(path) in KERAS_SUFFIXES:
            return _KerasArrays(path, graph)
        if format_of(path) == SHARDED:
            return ShardedTensors(read_shards(path))
        return map_safetensors(path)
    except SpecError as error:
        raise moved(error, path, place) from None


class _KerasArrays(Mapping[str, Array]):
    """The arrays of a file of Keras; each is made when it is asked for."""

    def __init__(self, path: AnyPath, graph: Graph | None) -> None:
        self._place = os.fspath(path)
        self._sources = keras_sources(path, graph)

    def __getitem__(self, name: str) -> Array:
        source = self._sources[name]
        with located(self._place, codes.WEIGHTS_FILE):
            return source.array()

    def __iter__(self) -> Iterator[str]:
        return iter(self._sources)

    def __len__(self) -> int:
        return len(self._sources)


def _held(array: Array, dtype: str) -> Array:
    """The array in the dtype its weight is held in, read-only; rounded to the nearest number where it must be."""
    wanted = held_dtype(dtype)
    if dtype != "string" and array.dtype != wanted:
        with np.errstate(over="ignore", invalid="ignore"):
            array = array.astype(wanted)
    held = as_bfloat16(array) if dtype == "bfloat16" else array.view()
    held.flags.writeable = False
    return held


def _kinds(weights: Mapping[str, Array]) -> dict[str, Kind]:
    """The shape and dtype of each array; lazy ones are not made for it, but for texts, whose length only they tell."""
    specs = weights.specs if isinstance(weights, Weights) else {}
    kinds: dict[str, Kind] = {}
    for path in weights:
        spec = specs.get(path)
        if spec is not None and spec.dtype != "string":
            kinds[path] = spec.shape, held_dtype(spec.dtype)
        else:
            kinds[path] = weights[path].shape, weights[path].dtype
    return kinds


def _refuse_text(path: AnyPath, kinds: Mapping[str, Kind]) -> None:
    texts = [name for name, (_, dtype) in kinds.items() if dtype.kind == "U"]
    if texts:
        message = f"a .safetensors file cannot hold text, and the weight `{texts[0]}` is text"
        raise failure(codes.WEIGHTS_FORMAT, message, place=os.fspath(path), help="write an .npz file")


def _refuse_full_disk(path: AnyPath, file: BinaryIO, kinds: Mapping[str, Kind]) -> None:
    """Say at once what would otherwise be found out after a long time of writing."""
    if not hasattr(os, "fstatvfs"):
        return
    disk = os.fstatvfs(file.fileno())
    free = disk.f_bavail * disk.f_frsize
    needed = 0
    for shape, dtype in kinds.values():
        size = dtype.itemsize
        for axis in shape:
            size *= axis
        needed += size
    if needed > free:
        message = f"the output cannot be written: it takes {counted(needed, 'byte')}, and {free:,} are free on the disk"
        raise failure(codes.UNWRITABLE_OUTPUT, message, place=os.fspath(path))


def _write_npz(file: BinaryIO, weights: Mapping[str, Array], kinds: Mapping[str, Kind]) -> None:
    writer = NpzWriter(file, kinds)
    for name in kinds:
        writer.write(name, weights[name])
    writer.close()


def _write_safetensors(file: BinaryIO, weights: Mapping[str, Array], kinds: Mapping[str, Kind]) -> None:
    tensors = {name: (dtype.name, shape) for name, (shape, dtype) in kinds.items()}
    file.write(header_for(tensors))
    for name in layout(tensors):
        stream = ArrayStream(*kinds[name])
        file.write(stream.encode(weights[name]))
        stream.finish()
