"""W709: numbers that float16 cannot hold."""

from collections.abc import Iterator

from specmodel.diagnostics import codes
from specmodel.graph.graph import Node
from specmodel.lint.network import Network, kind_of
from specmodel.lint.rule import Remark, Rule, remark
from specmodel.ops.elementwise import Cast
from specmodel.ops.source import Constant
from specmodel.ops.value import Call

LARGEST = 65504.0
SMALLEST = 2.0**-25
"""What is not above it becomes 0."""
EXACT = 2048
"""Up to here float16 has every integer."""


def find(network: Network) -> Iterator[Remark]:
    """Arguments that become infinite or 0 where a layer computes in float16, and row numbers that come as float16."""
    said: set[str] = set()
    for node, call in network.calls(Constant, Cast):
        lost = {number for number in _in_float16(call) if abs(number) > LARGEST or 0 < abs(number) <= SMALLEST}
        argument = next(_arguments(node, lost), None) if lost and node.path not in said else None
        if argument is not None:
            said.add(node.path)
            name, number = argument
            becomes = "0" if abs(number) < 1 else "infinite"
            message = f"`{name}` of {kind_of(node.layer)} `{node.path}` is {number:.12g}, which is {becomes} in float16"
            help = f"float16 holds {2.0**-24:.2g} to {LARGEST:.0f}: scale it, or compute this part in float32"
            yield remark(node.entry, message, argument=name, help=help)
    for node in network.of("Embedding"):
        rows = getattr(node.layer, "input_dim", 0)
        if rows > EXACT + 1 and _cut_from_float16(node):
            message = f"Embedding `{node.path}` gets its row numbers as float16, which has no odd ones above {EXACT:,}"
            help = f"it has {rows:,} rows: give the input an integer dtype"
            yield remark(node.entry, message, help=help)


def _in_float16(call: Call) -> Iterator[float]:
    """The numbers that a call makes, or casts, of constants as float16."""
    made_by = call.inputs[0].call.op if isinstance(call.op, Cast) else call.op
    if isinstance(made_by, Constant) and call.outputs[0].dtype == "float16":
        yield from _numbers(made_by.value)


def _arguments(node: Node, numbers: set[float]) -> Iterator[tuple[str, float]]:
    """The arguments of a layer that hold one of some numbers."""
    for name, value in node.layer.changed_arguments().items():
        yield from ((name, number) for number in _numbers(value) if number in numbers)


def _numbers(value: object) -> Iterator[float]:
    if isinstance(value, tuple | list):
        for inner in value:
            yield from _numbers(inner)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield float(value)


def _cut_from_float16(node: Node) -> bool:
    return any(isinstance(c.op, Cast) and c.inputs[0].dtype == "float16" and "int" in c.op.dtype for c in node.calls)


RULE = Rule(codes.FLOAT16_RANGE, network=find)
