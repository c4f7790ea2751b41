"""Where a command takes the numbers of weights from: `--weights FILE`, the file that the spec names, its seed."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from specmodel.cli.options import Command
from specmodel.diagnostics import Diagnostics
from specmodel.model.opening import Opened
from specmodel.ops.source import WeightSpec

if TYPE_CHECKING:
    from specmodel.weights.store import Weights

INITIAL_HINT = "no weights file is given (`--weights FILE`): the weights are the initial ones, of seed"


def weights_option(command: Command) -> Command:
    """`--weights FILE`."""
    help = "The .npz or .safetensors file to take the weights from."
    return click.option("--weights", metavar="FILE", help=help)(command)


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


def hint_at_initial_weights(opened: Opened, specs: Sequence[WeightSpec], file: str | None, quiet: bool) -> None:
    """Say that no file gives the numbers."""
    assert opened.spec is not None
    if file is None and opened.spec.weights is None and specs and not quiet:
        print(f"hint: {INITIAL_HINT} {opened.spec.seed}", file=sys.stderr)


def weights_files(opened: Opened, file: str | None) -> list[str]:
    """The weights files that an output must not overwrite."""
    assert opened.spec is not None
    found = [file] if file is not None else []
    return found if opened.spec.weights is None else [*found, str(opened.folder / opened.spec.weights)]
