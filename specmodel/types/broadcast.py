"""Shapes of operations that work element by element: NumPy's rules, with sizes that only data will tell."""

from specmodel.diagnostics.codes import INCOMPATIBLE_SHAPES
from specmodel.types.assume import Assume
from specmodel.types.bounds import at_least, equal
from specmodel.types.dim import Dim, merged, symbols
from specmodel.types.fault import Fault
from specmodel.types.formula import text
from specmodel.types.tensor import shape_text

Shape = tuple[Dim, ...]


def broadcast(assume: Assume, *shapes: Shape, reason: str = "its inputs are broadcast") -> Shape:
    """The shape that shapes broadcast to, aligned at their last axes; what data must decide goes to `assume`.

    A named size is never taken to be 1 by chance: beside another symbolic size it must equal it. Two unknown sizes may
    be equal or 1. Raises `Fault` naming the axis and both shapes; the axis counts from the front where all ranks agree,
    else from the back.
    """
    rank = max((len(shape) for shape in shapes), default=0)
    same_rank = all(len(shape) == rank for shape in shapes)
    result: list[Dim] = []
    for back in range(rank, 0, -1):
        axis = rank - back if same_rank else -back
        result.append(_axis(assume, [shape for shape in shapes if len(shape) >= back], back, axis, reason))
    return tuple(result)


def _axis(assume: Assume, shapes: list[Shape], back: int, axis: int, reason: str) -> Dim:
    """The size of one axis, `back` counted from the end."""
    size, owner = shapes[0][-back], shapes[0]
    for shape in shapes[1:]:
        other = shape[-back]
        try:
            pair = _pair(assume, size, other, reason)
        except Fault as fault:
            raise _mismatch(owner, shape, axis, (size, other), fault) from None
        if pair != size:
            size, owner = pair, shape
    return size


def _pair(assume: Assume, a: Dim, b: Dim, reason: str) -> Dim:
    """The size that two sizes broadcast to."""
    if a == b or b == 1:
        return a
    if a == 1:
        return b
    if isinstance(a, int) or isinstance(b, int):
        number, symbolic = (a, b) if isinstance(a, int) else (b, a)
        if isinstance(symbolic, int) or at_least(symbolic, 2):
            return assume.equal(a, b, reason)
        assume.equal_or_one(symbolic, number, reason)
        return number
    if symbols(a) or symbols(b) or equal(a, b) is not None:
        return assume.equal(a, b, reason)
    assume.equal_or_one(a, b, reason)
    return merged(a, b)


def _mismatch(first: Shape, second: Shape, axis: int, sizes: tuple[Dim, Dim], fault: Fault) -> Fault:
    shown = f"axis {axis} is {text(sizes[0])} in the first and {text(sizes[1])} in the second"
    because = fault.message.partition(": ")[2]
    return Fault(
        INCOMPATIBLE_SHAPES,
        f"the shapes `{shape_text(first)}` and `{shape_text(second)}` do not fit together: {shown}"
        + (f", and {because}" if because else ""),
        help="sizes of the same axis must be equal, or one of them 1",
    )
