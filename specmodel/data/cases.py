"""The files of an example against the model: which arrays they hold, and whether these fit. No NumPy."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from specmodel.data.fit import check_fit, input_dtypes
from specmodel.data.request import open_graph
from specmodel.data.sources import STDIN, Given, Source, Stored, arrays_of
from specmodel.diagnostics import Diagnostic, Diagnostics, Note, SpecError, codes, did_you_mean
from specmodel.files.location import path_below
from specmodel.files.malformed import MalformedError
from specmodel.files.npy import ArrayHeader
from specmodel.files.npz import DEFAULT_CAP
from specmodel.graph.bind import bind, check_requirements, sizes_of
from specmodel.graph.graph import Graph
from specmodel.record import Record
from specmodel.spec.examples import DataFiles, Example
from specmodel.spec.faults import too_many
from specmodel.spec.model import ModelSpec
from specmodel.types.dim import Dim, evaluate
from specmodel.types.tensor import shape_text
from specmodel.yaml.node import Node

RECORD = "`specmodel test --update` records what the model gives"


class Held(Record):
    """An array that an example names, and where it names it."""

    node: Node
    given: Given
    stored: Stored

    @property
    def header(self) -> ArrayHeader:
        """What is known of it."""
        return self.stored.header


class Place(Record):
    """Where the files of a spec's examples are."""

    folder: Path
    root: Path


class Case(Record):
    """An example whose inputs fit the model: its data, and the graph that takes it, the batch still open."""

    sources: tuple[Source, ...]
    graph: Graph
    shapes: Mapping[str, tuple[int, ...]]


def read_case(
    example: Example, spec: ModelSpec, graph: Graph | None, where: Place, diagnostics: Diagnostics
) -> Case | None:
    """The data of an example; None where it cannot be given to the model, which is reported at the example."""
    if example.inputs is None:
        return None
    before = len(diagnostics)
    held = _held("inputs", example.inputs, list(input_dtypes(spec)), where, diagnostics)
    if len(diagnostics) > before:
        return None
    sources = tuple(Source(name, one.given, one.header, one.stored.in_memory) for name, one in held.items())
    nodes = {one.given.file: one.node for one in held.values()}
    shapes = {source.name: source.header.shape for source in sources}
    try:
        check_fit(spec, sources)
        if graph is not None:
            _check_sizes(spec, graph, shapes)
        return Case(sources, open_graph(spec, graph, shapes), shapes)
    except SpecError as error:
        diagnostics.extend(moved(one, nodes.get(one.place, example.inputs.node), "inputs") for one in error.diagnostics)
        return None


def read_recorded(
    example: Example, spec: ModelSpec, graph: Graph | None, case: Case, where: Place, diagnostics: Diagnostics
) -> dict[str, Held]:
    """The recorded outputs of an example by name; what cannot be what the model gives is reported there."""
    if example.outputs is None:
        return {}
    outputs = {output.name: output.value.type for output in case.graph.outputs}
    held = _held("outputs", example.outputs, list(outputs), where, diagnostics)
    sizes = sizes_of(bind(spec, case.shapes, Diagnostics()), spec) if graph is not None else {}
    for name, one in held.items():
        kind = outputs[name]
        shape = tuple(evaluate(size, {**sizes, "?batch": _batch(case)}) for size in kind.shape)
        check_recorded(name, one, shape, kind.dtype, diagnostics)
    return held


def check_recorded(name: str, held: Held, shape: Sequence[Dim], dtype: str, diagnostics: Diagnostics) -> bool:
    """Whether a recorded array has an output's shape, as far as that is known, and dtype; what differs is reported."""
    header, delivered = held.header, "float32" if dtype == "bfloat16" else dtype
    differences = []
    if header.dtype != delivered:
        differences.append(f"the output `{name}` is {delivered}, and the recorded array is {header.dtype}")
    known = [found if not isinstance(size, int) else size for size, found in zip(shape, header.shape, strict=False)]
    if len(shape) != len(header.shape) or known != list(header.shape):
        differences.append(
            f"the output `{name}` has the shape {shape_text(tuple(shape))}, and the recorded array {header.shape}"
        )
    for message in differences:
        help = f"if the model is right, {RECORD}"
        diagnostics.add(codes.EXAMPLE, message, held.node.span, place=held.node.place, help=help)
    return not differences


