"""Many files are shared between processes: the same report, in the same order, and a quiet end."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import specmodel
from specmodel.checking.processes import shares
from tests.checking.commands import GOOD, WARNED, WRONG, write

PROGRAM = """
import sys
import specmodel.checking.run as run
run._WORTH_PROCESSES = 0
run.usable_processors = lambda: {processes}
{more}
from specmodel.cli import main
main()
"""
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(specmodel.__file__).parents[1]), "NO_COLOR": "1"}
BROKEN = """
check = run._check
def fail(file, request):
    if file.name == "m07.yaml":
        {}
    return check(file, request)
run._check = fail
"""


def start(*arguments: str, processes: int, more: str = "") -> subprocess.Popen[str]:
    program = PROGRAM.format(processes=processes, more=more)
    return subprocess.Popen(
        [sys.executable, "-c", program, "check", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=ENVIRONMENT,
        start_new_session=True,
    )


def run(*arguments: str, processes: int, more: str = "") -> tuple[int, str, str]:
    process = start(*arguments, processes=processes, more=more)
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err


def write_many(count: int = 24) -> None:
    for number in range(count):
        write(**{f"m{number:02}": (GOOD, WRONG, WARNED, "layers: [\n", "layers:\n  - Dens: 4\n")[number % 5]})


@pytest.mark.parametrize("form", ["text", "sarif", "junit"])
def test_the_report_does_not_depend_on_the_number_of_processes(form: str) -> None:
    write_many()
    alone = run(".", "--format", form, processes=1)
    assert alone[0] == 1
    assert alone[2] == ""
    for processes in (2, 3, 40):
        assert run(".", "--format", form, processes=processes) == alone


def test_fixes_are_written_by_whichever_process() -> None:
    write_many()
    assert run(".", "--fix", "--unsafe-fixes", processes=3)[1].count("fixed 4 mistakes\n") == 1
    assert Path("m04.yaml").read_text() == "layers:\n  - Dense: 4\n"


def test_a_wrong_configuration_is_told_once() -> None:
    write_many()
    write(deep__a=GOOD)
    Path("deep/specmodel.toml").write_text("a = [\n")
    status, out, err = run(".", processes=2)
    assert (status, out) == (2, "")
    assert err.count("E007") == 2  # the head and the line that names the page


def test_a_bug_in_a_process_is_a_bug() -> None:
    write_many()
    status, out, err = run(".", processes=2, more=BROKEN.format("raise ValueError('broken inside')"))
    assert (status, out) == (3, "")
    assert "this is a bug in specmodel" in err


def test_a_process_that_is_killed_does_not_pass_for_one_that_found_nothing() -> None:
    write_many()
    status, out, err = run(".", processes=2, more=BROKEN.format("import os; os.kill(os.getpid(), 9)"))
    assert (status, out) == (3, "")
    assert "ProcessError" in err


@pytest.mark.parametrize("whole_group", [True, False])
def test_an_interrupt_ends_all_quietly(whole_group: bool) -> None:
    write_many()
    process = start(".", processes=2, more=BROKEN.format("import time; open('started', 'w'); time.sleep(60)"))
    while not Path("started").exists():
        time.sleep(0.02)
    (os.killpg if whole_group else os.kill)(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err.strip()) == (130, "", "")
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)  # nobody is left of the session


def test_shares_are_even_and_in_order() -> None:
    assert shares([5, 1, 1, 1, 1, 1], 2) == [[0], [1, 2, 3, 4, 5]]
    assert shares([1, 2, 3], 1) == [[0, 1, 2]]
    assert shares([0, 0], 2) in ([[0], [1]], [[0, 1], []])
