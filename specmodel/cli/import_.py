"""`specmodel import`."""

import sys

import click

from specmodel.cli.options import color_option, quiet_option, show


@click.command("import")
@click.argument("model", metavar="MODEL")
@click.option("-o", "--output", required=True, metavar="SPEC", help="The spec to write; `-` prints it, no weights.")
@click.option("--no-weights", is_flag=True, help="Write the spec alone.")
@color_option
@quiet_option
def command(model: str, output: str, no_weights: bool, color: str, quiet: bool) -> None:
    """Write a model of Keras as a spec, with its weights beside it.

    MODEL is a .keras file, an .h5 or .hdf5 file of a whole model, or the JSON of `model.to_json()`. The weights of
    NAME.yaml go to NAME.safetensors. Nothing in MODEL is executed.
    """
    from specmodel.model.importing import read_foreign, text_of, write_imported

    found = read_foreign(model, with_weights=not no_weights and output != "-")
    show(found.diagnostics, color, quiet)
    if output == "-":
        print(text_of(found), end="")
        return
    weights = write_imported(found, output)
    if not quiet:
        told = found.told()
        print(f"{output}: {told}{f', weights in {weights.name}' if weights is not None else ''}", file=sys.stderr)
