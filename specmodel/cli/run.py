"""`specmodel run`."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from specmodel.cli.given_weights import hint_at_initial_weights, weights_option
from specmodel.cli.limits import memory_size, out_of_memory, physical_memory, take_threads
from specmodel.cli.options import (
    Opening,
    color_option,
    fast_math_option,
    open_argument,
    opening_options,
    output_option,
    quiet_option,
    show,
)
from specmodel.data.fit import check_fit, input_dtypes
from specmodel.data.request import check_output, open_graph, until_layer
from specmodel.data.sources import STDIN, Given, Source, files_of, read_given, read_sources
from specmodel.diagnostics import Diagnostics
from specmodel.files.npy import Readable
from specmodel.files.npz import DEFAULT_CAP
from specmodel.graph.bind import build_bound
from specmodel.graph.graph import Graph
from specmodel.model.numbers import given_weights, weights_files
from specmodel.model.opening import Opened
from specmodel.record import Record
from specmodel.spec.model import ModelSpec
from specmodel.types.tensor import numbers

if TYPE_CHECKING:
    from specmodel.data.pieces import Kind, Pieces
    from specmodel.data.trace import Trace
    from specmodel.data.writing import Sink
    from specmodel.kernels import Array

_PROGRESS_FROM = 8
"""Pieces from which on a progress bar is worth its line."""


class Options(Record):
    """What was asked for, but for the spec and its data."""

    output: str | None
    weights: str | None
    until: str | None
    trace: bool
    form: str
    batch_size: int | None
    max_memory: int | None
    threads: int | None
    fast_math: bool
    color: str
    quiet: bool


@click.command("run")
@click.argument("spec", metavar="SPEC")
@click.argument("inputs", metavar="INPUT...", nargs=-1, required=True)
@output_option
@weights_option
@click.option("--until", metavar="LAYER", help="Stop at a layer: its outputs are the result.")
@click.option("--trace", is_flag=True, help="Show the shape, range, mean, NaNs, time and speed of every layer.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    help="The form of what is printed; json has the figures of outputs and layers, and no numbers of arrays.",
)
@click.option("--batch-size", type=click.IntRange(1), metavar="N", help="Samples at a time [default: what fits].")
@click.option(
    "--max-memory",
    callback=memory_size,
    metavar="SIZE",
    help="Refuse what takes more: 4G, 512MiB [default: all there is].",
)
@click.option("--threads", type=click.IntRange(1), metavar="N", help="Threads to compute with [default: all].")
@fast_math_option
@opening_options
@color_option
@quiet_option
def command(spec: str, inputs: Sequence[str], opening: Opening, **options: Any) -> None:
    """Run a spec on NumPy files.

    INPUT is a file.npy, a file.npz with an array for each input, name=file.npy for the input of that name, or `-` for
    an .npy on the standard input. One output is written as an .npy, several as an .npz by name; without -o the result
    is printed. Data that is larger than memory runs in pieces.
    """
    given = [read_given(text) for text in inputs]
    _check_usage(given, spec)
    asked = Options(**options)
    opened = open_argument(spec, opening)
    model, graph = opened.sound()
    show(opened.diagnostics, asked.color, quiet=True)
    limit = asked.max_memory or physical_memory()
    sources, stdin = read_sources(given, list(input_dtypes(model)), sys.stdin.buffer, min(DEFAULT_CAP, limit))
    notes = check_fit(model, sources)
    graph = open_graph(model, graph, {source.name: source.header.shape for source in sources})
    if asked.until is not None:
        model, graph = until_layer(model, graph, asked.until, spec)
    check_output(asked.output, [output.name for output in graph.outputs])
    asked = asked.replace(threads=take_threads(asked.threads))
    show(notes, asked.color, asked.quiet)
    try:
        _run(opened.replace(spec=model), graph, sources, stdin, asked, limit, _files(opened, given, spec, asked))
    except MemoryError:
        raise out_of_memory() from None


def _check_usage(given: Sequence[Given], spec: str) -> None:
    if sum(one.file == STDIN for one in given) + (spec == STDIN) > 1:
        raise click.UsageError("`-` is the standard input, which can be only one thing")
    for one in given:
        if one.is_archive and one.name is not None:
            raise click.UsageError(f"{one.file!r} names its arrays itself: leave out `{one.name}=`")


def _files(opened: Opened, given: Sequence[Given], spec: str, asked: Options) -> list[str]:
    """What the output must not overwrite."""
    return [*files_of(given), spec, *weights_files(opened, asked.weights)]


def _run(
    opened: Opened,
    graph: Graph,
    sources: Sequence[Source],
    stdin: Readable,
    asked: Options,
    limit: int,
    files: Sequence[str],
) -> None:
    """The part that needs NumPy: cut the data, run its pieces, write the result, tell what was seen."""
    from specmodel.data.reading import notes_of
    from specmodel.data.trace import Trace, traced
    from specmodel.execute import execute
    from specmodel.model.job import Job
    from specmodel.plan.settings import Settings

    assert opened.spec is not None
    results = [output.name for output in opened.spec.outputs]
    spec = traced(opened.spec, graph) if asked.trace else opened.spec
    found = Diagnostics()
    weights = _weights(opened, graph, asked, found)
    settings = Settings(asked.threads, asked.fast_math)
    job = Job(spec, opened.graph, graph, sources, weights, stdin, limit, asked.batch_size, settings)
    _hint_at_one_piece(job.pieces, asked)
    trace = Trace(spec, job.pieces.outputs, _flops(opened.spec, graph, sources)) if asked.trace else None
    weights(graph)  # now, so that what is wrong with them is told before an output is begun
    outputs = {name: job.pieces.outputs[name] for name in results}
    with _sink(asked, outputs, files) as sink, _progress(job.pieces, asked) as advance:
        for rows in job.stream(sink, trace.execute if trace is not None else execute):
            advance(rows)
    found.extend(notes_of(job.inputs))
    show(found, asked.color, asked.quiet)
    _tell(asked, outputs, sink, trace)


def _flops(spec: ModelSpec, graph: Graph, sources: Sequence[Source]) -> dict[str, int]:
    """The floating-point operations of each layer on all the data."""
    whole = build_bound(spec, {source.name: source.header.shape for source in sources}, graph)[1]
    return {node.path: numbers((node.flops(),))[0] for node in whole.nodes}


def _weights(
    opened: Opened, graph: Graph, asked: Options, found: Diagnostics
) -> "Callable[[Graph], Mapping[str, Array]]":
    """Where the numbers come from; they are read once."""
    from functools import cache

    specs = list(graph.weights())
    read = cache(lambda: given_weights(opened, graph, asked.weights, found))
    hint_at_initial_weights(opened, specs, asked.weights, asked.quiet)
    return lambda graph: read()


def _hint_at_one_piece(pieces: "Pieces", asked: Options) -> None:
    if pieces.mixing is not None and asked.batch_size is not None and not asked.quiet:
        message = f"`{pieces.mixing}` needs the whole batch at once: it runs in one piece, whatever `--batch-size` says"
        print(f"hint: {message}", file=sys.stderr)


@contextmanager
def _sink(asked: Options, outputs: "Mapping[str, Kind]", files: Sequence[str]) -> "Iterator[Sink]":
    """Where the result goes."""
    from specmodel.data.writing import Printed, Unseen, file_sink, stream_sink

    if asked.output == "-":
        with stream_sink(sys.stdout.buffer, outputs) as sink:
            yield sink
    elif asked.output is not None:
        with file_sink(asked.output, outputs, files) as sink:
            yield sink
    else:
        yield Printed(outputs) if asked.form == "text" else Unseen()


@contextmanager
def _progress(pieces: "Pieces", asked: Options) -> "Iterator[Callable[[int], object]]":
    """A bar on the terminal for what takes long; it is told the samples that were done."""
    if asked.quiet or pieces.count < _PROGRESS_FROM or not sys.stderr.isatty():
        yield lambda rows: None
        return
    with click.progressbar(length=pieces.rows, label="samples", file=sys.stderr) as bar:
        yield bar.update


def _tell(asked: Options, outputs: "Mapping[str, Kind]", sink: "Sink", trace: "Trace | None") -> None:
    """Print the result, and the figures that were asked for. A result on the standard output has it for itself."""
    from specmodel.data.writing import Printed, kind_text

    stream = sys.stderr if asked.output == "-" else sys.stdout
    if asked.form == "json":
        print(_as_json(outputs, trace), file=stream)
        return
    if isinstance(sink, Printed):
        print(sink.text())
    elif asked.output != "-" and not asked.quiet:
        for name, kind in outputs.items():
            print(f"{asked.output}: {kind_text(name, kind)}", file=sys.stderr)
    if trace is not None:
        print(trace.table(), file=stream)


def _as_json(outputs: "Mapping[str, Kind]", trace: "Trace | None") -> str:
    import json

    from specmodel.data.writing import dtype_text

    found: dict[str, Any] = {
        "specmodel": 1,
        "outputs": [
            {"name": name, "shape": list(shape), "dtype": dtype_text(dtype)} for name, (shape, dtype) in outputs.items()
        ],
    }
    if trace is not None:
        found["trace"] = trace.as_dicts()
    return json.dumps(found, indent=2, ensure_ascii=False)
