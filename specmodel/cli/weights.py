"""`specmodel weights`."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from specmodel.cli.options import (
    Command,
    Opening,
    color_option,
    color_wanted,
    open_argument,
    opening_options,
    output_option,
    quiet_option,
    show,
    write_text,
)
from specmodel.cli.shapes import built, shape_option
from specmodel.diagnostics import Diagnostic, Diagnostics, SpecError
from specmodel.graph.graph import Graph
from specmodel.model.opening import Opened

if TYPE_CHECKING:
    from specmodel.weights.mapping.rules import Rule


@click.group("weights")
def command() -> None:
    """Make, list, verify or convert the weights a spec needs."""


def _file_option(command: Command) -> Command:
    text = "The .npz or .safetensors file to write."
    return click.option("-o", "--output", required=True, metavar="FILE", callback=_no_stream, help=text)(command)


def _no_stream(ctx: click.Context, parameter: click.Parameter, value: str) -> str:
    if value == "-":
        raise click.BadParameter("weights are not written to a stream: name an .npz or .safetensors file")
    return value


@command.command("init")
@click.argument("spec", metavar="SPEC")
@_file_option
@shape_option
@opening_options
@color_option
@quiet_option
def init(spec: str, output: str, shapes: Sequence[str], opening: Opening, color: str, quiet: bool) -> None:
    """Write the numbers a spec starts with: a function of its `seed` and the weights' paths.

    They are made and written one weight after the other.
    """
    opened = open_argument(spec, opening)
    graph = built(opened, spec, shapes, color)
    assert opened.spec is not None
    from specmodel.weights.store import initial_weights, save_weights

    save_weights(output, initial_weights(graph.weights(), opened.spec.seed, keep=False), _files(spec))
    _told(output, graph, quiet)


@command.command("list")
@click.argument("spec", metavar="SPEC")
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", help="The form of the result.")
@output_option
@shape_option
@opening_options
@color_option
def list_(spec: str, form: str, output: str | None, shapes: Sequence[str], opening: Opening, color: str) -> None:
    """List the weights a spec needs: path, shape, dtype, what they start with. None is made for it."""
    graph = built(open_argument(spec, opening), spec, shapes, color)
    from specmodel.summary.weights import listing, table

    if form == "json":
        import json

        text = json.dumps(listing(graph), indent=2, ensure_ascii=False)
    else:
        text = table(graph)
    write_text(text, output, [spec])


@command.command("check")
@click.argument("spec", metavar="SPEC")
@click.argument("file", metavar="[FILE]", required=False)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="The form of the report.")
@output_option
@shape_option
@opening_options
@color_option
@quiet_option
def check(
    spec: str,
    file: str | None,
    form: str,
    output: str | None,
    shapes: Sequence[str],
    opening: Opening,
    color: str,
    quiet: bool,
) -> int:
    """Hold a weights file against a spec; without FILE, the one that the spec names.

    Only headers are read. The report goes to the standard output. Exit 1 if a weight is missing or does not fit.
    """
    opened = open_argument(spec, opening)
    graph = built(opened, spec, shapes, color)
    found = _compared(opened, graph, file)
    shown = [diagnostic for diagnostic in found if not quiet or diagnostic.severity != "note"]
    write_text(_report(shown, form, color, graph), output, [path for path in (spec, file) if path is not None])
    return 1 if found.failed else 0


@command.command("convert")
@click.argument("spec", metavar="SPEC")
@click.argument("file", metavar="FILE")
@_file_option
@click.option("--rename", "renames", multiple=True, metavar="OLD=NEW", help="Take OLD of the file as NEW. Repeatable.")
@click.option("--map", "map_file", metavar="RULES", help="A YAML file of rules that rename, transpose, split and join.")
@shape_option
@opening_options
@color_option
@quiet_option
def convert(
    spec: str,
    file: str,
    output: str,
    renames: Sequence[str],
    map_file: str | None,
    shapes: Sequence[str],
    opening: Opening,
    color: str,
    quiet: bool,
) -> None:
    """Write the weights in FILE under the names, in the order and in the dtypes of a spec.

    The suffixes tell the formats: .npz or .safetensors. A name that ends in `:0` loses it; what the spec does not know
    is left out. docs/weights.md says how rules are written, and which are there for PyTorch's layers.
    """
    wanted = _renames(renames)
    graph = built(open_argument(spec, opening), spec, shapes, color)
    rules = _rules(map_file)
    from specmodel.weights.store import load_weights, save_weights

    found = Diagnostics()
    weights = load_weights(file, graph.weights(), graph, diagnostics=found, renames=wanted, rules=rules, keep=False)
    show(found, color, quiet)
    save_weights(output, weights, [*_files(spec), file, *([map_file] if map_file is not None else [])])
    _told(output, graph, quiet)


def _compared(opened: Opened, graph: Graph, file: str | None) -> Diagnostics:
    """What is to be said of a file, or of the one the spec names."""
    from specmodel.weights.match import check_weights_file, match
    from specmodel.weights.stored import read_stored

    found = Diagnostics()
    assert opened.spec is not None
    if file is None:
        if opened.spec.weights is None:
            raise click.UsageError("the spec names no `weights`: give the FILE to check")
        check_weights_file(opened.spec, graph, opened.folder, opened.root, found)
        return found
    try:
        found.extend(match(graph.weights(), read_stored(file, graph)).diagnostics(file))
    except SpecError as error:
        found.extend(error.diagnostics)
    return found


def _report(found: Sequence[Diagnostic], form: str, color: str, graph: Graph) -> str:
    if form == "json":
        from specmodel.report import json

        return json.render(found)
    from specmodel.report import text
    from specmodel.summary.weights import count_text

    wrong = any(diagnostic.severity == "error" for diagnostic in found)
    verdict = "the weights do not fit" if wrong else f"the weights fit: {count_text(list(graph.weights()))}"
    body = text.render(found, color_wanted(sys.stdout, color))
    return f"{body}\n{verdict}" if body else verdict


def _renames(written: Sequence[str]) -> dict[str, str]:
    renames: dict[str, str] = {}
    for text in written:
        old, equals, new = text.partition("=")
        if not (old and equals and new):
            raise click.BadParameter(f"{text!r} is not of the form OLD=NEW", param_hint="--rename")
        if old in renames or new in renames.values():
            raise click.BadParameter(f"{text!r} names a weight that another --rename names", param_hint="--rename")
        renames[old] = new
    return renames


def _rules(path: str | None) -> "list[Rule]":
    """The rules of a file; SpecError with all that is wrong with them."""
    if path is None:
        return []
    from specmodel.weights.mapping.rules import read_rules
    from specmodel.yaml import read_source

    found = Diagnostics()
    rules = read_rules(read_source(path), found)
    found.raise_errors()
    return rules


def _files(spec: str) -> list[str]:
    return [spec] if spec != "-" else []


def _told(output: str, graph: Graph, quiet: bool) -> None:
    """Say on the standard error what was written."""
    from specmodel.summary.weights import count_text

    if not quiet:
        print(f"{output}: {count_text(list(graph.weights()))}", file=sys.stderr)
