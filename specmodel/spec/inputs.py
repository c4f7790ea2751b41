"""The `inputs` of a spec: names, shapes, dtypes."""

from collections.abc import Container
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from specmodel.diagnostics import Diagnostics, codes, did_you_mean, unmistakable
from specmodel.layers.validation import ArgumentError, shown, validated
from specmodel.spec.faults import refused, report_fault, shown_at, too_many
from specmodel.spec.model import UNBUILT_INPUT, InputSpec, Place
from specmodel.spec.names import check_name
from specmodel.types.dim import Dim, divide, symbol, symbols, unknown
from specmodel.types.fault import Fault
from specmodel.types.formula import parse_dim
from specmodel.types.tensor import DTYPES, TensorType, check_limits
from specmodel.yaml.node import Node

LARGEST_SIZE = 2**31 - 1
MOST_AXES = 8


class InputDeclaration(BaseModel):
    """The long form of an input: `{shape: [seq], dtype: int32, batch: 3}`."""

    model_config = ConfigDict(extra="forbid", strict=True, defer_build=True)

    shape: Any = Field(description="The sizes behind the batch axis: integers, names, multiples of names, null.")
    dtype: str = Field("float32", description="The element type.")
    batch: Annotated[int, Field(gt=0, le=LARGEST_SIZE)] | None = Field(None, description="A fixed batch size.")


def read_inputs(node: Node, diagnostics: Diagnostics, params: Container[str] = ()) -> tuple[InputSpec, ...]:
    """The declared inputs; `inputs: [4]` is one input named `input`, `inputs: {}` says that there are none."""
    if node.kind != "sequence" and not node.items:
        if node.kind != "mapping" and not refused(node):
            message = (
                f"`inputs` is a shape such as [28, 28, 1], or a mapping of names to shapes, found {shown_at(node)}"
            )
            diagnostics.add(codes.WRONG_FORM, message, node.span, place=node.place, help=_shape_help(node))
        return ()
    if node.kind == "sequence" or "shape" in node.items:
        only = _read_input(UNBUILT_INPUT, node, node, params, diagnostics)
        return (only,) if only is not None else ()
    inputs = []
    for name, declared in node.items.items():
        if too_many(diagnostics):
            break
        named = check_name(name, node.key_spans.get(name), declared.place, diagnostics)
        given = _read_input(name, declared, node, params, diagnostics)
        if named and given is not None:
            inputs.append(given)
    return tuple(inputs)


def _shape_help(node: Node) -> str:
    value = node.value if isinstance(node.value, int) and not isinstance(node.value, bool) else "28, 28, 1"
    return f"write `[{value}]`"


def _read_input(
    name: str, node: Node, parent: Node, params: Container[str], diagnostics: Diagnostics
) -> InputSpec | None:
    shape_node, dtype, batch = node, "float32", None
    if node.kind == "mapping":
        declared = InputDeclaration.__new__(InputDeclaration)
        try:
            validated(f"input `{name}`", declared, {k: v if k == "shape" else v.plain() for k, v in node.items.items()})
        except ArgumentError as error:
            for fault in error.faults:
                report_fault(fault, node, Place(parent.key_spans.get(name, node.span), node.place), diagnostics)
            return None
        shape_node, dtype, batch = declared.shape, declared.dtype, declared.batch
    shape = _read_shape(name, shape_node, params, diagnostics)
    if dtype not in DTYPES or dtype == "bfloat16":
        _refuse_dtype(name, dtype, node.at(("dtype",)), diagnostics)
        return None
    if shape is None:
        return None
    kind = TensorType((unknown("batch") if batch is None else batch, *shape), dtype)
    try:
        check_limits(kind)
    except Fault as fault:
        diagnostics.add(fault.code, f"input `{name}`: {fault.message}", shape_node.span, place=shape_node.place)
        return None
    span = parent.key_spans.get(name, node.span) if parent.kind == "mapping" else node.span
    return InputSpec(name, kind, Place(span, node.place))


def _refuse_dtype(name: str, dtype: str, node: Node, diagnostics: Diagnostics) -> None:
    if node.refused:
        return
    choices = [known for known in DTYPES if known != "bfloat16"]
    near = did_you_mean(dtype, choices)
    help = f"did you mean `{near}`?" if near else f"one of {', '.join(choices)}"
    meant = unmistakable(dtype, choices) if near is not None else None
    message = f"unknown dtype `{dtype}` of input `{name}`"
    diagnostics.add(codes.BAD_ARGUMENT, message, node.span, place=node.place, help=help, meant=meant)


def _read_shape(name: str, node: Node, params: Container[str], diagnostics: Diagnostics) -> tuple[Dim, ...] | None:
    if node.kind != "sequence":
        if not refused(node):
            message = f"the shape of input `{name}` must be a list of sizes, found {shown_at(node)}"
            diagnostics.add(codes.WRONG_FORM, message, node.span, place=node.place, help=_shape_help(node))
        return None
    if len(node.elements) > MOST_AXES - 1:
        message = f"input `{name}` has {len(node.elements) + 1} axes with the batch, the most is {MOST_AXES}"
        diagnostics.add(codes.BAD_SIZE, message, node.span, place=node.place)
        return None
    sizes = [_read_size(name, axis, size, params, diagnostics) for axis, size in enumerate(node.elements, 1)]
    known = tuple(size for size in sizes if size is not None)
    return known if len(known) == len(sizes) else None


def _read_size(name: str, axis: int, node: Node, params: Container[str], diagnostics: Diagnostics) -> Dim | None:
    if node.kind == "scalar" and node.value is None and not node.refused:
        return unknown(f"{name}.{axis}")
    value = node.plain()
    help = None
    if isinstance(value, str):
        try:
            size = parse_dim(value)
        except ValueError as error:
            help = str(error)
        else:
            taken = next((symbol for symbol in symbols(size) if symbol in params), None)
            if taken is not None:
                help = f"`{taken}` is a param: its value is `$({taken})`"
            elif _is_multiple_of_a_name(size):
                return size
    elif isinstance(value, int) and not isinstance(value, bool):
        if 0 < value <= LARGEST_SIZE:
            return value
        help = f"sizes run from 1 to {LARGEST_SIZE}"
    if not refused(node):
        wanted = "a positive integer, a name, a multiple of a name (`16*h`) or null"
        message = f"size {axis} of input `{name}` must be {wanted}, found {shown(value)}"
        diagnostics.add(codes.BAD_SIZE, message, node.span, place=node.place, help=help)
    return None


def _is_multiple_of_a_name(size: Dim) -> bool:
    names = [symbol(name) for name in symbols(size)]
    factor = divide(size, names[0]) if len(names) == 1 else None
    return isinstance(factor, int) and factor > 0
