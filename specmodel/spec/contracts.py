"""What a spec in another file declares of its inputs, against the values that flow in where it is used as a block."""

from specmodel.diagnostics import Note, codes
from specmodel.spec.faults import here
from specmodel.spec.model import InputSpec
from specmodel.types.dim import Dim, divide, evaluate, solve, symbol, symbols
from specmodel.types.fault import Fault
from specmodel.types.formula import text
from specmodel.types.tensor import DTYPES, TensorType, shape_text

Sizes = dict[str, Dim]


def check_contract(block: str, declared: InputSpec, found: TensorType, sizes: Sizes) -> None:
    """Raise `Fault` where a value cannot be what is declared; `sizes` are what the file's names stand for, so far.

    Any floating dtype will do for another: layers cast. What only data can tell is left to it.
    """
    wanted, takes = declared.type, f"the block `{block}` takes {declared.type} as its input `{declared.name}`"
    if _kind(wanted.dtype) != _kind(found.dtype):
        message = f"the block `{block}` takes {wanted.dtype} as its input `{declared.name}`, found {found.dtype}"
        raise Fault(codes.WRONG_DTYPE, message)
    if len(wanted.shape) != len(found.shape):
        raise Fault(codes.WRONG_RANK, f"{takes}, found {found}")
    for axis, (size, given) in enumerate(zip(wanted.shape, found.shape, strict=True)):
        if not _fits(size, given, sizes):
            known = evaluate(size, sizes)
            why = f", where `{text(size)}` is {known} already" if symbols(size) and known != size else ""
            shown = shape_text(found.shape)
            raise Fault(codes.INCOMPATIBLE_SHAPES, f"{takes}{why}, found {shown}: axis {axis} does not fit")


def note_of(declared: InputSpec) -> Note:
    """Where a file declares an input."""
    at = declared.place
    return Note(f"`{declared.name}` is declared {here(at.span, at.text)}", at.span)


def _fits(declared: Dim, found: Dim, sizes: Sizes) -> bool:
    """Whether a size may be the one that is declared; what that tells of a name is kept."""
    names = [name for name in symbols(declared) if name not in sizes]
    if not names:
        difference = evaluate(declared, sizes) - found
        return not isinstance(difference, int) or difference == 0
    if isinstance(found, int):
        solved = solve(declared, found)
        if solved is None or solved[1] < 1:
            return False
        sizes[solved[0]] = solved[1]
        return True
    factor = divide(declared, symbol(names[0]))
    quotient = divide(found, factor) if factor is not None else None
    if quotient is not None:
        sizes[names[0]] = quotient
    return True


def _kind(dtype: str) -> str:
    """What a dtype is one of: numbers with a fraction, integers, truth values, texts."""
    if DTYPES[dtype].is_floating:
        return "float"
    return dtype if dtype in ("bool", "string") else "int"
