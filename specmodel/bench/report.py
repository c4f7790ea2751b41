"""What was measured, as figures for programs and as a table."""

from collections.abc import Mapping
from typing import Any

from specmodel.bench.timing import Spread, Timing
from specmodel.graph.graph import Graph
from specmodel.plan.plan import Plan
from specmodel.record import Record
from specmodel.summary.box import Column, box
from specmodel.summary.counts import byte_text, weight_bytes
from specmodel.types.dim import Dim
from specmodel.types.tensor import numbers, shape_text

Figures = dict[str, Any]


class Measured(Record):
    """A graph of known sizes with its plan, what the calls took, and milliseconds that making the plan took."""

    graph: Graph
    plan: Plan
    timing: Timing
    compile: float
    threads: int


def figures(measured: Measured) -> Figures:
    """The figures of `--format json`: milliseconds, bytes, and operations of the whole batch."""
    graph, plan, timing = measured.graph, measured.plan, measured.timing
    layers = [_layer(measured, node.path, position) for position, node in enumerate(graph.nodes)]
    flops = _known(sum((node.flops() for node in graph.nodes), 0))
    return {
        "specmodel": 1,
        "name": graph.name,
        "inputs": [
            {"name": one.spec.name, "shape": list(one.value.shape), "dtype": one.value.dtype} for one in graph.inputs
        ],
        "threads": measured.threads,
        "calls": timing.calls,
        "milliseconds": _spread(timing.wall),
        "processor_milliseconds": _spread(timing.processor),
        "compile_milliseconds": _digits(measured.compile),
        "flops": flops,
        "gflops": _rate(flops, timing.wall.median),
        "arena_bytes": plan.arena_bytes,
        "scratch_bytes": plan.scratch_bytes,
        "weight_bytes": weight_bytes(graph.weights()),
        "allocated_bytes": timing.allocated,
        "layers": layers,
    }


def _layer(measured: Measured, path: str, position: int) -> Figures:
    """A layer's part; None for the time of one that is done in the steps of another, or when the plan is made."""
    node, timing = measured.graph.nodes[position], measured.timing
    time, flops = timing.layers.get(path), _known(node.flops())
    whole = sum(timing.layers.values())
    return {
        "path": path,
        "type": type(node.layer).__name__,
        "output_shapes": [list(numbers(output.value.shape)) for output in node.outputs],
        "milliseconds": None if time is None else _digits(time),
        "share": None if time is None or not whole else _digits(time / whole),
        "flops": flops,
        "gflops": None if time is None else _rate(flops, time),
        "allocated_bytes": timing.allocated_by.get(path),
    }


def table(measured: Measured) -> str:
    """The layers, and below them the whole."""
    found = figures(measured)
    heads = [Column("Layer (type)", False, 44), Column("Output Shape", False, 40)]
    heads += [Column(name, True, 24) for name in ("Time (ms)", "Share", "MFLOPs", "GFLOP/s", "Allocated")]
    rows = [_cells(layer) for layer in found["layers"]]
    return "\n".join([f'Model: "{found["name"]}"', *box(heads, rows), *_totals(found)])


def _cells(layer: Mapping[str, Any]) -> list[str]:
    shapes = [shape_text(tuple(shape)) for shape in layer["output_shapes"]]
    timed = layer["milliseconds"] is not None
    return [
        f"{layer['path']} ({layer['type']})",
        shapes[0] if len(shapes) == 1 else f"[{', '.join(shapes)}]",
        f"{layer['milliseconds']:.4g}" if timed else "-",
        f"{layer['share']:.1%}" if layer["share"] is not None else "-",
        f"{layer['flops'] / 1e6:,.3g}" if layer["flops"] < 1e9 else f"{layer['flops'] / 1e6:,.0f}",
        f"{layer['gflops']:.3g}" if layer["gflops"] is not None and layer["flops"] else "-",
        byte_text(layer["allocated_bytes"]) if layer["allocated_bytes"] is not None else "-",
    ]


def _totals(found: Mapping[str, Any]) -> list[str]:
    wall, used = found["milliseconds"], found["processor_milliseconds"]
    given = ", ".join(f"{one['name']} {shape_text(tuple(one['shape']))}" for one in found["inputs"])
    threads = "one thread" if found["threads"] == 1 else f"{found['threads']} threads"
    memory = {"buffers": "arena_bytes", "working memory": "scratch_bytes", "weights": "weight_bytes"}
    listed = ", ".join(f"{name} {byte_text(found[key])}" for name, key in memory.items())
    return [
        f" On {given}, {threads}",
        " What has no time is done in the step of another layer, or before anything runs",
        f" A warm call: {wall['median']:.4g} ms ({wall['low']:.4g}-{wall['high']:.4g}, {found['calls']} calls), "
        f"{found['gflops']:.3g} GFLOP/s; of the processor {used['median']:.4g} ms",
        f" It allocates {byte_text(found['allocated_bytes'])}; {listed}",
        f" Making the plan: {found['compile_milliseconds']:.4g} ms",
    ]


def _spread(found: Spread) -> Figures:
    return {name: _digits(getattr(found, name)) for name in ("median", "low", "high")}


def _rate(flops: int, milliseconds: float) -> float | None:
    return _digits(flops / milliseconds / 1e6) if milliseconds > 0 else None


def _digits(number: float) -> float:
    return float(f"{number:.4g}")


def _known(size: Dim) -> int:
    return numbers((size,))[0]
