"""A model as a spec in a file, with its weights beside it."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from specmodel.diagnostics import codes
from specmodel.files.location import NamedFiles
from specmodel.files.malformed import located
from specmodel.files.output import atomic_text_output
from specmodel.layers.base import Layer
from specmodel.spec.model import InputSpec, ModelSpec, Place
from specmodel.spec.style import document
from specmodel.spec.writing import written_spec
from specmodel.types.dim import unknown
from specmodel.types.tensor import TensorType

if TYPE_CHECKING:
    from specmodel.model.model import Model

AnyPath = str | os.PathLike[str]


def save(model: "Model", spec: ModelSpec, path: AnyPath, weights: AnyPath | None) -> None:
    """Write a model's spec, after its weights and the files its layers name: it never names one that is not there.

    A weights file without a folder in its name goes beside the spec. ValueError for a model without layers, or files
    that the spec could not name. `SpecError` where a file cannot be written.
    """
    if not spec.entries:
        raise ValueError(f"the model `{spec.name}` has no layers, and a spec needs one")
    if weights is not None and os.path.basename(weights) == os.fspath(weights):
        weights = Path(path).parent / weights
    named = _name_beside(path, weights) if weights is not None else None
    text = document(written_spec(spec.replace(weights=named, weights_place=Place())))
    with located(os.fspath(path), codes.UNREADABLE_FILE):
        named_files = _files_beside(spec, path)
    if weights is not None:
        model.save_weights(weights)
    for file_path, content in named_files.items():
        file_path.parent.mkdir(parents=True, exist_ok=True)
        with atomic_text_output(file_path) as file:
            file.write(content)
    with atomic_text_output(path) as file:
        file.write(text)


def _files_beside(spec: ModelSpec, path: AnyPath) -> dict[Path, str]:
    """The text files that layers name, which have to come along, as far as they are not beside the spec already."""
    files = spec.files if spec.files is not None else NamedFiles(Path(), None)
    folder, found = Path(path).parent, {}
    for path_of_entry, argument, written in (named for e in spec.entries for named in _named_files(e.path, e.layer)):
        there = folder / written
        content = files.text(written, argument)
        if not Path(os.path.realpath(there)).is_relative_to(os.path.realpath(folder)):
            raise ValueError(f"a spec names files in its own folder or below, and `{path_of_entry}` names `{written}`")
        if not there.exists():
            found[there] = content
        elif NamedFiles(folder, folder).text(written, argument) != content:
            raise ValueError(f"`{path_of_entry}` names the file `{written}`, and there is another one beside the spec")
    return found


def _named_files(path: str, layer: Layer) -> Iterator[tuple[str, str, str]]:
    """The files that a layer names, and those inside of it: the path of the entry, the argument, what it says."""
    for argument in type(layer).file_arguments:
        if isinstance(getattr(layer, argument), str):
            yield path, argument, getattr(layer, argument)
    for inner in layer.held():
        yield from _named_files(path, inner)


def _name_beside(path: AnyPath, weights: AnyPath) -> str:
    """What the spec at `path` calls the weights file: its way from the spec's folder, which it may not leave."""
    spec_file, weights_file = Path(os.path.realpath(path)), Path(os.path.realpath(weights))
    if spec_file == weights_file:
        raise ValueError("the spec and its weights need two files, got one path for both")
    if not weights_file.is_relative_to(spec_file.parent):
        raise ValueError(
            f"a spec names weights in its own folder or below: write them beside `{os.fspath(path)}`, not to "
            f"`{os.fspath(weights)}`"
        )
    return weights_file.relative_to(spec_file.parent).as_posix()


def with_open_batch(spec: ModelSpec) -> ModelSpec:
    """The spec of a model that was built from data, with its batch left open; an unbuilt one as it is."""
    return spec.replace(inputs=tuple(_open(given) for given in spec.inputs)) if spec.inputs is not None else spec


def _open(given: InputSpec) -> InputSpec:
    return given.replace(type=TensorType((unknown("batch"), *given.type.shape[1:]), given.type.dtype))
