"""Weights files of Keras: .weights.h5 and .keras of Keras 3, .h5 and .hdf5 of Keras 2. Headers need no NumPy."""

import os

from specmodel.diagnostics import codes
from specmodel.files.hdf5 import Dataset
from specmodel.files.keras_file import read_keras_file
from specmodel.files.malformed import MalformedError, located
from specmodel.files.regular import AnyPath
from specmodel.graph.graph import Graph
from specmodel.weights.keras_layouts import weights_in
from specmodel.weights.keras_sources import Found, Source
from specmodel.weights.stored import StoredArray


def keras_sources(path: AnyPath, graph: Graph | None) -> dict[str, Source]:
    """What a file holds: under the paths of a graph's weights what they are, under its own name what is left.

    Without a graph all have the names in the file. SpecError (E401) on the path.
    """
    file = read_keras_file(path, code=codes.WEIGHTS_FILE)
    with located(os.fspath(path), codes.WEIGHTS_FILE):
        if file.weights is None:
            raise MalformedError("the file holds a model's config and no weights")
        if graph is None:
            return {_printable(one): Source(one) for one in file.weights.datasets()}
        found: Found = weights_in(file.weights, file.by_name, graph)
        return {**found.sources, **{_printable(one): Source(one) for one in found.left}}


def keras_headers(path: AnyPath, graph: Graph | None) -> dict[str, StoredArray]:
    """The shapes and dtypes of `keras_sources`."""
    sources = keras_sources(path, graph)
    with located(os.fspath(path), codes.WEIGHTS_FILE):
        return {name: source.stored for name, source in sources.items()}


def _printable(dataset: Dataset) -> str:
    """The name of a dataset as it is printed."""
    return "".join(letter if letter.isprintable() else chr(0xFFFD) for letter in dataset.path)
