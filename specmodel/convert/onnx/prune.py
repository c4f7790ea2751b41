"""What nobody reads goes; movements of weights that nothing else reads are done to the weights."""

from collections import Counter
from collections.abc import Callable, Iterator

import numpy as np

from specmodel.convert.onnx.ir import Array, Block, Node, Tensor
from specmodel.types.tensor import numbers, product


def prune(block: Block) -> None:
    """Leave out the nodes that lead to no output, of the block and of the bodies in it."""
    needed = set(block.outputs)
    kept = []
    for node in reversed(block.nodes):
        if not needed.isdisjoint(node.made):
            if node.body is not None:
                prune(node.body)
            needed.update(reads(node))
            kept.append(node)
    block.nodes = kept[::-1]


def reads(node: Node) -> Iterator[Tensor]:
    """The tensors that a node reads, those that its body takes from outside included."""
    yield from (tensor for tensor in node.inputs if tensor is not None)
    if node.body is not None:
        made = {*node.body.inputs, *(tensor for inner in node.body.nodes for tensor in inner.made)}
        found = [tensor for inner in node.body.nodes for tensor in reads(inner)]
        yield from (tensor for tensor in (*found, *node.body.outputs) if tensor not in made)


def fold(block: Block) -> None:
    """Do the movements of weights, where one node alone reads the weight: `conv/kernel` is kept as ONNX wants it."""
    uses = Counter(tensor for node in block.nodes for tensor in reads(node))
    uses.update(block.outputs)
    kept = []
    for node in block.nodes:
        moved = _moved(node, uses)
        if moved is None:
            kept.append(node)
        else:
            (out,) = node.made
            out.name, out.numbers = moved
    block.nodes = kept


def _moved(node: Node, uses: Counter[Tensor]) -> tuple[str, Callable[[], Array]] | None:
    """The name and the numbers of what a movement makes of a weight."""
    movement = _MOVEMENTS.get(node.kind)
    if movement is None or any(tensor is None or tensor.numbers is None for tensor in node.inputs):
        return None
    given = [tensor for tensor in node.inputs if tensor is not None and tensor.numbers is not None]
    weights = [tensor for tensor in given if tensor.name]
    if len(weights) != 1 or uses[weights[0]] != 1 or _size(node.made[0]) is None:
        return None
    if node.kind != "Concat" and _size(node.made[0]) != _size(weights[0]):
        return None

    def moved() -> Array:
        return movement(node, [tensor.numbers() for tensor in given if tensor.numbers is not None])

    return weights[0].name, moved


def _size(tensor: Tensor) -> int | None:
    """How many elements there are, as far as that is known."""
    size = product(tensor.shape) if tensor.shape is not None else None
    return size if isinstance(size, int) else None


def _reshaped(node: Node, arrays: list[Array]) -> Array:
    (out,) = node.made
    assert out.shape is not None
    return arrays[0].reshape(numbers(out.shape))


_MOVEMENTS: dict[str, Callable[[Node, list[Array]], Array]] = {
    "Transpose": lambda node, arrays: np.transpose(arrays[0], node.attributes["perm"]),
    "Reshape": _reshaped,
    "Squeeze": _reshaped,
    "Gather": lambda node, arrays: np.take(arrays[0], arrays[1], axis=node.attributes["axis"]),
    "Concat": lambda node, arrays: np.concatenate(arrays, axis=node.attributes["axis"]),
}
"""What the operators that only move elements do to arrays."""
