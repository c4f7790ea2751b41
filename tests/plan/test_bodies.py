"""Bodies of loops pass through the passes, too; what depends on weights alone is done once, not in each step."""

from typing import Any

import numpy as np
import pytest

from specmodel.execute import execute
from specmodel.kernels import products
from specmodel.ops import scan as scans
from specmodel.ops.conv import Conv
from specmodel.ops.elementwise import exp, tanh
from specmodel.ops.packed import PackedConv
from specmodel.ops.value import Value
from specmodel.plan.bind import Workspace
from specmodel.plan.compile import compile_program
from specmodel.plan.passes import optimised, unchanged
from specmodel.plan.program import Program
from specmodel.plan.team import team_of
from tests.plan.programs import given, program, weight


class Watching:
    """Keeps the programs that go through the passes."""

    def __init__(self) -> None:
        self.seen: list[Program] = []

    def __call__(self, one: Program) -> Program:
        self.seen.append(optimised(one))
        return self.seen[-1]


def looped(kernel: Value) -> Program:
    """A state that is convolved in each step."""
    x, start = given("x", 2, 3, 9, 8), given("start", 2, 9, 8)

    def step(slices: Any, states: Any) -> Any:
        convolved = Conv((1,), "same", (1,))(states[0], exp(kernel)) * weight("scale", 8)
        return (tanh(convolved + slices[0]),), ()

    (last,), _ = scans.scan([x], [start], step)
    return program([x, start], [last])


def test_a_kernel_is_scaled_and_packed_before_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(products, "multiplies_small_at_once", lambda: True)
    monkeypatch.setattr(products, "AT_ONCE", 100)
    whole, passes = looped(weight("kernel", 3, 8, 8)), Watching()
    generator = np.random.default_rng(0)
    weights = {
        "kernel": generator.normal(size=(3, 8, 8)).astype("float32"),
        "scale": generator.uniform(0.1, 0.2, 8).astype("float32"),
    }
    arrays = [generator.normal(size=value.shape).astype("float32") for value in whole.inputs]
    found = compile_program(whole, weights, Workspace(passes, team_of(1)))
    (body,) = passes.seen
    running = [type(getattr(one.op, "core", one.op)) for one in body.instructions if one.outputs[0] not in body.fixed()]
    assert PackedConv in running
    assert len(running) == 2  # the border, and the convolution with all that follows
    plain = compile_program(whole, weights, Workspace(unchanged, team_of(1)))
    np.testing.assert_allclose(execute(found, arrays)[0], execute(plain, arrays)[0], rtol=1e-5, atol=1e-6)
