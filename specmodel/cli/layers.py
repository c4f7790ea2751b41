"""`specmodel layers`."""

import click


@click.command("layers")
@click.argument("layer", required=False)
@click.option("--format", "form", type=click.Choice(["text", "markdown"]), default="text", help="The form of the list.")
def command(layer: str | None, form: str) -> None:
    """List the layers, or show one layer's page: arguments, defaults, shapes, an example."""
    from specmodel import layers
    from specmodel.summary.catalogue import catalogue, markdown, page

    if layer is None:
        click.echo(catalogue() if form == "text" else markdown())
        return
    found = layers.find(layer)
    if found is not None:
        click.echo(page(found))
        return
    from specmodel.diagnostics import codes, did_you_mean
    from specmodel.diagnostics.diagnostic import failure
    from specmodel.layers.refused import reason

    near = did_you_mean(layer, [*layers.NAMES, *layers.ALIASES])
    help = reason(layer) or (f"did you mean `{near}`?" if near else "`specmodel layers` lists them all")
    raise failure(codes.UNKNOWN_LAYER, f"there is no layer `{layer}`", help=help)
