"""Threads share tiles: each is done once, and what is computed is the same."""

import subprocess
import sys
from functools import partial
from threading import Barrier, Thread, current_thread
from typing import Any

import numpy as np
import pytest

from specmodel.execute import execute
from specmodel.kernels import products, tiles
from specmodel.plan import bind, threads
from specmodel.plan.compile import compile_graph
from specmodel.plan.team import Team
from tests.layers.harness import random_weights, sample
from tests.plan.images import Images
from tests.plan.test_passes import graph_of


def run(team: Team, *works: Any) -> None:
    """Run each work as a tile, whichever member takes it."""
    team.run([[(work,) for work in works]] * team.size)


@pytest.mark.parametrize("size", [1, 2, 3])
def test_each_tile_is_done_once(size: int) -> None:
    done: list[int] = []
    team = Team(size)
    for _ in range(20):
        done.clear()
        run(team, *(partial(done.append, number) for number in range(7)))
        assert sorted(done) == list(range(7))


def test_members_work_at_the_same_time() -> None:
    meeting = Barrier(2, timeout=20)
    run(Team(2), meeting.wait, meeting.wait)


def fail() -> None:
    raise RuntimeError(current_thread().name)


def test_what_goes_wrong_in_a_tile_is_raised_and_the_team_goes_on() -> None:
    team, meeting = Team(2), Barrier(2, timeout=20)

    def fail_elsewhere() -> None:
        meeting.wait()
        if current_thread().name == "specmodel":
            fail()

    with pytest.raises(RuntimeError, match="specmodel"):
        run(team, fail_elsewhere, fail_elsewhere)
    done: list[int] = []
    run(team, partial(done.append, 1), partial(done.append, 2))
    assert sorted(done) == [1, 2]


def test_a_team_that_is_busy_leaves_the_work_to_the_caller() -> None:
    team, names = Team(2), set()
    begun, meeting = Barrier(2, timeout=20), Barrier(3, timeout=20)
    first = Thread(target=lambda: run(team, lambda: (begun.wait(), meeting.wait()), lambda: meeting.wait()))
    first.start()
    begun.wait()
    run(team, *(lambda: names.add(current_thread().name) for _ in range(4)))
    assert names == {current_thread().name}
    meeting.wait()
    first.join(20)


FORKS = """
import os, sys
from specmodel.plan.team import Team
team, done = Team(2), []
team.run([[(lambda: done.append(1),)] * 4] * 2)
child = os.fork()
team.run([[(lambda: done.append(1),)] * 4] * 2)
if child == 0:
    os._exit(len(done))
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), len(done))
"""


def test_a_forked_process_has_a_team_of_its_own() -> None:
    found = subprocess.run([sys.executable, "-W", "ignore", "-c", FORKS], capture_output=True, text=True, timeout=60)
    assert (found.stdout, found.stderr) == ("8 8\n", "")


@pytest.fixture
def tiny_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is worth sharing."""
    monkeypatch.setattr(bind, "WORTH", 0)
    monkeypatch.setattr(tiles, "WORTH", 10.0)
    monkeypatch.setattr(products, "AT_ONCE", 300)


@pytest.mark.parametrize("number", range(12))
@pytest.mark.usefixtures("tiny_tiles")
def test_results_are_the_same_with_any_number_of_threads(number: int) -> None:
    generator = np.random.default_rng(number)
    graph = graph_of(Images(number).spec(), "float32")
    weights = random_weights(graph, generator)
    arrays = [sample(given.value.type, generator) for given in graph.inputs]
    one, *others = (execute(compile_graph(graph, weights, threads=count), arrays) for count in (1, 2, 3))
    for other in others:
        for found, expected in zip(other, one, strict=True):
            np.testing.assert_array_equal(found, expected)


class Library:
    """As threadpoolctl shows one."""

    def __init__(self, count: int) -> None:
        self.threads = count

    def get_num_threads(self) -> int:
        return self.threads

    def set_num_threads(self, count: int) -> None:
        self.threads = count


def test_libraries_have_one_thread_while_anything_runs() -> None:
    library = Library(4)
    limit = threads._Libraries([library])
    with limit:
        assert library.threads == 1
        with limit:
            assert library.threads == 1
        assert library.threads == 1
    assert library.threads == 4


@pytest.fixture
def usable(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Six processors, and nothing said in the environment."""
    monkeypatch.setattr(threads.os, "sched_getaffinity", lambda process: set(range(6)), raising=False)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    return monkeypatch


@pytest.mark.parametrize(
    ("quota", "environment", "count"),
    [
        ("max 100000\n", None, 6),
        ("max 100000\n", "4", 4),
        ("max 100000\n", "12", 6),
        ("max 100000\n", "many", 6),
        ("250000 100000\n", None, 3),
        (None, "0", 6),
    ],
)
def test_there_are_as_many_threads_as_processors_that_may_be_used(
    quota: str | None, environment: str | None, count: int, usable: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    if quota is not None:
        (tmp_path / "cpu.max").write_text(quota)
    usable.setattr(threads, "_QUOTA", tmp_path / "cpu.max")
    if environment is not None:
        usable.setenv("OMP_NUM_THREADS", environment)
    assert threads.default_threads() == count
