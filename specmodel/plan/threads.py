"""How many threads there are to compute with, and NumPy's own kept to one."""

import os
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from importlib import import_module
from pathlib import Path
from threading import Lock
from typing import Any

_QUOTA = Path("/sys/fs/cgroup/cpu.max")


def default_threads() -> int:
    """The processors that this process may use, at most OMP_NUM_THREADS."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    allowed = os.environ.get("OMP_NUM_THREADS", "")
    asked = int(allowed) if allowed.isascii() and allowed.isdigit() and int(allowed) > 0 else usable
    return max(min(usable, asked, _quota()), 1)


def _quota() -> int:
    """The processors that a container has the time of; many where nothing limits it. Source: Linux, cgroup-v2.rst."""
    try:
        most, period = _QUOTA.read_text(encoding="ascii").split()
        return -(-int(most) // int(period))
    except (OSError, ValueError):
        return 1 << 16


class _Libraries:
    """NumPy's libraries on one thread while plans run; when the last run ends they have theirs back."""

    def __init__(self, libraries: list[Any]) -> None:
        self._libraries = libraries
        self._lock = Lock()
        self._runs = 0
        self._before: list[int] = []

    def __enter__(self) -> None:
        with self._lock:
            if self._runs == 0:
                self._before = [library.get_num_threads() for library in self._libraries]
                for library in self._libraries:
                    library.set_num_threads(1)
            self._runs += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._runs -= 1
            if self._runs == 0:
                for library, threads in zip(self._libraries, self._before, strict=True):
                    library.set_num_threads(threads)


@cache
def one_library_thread() -> AbstractContextManager[None]:
    """What keeps the libraries that multiply matrices on one thread, as far as they are found.

    Threads of theirs wait for each other by turning in circles: on a busy machine that takes ten times as long. Without
    threadpoolctl nothing is found; the command line tells the libraries before they are loaded.
    """
    if all(os.environ.get(variable) == "1" for variable in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")):
        return nullcontext()
    try:
        threadpoolctl = import_module("threadpoolctl")
    except ImportError:
        return nullcontext()
    return _Libraries(threadpoolctl.ThreadpoolController().select(user_api="blas").lib_controllers)
