"""`specmodel explain`."""

import click


@click.command("explain")
@click.argument("code", required=False)
@click.option("--format", "form", type=click.Choice(["text", "markdown"]), default="text", help="The form of the list.")
def command(code: str | None, form: str) -> None:
    """Say what a diagnostic's code means, with a wrong and a right example; without a code, list them all."""
    from specmodel.diagnostics import did_you_mean
    from specmodel.diagnostics.pages import page, table, titles

    if code is None:
        click.echo(table() if form == "markdown" else "\n".join(f"{name}  {title}" for name, title in titles().items()))
        return
    text = page(code.upper())
    if text is None:
        known = titles()
        near = did_you_mean(code, known)
        listing = "\n".join(f"  {name}  {title}" for name, title in known.items())
        hint = f" Did you mean '{near}'?" if near else ""
        raise click.UsageError(f"there is no code {code!r}.{hint} The codes are:\n{listing}")
    click.echo(text.rstrip("\n"))
