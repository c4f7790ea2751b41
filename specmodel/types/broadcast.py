"""Shapes of operations that work element by element: NumPy's rules, with sizes that only data will tell."""

from specmodel.types.assume import Assume
from specmodel.types.bounds import at_least, equal
from specmodel.types.dim import Dim, merged, symbols
from specmodel.types.formula import text
from specmodel.types.tensor import shape_text

Shape = tuple[Dim, ...]

_HELP = "sizes of the same axis must be equal, or one of them 1"


def broadcast(assume: Assume, *shapes: Shape, reason: str = "its inputs are broadcast") -> Shape:
    """The shape that shapes broadcast to, aligned at their last axes; what data must decide goes to `assume`.

    A named size is never taken to be 1 by chance: beside another symbolic size it must equal it. Two unknown sizes may
    be equal or 1. Raises `Fault` naming the axis and both shapes; the axis counts from the front where all ranks agree,
    else from the back.
    """
    longest = max(shapes, key=len, default=())
    rank = len(longest)
    for shape in shapes:  # nearly always all are the same, or a weight's fits the end
        if shape != longest[rank - len(shape) :]:
            break
    else:
        return longest
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
        if other in (size, 1):
            continue
        if size != 1:
            message = (
                f"the shapes `{shape_text(owner)}` and `{shape_text(shape)}` do not fit together: "
                f"axis {axis} is {text(size)} in the first and {text(other)} in the second"
            )
            other = _pair(assume, size, other, reason, message)
        if other != size:
            size, owner = other, shape
    return size


def _pair(assume: Assume, a: Dim, b: Dim, reason: str, message: str) -> Dim:
    """The size that two different sizes, neither of them 1, broadcast to."""
    if isinstance(a, int) or isinstance(b, int):
        number, symbolic = (a, b) if isinstance(a, int) else (b, a)
        if isinstance(symbolic, int) or at_least(symbolic, 2):
            return assume.equal(a, b, reason, message=message, help=_HELP)
        assume.equal_or_one(symbolic, number, reason, message=message, help=_HELP)
        return number
    if symbols(a) or symbols(b) or equal(a, b) is not None:
        return assume.equal(a, b, reason, message=message, help=_HELP)
    assume.equal_or_one(a, b, reason, message=message, help=_HELP)
    return merged(a, b)
