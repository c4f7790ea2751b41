"""Transpositions move back until they cancel."""

import numpy as np
import pytest

from specmodel.ops.elementwise import cast, clip, maximum, where
from specmodel.ops.reduce import mean, reduce, softmax
from specmodel.ops.shape import Transpose, concat, pad, slice_axis, transpose
from specmodel.ops.value import Value
from specmodel.plan.passes.dead_code import dead_code
from specmodel.plan.passes.transposes import transposes
from specmodel.plan.schedule import schedule
from tests.plan.programs import given, program, results, text, weight

X = given("x", 2, 3, 4, 5)
FIRST, LAST = (0, 3, 1, 2), (0, 2, 3, 1)


def first(x: Value) -> Value:
    return transpose(x, FIRST)


SEEN = first(X)
BETWEEN = {
    "activation": maximum(SEEN, 0),
    "bias": SEEN + weight("b", 5, 1, 1),
    "factor in front": weight("s", 5, 3, 1) * SEEN,
    "clip": clip(SEEN, -1, 1),
    "cast": cast(SEEN, "float64"),
    "choice": where(SEEN > 0, SEEN, 0),
    "sum": SEEN + SEEN,
    "softmax": softmax(SEEN, 1),
    "concatenation": concat([SEEN, SEEN], 1),
    "slice": slice_axis(SEEN, 2, 1, 2),
    "border": pad(SEEN, ((0, 0), (0, 0), (1, 2), (0, 3))),
    "mean": mean(SEEN, (2, 3), keepdims=True),
}


@pytest.mark.parametrize("name", BETWEEN)
def test_nothing_is_transposed_where_the_way_back_follows(name: str) -> None:
    whole = program([X], [transpose(BETWEEN[name], LAST)])
    found = dead_code(transposes(whole))
    assert not any(isinstance(one.op, Transpose) for one in schedule(found).running)
    np.testing.assert_array_equal(results(found)[0], results(whole)[0])


def test_two_transpositions_are_one() -> None:
    assert text(dead_code(transposes(program([X], [transpose(first(X), (0, 1, 3, 2))])))).count("Transpose") == 1
    assert text(dead_code(transposes(program([X], [transpose(first(X), LAST)])))) == "return x"


@pytest.mark.parametrize("axes", [(2, 3), (1,), (1, 2), (0, 3)])
def test_a_reduction_gives_its_axes_in_the_same_order(axes: tuple[int, ...]) -> None:
    whole = program([X], [reduce("Max", SEEN, axes)])
    found = transposes(whole)
    assert found.outputs[0].shape == whole.outputs[0].shape
    np.testing.assert_array_equal(results(found)[0], results(whole)[0])


OTHER = given("y", 2, 5, 3, 4)


@pytest.mark.parametrize("value", [SEEN + OTHER, reduce("ArgMax", SEEN, 1), X * weight("s", 5)])
def test_these_stay(value: Value) -> None:
    whole = program([X, OTHER], [value])
    assert transposes(whole) is whole
