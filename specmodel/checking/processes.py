"""Work that is shared between processes: forked ones, which start with all that has been imported."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NoReturn, TypeVar

from specmodel.diagnostics import SpecError

Result = TypeVar("Result")
Work = Callable[[int], Result]

_INTERRUPTED = 130
_HEADER = 8
"""Bytes that tell the length of a message."""


class ProcessError(RuntimeError):
    """A process did not bring its results; the text says why."""


def usable_processors() -> int:
    """How many processes can run at once here; 1 where forking is not possible, or not safe."""
    if not hasattr(os, "fork") or sys.platform == "darwin" or threading.active_count() > 1:
        return 1
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def shared(work: Work[Result], sizes: Sequence[int], processes: int) -> Iterator[Result]:
    """The results of `work(0)`, `work(1)`, … for each size, in order.

    A `SpecError` of one is raised when its turn comes; whatever ends this ends the processes, too.
    """
    children: dict[int, int] = {}
    try:
        for share in shares(sizes, processes):
            reader, process = _start(work, share)
            children[reader] = process
        brought = _received(list(children))
        early: dict[int, Any] = {}
        for number in range(len(sizes)):
            while number not in early:
                index, result = next(brought, (-1, "a process ended without its results"))
                if index < 0:
                    raise ProcessError(result)
                early[index] = result
            result = early.pop(number)
            if isinstance(result, SpecError):
                raise result
            yield result
    finally:
        for reader, process in children.items():
            os.close(reader)
            _end(process)


def shares(sizes: Sequence[int], count: int) -> list[list[int]]:
    """The numbers of some pieces of work, so divided that the sums of their sizes come out alike; each in order."""
    found: list[list[int]] = [[] for _ in range(count)]
    loads = [0] * count
    for number in sorted(range(len(sizes)), key=lambda number: -sizes[number]):
        least = loads.index(min(loads))
        found[least].append(number)
        loads[least] += sizes[number]
    return [sorted(share) for share in found]


def _start(work: Work[Result], share: Sequence[int]) -> tuple[int, int]:
    """A process that does its share, and where its results can be read."""
    reader, writer = os.pipe()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # until the new process is on its own way
    process = os.fork()
    if process == 0:
        _run(work, share, writer, before)
    signal.pthread_sigmask(signal.SIG_SETMASK, before)
    os.close(writer)
    return reader, process


def _run(work: Work[Result], share: Sequence[int], writer: int, mask: Iterable[int]) -> NoReturn:
    """The life of a process: it leaves by `_exit`, so that nothing of its parent's is flushed or cleaned up twice."""
    status = 1
    try:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        for number in share:
            try:
                result: Result | SpecError = work(number)
            except SpecError as error:
                result = error
            _send((number, result), writer)
        status = 0
    except KeyboardInterrupt:
        status = _INTERRUPTED
    except BrokenPipeError:
        pass  # the parent has gone
    except Exception:  # a bug: the parent reports it, as its own
        import traceback

        _send((-1, traceback.format_exc()), writer)
    finally:
        os._exit(status)


def _send(message: object, writer: int) -> None:
    import pickle

    data = pickle.dumps(message)
    data = len(data).to_bytes(_HEADER) + data
    while data:
        data = data[os.write(writer, data) :]


def _received(readers: Sequence[int]) -> Iterator[tuple[int, Any]]:
    """The messages of all processes as they come, until each has ended."""
    import pickle
    from select import select

    buffers = {reader: bytearray() for reader in readers}
    while buffers:
        for reader in select(list(buffers), [], [])[0]:
            buffer = buffers[reader]
            chunk = os.read(reader, 1 << 16)
            if not chunk:
                del buffers[reader]
            buffer += chunk
            while len(buffer) >= _HEADER and len(buffer) >= (end := _HEADER + int.from_bytes(buffer[:_HEADER])):
                yield pickle.loads(buffer[_HEADER:end])
                del buffer[:end]


def _end(process: int) -> None:
    """End a process that may be at work still; one that has done its share is only waited for."""
    done, _ = os.waitpid(process, os.WNOHANG)
    if done == 0:
        try:
            os.kill(process, signal.SIGKILL)
        finally:
            os.waitpid(process, 0)
