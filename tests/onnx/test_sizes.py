"""Sizes that only data tells, computed in the graph."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator

from specmodel.convert.onnx.builder import Builder
from specmodel.convert.onnx.inexpressible import InexpressibleError
from specmodel.convert.onnx.ir import Node, Tensor
from specmodel.convert.onnx.names import Names
from specmodel.convert.onnx.sizes import reshape_target, size
from specmodel.types.dim import Dim, evaluate, merged, symbol
from specmodel.types.formula import parse_dim

H, W = symbol("h"), symbol("w")


def computed(dims: Sequence[Dim], inputs: Sequence[Sequence[Dim]], shapes: Sequence[Sequence[int]]) -> list[int]:
    """The sizes as the nodes compute them, for inputs of these shapes."""
    b = Builder(18)
    b.block.inputs = [Tensor("float32", tuple(shape), f"x{number}") for number, shape in enumerate(inputs)]
    found = [size(b, dim) for dim in dims]
    names = Names({tensor: tensor.name for tensor in b.block.inputs}, {})
    constants = {tensor for node in b.block.nodes for tensor in node.inputs if tensor is not None and tensor.numbers}
    names.add_initializers([*constants, *(tensor for tensor in found if tensor.numbers is not None)])
    names.add_block(b.block)
    proto = helper.make_graph(
        [_node(node, names) for node in b.block.nodes],
        "sizes",
        [helper.make_tensor_value_info(one.name, TensorProto.FLOAT, None) for one in b.block.inputs],
        [helper.make_tensor_value_info(names.tensors[one], TensorProto.INT64, [1]) for one in found],
        [_constant(tensor, names) for tensor in constants],
    )
    model = helper.make_model(proto, opset_imports=[helper.make_opsetid("", 18)])
    arrays = {f"x{number}": np.zeros(shape, np.float32) for number, shape in enumerate(shapes)}
    return [int(one[0]) for one in ReferenceEvaluator(model).run(None, arrays)]


def _node(node: Node, names: Names) -> object:
    inputs, outputs = ([names.tensors[one] for one in side if one is not None] for side in (node.inputs, node.outputs))
    return helper.make_node(node.kind, inputs, outputs, **node.attributes)


def _constant(tensor: Tensor, names: Names) -> object:
    assert tensor.numbers is not None
    array = tensor.numbers()
    return helper.make_tensor(names.tensors[tensor], TensorProto.INT64, array.shape, array.reshape(-1))


FORMULAS = (
    "h",
    "h*w",
    "2*h + 3",
    "(h - 1)//2 + 1",
    "(h - 7)//3 + 4",  # of a small h the numerator is below 0, where ONNX rounds to the other side
    "((h - 1)//2)*w - 5*(w//3)",
    "(h + 2*w)//6",
    "((h - 3)//2 - 1)//2 + 2",
    "h*h*w - h",
)


@pytest.mark.parametrize("formula", FORMULAS)
@settings(max_examples=12, deadline=None)
@given(h=st.integers(1, 40), w=st.integers(1, 40))
def test_a_formula(formula: str, h: int, w: int) -> None:
    dim = parse_dim(formula)
    assert computed([dim], [(H, W)], [(h, w)]) == [evaluate(dim, {"h": h, "w": w})]


@settings(max_examples=20, deadline=None)
@given(h=st.integers(1, 20), w=st.integers(2, 20))
def test_a_symbol_is_read_off_a_multiple_of_it(h: int, w: int) -> None:
    wanted = [H, W, H * W]
    assert computed(wanted, [(16 * H, W - 1)], [(16 * h, w - 1)]) == [h, w, h * w]


@pytest.mark.parametrize(("h", "w"), [(1, 5), (5, 1), (4, 4)])
def test_of_sizes_that_are_broadcast_the_larger(h: int, w: int) -> None:
    assert computed([merged(H, W)], [(H, W)], [(h, w)]) == [max(h, w)]


def test_a_symbol_that_no_input_tells_is_named() -> None:
    with pytest.raises(InexpressibleError, match="the size `w` can be read off no input"):
        computed([W], [(H,)], [(3,)])


@pytest.mark.parametrize(
    ("before", "wanted", "target", "literal"),
    [
        ((H, 4, W), (H, 2, 2, W), [0, 2, 2, -1], False),
        ((H, W, 4), (H, 4 * W), [0, -1], False),
        ((H, 6), (H, 2, 3), [0, 2, 3], False),
        ((3, 4), (12,), [12], False),
        ((3, 0), (0, 5), [0, 5], True),
    ],
)
def test_what_a_reshape_is_given(
    before: tuple[Dim, ...], wanted: tuple[Dim, ...], target: list[int], literal: bool
) -> None:
    found, counts = reshape_target(Builder(18), Tensor("float32", before), wanted)
    assert found.numbers is not None
    assert (found.numbers().tolist(), counts) == (target, literal)