def path_of(node: Node, key: str, where: Place) -> str:
    """The path of a file that an example names; SpecError (E004) where it leaves the root."""
    try:
        path = os.fspath(path_below(str(node.value), where.folder, where.root, "file of an example", key))
    except MalformedError as wrong:
        code = wrong.code or codes.DATA_FILE
        raise SpecError([Diagnostic(code, wrong.message, node.span, node.place, (), wrong.help)]) from None
    return f"./{path}" if path == STDIN else path


def _batch(case: Case) -> int:
    return next((shape[0] for shape in case.shapes.values()), 1)


def _check_sizes(spec: ModelSpec, graph: Graph, shapes: Mapping[str, tuple[int, ...]]) -> None:
    diagnostics = Diagnostics()
    bound = bind(spec, shapes, diagnostics)
    check_requirements(graph, bound, spec, diagnostics)
    diagnostics.raise_errors()


def _held(key: str, files: DataFiles, names: Sequence[str], where: Place, diagnostics: Diagnostics) -> dict[str, Held]:
    """The arrays of an example's files by the names of the model's inputs or outputs; what is wrong is reported."""
    what = key.removesuffix("s")
    found: dict[str, Held] = {}
    sound = True
    for name, node in files.paths:
        if too_many(diagnostics):
            return {}
        try:
            given = Given(name, path_of(node, key, where))
            arrays = arrays_of(given, DEFAULT_CAP)
        except SpecError as error:
            diagnostics.extend(moved(one, node, key) for one in error.diagnostics)
            sound = False
            continue
        for member, stored in arrays.items():
            if too_many(diagnostics):
                return {}
            own = member or name or (names[0] if len(names) == 1 else "")
            wrong = _misnamed(own, what, names, found)
            if wrong is not None:
                sound = False
                span = files.node.key_spans.get(name) if name is not None else node.span
                message = wrong[0] if name is not None else f"`{node.value}`: {wrong[0]}"
                diagnostics.add(codes.DATA_MISMATCH, message, span, place=node.place, help=wrong[1])
            else:
                found[own] = Held(node, given, stored)
    for name in names if sound else ():
        if name not in found:
            message, help = f"no file holds the {what} `{name}`", f"write `{key}: {{{name}: …}}`, or give an .npz"
            diagnostics.add(codes.DATA_MISMATCH, message, files.node.span, place=files.node.place, help=help)
    return found


def _misnamed(name: str, what: str, names: Sequence[str], found: Mapping[str, Held]) -> tuple[str, str | None] | None:
    """Why an array cannot be what its name says, and help."""
    listed = ", ".join(f"`{known}`" for known in names) or "none"
    if not name:
        help = f"name the files, `{what}s: {{{', '.join(f'{known}: …' for known in names)}}}`, or give an .npz"
        return f"it holds one array, and the model has {len(names)} {what}s: {listed}", help
    if name not in names:
        near = did_you_mean(name, names)
        help = f"did you mean `{near}`?" if near is not None else f"the {what}s are {listed}"
        return f"the model has no {what} `{name}`", help
    return (f"there are two arrays for the {what} `{name}`", None) if name in found else None


def moved(one: Diagnostic, node: Node, key: str = "inputs") -> Diagnostic:
    """A diagnostic on a file or on what is done with it, said at the place that names the file."""
    if one.span is not None and one.span == node.span:
        return one
    help = one.help
    if key == "outputs" and one.code == codes.DATA_FILE and one.message.startswith("there is no such file"):
        help = RECORD
    notes = (*one.notes, Note("what the data is for is written here", one.span)) if one.span is not None else one.notes
    message = f"`{node.value}`: {one.message}" if isinstance(node.value, str) else one.message
    return one.replace(span=node.span, place=node.place, message=message, notes=notes, help=help)
