"""`specmodel bench`."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from specmodel.cli.given_weights import weights_option
from specmodel.cli.limits import out_of_memory, physical_memory, take_threads
from specmodel.cli.options import (
    Opening,
    color_option,
    fast_math_option,
    open_argument,
    opening_options,
    output_option,
    quiet_option,
    show,
    write_text,
)
from specmodel.cli.shapes import shape_option, stated_shapes
from specmodel.data.fit import check_fit, input_dtypes
from specmodel.data.sources import Source, files_of, read_given, read_sources
from specmodel.diagnostics import Diagnostics, codes
from specmodel.diagnostics.diagnostic import failure
from specmodel.files.npy import Readable
from specmodel.graph.bind import StatedShape, build_bound
from specmodel.graph.graph import Graph
from specmodel.model.numbers import given_weights
from specmodel.model.opening import Opened
from specmodel.record import Record
from specmodel.spec.inputs import LARGEST_SIZE
from specmodel.spec.model import ModelSpec
from specmodel.summary.counts import byte_text
from specmodel.types.dim import variables

if TYPE_CHECKING:
    from specmodel.bench.report import Measured
    from specmodel.kernels import Array

BATCH = 1
EXAMPLE = "16"
"""A size that messages write for one that is open."""
SEED = 0
"""Of the data where none is given."""


class Asked(Record):
    """What was asked for, but for the spec and its data."""

    output: str | None
    weights: str | None
    shapes: Sequence[str]
    form: str
    batch_size: int | None
    repeat: int | None
    threads: int | None
    fast_math: bool
    color: str
    quiet: bool


@click.command("bench")
@click.argument("spec", metavar="SPEC")
@click.argument("inputs", metavar="[INPUT...]", nargs=-1)
@output_option
@weights_option
@shape_option
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", help="The form of the result.")
@click.option(
    "--batch-size",
    type=click.IntRange(1, LARGEST_SIZE),
    metavar="N",
    help="Samples in a call [default: 1, or all given].",
)
@click.option("--repeat", type=click.IntRange(1), metavar="N", help="Calls to time [default: for about a second].")
@click.option("--threads", type=click.IntRange(1), metavar="N", help="Threads to compute with [default: all].")
@fast_math_option
@opening_options
@color_option
@quiet_option
def command(spec: str, inputs: Sequence[str], opening: Opening, **options: Any) -> None:
    """Time a spec's warm calls, layer by layer.

    INPUT is as for `run`; without it the data is random, the same each time. What a layer does in another one's step,
    as an activation does in that of a convolution, is counted there.
    """
    asked = Asked(**options)
    if inputs and asked.shapes:
        raise click.UsageError("--input-shape is for random data: that of INPUT has its shape")
    given = [read_given(text) for text in inputs]
    opened = open_argument(spec, opening)
    model, graph = opened.sound()
    show(opened.diagnostics, asked.color, quiet=True)
    sources, stdin = read_sources(given, list(input_dtypes(model)), sys.stdin.buffer) if given else ([], None)
    shown = check_fit(model, sources)
    bound = _bound(model, graph, asked, sources, spec)
    threads = take_threads(asked.threads)
    show(shown, asked.color, asked.quiet)
    try:
        measured = _measured(opened, bound, asked, threads, sources, stdin)
    except MemoryError:
        raise out_of_memory() from None
    write_text(_text(measured, asked.form), asked.output, [spec, *files_of(given)])


def _bound(model: ModelSpec, graph: Graph | None, asked: Asked, sources: Sequence[Source], spec: str) -> Graph:
    """The graph with all its sizes."""
    if model.inputs is None and not sources and not asked.shapes:
        message = "the model is unbuilt: nothing tells the shape of its data"
        help = "state it: `--input-shape 1,4` (the batch included)"
        raise failure(codes.NOT_BUILT, message, place=spec, help=help)
    shapes = _of_data(sources, asked.batch_size) if sources else _stated(model, asked)
    bound = build_bound(model, shapes, graph)[1]
    _refuse_open_sizes(bound, spec)
    return bound


def _of_data(sources: Sequence[Source], batch: int | None) -> dict[str, StatedShape]:
    """The shapes of the data, or of as many samples as are asked for."""
    rows = min(one.header.shape[0] for one in sources)
    if batch is not None and batch > rows:
        raise click.BadParameter(f"{batch} is more than the {rows} samples there are", param_hint="--batch-size")
    return {one.name: (batch or one.header.shape[0], *one.header.shape[1:]) for one in sources}


def _stated(model: ModelSpec, asked: Asked) -> dict[str, StatedShape]:
    """The shapes that were stated, with the batch where they leave it open; a batch that the spec fixes stays."""
    stated = stated_shapes(asked.shapes, model)
    batch = asked.batch_size
    if batch is None and not any(isinstance(shape[0], int) for shape in stated.values()):
        batch = BATCH
    open_inputs = [one for one in model.inputs or () if not isinstance(one.type.shape[0], int)]
    shapes = {one.name: [None] * len(one.type.shape) for one in open_inputs} | stated
    return {name: [batch if size is None else size, *rest] for name, (size, *rest) in shapes.items()}


def _refuse_open_sizes(graph: Graph, spec: str) -> None:
    """Each open size is told once, at the first input that has it."""
    diagnostics = Diagnostics()
    told: set[str] = set()
    for given in graph.inputs:
        new = {name for size in given.value.shape for name in variables(size)} - told
        if new:
            told |= new
            message = f"input `{given.spec.name}` is {given.value.type}, and a run needs a number for every size"
            example = ",".join(str(size) if isinstance(size, int) else EXAMPLE for size in given.value.shape)
            help = f"state its shape: `--input-shape {given.spec.name}={example}`"
            diagnostics.add(codes.NOT_BUILT, message, place=spec, help=help)
    diagnostics.raise_errors()


def _measured(
    opened: Opened, graph: Graph, asked: Asked, threads: int, sources: Sequence[Source], stdin: "Readable | None"
) -> "Measured":
    """The part that needs NumPy."""
    from time import perf_counter

    from specmodel.bench.report import Measured
    from specmodel.bench.samples import samples
    from specmodel.bench.timing import measure
    from specmodel.data.pieces import footprint
    from specmodel.plan.compile import compile_graph

    needed, limit = footprint(graph).total, physical_memory()
    if needed > limit:
        message = f"a call takes {byte_text(needed)} of memory, and there are {byte_text(limit)}"
        raise failure(codes.OUT_OF_MEMORY, message, help="give a smaller `--batch-size`")
    found = Diagnostics()
    weights = given_weights(opened, graph, asked.weights, found)
    arrays = {spec.path: weights[spec.path] for spec in graph.weights()}
    data = _data(graph, sources, stdin) if sources else samples(graph, SEED)
    show(found, asked.color, asked.quiet)
    started = perf_counter()
    plan = compile_graph(graph, arrays, threads=threads, fast_math=asked.fast_math)
    compiled = 1e3 * (perf_counter() - started)
    timing = measure(plan, [data[given.spec.name] for given in graph.inputs], asked.repeat)
    return Measured(graph, plan, timing, compiled, threads)


def _data(graph: Graph, sources: Sequence[Source], stdin: "Readable | None") -> "dict[str, Array]":
    from specmodel.data.reading import open_inputs

    assert stdin is not None
    dtypes = {given.spec.name: given.value.dtype for given in graph.inputs}
    rows = {given.spec.name: given.value.shape[0] for given in graph.inputs}
    return {one.name: one.piece(0, int(str(rows[one.name]))) for one in open_inputs(sources, dtypes, stdin)}


def _text(measured: "Measured", form: str) -> str:
    from specmodel.bench.report import figures, table

    if form == "table":
        return table(measured)
    import json

    return json.dumps(figures(measured), indent=2, ensure_ascii=False)
