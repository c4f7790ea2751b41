"""Fast math is off unless it is asked for, and then changes large convolutions alone."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import specmodel
from specmodel.kernels import products
from specmodel.plan.passes import FAST_PASSES, PASSES
from tests.run.conftest import Run, command, folder, run  # noqa: F401  # fixtures

SPEC = """
inputs: [24, 24, 16]
layers:
  - Conv2D: {filters: 64, kernel_size: 3, padding: same, activation: relu}
  - Conv2D: {filters: 64, kernel_size: 3, padding: same}
  - GlobalAveragePooling2D
  - Dense: 10
"""


@pytest.fixture(autouse=True)
def small_products(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(products, "multiplies_small_at_once", lambda: True)


def sides(model: Any) -> list[int]:
    """Those of the tiles in the plan that the model ran."""
    (compiled,) = model._network()._runner._plans.values()
    ops = [getattr(step.instruction.op, "core", step.instruction.op) for step in compiled.plan.steps]
    return [op.side for op in ops if hasattr(op, "side")]


def test_tiles_are_larger_where_it_is_asked_for() -> None:
    x = np.random.default_rng(0).standard_normal((1, 24, 24, 16), np.float32)
    usual, fast = specmodel.loads(SPEC), specmodel.loads(SPEC, fast_math=True)
    found, expected = fast(x), usual(x)
    assert (sides(usual), sides(fast)) == ([2, 2], [4, 4])
    assert 0 < np.abs(found - expected).max() <= 1e-4 * np.abs(expected).max()


def test_only_one_pass_is_another() -> None:
    assert sum(one is not other for one, other in zip(PASSES, FAST_PASSES, strict=True)) == 1


@pytest.mark.parametrize("threads", [0, -1, 2.5, "2"])
def test_threads_are_a_number(threads: Any) -> None:
    with pytest.raises(ValueError, match="`threads` is a number of threads, at least 1"):
        specmodel.loads(SPEC, threads=threads)


def test_the_command_line_takes_it(run: Run) -> None:  # noqa: F811
    Path("conv.yaml").write_text(SPEC)
    np.save("x.npy", np.ones((1, 24, 24, 16), np.float32))
    for options in ((), ("--fast-math",)):
        status, _, errors = run("conv.yaml", "x.npy", "-o", f"y{len(options)}.npy", "-q", *options)
        assert (status, errors) == (0, "")
    assert not np.array_equal(np.load("y0.npy"), np.load("y1.npy"))
