"""`specmodel run` as a process: memory, pipes, signals, what is imported when."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from tests.run.conftest import X, head

ROOT = Path(__file__).parents[2]
SPECMODEL = [sys.executable, "-m", "specmodel", "run"]


def python(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def process(*arguments: str, **options: object) -> "subprocess.Popen[bytes]":
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    return subprocess.Popen([*SPECMODEL, *arguments], **pipes)  # type: ignore[call-overload, no-any-return]


@pytest.fixture(autouse=True)
def importable(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


LIMITED = """
import resource, sys
import numpy
from specmodel.cli import main
import specmodel.cli.run, specmodel.data.stream, specmodel.model.runner
held = int(open("/proc/self/statm").read().split()[5]) * resource.getpagesize()
limit = held + int(sys.argv.pop(1)) * 2**20
resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
main()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited as Linux does")
@pytest.mark.parametrize("order", ["C", "big-endian"])
def test_a_stream_much_larger_than_memory_runs(order: str) -> None:
    rows = 600_000
    Path("s.yaml").write_text("inputs: [64]\nlayers: [{Dense: {units: 32, kernel_initializer: ones}}]\n")
    x = np.lib.format.open_memmap("big.npy", "w+", ">f4" if order == "big-endian" else "<f4", (rows, 64))
    x[:] = (np.arange(rows) % 1000)[:, None]
    x.flush()
    data, limit = Path("big.npy").stat().st_size, 64 * 2**20
    assert data > 2 * limit
    found = python(LIMITED, "64", "run", "s.yaml", "big.npy", "-o", "y.npy", "-q")
    assert (found.returncode, found.stdout, found.stderr) == (0, "", "")
    y = np.load("y.npy", mmap_mode="r")
    assert y.shape == (rows, 32)
    np.testing.assert_array_equal(y[:, 0], (np.arange(rows) % 1000) * 64)
    np.testing.assert_array_equal(y[:, 0], y[:, -1])


@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited as Linux does")
def test_where_memory_ends_after_all_it_is_said() -> None:
    Path("s.yaml").write_text("inputs: [64]\nlayers: [{Dense: 200000}]\n")
    np.save("x.npy", np.zeros((2, 64), np.float32))
    found = python(LIMITED, "16", "run", "s.yaml", "x.npy", "-o", "y.npy", "-q")
    assert (found.returncode, found.stdout) == (1, "")
    assert "error[E504] there is not enough memory" in found.stderr
    assert not Path("y.npy").exists()


def test_results_go_through_pipes() -> None:
    with process("dense.yaml", "-", "-o", "-", stdin=subprocess.PIPE) as running:
        output, _ = running.communicate(Path("x.npy").read_bytes(), timeout=60)
    Path("y.npy").write_bytes(output)
    np.testing.assert_allclose(np.load("y.npy"), head(X), rtol=1e-5)


def test_several_outputs_go_through_a_pipe_as_an_npz() -> None:
    left, right = np.ones((2, 3, 2), np.float32), np.full((2, 3, 2), 2, np.int32)
    np.savez("both.npz", left=left, right=right)
    with process("two.yaml", "both.npz", "-o", "-", "--trace") as running:
        output, errors = running.communicate(timeout=60)
    Path("y.npz").write_bytes(output)
    with np.load("y.npz") as file:
        assert {name: array.shape for name, array in file.items()} == {"sum": (2, 3, 2), "flipped": (2, 2, 3)}
        np.testing.assert_array_equal(file["sum"], left + right)
    assert b"Layer (type)" in errors


@pytest.mark.parametrize("output", [["-o", "-"], []])
def test_a_closed_pipe_ends_quietly(output: list[str]) -> None:
    np.save("x.npy", np.zeros((200_000, 4), np.float32))
    with process("dense.yaml", "x.npy", *output) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.close()
        errors = running.stderr.read()
    assert errors == b""
    assert running.returncode == 141


def test_ctrl_c_leaves_no_file() -> None:
    Path("s.yaml").write_text("inputs: [512]\nlayers: [{Dense: 512}, {Dense: 512}]\n")
    np.lib.format.open_memmap("x.npy", "w+", "<f4", (200_000, 512)).flush()
    before = {path.name for path in Path().iterdir()}
    with process("s.yaml", "x.npy", "-o", "y.npy", "--batch-size", "2") as running:
        assert running.stderr is not None
        end = time.monotonic() + 30
        while not any(part.stat().st_size > 0 for part in Path().glob(".specmodel-*.part")):
            assert time.monotonic() < end
            time.sleep(0.01)
        running.send_signal(signal.SIGINT)
        errors = running.stderr.read()
    assert running.returncode == 130
    assert b"Traceback" not in errors
    assert {path.name for path in Path().iterdir()} == before


FAILS = """
import sys
from specmodel.cli import main
sys.argv[0] = "specmodel"
try:
    main()
finally:
    print("numpy" in sys.modules)
"""


@pytest.mark.parametrize(
    "arguments", ["bad.yaml x.npy", "dense.yaml missing.npy", "dense.yaml wide.npy", "dense.yaml x.npy -o y"]
)
def test_a_mistake_is_told_before_numpy_is_loaded(arguments: str) -> None:
    Path("bad.yaml").write_text("inputs: [4]\nlayers: [{Dens: 2}]\n")
    np.save("wide.npy", np.zeros((2, 5)))
    found = python(FAILS, "run", *arguments.split())
    assert (found.returncode, found.stdout) == (1, "False\n")


THREADS = FAILS.replace('print("numpy" in sys.modules)', 'import os; print(os.environ.get("OPENBLAS_NUM_THREADS"))')


@pytest.mark.parametrize(
    ("options", "environment"),
    [([], {}), (["--threads", "3"], {}), (["--threads", "3"], {"OPENBLAS_NUM_THREADS": "2"})],
)
def test_numpys_libraries_are_kept_to_one_thread_before_they_are_loaded(
    options: list[str], environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    found = python(THREADS, "run", "dense.yaml", "x.npy", "-o", "y.npy", "-q", *options)
    assert (found.returncode, found.stdout, found.stderr) == (0, "1\n", "")
