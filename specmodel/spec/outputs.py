"""The `outputs` of a spec."""

from specmodel.diagnostics import Diagnostics, codes
from specmodel.spec.faults import refused, shown_at, too_many
from specmodel.spec.model import ALL_OUTPUTS, OutputSpec, Place
from specmodel.spec.names import check_name
from specmodel.spec.references import Reader
from specmodel.yaml.node import Node


def read_outputs(node: Node, reader: Reader, diagnostics: Diagnostics, paths: bool = False) -> tuple[OutputSpec, ...]:
    """The outputs that a reference, a list of references or a mapping of names to references gives.

    With `paths` their names may be paths.
    """
    if node.kind == "mapping" and node.items:
        outputs = []
        for name, value in node.items.items():
            if too_many(diagnostics):
                break
            check_name(name, node.key_spans.get(name), value.place, diagnostics, paths)
            outputs.append(_output(name, value, reader, diagnostics))
        return tuple(output for output in outputs if output is not None)
    written = node.elements if node.kind == "sequence" else [node]
    if not written or (node.kind == "scalar" and not isinstance(node.value, str)) or node.kind == "mapping":
        if not refused(node):
            message = f"`outputs` is a list of names, or a mapping of new names to them, found {shown_at(node)}"
            diagnostics.add(codes.WRONG_FORM, message, node.span, place=node.place)
        return ()
    found: dict[str, OutputSpec] = {}
    for element in written:
        output = _output(None, element, reader, diagnostics)
        if output is not None and output.name in found:
            message = f"`{output.name}` is an output twice"
            help = "a mapping can give a value two names: `outputs: {first: x, second: x}`"
            diagnostics.add(codes.DUPLICATE_NAME, message, element.span, place=element.place, help=help)
        elif output is not None:
            found[output.name] = output
    return tuple(found.values())


def _output(name: str | None, node: Node, reader: Reader, diagnostics: Diagnostics) -> OutputSpec | None:
    ref = reader.reference(node)
    if ref is None:
        return None
    if ref.index == ALL_OUTPUTS:
        message = f"an output is one value; `{node.value}` are several"
        diagnostics.add(
            codes.WRONG_FORM, message, node.span, place=node.place, help="name them one by one: `lstm`, `lstm/1`"
        )
        return None
    if name is None:
        name = str(ref) if node.value in ("_", f"{ref}/0") else str(node.value)
    return OutputSpec(name, ref, Place(node.span, node.place))
