"""Names of tensors and nodes: those of the spec first."""

from collections.abc import Iterable, Mapping

from specmodel.convert.onnx.ir import Block, Node, Tensor


class Names:
    """The name of every tensor and node. Each is used once in the whole model, bodies of loops included.

    Inputs and outputs have the spec's names, weights their paths, and what a layer gives out the layer's path; so has
    the node that makes it. The others are called after their layer and operator: `conv1/Transpose`.
    """

    def __init__(self, inputs: Mapping[Tensor, str], outputs: Mapping[Tensor, str]) -> None:
        self.tensors: dict[Tensor, str] = {**outputs, **inputs}
        self.nodes: dict[Node, str] = {}
        self._of_tensors = _Unused(self.tensors.values())
        self._of_nodes = _Unused()

    def add_initializers(self, tensors: Iterable[Tensor]) -> None:
        """Name the tensors that have numbers of their own, weights before others."""
        for tensor in sorted(tensors, key=lambda one: not one.name):
            self._add(tensor, tensor.name or "constant")

    def add_block(self, block: Block) -> None:
        """Name what the nodes of a block make, and the nodes."""
        for tensor in block.inputs:
            self._add(tensor, tensor.name)
        for node in block.nodes:
            kind = f"{node.path}/{node.kind}" if node.path else node.kind
            wanted = next((tensor.name for tensor in node.made if tensor.name), kind)
            self.nodes[node] = self._of_nodes.name(wanted)
            if node.body is not None:
                self.add_block(node.body)
            for tensor in node.made:
                self._add(tensor, tensor.name or kind)

    def _add(self, tensor: Tensor, wanted: str) -> None:
        if tensor not in self.tensors:
            self.tensors[tensor] = self._of_tensors.name(wanted)


class _Unused:
    """Gives names out once: `x`, `x_1`, `x_2`."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = set(taken)
        self._counts: dict[str, int] = {}

    def name(self, wanted: str) -> str:
        found = wanted
        while found in self._taken:
            self._counts[wanted] = self._counts.get(wanted, 0) + 1
            found = f"{wanted}_{self._counts[wanted]}"
        self._taken.add(found)
        return found
