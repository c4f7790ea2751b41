"""An ONNX graph in the making: nodes that make tensors of tensors. Names come last, when it is written."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from specmodel.types.dim import Dim

Array = np.ndarray[Any, Any]


class Tensor:
    """A tensor: the output of one node, an input of the graph, or one with `numbers` of its own (an initializer).

    `dtype` is one of `specmodel.types.tensor`; `shape` is None where nobody needs it. `name` is what it would like to
    be called. A tensor is itself and equals no other.
    """

    __slots__ = ("dtype", "name", "numbers", "shape")

    def __init__(
        self,
        dtype: str,
        shape: tuple[Dim, ...] | None,
        name: str = "",
        numbers: Callable[[], Array] | None = None,
    ) -> None:
        self.dtype = dtype
        self.shape = shape
        self.name = name
        self.numbers = numbers

    def __repr__(self) -> str:
        return f"Tensor({self.name!r}, {self.dtype}, {self.shape})"


class Node:
    """One application of an operator. What is left out of its inputs or outputs is None; `path` is the layer."""

    __slots__ = ("attributes", "domain", "inputs", "kind", "outputs", "path")

    def __init__(
        self,
        kind: str,
        inputs: Sequence[Tensor | None],
        outputs: Sequence[Tensor | None],
        attributes: dict[str, Any],
        path: str,
        domain: str = "",
    ) -> None:
        self.kind = kind
        self.inputs = list(inputs)
        self.outputs = list(outputs)
        self.attributes = attributes
        self.path = path
        self.domain = domain

    @property
    def made(self) -> list[Tensor]:
        """The outputs that are not left out."""
        return [tensor for tensor in self.outputs if tensor is not None]

    @property
    def body(self) -> "Block | None":
        """The nodes inside it, if it is a loop."""
        found = self.attributes.get("body")
        return found if isinstance(found, Block) else None


class Block:
    """Nodes in the order in which they can run, from inputs to outputs: a graph, or the body of a loop."""

    __slots__ = ("inputs", "nodes", "outputs")

    def __init__(self) -> None:
        self.inputs: list[Tensor] = []
        self.nodes: list[Node] = []
        self.outputs: list[Tensor] = []
