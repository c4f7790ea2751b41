"""The option `--weights FILE`, and what to say where no file gives the numbers."""

import sys
from collections.abc import Sequence

import click

from specmodel.cli.options import Command
from specmodel.model.opening import Opened
from specmodel.ops.source import WeightSpec

INITIAL_HINT = "no weights file is given (`--weights FILE`): the weights are the initial ones, of seed"


def weights_option(command: Command) -> Command:
    """`--weights FILE`."""
    help = "The .npz or .safetensors file to take the weights from."
    return click.option("--weights", metavar="FILE", help=help)(command)


def hint_at_initial_weights(opened: Opened, specs: Sequence[WeightSpec], file: str | None, quiet: bool) -> None:
    """Say that no file gives the numbers."""
    assert opened.spec is not None
    if file is None and opened.spec.weights is None and specs and not quiet:
        print(f"hint: {INITIAL_HINT} {opened.spec.seed}", file=sys.stderr)
