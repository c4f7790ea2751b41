"""`specmodel schema`."""

import json

import click

from specmodel.cli.options import output_option, write_text


@click.command("schema")
@output_option
def command(output: str | None) -> None:
    """Print the JSON Schema (draft-07) of a spec, for editors: completion, descriptions, first mistakes."""
    from specmodel.schema.document import schema

    write_text(json.dumps(schema(), indent=1, ensure_ascii=False), output)
