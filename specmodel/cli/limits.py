"""What a run may take of the machine: memory and threads. No NumPy."""

import os
import re
import sys

import click

from specmodel.diagnostics import SpecError, codes
from specmodel.diagnostics.diagnostic import failure
from specmodel.plan.threads import default_threads

_SIZE = re.compile(r"([0-9]{1,18}(?:\.[0-9]{1,9})?) *([KMGTP]?)(I?)(B?)")
_LIBRARIES = (
    *("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"),
    *("VECLIB_MAXIMUM_THREADS", "BLIS_NUM_THREADS"),
)


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


def take_threads(asked: int | None) -> int:
    """How many threads to compute with: those asked for, or as many as there are.

    NumPy's libraries are told, before they are loaded, to use one: tiles are shared, not single products.
    """
    count = asked if asked is not None else default_threads()
    if "numpy" not in sys.modules:
        os.environ.update(dict.fromkeys(_LIBRARIES, "1"))
    return count
