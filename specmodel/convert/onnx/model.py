"""A graph of ONNX nodes, whole and named: what is written to a file."""

import re
from collections.abc import Iterator, Mapping

from specmodel.convert.onnx.builder import Builder
from specmodel.convert.onnx.dtypes import delivered, physical
from specmodel.convert.onnx.ir import Array, Block, Node, Tensor
from specmodel.convert.onnx.names import Names
from specmodel.convert.onnx.prune import fold, prune
from specmodel.convert.onnx.translate import translate
from specmodel.convert.refused import Refusal
from specmodel.graph.graph import Graph
from specmodel.ops.source import Weight
from specmodel.plan.passes.common_subexpressions import common_subexpressions
from specmodel.plan.passes.dead_code import dead_code
from specmodel.plan.passes.identities import identities
from specmodel.plan.program import Program, lowered
from specmodel.record import Record
from specmodel.spec.model import Ref
from specmodel.types.dim import Dim, evaluate, symbol, symbols, unknowns


class OnnxModel(Record):
    """A model as nodes. `initializers` are the tensors that have numbers of their own, weights first.

    `domains` are the further sets of operators it uses; `sizes` gives unknown sizes the names that they have in it.
    """

    name: str
    opset: int
    block: Block
    initializers: tuple[Tensor, ...]
    names: Names
    domains: tuple[str, ...]
    sizes: Mapping[str, Dim]

    def nodes(self) -> Iterator[Node]:
        """All nodes, those of bodies included."""
        return _all_nodes(self.block)


def onnx_model(graph: Graph, weights: Mapping[str, Array], opset: int) -> tuple[OnnxModel, list[Refusal]]:
    """The model of a graph, and what of it ONNX cannot say: with such refusals the model is none to write.

    Weights are looked up when they are written.
    """
    program = _program(graph)
    b = Builder(opset)
    _hold_inputs(b, graph)
    _hold_weights(b, program, weights)
    refusals = _open_choices(graph, program)
    told = {refusal.path for refusal in refusals}
    refusals += [refusal for refusal in translate(program, b) if refusal.path not in told]
    if not refusals:
        _name_layers(b, graph)
    outputs = _outputs(b, graph, program)
    b.block.outputs = list(outputs)
    prune(b.block)
    fold(b.block)
    names = Names({tensor: tensor.name for tensor in b.block.inputs}, outputs)
    initializers = _initializers(b.block)
    names.add_initializers(initializers)
    names.add_block(b.block)
    domains = sorted({node.domain for node in _all_nodes(b.block) if node.domain})
    model = OnnxModel(graph.name, opset, b.block, initializers, names, tuple(domains), _sizes(graph))
    return model, refusals


def _program(graph: Graph) -> Program:
    program = lowered(graph, [output.value for output in graph.outputs])
    return dead_code(identities(common_subexpressions(program)))


def _open_choices(graph: Graph, program: Program) -> list[Refusal]:
    """What cannot be written down while sizes are unknown."""
    needed = {instruction.path for instruction in program.instructions}
    return [Refusal(node.path, choice) for node in graph.nodes if node.path in needed for choice in node.open_choices]


def _hold_inputs(b: Builder, graph: Graph) -> None:
    for given in graph.inputs:
        kind = given.value.type
        tensor = Tensor(delivered(kind.dtype), kind.shape, given.spec.name)
        b.block.inputs.append(tensor)
        b.place(given.value, b.cast(tensor, physical(kind.dtype)))


def _hold_weights(b: Builder, program: Program, weights: Mapping[str, Array]) -> None:
    """Each weight once, in its own dtype."""
    for instruction in program.instructions:
        if isinstance(instruction.op, Weight):
            b.path = instruction.path
            spec = instruction.op.spec
            tensor = Tensor(spec.dtype, spec.shape, spec.path, lambda path=spec.path: weights[path])  # type: ignore[misc]
            b.place(instruction.outputs[0], b.cast(tensor, physical(spec.dtype)))


def _name_layers(b: Builder, graph: Graph) -> None:
    """Call the tensors that layers give out after them."""
    for node in graph.in_order():
        for index, output in enumerate(node.outputs):
            tensor = b.tensor_of(output.value)
            if tensor is not None and not tensor.name and tensor.numbers is None:
                tensor.name = str(Ref(node.path, index))


def _outputs(b: Builder, graph: Graph, program: Program) -> dict[Tensor, str]:
    """The tensors that the model gives out, each with its name; one that has a name already is given out as a copy."""
    found: dict[Tensor, str] = {}
    for output, value in zip(graph.outputs, program.outputs, strict=True):
        b.path = output.ref.target if output.ref.target not in {given.spec.name for given in graph.inputs} else ""
        tensor = b.cast(b.read(value), delivered(value.dtype))
        if tensor in found or tensor.numbers is not None or (tensor in b.block.inputs and tensor.name != output.name):
            tensor = b.node("Identity", tensor, shape=tensor.shape)
        found[tensor] = output.name
    return found


def _initializers(block: Block) -> tuple[Tensor, ...]:
    found = dict.fromkeys(
        t for node in _all_nodes(block) for t in node.inputs if t is not None and t.numbers is not None
    )
    return tuple(sorted(found, key=lambda tensor: not tensor.name))


def _all_nodes(block: Block) -> Iterator[Node]:
    for node in block.nodes:
        if node.body is not None:
            yield from _all_nodes(node.body)
        yield node


def _sizes(graph: Graph) -> dict[str, Dim]:
    """Names for the sizes without one: `batch`, `image_1`; what a user calls so keeps the name."""
    dims = [dim for given in graph.inputs for dim in given.value.shape]
    taken = {name for dim in dims for name in symbols(dim)}
    found: dict[str, Dim] = {}
    for key in dict.fromkeys(key for dim in dims for key in sorted(unknowns(dim))):
        name = re.sub(r"[^A-Za-z0-9_]", "_", key.removeprefix("?"))[:100] or "size"
        name = f"_{name}" if name[0].isdigit() else name
        while name in taken:
            name += "_"
        taken.add(name)
        found[key] = symbol(name)
    return found


def dimension(dim: Dim, names: Mapping[str, Dim]) -> int | str:
    """A size as ONNX has it: a number, or its formula as the name of a parameter."""
    named = evaluate(dim, names)
    return named if isinstance(named, int) else named.text.replace("?", "")
