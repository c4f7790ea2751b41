"""A .keras file: the config and the weights of a model in a zip archive, whole or not at all."""

import json
import zipfile
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, BinaryIO

from specmodel.convert.keras.export.config import WRITTEN_AS, KerasModel
from specmodel.convert.refused import require_package
from specmodel.files.keras_file import CONFIG, METADATA, WEIGHTS
from specmodel.files.output import atomic_output
from specmodel.files.regular import AnyPath
from specmodel.graph.graph import Graph
from specmodel.weights.keras_groups import counted_names, places_of

if TYPE_CHECKING:
    from specmodel.kernels import Array

_CHUNK = 1 << 20
_DATE = (1980, 1, 1, 0, 0, 0)


def write_archive(
    path: AnyPath,
    model: KerasModel,
    graph: Graph,
    weights: "Mapping[str, Array]",
    inputs: Iterable[AnyPath] = (),
    place: str = "",
) -> None:
    """Write a model with its weights, which are looked up one after the other; equal models give equal bytes.

    SpecError: E008 without the h5py package, at `place`; E006 and E506 where the file cannot be written.
    """
    require_package("h5py", "keras", ".keras", place)
    from tempfile import TemporaryFile

    with TemporaryFile() as stored:
        _write_weights(stored, model, graph, weights)
        stored.seek(0)
        with atomic_output(path, inputs) as file, zipfile.ZipFile(file, "w") as archive:
            archive.writestr(_member(METADATA), json.dumps({"keras_version": WRITTEN_AS}))
            archive.writestr(_member(CONFIG), json.dumps(model.config, ensure_ascii=False))
            with archive.open(_member(WEIGHTS), "w", force_zip64=True) as member:
                while chunk := stored.read(_CHUNK):
                    member.write(chunk)


def _member(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _DATE)
    info.external_attr = 0o644 << 16
    return info


def _write_weights(file: BinaryIO, model: KerasModel, graph: Graph, weights: "Mapping[str, Array]") -> None:
    import h5py

    nodes = {node.path: node for node in graph.nodes}
    groups = counted_names(kind for _, kind in model.kept)
    with h5py.File(file, "w") as root:
        root.create_group("vars")
        for (path, _), group in zip(model.kept, groups, strict=True):
            layer = root.create_group(f"layers/{group}")
            layer.create_group("vars")
            specs = {spec.path.removeprefix(f"{path}/"): spec for spec in nodes[path].weights}
            for name, (below, number) in places_of(nodes[path].layer, list(specs)).items():
                within: Any = layer.require_group(f"{below}/vars" if below else "vars")
                dataset = within.create_dataset(str(number), data=weights[specs[name].path])
                if specs[name].dtype == "bfloat16":
                    dataset.attrs["dtype"] = "bfloat16"
