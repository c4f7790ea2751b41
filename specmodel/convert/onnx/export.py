"""Export a graph to an .onnx file."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from specmodel.convert.refused import refused, require_package
from specmodel.diagnostics import SpecError, codes
from specmodel.diagnostics.diagnostic import failure
from specmodel.files.regular import AnyPath
from specmodel.graph.graph import Graph
from specmodel.record import Record

if TYPE_CHECKING:
    from specmodel.kernels import Array

OPSET, NEWEST_OPSET = 18, 22
"""The versions of ONNX's operators that are written: the first unless asked, with which most readers can do."""


class Exported(Record):
    """What was written: the files, the model's first, and how many nodes it has."""

    files: tuple[str, ...]
    nodes: int
    opset: int


def export_onnx(
    path: AnyPath,
    graph: Graph,
    weights: "Mapping[str, Array]",
    opset: int = OPSET,
    inputs: Iterable[AnyPath] = (),
    place: str = "",
) -> Exported:
    """Write a model to an .onnx file, whole or not at all; weights are looked up one after the other.

    SpecError: E008 without the onnx package, E601 with all that ONNX cannot express, at `place`, E006 and E506 where
    the file cannot be written.
    """
    require_package("onnx", "onnx", ".onnx", place)
    _require_names(graph, place)
    from specmodel.convert.onnx.model import onnx_model
    from specmodel.convert.onnx.proto import write

    model, refusals = onnx_model(graph, weights, opset)
    if refusals:
        raise SpecError([refused((node.entry for node in graph.nodes), refusals, "ONNX", place)])
    files = write(path, model, inputs)
    return Exported(tuple(files), sum(1 for _ in model.nodes()), opset)


def _require_names(graph: Graph, place: str) -> None:
    """Stop where an output has the name of an input without being it: in ONNX a name stands for one tensor."""
    given = {one.spec.name: one.value for one in graph.inputs}
    for output in graph.outputs:
        if output.name in given and given[output.name] is not output.value:
            message = f"`{output.name}` is the name of an input and of another output: in ONNX a name means one tensor"
            raise failure(codes.INEXPRESSIBLE, message, place=place, help="give the output another name in `outputs`")
