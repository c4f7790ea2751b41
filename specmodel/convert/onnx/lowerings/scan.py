"""Loops: ONNX has the same, with the states in front."""

from collections.abc import Sequence

from specmodel.convert.onnx.builder import Builder
from specmodel.convert.onnx.dtypes import physical
from specmodel.convert.onnx.inexpressible import InexpressibleError
from specmodel.convert.onnx.ir import Tensor
from specmodel.convert.onnx.layout import without
from specmodel.ops import scan as ops
from specmodel.ops.value import Value
from specmodel.plan.program import program_of


def scan(op: ops.Scan, inputs: Sequence[Value], outputs: Sequence[Value], b: Builder) -> None:
    """One operator with a body; sequences are read along the steps in whatever order they are held."""
    last = len(op.arguments)
    sequences, states, outer = inputs[: op.sequences], inputs[op.sequences : last], inputs[last:]
    inner = b.inner()
    for seen, value in zip(op.captured, outer, strict=True):
        if seen is not value:
            held = b.held(value)
            inner.place(seen, held.tensor, held.order)
    begun = [_argument(inner, value, "state") for value in op.arguments[op.sequences :]]
    slices = []
    for value, sequence in zip(op.arguments, sequences, strict=False):
        slices.append(_argument(inner, value, "slice", without(b.held(sequence).order, (1,))))
    inner.block.inputs = [*begun, *slices]
    _lower_body(op, inner)
    inner.block.outputs = _results(op, inner)
    made = [Tensor(physical(value.dtype), value.shape) for value in outputs]
    given = [*(b.read(state) for state in states), *(b.held(sequence).tensor for sequence in sequences)]
    b.emit(
        "Scan",
        given,
        made,
        body=inner.block,
        num_scan_inputs=op.sequences,
        scan_input_axes=[b.held(sequence).order.index(1) for sequence in sequences],
        **({"scan_output_axes": [1] * (len(outputs) - op.states)} if len(outputs) > op.states else {}),
    )
    for value, tensor in zip(outputs, made, strict=True):
        b.place(value, tensor)


def _argument(inner: Builder, value: Value, name: str, order: tuple[int, ...] | None = None) -> Tensor:
    tensor = Tensor(physical(value.dtype), None, name)
    inner.place(value, tensor, order)
    return tensor


def _lower_body(op: ops.Scan, inner: Builder) -> None:
    from specmodel.convert.onnx.translate import translate

    path = inner.path
    program = program_of(op.arguments, op.results, op.calls, dict.fromkeys(op.calls, path))
    refusals = translate(program, inner)
    inner.path = path
    if refusals:
        raise InexpressibleError("; ".join(refusal.reason for refusal in refusals))


def _results(op: ops.Scan, inner: Builder) -> list[Tensor]:
    """What a step gives out, each a tensor of its own that the body makes."""
    made = {tensor for node in inner.block.nodes for tensor in node.made}
    found: list[Tensor] = []
    for value in op.results:
        tensor = inner.read(value)
        if tensor in found or tensor not in made:
            tensor = inner.node("Identity", tensor, shape=tensor.shape)
        found.append(tensor)
    return found
