"""EinsumDense against sums over every combination of indices."""

from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specmodel import layers
from specmodel.graph.graph import Graph
from specmodel.layers.objects import Named
from specmodel.types.tensor import TensorType
from tests.layers.alone import numbers, refusal, requirements, shape
from tests.layers.harness import graph_of, outputs_of, random_weights, run


def built(arguments: dict[str, Any], *sizes: int, dtype: str = "float32") -> Graph:
    layer = layers.find("EinsumDense").declare(arguments, dtype=dtype)  # type: ignore[union-attr]
    graph, diagnostics = graph_of(layer, [TensorType(sizes, "float32")])
    assert [found.message for found in diagnostics] == []
    return graph


def shapes(arguments: dict[str, Any], *sizes: int) -> list[tuple[int, ...]]:
    """The shapes of the weights, then that of the output."""
    graph = built(arguments, *sizes)
    return [*(spec.shape for spec in graph.weights()), outputs_of(graph)[0].shape]


def twin(equation: str, x: Any, kernel: Any) -> Any:
    """The sum of products, one combination of indices after the other."""
    (left, right), result = equation.split("->")[0].split(","), equation.split("->")[1]
    sizes = dict(zip(left, x.shape, strict=True)) | dict(zip(right, kernel.shape, strict=True))
    out = np.zeros([sizes[letter] for letter in result])
    for place in product(*(range(size) for size in sizes.values())):
        at = dict(zip(sizes, place, strict=True))
        term = x[tuple(at[i] for i in left)] * kernel[tuple(at[i] for i in right)]
        out[tuple(at[i] for i in result)] += term
    return out


@pytest.mark.parametrize(
    ("equation", "output_shape", "bias_axes", "sizes", "wanted"),
    [
        ("ab,bc->ac", 64, "c", (2, 32), [(32, 64), (64,), (2, 64)]),
        ("abc,cd->abd", (None, 4), None, (2, 7, 3), [(3, 4), (2, 7, 4)]),
        ("abc,cde->abde", (7, 3, 4), "be", (2, 7, 2), [(2, 3, 4), (7, 1, 4), (2, 7, 3, 4)]),
        ("abc,cde->abde", (7, 3, 4), "d", (2, 7, 2), [(2, 3, 4), (3, 1), (2, 7, 3, 4)]),
        ("abcd,cde->abe", (None, 7), "e", (2, 3, 4, 5), [(4, 5, 7), (7,), (2, 3, 7)]),
        ("abc,bc->abc", (None, None), None, (2, 3, 4), [(3, 4), (2, 3, 4)]),
        ("...x,xy->...y", 5, "y", (2, 3), [(3, 5), (5,), (2, 5)]),
        ("...x,xy->...y", 5, "y", (2, 7, 6, 3), [(3, 5), (5,), (2, 7, 6, 5)]),
        ("...bc,bc->...b", 32, None, (2, 32, 64), [(32, 64), (2, 32)]),
        ("...abc,cd->...abd", (3, 4), "d", (2, 3, 5), [(5, 4), (4,), (2, 3, 4)]),
        ("ab...,bcd->acd...", (2, 3), "c", (6, 4, 5, 7), [(4, 2, 3), (2, 1, 1, 1), (6, 2, 3, 5, 7)]),
        ("ab...,bc->ac...", 8, "c", (6, 4), [(4, 8), (8,), (6, 8)]),
        ("i,d->id", 3, None, (2,), [(3,), (2, 3)]),
    ],
)
def test_kernel_bias_and_output_have_the_sizes_of_their_indices(
    equation: str, output_shape: Any, bias_axes: str | None, sizes: tuple[int, ...], wanted: list[tuple[int, ...]]
) -> None:
    assert shapes({"equation": equation, "output_shape": output_shape, "bias_axes": bias_axes}, *sizes) == wanted


@st.composite
def products(draw: st.DrawFn) -> tuple[str, dict[str, int]]:
    """An equation whose indices are shared in every way, and their sizes."""
    both, summed, kept, new = (draw(st.integers(0, 2)) for _ in range(4))
    letters = iter("bcdefghij")
    groups = ["".join(next(letters) for _ in range(count)) for count in (both, summed, kept, new)]
    x = "a" + "".join(draw(st.permutations("".join(groups[:3]))))
    kernel = "".join(draw(st.permutations(groups[0] + groups[1] + groups[3]))) or "z"
    output = "a" + "".join(draw(st.permutations(groups[0] + groups[2] + groups[3])))
    output += "z" if kernel == "z" else ""
    return f"{x},{kernel}->{output}", {letter: draw(st.integers(1, 3)) for letter in dict.fromkeys(x + kernel)}


@settings(max_examples=80, deadline=None)
@given(products())
def test_the_product_is_the_sum_over_all_indices(case: tuple[str, dict[str, int]]) -> None:
    equation, sizes = case
    x, output = equation.split(",")[0], equation.split("->")[1]
    array = numbers(*(sizes[letter] for letter in x))
    graph = built({"equation": equation, "output_shape": [sizes[letter] for letter in output[1:]]}, *array.shape)
    weights = random_weights(graph, np.random.default_rng(1))
    (found,) = run(graph, weights, [array])
    wanted = twin(equation, array.astype(np.float64), weights["layer/kernel"])
    assert found.shape == outputs_of(graph)[0].shape == wanted.shape
    np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-4)


