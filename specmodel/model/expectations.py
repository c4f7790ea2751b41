"""`expect`: what a spec says of the model it describes, held against the model."""

import re

from specmodel.diagnostics import Diagnostics, codes, did_you_mean
from specmodel.graph.graph import Graph
from specmodel.layers.validation import shown
from specmodel.spec.faults import refused, shown_at
from specmodel.spec.model import ModelSpec
from specmodel.summary.figures import Figures, figures
from specmodel.yaml.node import Node

_NUMBER = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?(K|M|G|KiB|MiB|GiB)?")
_FACTORS = {None: 1, "K": 10**3, "M": 10**6, "G": 10**9, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}


def check_expectations(spec: ModelSpec, graph: Graph, diagnostics: Diagnostics) -> None:
    """Report every figure and shape of a model that is not what its spec expects."""
    node = spec.expect
    if node is None or refused(node):
        return
    if node.kind != "mapping":
        message = f"`expect` is a mapping of figures to numbers, found {shown_at(node)}"
        diagnostics.add(codes.WRONG_FORM, message, node.span, place=node.place)
        return
    found = figures(spec, graph)
    totals, known = found["totals"], [*found["totals"], "outputs", "shapes"]
    for key, expected in node.items.items():
        if key == "outputs":
            shapes = {output["name"]: output["shape"] for output in found["outputs"]}
            _check_shapes("output", shapes, expected, diagnostics)
        elif key == "shapes":
            _check_shapes("entry", _shapes(found), expected, diagnostics)
        elif key in totals:
            _check_number(key, totals[key], expected, diagnostics)
        else:
            near = did_you_mean(key, known)
            help = f"did you mean `{near}`?" if near else f"it may hold {', '.join(known)}"
            message, span = f"unknown key `{key}` of `expect`", node.key_spans.get(key)
            diagnostics.add(codes.UNKNOWN_KEY, message, span, place=expected.place, help=help)


def _shapes(found: Figures) -> dict[str, list[object]]:
    return {layer["path"]: layer["output_shapes"][0] for layer in found["layers"] if layer["output_shapes"]}


def _check_shapes(what: str, shapes: dict[str, list[object]], node: Node, diagnostics: Diagnostics) -> None:
    if node.kind != "mapping":
        message = f"the shapes that are expected are a mapping of names to shapes, found {shown_at(node)}"
        diagnostics.add(codes.WRONG_FORM, message, node.span, place=node.place)
        return
    for name, expected in node.items.items():
        if name not in shapes:
            near = did_you_mean(name, shapes)
            help = f"did you mean `{near}`?" if near else None
            message, span = f"there is no {what} `{name}`, which `expect` names", node.key_spans.get(name)
            diagnostics.add(codes.UNDEFINED_REFERENCE, message, span, place=expected.place, help=help)
            continue
        wanted, has = expected.plain(), shapes[name][1:]
        if wanted != has and not refused(expected):
            message = f"{what} `{name}` is expected to have the shape {_listed(wanted)}, found {_listed(has)}"
            help = "shapes leave out the batch" if wanted == shapes[name] else None
            diagnostics.add(codes.EXPECTATION, message, expected.span, place=expected.place, help=help)


def _listed(shape: object) -> str:
    if not isinstance(shape, list):
        return shown(shape)
    return f"[{', '.join('null' if size is None else str(size) for size in shape)}]"


def _check_number(key: str, found: object, node: Node, diagnostics: Diagnostics) -> None:
    bounds = node.items if node.kind == "mapping" and node.items.keys() <= {"min", "max"} else {"": node}
    for bound, value in bounds.items():
        number = _number(value)
        if number is None:
            message = f"`{key}` of `expect` is a number, or {{min, max}}, found {shown_at(value)}"
            help = "for example 5000, 1.5M, 64 KiB or {max: 5M}"
            diagnostics.add(codes.BAD_ARGUMENT, message, value.span, place=value.place, help=help)
        elif not isinstance(found, int):
            message = f"`{key}` is expected to be {number:,}, and depends on sizes that only data gives"
            diagnostics.add(codes.EXPECTATION, message, value.span, place=value.place)
        elif (bound != "max" and found < number) or (bound != "min" and found > number):
            word = {"": "", "min": "at least ", "max": "at most "}[bound]
            message = f"`{key}` is expected to be {word}{number:,}, found {found:,}"
            diagnostics.add(codes.EXPECTATION, message, value.span, place=value.place)


def _number(node: Node) -> int | float | None:
    value = node.value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    match = _NUMBER.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return None
    number = float(match[1]) * _FACTORS[match[2]]
    return int(number) if number.is_integer() else number
