"""The loop op: what its body becomes, on paper and in memory."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specmodel.execute import execute
from specmodel.graph.graph import Graph, GraphInput
from specmodel.ops.elementwise import tanh
from specmodel.ops.scan import Scan, Values, scan
from specmodel.ops.shape import expand_dims, flip
from specmodel.ops.source import Input
from specmodel.ops.value import Value
from specmodel.plan.compile import compile_graph
from specmodel.spec.model import InputSpec, Place
from specmodel.types.dim import symbol, unknown
from specmodel.types.tensor import TensorType

BATCH = 2


def placeholder(*shape: Any) -> Value:
    return Input("x", TensorType(shape, "float32"))()


def run(inputs: Sequence[Value], outputs: Sequence[Value], arrays: Sequence[Any]) -> list[Any]:
    given = tuple(GraphInput(InputSpec(f"x{i}", value.type, Place()), value) for i, value in enumerate(inputs))
    return execute(compile_graph(Graph("loop", given, (), (), (), ()), {}, outputs), arrays)


def fibonacci(slices: Values, states: Values) -> tuple[Values, Values]:
    before, now = states
    return (now, before + now + slices[0] * 0), (before,)


def exchange(slices: Values, states: Values) -> tuple[Values, Values]:
    return (states[1], states[0]), (states[0] + slices[0],)


def turn(slices: Values, states: Values) -> tuple[Values, Values]:
    return (flip(states[0], 1), states[0]), (states[1],)


def keep(slices: Values, states: Values) -> tuple[Values, Values]:
    return states, (slices[0],)


def same(slices: Values, states: Values) -> tuple[Values, Values]:
    new = states[0] * states[1] + slices[0]
    return (new, new), (new,)


BODIES = {body.__name__: body for body in (fibonacci, exchange, turn, keep, same)}
NAIVE: dict[str, Any] = {
    "fibonacci": lambda x, a, b: ((b, a + b), a),
    "exchange": lambda x, a, b: ((b, a), a + x),
    "turn": lambda x, a, b: ((a[:, ::-1], a), b),
    "keep": lambda x, a, b: ((a, b), x),
    "same": lambda x, a, b: ((a * b + x, a * b + x), a * b + x),
}


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("steps", [1, 2, 5])
def test_states_pass_from_step_to_step_whatever_the_body_does_with_them(name: str, steps: int) -> None:
    generator = np.random.default_rng(0)
    arrays = [generator.normal(size=shape).astype("float32") for shape in ((BATCH, steps, 3), (BATCH, 3), (BATCH, 3))]
    x, *states = inputs = [placeholder(*array.shape) for array in arrays]
    last, outputs = scan([x], states, BODIES[name])
    results = run(inputs, (*last, *outputs), arrays)
    a, b = arrays[1:]
    expected = []
    for step in range(steps):
        (a, b), y = NAIVE[name](arrays[0][:, step], a, b)
        expected.append(y)
    for found, wanted in zip(results, (a, b, np.stack(expected, 1)), strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-6)


def chain(operations: Sequence[tuple[str, int, int]], values: list[Any]) -> list[Any]:
    for kind, i, j in operations:
        a, b = values[i % len(values)], values[j % len(values)]
        values.append(a + b if kind == "add" else a * b if kind == "mul" else a - b)
    return values


OPERATIONS = st.lists(
    st.tuples(st.sampled_from(["add", "mul", "sub"]), st.integers(0, 20), st.integers(0, 20)), min_size=1, max_size=8
)


@settings(max_examples=60, deadline=None)
@given(OPERATIONS, st.tuples(st.integers(0, 20), st.integers(0, 20), st.integers(0, 20)))
def test_any_body_gives_what_a_plain_loop_gives(
    operations: list[tuple[str, int, int]], picked: tuple[int, ...]
) -> None:
    steps = 3
    arrays = [np.random.default_rng(1).uniform(-1, 1, shape) for shape in ((BATCH, steps, 2), (BATCH, 2), (BATCH, 2))]
    inputs = [Input("x", TensorType(array.shape, "float64"))() for array in arrays]

    def body(slices: Values, states: Values) -> tuple[Values, Values]:
        values = chain(operations, [slices[0], *states])
        first, second, output = (values[index % len(values)] for index in picked)
        return (first, second), (output,)

    last, outputs = scan(inputs[:1], inputs[1:], body)
    results = run(inputs, (*last, *outputs), arrays)
    a, b = arrays[1:]
    expected = []
    for step in range(steps):
        values = chain(operations, [arrays[0][:, step], a, b])
        a, b, y = (values[index % len(values)] for index in picked)
        expected.append(y)
    for found, wanted in zip(results, (a, b, np.stack(expected, 1)), strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-12)


def test_what_depends_on_no_step_is_computed_outside() -> None:
    x, weight = placeholder(BATCH, 4, 3), placeholder(3, 3)
    seen: list[Value] = []

    def body(slices: Values, states: Values) -> tuple[Values, Values]:
        seen.append(tanh(weight))
        return (states[0] @ seen[0] + slices[0],), ()

    (last,), _ = scan([x], [placeholder(BATCH, 3)], body)
    op = last.call.op
    assert isinstance(op, Scan)
    assert op.captured == (seen[0],)
    assert [type(call.op).__name__ for call in op.calls] == ["MatMul", "Binary"]


def test_a_loop_may_stand_in_a_loop() -> None:
    arrays = [np.arange(24.0, dtype="float32").reshape(BATCH, 3, 4), np.zeros((BATCH, 1), "float32")]
    inputs = [placeholder(*array.shape) for array in arrays]

    def inner(slices: Values, states: Values) -> tuple[Values, Values]:
        return (states[0] + slices[0],), ()

    def outer(slices: Values, states: Values) -> tuple[Values, Values]:
        row = expand_dims(slices[0], -1)
        (total,), _ = scan([row], [states[0]], inner)
        return (total,), (total,)

    (total,), (running,) = scan(inputs[:1], inputs[1:], outer)
    found_total, found_running = run(inputs, (total, running), arrays)
    np.testing.assert_array_equal(found_total[:, 0], arrays[0].sum((1, 2)))
    np.testing.assert_array_equal(found_running[:, :, 0], arrays[0].sum(2).cumsum(1))


def test_shapes_and_cost_follow_a_named_number_of_steps() -> None:
    batch, steps = unknown("batch"), symbol("seq")
    (last,), (collected,) = scan(
        [placeholder(batch, steps, 3)], [placeholder(batch, 3)], lambda x, s: ((s[0] + x[0],), (s[0],))
    )
    assert last.shape == (batch, 3)
    assert collected.shape == (batch, steps, 3)
    assert last.call.flops() == 3 * steps * batch


@pytest.mark.parametrize(("axis", "kept"), [(1, True), (0, False)])
def test_samples_stay_apart_where_the_body_keeps_them_apart(axis: int, kept: bool) -> None:
    x, state = placeholder(BATCH, 4, 3), placeholder(BATCH, 3)
    (last,), _ = scan([x], [state], lambda slices, states: ((flip(states[0], axis) + slices[0],), ()))
    call = last.call
    kinds = [value.type for value in call.inputs], [value.type for value in call.outputs]
    assert call.op.keeps_rows(*kinds, [True, True]) is kept
