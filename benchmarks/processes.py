"""Whole processes: their time and memory as the kernel counts them."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import NamedTuple


class Cost(NamedTuple):
    """Seconds on the clock, seconds of the processor (user and system), and the largest resident memory in bytes."""

    wall: float
    cpu: float
    memory: int


class FailedError(Exception):
    """A measured command that did not end well."""


def environment() -> dict[str, str]:
    """The environment of measured processes: compiled modules are kept, as on a user's machine."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def specmodel(*arguments: str) -> list[str]:
    """The command that runs specmodel with these arguments."""
    return [sys.executable, "-m", "specmodel", *arguments]


def cost(command: Sequence[str], folder: Path) -> Cost:
    """Run a command to its end."""
    with (folder / "errors.txt").open("wb") as errors:
        started = perf_counter()
        process = subprocess.Popen(
            command, cwd=folder, env=environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors
        )
        _, status, used = os.wait4(process.pid, 0)
        wall = perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        last = (folder / "errors.txt").read_text(errors="replace").strip().splitlines()[-1:]
        raise FailedError(f"exit {process.returncode}: {''.join(last) or ' '.join(command)}")
    kibibytes = used.ru_maxrss if sys.platform != "darwin" else used.ru_maxrss // 1024
    return Cost(wall, used.ru_utime + used.ru_stime, kibibytes * 1024)


def costs(commands: Mapping[str, Sequence[str]], rounds: int) -> dict[str, list[Cost]]:
    """The costs of some commands, which take turns; a first round that fills the caches does not count."""
    found: dict[str, list[Cost]] = {name: [] for name in commands}
    with TemporaryDirectory() as folder:
        for number in range(rounds + 1):
            for name, command in commands.items():
                one = cost(command, Path(folder))
                if number > 0:
                    found[name].append(one)
    return found
