"""Python's collector of cyclic garbage, while a model grows."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def paused_collection() -> Iterator[None]:
    """Let no collection run: what a spec becomes is alive to the end, and walking it again and again doubles the time.

    Where it is paused already, it stays so.
    """
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()
