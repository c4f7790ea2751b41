"""Models of Keras as specs: read, checked as any spec is, and written with their weights."""

import os
from collections.abc import Mapping
from contextlib import ExitStack
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

from specmodel.convert.keras.document import Imported, imported
from specmodel.convert.keras.reading import network_of
from specmodel.convert.keras.tidy import tidy
from specmodel.convert.keras.vocabularies import LOOKUPS, with_vocabularies
from specmodel.convert.keras.weights import weights_of
from specmodel.diagnostics import Diagnostic, Diagnostics, codes
from specmodel.diagnostics.diagnostic import failure
from specmodel.files.keras_file import KerasFile, read_keras_file
from specmodel.files.malformed import located, shown
from specmodel.files.output import atomic_text_output
from specmodel.graph.graph import Graph
from specmodel.model.opening import open_mapping
from specmodel.ops.source import WeightSpec
from specmodel.record import Record
from specmodel.spec.model import ModelSpec
from specmodel.spec.style import document
from specmodel.weights.keras_sources import Source
from specmodel.weights.match import match

if TYPE_CHECKING:
    from numpy.typing import NDArray

AnyPath = str | os.PathLike[str]
WEIGHTS_SUFFIX = ".safetensors"
_MOST_INLINE = 20
"""As many tokens of a vocabulary stand in the spec; more have a file beside it."""


class ForeignModel(Record):
    """A model of Keras as a spec. `graph` is None where it is unbuilt; `sources` are the weights, by path.

    `diagnostics` hold what was renamed or left out.
    """

    path: str
    document: Mapping[str, object]
    spec: ModelSpec
    graph: Graph | None
    sources: Mapping[str, Source] | None
    diagnostics: Diagnostics

    def told(self) -> str:
        """How many layers and parameters it has, for people."""
        layers = len(self.spec.entries)
        text = f"{layers:,} {'layer' if layers == 1 else 'layers'}"
        if self.graph is None:
            return f"{text}, unbuilt"
        parameters = sum(prod(spec.shape) for spec in self.graph.weights())
        return f"{text}, {parameters:,} {'parameter' if parameters == 1 else 'parameters'}"


def read_foreign(path: AnyPath, *, with_weights: bool = True) -> ForeignModel:
    """Read a .keras, .h5 or JSON file of Keras as a spec. SpecError with everything that cannot be imported."""
    file = read_keras_file(path, with_weights=with_weights)
    place = os.fspath(path)
    diagnostics = Diagnostics()
    if file.config is None:
        message = "the file holds weights and no model"
        help = "give them to a spec: `weights: FILE` in it, or `--weights FILE` with `specmodel run`"
        raise failure(codes.NO_MODEL, message, place=place, help=help)
    with located(place, codes.NO_MODEL):
        network = with_vocabularies(network_of(file.config, file.older), file)
        found = imported(network, file.older, place, diagnostics)
    opened = open_mapping(found.document, Path())
    diagnostics.extend(_moved(one, found, place) for one in opened.diagnostics if one.severity == "error")
    diagnostics.raise_errors()
    assert opened.spec is not None
    sources = None
    if opened.graph is not None:
        tidy(found, opened.graph)
        if with_weights and file.weights is not None:
            with located(place, codes.WEIGHTS_FILE):
                sources = _sources(file, found, opened.graph, place, diagnostics)
    return ForeignModel(place, found.document, opened.spec, opened.graph, sources, diagnostics)


def write_imported(model: ForeignModel, output: AnyPath) -> Path | None:
    """Write the spec and, beside it, its weights, whose path comes back, and long vocabularies. All appear, or none."""
    spec = Path(output)
    weights = spec.with_suffix(WEIGHTS_SUFFIX) if model.sources else None
    texts: dict[str, str] = {}
    document = _with_files(model.document, spec.stem, texts)
    with ExitStack() as files:
        file = files.enter_context(atomic_text_output(output, [model.path]))
        file.write(_text(document, weights.name if weights is not None else None))
        file.flush()
        for name, text in texts.items():
            files.enter_context(atomic_text_output(spec.with_name(name), [model.path])).write(text)
        if weights is not None:
            from specmodel.weights.store import Weights, save_weights

            assert model.graph is not None
            assert model.sources is not None
            sources = model.sources
            made = Weights(model.graph.weights(), lambda spec: _array(sources, spec, model.path), keep=False)
            save_weights(weights, made, [model.path])
    return weights


def text_of(model: ForeignModel) -> str:
    """The YAML of the spec, without weights and with every vocabulary in it."""
    return _text(model.document)


def _text(written: Mapping[str, object], weights: str | None = None) -> str:
    rest = dict(written)
    if weights is not None:
        head: dict[str, object] = {key: rest.pop(key) for key in ("name", "dtype") if key in rest}
        rest = {**head, "weights": weights.replace("$(", "$$("), **rest}
    return document(rest)


def _with_files(written: Any, stem: str, texts: dict[str, str]) -> Any:
    """A part of the document with long vocabularies as files, whose texts go to `texts` by name."""
    if isinstance(written, list):
        return [_with_files(part, stem, texts) for part in written]
    if not isinstance(written, dict):
        return written
    made = {key: _with_files(part, stem, texts) for key, part in written.items()}
    for kind in LOOKUPS:
        arguments = made.get(kind)
        if not isinstance(arguments, dict) or "idf_weights" in arguments:
            continue
        text = _lines(arguments.get("vocabulary"))
        if text is not None:
            name = next((known for known, other in texts.items() if other == text), None)
            name = name or f"{stem}.vocabulary{f'_{len(texts)}' if texts else ''}.txt"
            texts[name] = text
            made[kind] = {**arguments, "vocabulary": name.replace("$(", "$$(")}
    return made


def _lines(vocabulary: object) -> str | None:
    """The text file that says the same as a vocabulary; None for a short one, or one that no file can say."""
    if not isinstance(vocabulary, list | tuple) or len(vocabulary) <= _MOST_INLINE:
        return None
    lines = [str(token) for token in vocabulary]
    if lines[0].startswith("\ufeff") or any("\n" in line or "\r" in line for line in lines):
        return None
    return "".join(f"{line}\n" for line in lines)


def _array(sources: Mapping[str, Source], spec: WeightSpec, place: str) -> "NDArray[Any]":
    with located(place, codes.WEIGHTS_FILE):
        return sources[spec.path].array()


def _sources(
    file: KerasFile, found: Imported, graph: Graph, place: str, diagnostics: Diagnostics
) -> Mapping[str, Source]:
    """The weights by path; what is missing, too much or of another shape is an error."""
    weights = weights_of(file, found, graph.weights())
    fit = match(graph.weights(), {path: source.stored for path, source in weights.sources.items()})
    diagnostics.extend(fit.diagnostics(place))
    if weights.left:
        names = [shown(dataset.path) for dataset in weights.left[:8]]
        listed = ", ".join(names) + (f" and {len(weights.left) - 8:,} more" if len(weights.left) > 8 else "")
        message = f"the file has weights that no layer of its model has: {listed}"
        diagnostics.add(codes.WEIGHTS_MISMATCH, message, place=place)
    diagnostics.raise_errors()
    return weights.sources


def _moved(one: Diagnostic, found: Imported, place: str) -> Diagnostic:
    """A diagnostic of the spec that was made, said of the file it was made of."""
    return one.replace(span=None, place=place, message=f"{one.message} (at `{one.path}` of the spec)", notes=())
