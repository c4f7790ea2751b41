"""Whether the arrays of a run fit the spec, told from their headers. No NumPy."""

from collections.abc import Sequence

from specmodel.data.sources import Source
from specmodel.diagnostics import Diagnostic, Diagnostics, codes
from specmodel.graph.bind import StatedShape, bind
from specmodel.spec.model import UNBUILT_INPUT, ModelSpec
from specmodel.types.tensor import DTYPES


def check_fit(spec: ModelSpec, sources: Sequence[Source]) -> list[Diagnostic]:
    """Notes on the casts that will happen. Raises `SpecError` with every source that does not fit its input."""
    diagnostics = Diagnostics()
    dtypes = input_dtypes(spec)
    shapes: dict[str, StatedShape] = {}
    reported: set[Diagnostic] = set()
    for source in sources:
        _check_dtype(source, dtypes[source.name], diagnostics)
        if _check_sizes(source, diagnostics):
            shapes[source.name] = source.header.shape
            # Sizes are bound together, since inputs share names of sizes; what is new is said of the newest source.
            found = Diagnostics()
            bind(spec, shapes, found)
            new = [one for one in found if one not in reported]
            reported.update(new)
            diagnostics.extend(one.replace(place=source.given.shown) for one in new)
    diagnostics.raise_errors()
    return list(diagnostics)


def input_dtypes(spec: ModelSpec) -> dict[str, str]:
    """The dtype that each input is declared with; an unbuilt model has one input, of float32."""
    if spec.inputs is None:
        return {UNBUILT_INPUT: "float32"}
    return {given.name: given.type.dtype for given in spec.inputs}


def casts(found: str, wanted: str) -> bool:
    """Whether an array of one dtype may be given for an input of another.

    Numbers and truth values become floats, integers and truth values become integers that hold them.
    """
    kind, target = DTYPES[found], DTYPES[wanted]
    if target.is_floating:
        return found != "string"
    return found == wanted or (target.is_integer and (kind.is_integer or found == "bool"))


def _check_dtype(source: Source, wanted: str, diagnostics: Diagnostics) -> None:
    found = source.header.dtype
    if found == wanted:
        return
    if casts(found, wanted):
        message = f"input `{source.name}` is {wanted}: this {found} data is cast"
        diagnostics.add(codes.CAST, message, place=source.given.shown)
        return
    what = "text" if wanted == "string" else wanted
    message = f"input `{source.name}` must be {what}, found {found}"
    help = None if "string" in (found, wanted) else f"cast it, if that is what you mean: `array.astype({wanted!r})`"
    diagnostics.add(codes.DATA_MISMATCH, message, place=source.given.shown, help=help)


def _check_sizes(source: Source, diagnostics: Diagnostics) -> bool:
    """Whether there are samples at all."""
    shape = source.header.shape
    name, place = source.name, source.given.shown
    if not shape:
        message = f"input `{name}` has at least one axis, the batch; found a single number of shape ()"
        diagnostics.add(codes.DATA_MISMATCH, message, place=place)
    elif shape[0] == 0:
        message = f"input `{name}` has no samples: the batch of its data is empty, found {shape}"
        diagnostics.add(codes.DATA_SIZE, message, place=place)
    elif 0 in shape:
        message = f"input `{name}` is empty: axis {shape.index(0)} of its data has the size 0, found {shape}"
        diagnostics.add(codes.DATA_SIZE, message, place=place)
    return bool(shape) and 0 not in shape
