"""Where the numbers of a spec's weights come from: a file that is given, the file that the spec names, its seed."""

from typing import TYPE_CHECKING

from specmodel.diagnostics import Diagnostics
from specmodel.graph.graph import Graph
from specmodel.model.opening import Opened

if TYPE_CHECKING:
    from specmodel.weights.store import Weights


def given_weights(
    opened: Opened, graph: Graph, file: str | None, found: Diagnostics, *, keep: bool = True
) -> "Weights":
    """The weights of a graph of the spec; warnings and notes go to `found`. Raises `SpecError`."""
    from specmodel.weights.location import weights_path
    from specmodel.weights.store import initial_weights, load_weights

    spec = opened.spec
    assert spec is not None
    specs, whole = list(graph.weights()), opened.graph if opened.graph is not None else graph
    if file is not None:
        return load_weights(file, specs, whole, diagnostics=found, keep=keep)
    if spec.weights is not None:
        path = weights_path(spec, opened.folder, opened.root)
        return load_weights(path, specs, whole, place=spec.weights_place, diagnostics=found, keep=keep)
    return initial_weights(specs, spec.seed, keep=keep)


def weights_files(opened: Opened, file: str | None) -> list[str]:
    """The weights files that an output must not overwrite."""
    assert opened.spec is not None
    found = [file] if file is not None else []
    return found if opened.spec.weights is None else [*found, str(opened.folder / opened.spec.weights)]
