"""`expect`: what a spec says of the model it describes, held against the model."""

from collections.abc import Collection, Iterable, Mapping
from itertools import islice

from specmodel.diagnostics import Diagnostics, codes, did_you_mean
from specmodel.graph.graph import Graph
from specmodel.model.expected_numbers import check_figure, check_form
from specmodel.ops.value import Value
from specmodel.spec.expressions.substitute import has_expression
from specmodel.spec.faults import refused, shown_at, too_many
from specmodel.spec.model import ALL_OUTPUTS, Expected, ModelSpec, Ref
from specmodel.spec.references import SUGGESTED_FROM
from specmodel.summary.figures import TOTALS
from specmodel.types.dim import Dim, symbols
from specmodel.types.fault import Fault
from specmodel.types.formula import parse_dim, shown
from specmodel.types.tensor import MAX_RANK
from specmodel.yaml.node import Node

_LISTED = 20
KEYS = (*TOTALS, "outputs", "shapes")
UNBUILT_HELP = "the shapes of an unbuilt model come from data: give it `inputs`"


def check_expectations(spec: ModelSpec, expected: Expected, graph: Graph | None, diagnostics: Diagnostics) -> None:
    """Report every figure and shape of a model that is not what is expected of it; of an unbuilt one none is known."""
    node = expected.node
    if not check_keys(node, diagnostics):
        return
    sizes = named_sizes(spec)
    for key, wanted in node.items.items():
        if key in TOTALS:
            if not check_form(key, wanted, sizes, diagnostics):
                continue
            if graph is not None:
                check_figure(key, TOTALS[key](graph), wanted, diagnostics)
            elif key == "layers":
                check_figure(key, len(spec.entries), wanted, diagnostics)
        elif key in ("outputs", "shapes") and graph is not None:
            _check_shapes(key, wanted, spec, expected, graph, diagnostics)
        if graph is None and key in KEYS and key != "layers":
            message, span = f"`{key}` cannot be told of an unbuilt model", node.key_spans.get(key)
            diagnostics.add(codes.EXPECTATION, message, span, place=wanted.place, help=UNBUILT_HELP)


def check_keys(node: Node, diagnostics: Diagnostics) -> bool:
    """Whether it is a mapping; keys that mean nothing are reported."""
    if refused(node):
        return False
    if node.kind != "mapping":
        message = f"`expect` is a mapping of figures to numbers, found {shown_at(node)}"
        help = "for example `expect: {parameters: 5M, outputs: {head: [10]}}`"
        diagnostics.add(codes.WRONG_FORM, message, node.span, place=node.place, help=help)
        return False
    for key, value in node.items.items():
        if too_many(diagnostics):
            break
        if key not in KEYS:
            near = did_you_mean(key, KEYS)
            help = f"did you mean `{near}`?" if near else f"it may hold {', '.join(KEYS)}"
            message, span = f"unknown key `{key}` of `expect`", node.key_spans.get(key)
            diagnostics.add(codes.UNKNOWN_KEY, message, span, place=value.place, help=help)
    return True


def named_sizes(spec: ModelSpec) -> set[str]:
    """The names that the inputs give to sizes."""
    return {name for given in spec.inputs or () for size in given.type.shape for name in symbols(size)}


def check_unused(spec: ModelSpec, nodes: Iterable[Node], diagnostics: Diagnostics) -> None:
    """Report what has the wrong form in expectations of other presets; whether they hold is told under these."""
    for node in nodes:
        if check_keys(node, diagnostics):
            for key in TOTALS:
                if key in node.items and not has_expression(node.items[key]):
                    check_form(key, node.items[key], named_sizes(spec), diagnostics)


def _check_shapes(
    key: str, node: Node, spec: ModelSpec, expected: Expected, graph: Graph, diagnostics: Diagnostics
) -> None:
    if node.kind != "mapping":
        if not refused(node):
            message = f"`{key}` of `expect` is a mapping of names to shapes, found {shown_at(node)}"
            diagnostics.add(codes.WRONG_FORM, message, node.span, place=node.place)
        return
    what = "output" if key == "outputs" else "entry"
    values = _Values(spec, graph)
    for name, wanted in node.items.items():
        if too_many(diagnostics):
            break
        found = values.of_output(name) if key == "outputs" else values.of_refs(name, expected.shapes.get(name, ()))
        if not found:
            near = did_you_mean(name, islice(values.outputs if key == "outputs" else values.paths(), SUGGESTED_FROM))
            known = f"the outputs are {', '.join(islice(values.outputs, _LISTED))}" if key == "outputs" else None
            help = f"did you mean `{near}`?" if near is not None else known
            message, span = f"there is no {what} `{name}`, which `expect` names", node.key_spans.get(name)
            diagnostics.add(codes.UNDEFINED_REFERENCE, message, span, place=wanted.place, help=help)
        elif not refused(wanted):
            _check_shape(what, found, wanted, values.sizes, diagnostics)


