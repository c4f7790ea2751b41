"""What a run may take of the machine: memory and threads. No NumPy."""

import os
import re
import sys

import click

from specmodel.diagnostics import SpecError, codes
from specmodel.diagnostics.diagnostic import failure
from specmodel.graph.graph import Graph
from specmodel.graph.memory import ONE_SAMPLE
from specmodel.types.dim import Dim, evaluate

_SIZE = re.compile(r"([0-9]{1,18}(?:\.[0-9]{1,9})?) *([KMGTP]?)(I?)(B?)")
_THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS", "BLIS_NUM_THREADS")
_SMALL_WORK = 4 * 10**9
"""Floating-point operations that one thread does before a second is started: starting one takes 60 ms."""


def memory_size(ctx: click.Context, parameter: click.Parameter, value: str | None) -> int | None:
    """The bytes that `4G`, `512MiB` or `1.5 GB` are: units are steps of 1024, as in all that specmodel prints."""
    if value is None:
        return None
    parts = _SIZE.fullmatch(value.strip().upper())
    size = int(float(parts[1]) * 1024 ** " KMGTP".index(parts[2] or " ")) if parts is not None else 0
    if size < 1:
        raise click.BadParameter(f"{value!r} is no amount of memory: write bytes, or 512MiB, 4G and the like")
    return size


def physical_memory() -> int:
    """The machine's memory in bytes; where that cannot be told, what no machine has."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return 1 << 62


def out_of_memory() -> SpecError:
    """What to say where an allocation failed after all."""
    message = "there is not enough memory for this run"
    return failure(
        codes.OUT_OF_MEMORY, message, help="give a smaller `--batch-size`, or a `--max-memory` that is there"
    )


def limit_threads(asked: int | None, graph: Graph, rows: int) -> int:
    """Tell NumPy's libraries, before they are loaded, how many threads to use: those asked for, or what the work needs.

    A number that the environment has for a library stays, unless another was asked for. The number comes back.
    """
    count = asked if asked is not None else _fitting_threads(graph, rows)
    if "numpy" in sys.modules:
        return count
    for variable in _THREADS:
        if asked is not None or variable not in os.environ:
            os.environ[variable] = str(count)
    return count


def _fitting_threads(graph: Graph, rows: int) -> int:
    work: Dim = 0
    for node in graph.nodes:
        work = work + node.flops()
    work = evaluate(work, ONE_SAMPLE)
    if isinstance(work, int) and work * rows <= _SMALL_WORK:
        return 1
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    allowed = os.environ.get("OMP_NUM_THREADS", "")
    return min(usable, int(allowed)) if allowed.isascii() and allowed.isdigit() and int(allowed) > 0 else usable
