"""Threads that share the tiles of a step with the thread that runs the plan."""

import os
from collections.abc import Sequence
from functools import cache
from itertools import count
from threading import Lock, Thread

import numpy as np

from specmodel.kernels import Bound

Tile = Sequence[Bound]
WORTH = 60_000.0
"""Nanoseconds of a step that is worth sharing: handing it over takes some three thousand."""


class Team:
    """So many threads, one of them the caller's. The others start with the first step and sleep between steps.

    Members take the next tile that nobody has, so that one that is held up leaves more to the others.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._free = Lock()
        self._members: list[_Member] = []
        self._process = 0

    def run(self, tiles: Sequence[Sequence[Tile]]) -> None:
        """Run the tiles of a step, given once for each member, bound to working memory of its own.

        Where the team is busy with another plan the caller does all by itself: as many threads run as were asked for.
        """
        if self.size == 1 or not self._free.acquire(blocking=False):
            _work(tiles[0], count())
            return
        try:
            self._share(tiles)
        finally:
            self._free.release()

    def _share(self, tiles: Sequence[Sequence[Tile]]) -> None:
        if self._process != os.getpid():  # threads stay behind when a process is forked
            self._members = [_Member() for _ in range(self.size - 1)]
            self._process = os.getpid()
        numbers = count()
        for member, own in zip(self._members, tiles[1:], strict=True):
            member.begin(own, numbers)
        try:
            _work(tiles[0], numbers)
        finally:  # the arrays are theirs as long as they work
            faults = [member.end() for member in self._members]
        for fault in faults:
            if fault is not None:
                raise fault


class _Member:
    """A thread that works when it is told to."""

    def __init__(self) -> None:
        self._told, self._done = Lock(), Lock()
        self._told.acquire()
        self._done.acquire()
        self._work: tuple[Sequence[Tile], count[int]] | None = None
        self._fault: BaseException | None = None
        Thread(target=self._live, name="specmodel", daemon=True).start()

    def begin(self, tiles: Sequence[Tile], numbers: "count[int]") -> None:
        self._work = tiles, numbers
        self._told.release()

    def end(self) -> BaseException | None:
        """Wait until the work is done; what went wrong with it."""
        self._done.acquire()
        fault, self._fault, self._work = self._fault, None, None
        return fault

    @np.errstate(all="ignore")
    def _live(self) -> None:
        while True:
            self._told.acquire()
            try:
                if self._work is not None:
                    _work(*self._work)
            except BaseException as fault:
                self._fault = fault
            self._done.release()


def _work(tiles: Sequence[Tile], numbers: "count[int]") -> None:
    """Run the tiles whose numbers nobody else takes."""
    number = next(numbers)
    while number < len(tiles):
        for call in tiles[number]:
            call()
        number = next(numbers)


@cache
def team_of(size: int) -> Team:
    """The team of a size: one for all plans of a process."""
    return Team(size)
