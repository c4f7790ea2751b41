"""Transposed convolutions are convolutions that take turns."""

from typing import Any

import numpy as np
import pytest

from specmodel.ops.conv import Conv
from specmodel.ops.conv_transpose import ConvTranspose
from specmodel.ops.value import Value
from specmodel.plan.passes.dead_code import dead_code
from specmodel.plan.passes.transposed_convolutions import transposed_convolutions
from tests.plan.programs import given, program, results, text, weight

X = given("x", 2, 5, 4, 3)


def spread(taps: int, stride: int, padding: Any = "same", extra: Any = None, dilation: int = 1) -> Value:
    op = ConvTranspose((stride,) * 2, padding, extra, (dilation,) * 2)
    return op(X, weight("k", taps, taps, 6, 3))


@pytest.mark.parametrize(
    "made",
    [
        spread(2, 2),
        spread(3, 2),
        spread(4, 2, "valid"),
        spread(5, 3),
        spread(1, 3),
        spread(2, 3, "valid"),
        spread(3, 2, "same", (1, 0)),
        spread(3, 1, "same", None, 2),
        spread(2, 1, "valid", None, 3),
    ],
)
def test_the_result_is_the_same(made: Value) -> None:
    whole = program([X], [made])
    found = transposed_convolutions(whole)
    assert not any(isinstance(one.op, ConvTranspose) for one in dead_code(found).instructions)
    assert found.outputs[0].type == made.type
    np.testing.assert_allclose(results(found)[0], results(whole)[0], rtol=1e-5, atol=1e-5)


def test_a_stride_of_two_takes_turns_of_four_with_the_taps_shared_among_them() -> None:
    found = dead_code(transposed_convolutions(program([X], [spread(3, 2)])))
    assert "Interleave" in text(found).splitlines()[-2]
    kernels = [one.inputs[1].shape[:2] for one in found.instructions if isinstance(one.op, Conv)]
    assert sorted(kernels) == [(1, 1), (1, 2), (2, 1), (2, 2)]


def test_a_stride_of_one_is_one_convolution() -> None:
    found = dead_code(transposed_convolutions(program([X], [spread(3, 1)])))
    assert [type(one.op) for one in found.instructions].count(Conv) == 1
    assert "Interleave" not in text(found)


def test_a_kernel_that_is_computed_stays() -> None:
    kernel = given("k", 3, 3, 6, 3)
    whole = program([X, kernel], [ConvTranspose((2, 2), "same", None, (1, 1))(X, kernel)])
    assert transposed_convolutions(whole) is whole
