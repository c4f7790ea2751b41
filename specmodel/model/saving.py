"""A model as a spec in a file, with its weights beside it."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from specmodel.files.output import atomic_text_output
from specmodel.spec.model import InputSpec, ModelSpec, Place
from specmodel.spec.writing import written_spec
from specmodel.types.dim import unknown
from specmodel.types.tensor import TensorType
from specmodel.yaml.writing import document

if TYPE_CHECKING:
    from specmodel.model.model import Model

AnyPath = str | os.PathLike[str]


def save(model: "Model", spec: ModelSpec, path: AnyPath, weights: AnyPath | None) -> None:
    """Write a model's spec, and its weights first, so that the spec never names a file that is not there.

    A weights file without a folder in its name goes beside the spec. ValueError for a model without layers, or weights
    that the spec could not name. `SpecError` where a file cannot be written.
    """
    if not spec.entries:
        raise ValueError(f"the model `{spec.name}` has no layers, and a spec needs one")
    if weights is not None and os.path.basename(weights) == os.fspath(weights):
        weights = Path(path).parent / weights
    named = _name_beside(path, weights) if weights is not None else None
    text = document(written_spec(spec.replace(weights=named, weights_place=Place())), ["layers"])
    if weights is not None:
        model.save_weights(weights)
    with atomic_text_output(path) as file:
        file.write(text)


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
