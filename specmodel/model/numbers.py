"""Where the numbers of a spec's weights come from: a file that is given, the file that the spec names, its seed."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from specmodel.diagnostics import Diagnostics
from specmodel.model.opening import Opened
from specmodel.ops.source import WeightSpec

if TYPE_CHECKING:
    from specmodel.weights.store import Weights


def given_weights(
    opened: Opened, specs: Sequence[WeightSpec], file: str | None, found: Diagnostics, *, keep: bool = True
) -> "Weights":
    """The weights of these specs; warnings and notes go to `found`. Raises `SpecError`."""
    from specmodel.weights.location import weights_path
    from specmodel.weights.store import initial_weights, load_weights

    spec = opened.spec
    assert spec is not None
    if file is not None:
        return load_weights(file, specs, diagnostics=found, keep=keep)
    if spec.weights is not None:
        path = weights_path(spec, opened.folder, opened.root)
        return load_weights(path, specs, place=spec.weights_place, diagnostics=found, keep=keep)
    return initial_weights(specs, spec.seed, keep=keep)


def weights_files(opened: Opened, file: str | None) -> list[str]:
    """The weights files that an output must not overwrite."""
    assert opened.spec is not None
    found = [file] if file is not None else []
    return found if opened.spec.weights is None else [*found, str(opened.folder / opened.spec.weights)]
