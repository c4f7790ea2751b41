"""What a run is asked for: the graph for its data, the layer to stop at, the form of its output. No NumPy."""

from collections.abc import Mapping, Sequence
from os.path import exists, isfile, splitext

from specmodel.diagnostics import SpecError, codes, did_you_mean
from specmodel.diagnostics.diagnostic import failure
from specmodel.files.malformed import shown
from specmodel.graph.bind import StatedShape, build_bound
from specmodel.graph.graph import Graph, GraphOutput
from specmodel.spec.model import ModelSpec, OutputSpec, Place, Ref

SUFFIXES = (".npy", ".npz")
"""The formats of results."""


def open_graph(spec: ModelSpec, graph: Graph | None, shapes: Mapping[str, tuple[int, ...]]) -> Graph:
    """The graph with an open batch; an unbuilt spec is built on the shapes of its data. Raises `SpecError`."""
    if graph is not None:
        return graph
    open_shapes: dict[str, StatedShape] = {name: (None, *shape[1:]) for name, shape in shapes.items()}
    try:
        return build_bound(spec, open_shapes)[1]
    except SpecError:
        return build_bound(spec, shapes)[1]  # it may need to know the batch; if not, this error speaks of the data


def until_layer(spec: ModelSpec, graph: Graph, path: str, place: str) -> tuple[ModelSpec, Graph]:
    """The spec and graph whose outputs are those of one layer. SpecError (E212) where there is no such layer."""
    nodes = {node.path: node for node in graph.nodes}
    if path not in nodes:
        near = did_you_mean(path, nodes)
        help = f"did you mean `{near}`?" if near is not None else f"the layers are {_listed(list(nodes))}"
        raise failure(codes.UNDEFINED_REFERENCE, f"the spec has no layer {shown(path)}", place=place, help=help)
    refs = [Ref(path, index) for index in range(len(nodes[path].outputs))]
    outputs = tuple(OutputSpec(str(ref), ref, Place()) for ref in refs)
    values = tuple(GraphOutput(str(ref), nodes[path].outputs[ref.index].value, ref) for ref in refs)
    return spec.replace(outputs=outputs), graph.replace(outputs=values)


def check_output(path: str | None, names: Sequence[str]) -> None:
    """Raise `SpecError` (E006) where a result with outputs of these names cannot be written under this name."""
    if path is None or path == "-" or (exists(path) and not isfile(path)):
        return  # what is no file is told by whoever opens it
    suffix = splitext(path)[1].lower()
    written = ".npz" if len(names) > 1 else ".npy"
    if suffix not in SUFFIXES:
        found = f"this name ends in {shown(suffix)}" if suffix else "this name has no suffix"
        message = f"results are written as .npy or .npz, and {found}"
        raise failure(
            codes.UNWRITABLE_OUTPUT, message, place=path, help=f"name it {shown(splitext(path)[0] + written)}"
        )
    if suffix == ".npy" and len(names) > 1:
        message = f"an .npy file holds one array, and there are {len(names)} outputs: {_listed(names)}"
        raise failure(
            codes.UNWRITABLE_OUTPUT, message, place=path, help=f"name it {shown(splitext(path)[0] + written)}"
        )


def _listed(names: Sequence[str]) -> str:
    cut = [f"`{name}`" for name in names[:20]]
    return ", ".join(cut) + (", …" if len(names) > 20 else "")