class _Values:
    """The values that names of `expect` stand for, by the words that messages use for them."""

    def __init__(self, spec: ModelSpec, graph: Graph) -> None:
        self.outputs = {output.name: output.value for output in graph.outputs}
        self.sizes = named_sizes(spec)
        self._inputs = {given.spec.name: given.value for given in graph.inputs}
        self._nodes = {node.path: node for node in graph.nodes}

    def of_output(self, name: str) -> dict[str, Value]:
        return {name: self.outputs[name]} if name in self.outputs else {}

    def of_refs(self, name: str, refs: tuple[Ref, ...]) -> dict[str, Value]:
        found: dict[str, Value] = {}
        for ref in refs:
            values = self._outputs_of(ref.target)
            indices = range(len(values)) if ref.index == ALL_OUTPUTS else [ref.index]
            for index in indices:
                if index < len(values):
                    found[name if len(refs) == len(indices) == 1 else str(Ref(ref.target, index))] = values[index]
        return found

    def _outputs_of(self, path: str) -> list[Value]:
        if path in self._inputs:
            return [self._inputs[path]]
        return [output.value for output in self._nodes[path].outputs] if path in self._nodes else []

    def paths(self) -> Iterable[str]:
        """What could have been meant: layers, and the blocks, groups and repeats on the way to them."""
        for path in (*self._inputs, *self._nodes):
            words = path.split("/")
            yield from ("/".join(words[:count]) for count in range(1, len(words) + 1))


def _check_shape(
    what: str, found: Mapping[str, Value], node: Node, sizes: Collection[str], diagnostics: Diagnostics
) -> None:
    if node.kind != "sequence":
        message = f"the shape expected of {what} `{next(iter(found))}` is a list of sizes, found {shown_at(node)}"
        help = f"write `[{node.written}]`" if node.kind == "scalar" and node.value is not None else None
        diagnostics.add(codes.WRONG_FORM, message, node.span, place=node.place, help=help)
        return
    if len(node.elements) > MAX_RANK:
        message = f"a tensor has at most {MAX_RANK} axes, found a list of {len(node.elements):,}"
        diagnostics.add(codes.BAD_SIZE, message, node.span, place=node.place)
        return
    wanted: list[Dim | None] = []
    for element in node.elements:
        try:
            wanted.append(_expected_size(element, sizes))
        except Fault as fault:
            diagnostics.add(fault.code, fault.message, element.span, place=element.place, help=fault.help)
    for name, value in found.items() if len(wanted) == len(node.elements) else ():
        has = [size if shown(size) is not None else None for size in value.shape]
        if wanted != has[1:]:
            message = f"{what} `{name}` is expected to have the shape {_listed(wanted)}, found {_listed(has[1:])}"
            help = "shapes leave out the batch" if wanted == has else None
            diagnostics.add(codes.EXPECTATION, message, node.span, place=node.place, help=help)
            return


def _expected_size(node: Node, sizes: Collection[str]) -> Dim | None:
    """A size that is expected, None for an unknown one; raises `Fault` for what is none."""
    value = node.value
    if node.kind == "scalar" and (value is None or (isinstance(value, int) and not isinstance(value, bool))):
        return value
    wanted = f"a size is an integer, a formula of named sizes (`2*seq`) or null, found {shown_at(node)}"
    if not isinstance(value, str):
        raise Fault(codes.BAD_SIZE, wanted)
    try:
        size = parse_dim(value)
    except ValueError as error:
        raise Fault(codes.BAD_SIZE, wanted, help=str(error)) from None
    for name in sorted(symbols(size)):
        if name not in sizes:
            near = did_you_mean(name, sizes)
            known = f"the named sizes are {', '.join(sorted(sizes))}" if sizes else "the inputs name no sizes"
            help = f"did you mean `{near}`?" if near is not None else known
            raise Fault(codes.BAD_SIZE, f"no input has a size called `{name}`", help=help)
    return size


def _listed(shape: Iterable[Dim | None]) -> str:
    return f"[{', '.join('null' if size is None else str(size) for size in shape)}]"
