"""Run the products of attention and the softmax between them as one op, where its probabilities are not looked at."""

from collections.abc import Collection

from specmodel.ops.attention import Attend
from specmodel.ops.elementwise import Where
from specmodel.ops.linear import Einsum
from specmodel.ops.reduce import Softmax
from specmodel.ops.source import Constant
from specmodel.ops.value import Value
from specmodel.plan.program import Instruction, Maker, Program, rewritten_with_makers
from specmodel.record import Record

Axes = tuple[int, ...]


class Masked(Record):
    """A value, and what stands in its place where the mask says no; without a mask both are None."""

    value: Value
    mask: Value | None = None
    instead: float | None = None


def attentions(program: Program) -> Program:
    """The program with `Attend` for `einsum(softmax(einsum(q, k)), v)`, masked or not, in float32 and float64."""
    alone = program.only_reader().keys()
    return rewritten_with_makers(program, lambda instruction, maker: _attended(instruction, maker, alone))


def _attended(instruction: Instruction, maker: Maker, alone: Collection[Value]) -> Value | None:
    if not isinstance(instruction.op, Einsum) or len(instruction.inputs) != 2:
        return None
    if instruction.outputs[0].dtype not in ("float32", "float64"):
        return None
    given, v = instruction.inputs
    probabilities = _masked(given, maker)
    softmax = maker(probabilities.value)
    if softmax is None or softmax.op != Softmax(probabilities.value.rank - 1):
        return None
    scores = _masked(softmax.inputs[0], maker)
    product = maker(scores.value)
    if product is None or not isinstance(product.op, Einsum) or len(product.inputs) != 2:
        return None
    if not all(value in alone for value in (given, probabilities.value, softmax.inputs[0], scores.value)):
        return None
    q, k = product.inputs
    axes = _axes(product.op.equation, instruction.op.equation)
    zeroed = probabilities.mask is not None
    masks = [one.mask for one in (scores, probabilities) if one.mask is not None]
    if axes is None or (zeroed and (probabilities.instead != 0 or masks[0] is not masks[-1] or len(masks) == 1)):
        return None
    return Attend(*axes, scores.instead, zeroed)(q, k, v, *masks[:1])


def _masked(value: Value, maker: Maker) -> Masked:
    """What a value is but for its mask."""
    found = maker(value)
    if found is None or not isinstance(found.op, Where):
        return Masked(value)
    mask, kept, instead = found.inputs
    number = maker(instead)
    if number is None or not isinstance(number.op, Constant) or not isinstance(number.op.value, int | float):
        return Masked(value)
    return Masked(kept, mask, float(number.op.value)) if kept.shape == value.shape else Masked(value)


def _axes(scores: str, values: str) -> tuple[Axes, Axes, Axes, Axes] | None:
    """The axes of query, key, value and result, in the order of `Attend`; None where the equations are of another kind.

    The indices of the second equation need not be those of the first.
    """
    (query, key), made = scores.split("->")[0].split(","), scores.split("->")[1]
    (read, value), result = values.split("->")[0].split(","), values.split("->")[1]
    named = dict(zip(read, made, strict=True))
    of_value, of_result = ([named.get(index, f"new {index}") for index in one] for one in (value, result))
    *batch, row, column = list(made)
    depth, width = set(query) & set(key) - set(made), set(of_value) & set(of_result) - set(made)
    if len(depth) != 1 or len(width) != 1:
        return None
    wanted = ([*batch, row, *depth], [*batch, column, *depth], [*batch, column, *width], [*batch, row, *width])
    found = (list(query), list(key), of_value, of_result)
    if any(sorted(one) != sorted(other) for one, other in zip(wanted, found, strict=True)):
        return None
    q, k, v, out = (tuple(have.index(index) for index in order) for order, have in zip(wanted, found, strict=True))
    return q, k, v, out