def test_bias_and_activation_come_after_the_product() -> None:
    graph = built({"equation": "...x,xy->...y", "output_shape": 2, "bias_axes": "y", "activation": "relu"}, 1, 1, 2)
    weights = {"layer/kernel": np.array([[1, 0], [0, -1]], np.float32), "layer/bias": np.array([-5, 1], np.float32)}
    (found,) = run(graph, weights, [np.array([[[2, 3]]], np.float32)])
    np.testing.assert_array_equal(found, [[[0, 0]]])
    (found,) = run(graph, weights, [np.array([[[7, -3]]], np.float32)])
    np.testing.assert_array_equal(found, [[[2, 4]]])


def test_an_ellipsis_stands_for_letters() -> None:
    x = numbers(2, 3, 4, 5)
    kernel = {"layer/kernel": numbers(5, 6)}
    short = run(built({"equation": "...x,xy->...y", "output_shape": 6}, *x.shape), kernel, [x])
    long = run(built({"equation": "abcx,xy->abcy", "output_shape": [3, 4, 6]}, *x.shape), kernel, [x])
    np.testing.assert_array_equal(short, long)


@pytest.mark.parametrize(
    ("initializer", "wanted"),
    [
        ("glorot_uniform", {"input_axes": (1,), "output_axes": (0, 2)}),
        ({"he_normal": {"seed": 3}}, {"seed": 3, "input_axes": (1,), "output_axes": (0, 2)}),
        ({"lecun_normal": {"input_axes": [0], "output_axes": [1]}}, {"input_axes": (0,), "output_axes": (1,)}),
        ({"glorot_normal": {"input_axes": [0]}}, {"input_axes": (1,), "output_axes": (0, 2)}),
    ],
)
def test_the_fans_of_the_kernel_are_summed_and_kept_indices(initializer: Any, wanted: dict[str, Any]) -> None:
    arguments = {"equation": "abc,bcd->abd", "output_shape": [3, 5], "kernel_initializer": initializer}
    (kernel,) = built(arguments, 2, 3, 4).weights()
    assert isinstance(kernel.initializer, Named)
    assert dict(kernel.initializer.arguments) == wanted


def test_initializers_without_fans_stay_as_they_are() -> None:
    arguments = {"equation": "ab,bc->ac", "output_shape": 5, "kernel_initializer": "random_normal"}
    (kernel,) = built(arguments, 2, 3).weights()
    assert kernel.initializer == "random_normal"


def test_half_precision_rounds_once() -> None:
    x = numbers(2, 3, 4) / 7
    graph = built({"equation": "abc,cd->abd", "output_shape": (3, 5)}, *x.shape, dtype="float16")
    weights = random_weights(graph, np.random.default_rng(1))
    (found,) = run(graph, weights, [x])
    exact = twin("abc,cd->abd", x.astype(np.float16).astype(np.float64), weights["layer/kernel"].astype(np.float64))
    assert found.dtype == np.float16
    np.testing.assert_allclose(found, exact, rtol=2e-3)


@pytest.mark.parametrize("size", ["seq", None])
def test_a_size_that_output_shape_states_must_be_known_of_the_input(size: str | None) -> None:
    message = refusal("EinsumDense", {"equation": "abc,cd->abd", "output_shape": [6, 4]}, size, 3)
    assert message.startswith("the index `b` is 6 in `output_shape`, but the size of its axis of the input, ")


def test_a_size_that_the_input_tells_is_left_to_it() -> None:
    arguments = {"equation": "abc,cd->abd", "output_shape": [None, 4]}
    assert shape("EinsumDense", arguments, "seq", 3) == ("seq", 4)
    assert requirements("EinsumDense", arguments, "seq", 3) == []


@pytest.mark.parametrize(
    ("arguments", "sizes", "wanted"),
    [
        ({"equation": "abc, cd->abd", "output_shape": 4}, (), "`equation` of EinsumDense must be written"),
        ({"equation": "...c,cd->d", "output_shape": 4}, (), "`equation` of EinsumDense must be written"),
        ({"equation": "abc,cd->abd;", "output_shape": 4}, (), "`equation` of EinsumDense must be written"),
        ({"equation": "aab,bc->ac", "output_shape": 4}, (), "the index `a` twice in the input `aab`"),
        ({"equation": "ab,bcc->ac", "output_shape": 4}, (), "the index `c` twice in the kernel `bcc`"),
        ({"equation": "ab,bc->acc", "output_shape": 4}, (), "the index `c` twice in the output `acc`"),
        ({"equation": "ab,bc->ac", "output_shape": 0}, (), "must be greater than 0"),
        ({"equation": "ab,bc->ac", "output_shape": "4"}, (), "`output_shape` of EinsumDense must be an integer or"),
        ({"equation": "ab,bc->ac", "output_shape": 4, "bias_axes": ""}, (), "must name an index or be null"),
        ({"equation": "ab,bc->ca", "output_shape": 4}, (3,), "must begin with the index `a` of the batch"),
        ({"equation": "ab,ac->bc", "output_shape": 4}, (3,), "must begin with the index `a` of the batch"),
        ({"equation": "ab,ac->ac", "output_shape": 4}, (3,), "the size of the index `a` must be known"),
        ({"equation": "ab,bc->ac", "output_shape": [4, 5]}, (3,), "must have 1 size, for the index `c`, found 2"),
        ({"equation": "ab,bc->ac", "output_shape": 4}, (3, 2), "expected an input of rank 2"),
        ({"equation": "...bcd,de->...bce", "output_shape": [None, 2]}, (3,), "expected an input of at least 3 axes"),
    ],
)
def test_what_cannot_be_is_refused(arguments: dict[str, Any], sizes: tuple[int, ...], wanted: str) -> None:
    assert wanted in refusal("EinsumDense", arguments, *sizes)
