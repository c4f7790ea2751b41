"""Give sizes to a spec: from data, or from shapes the user states."""

from collections.abc import Mapping, Sequence

from specmodel.diagnostics import Diagnostics, codes, did_you_mean
from specmodel.graph.build import build
from specmodel.graph.graph import Graph, Requirement
from specmodel.spec.model import UNBUILT_INPUT, InputSpec, ModelSpec, Place
from specmodel.types.dim import Dim, evaluate, solve, unknown, variables
from specmodel.types.formula import spelled, text
from specmodel.types.tensor import TensorType

StatedShape = Sequence[int | None]
"""A shape with the batch; None for a size that stays unknown."""


def build_bound(
    spec: ModelSpec, shapes: Mapping[str, StatedShape], graph: Graph | None = None
) -> tuple[ModelSpec, Graph]:
    """The spec with the sizes that these shapes give its inputs, and the graph built of it.

    `graph` is the spec's own, whose constraints on open sizes are checked first. Raises `SpecError`.
    """
    diagnostics = Diagnostics()
    bound = bind(spec, shapes, diagnostics)
    diagnostics.raise_errors()
    if graph is not None:
        check_requirements(graph, bound, spec, diagnostics)
        diagnostics.raise_errors()
    built = build(bound, diagnostics)
    diagnostics.raise_errors()
    return bound, built


def bind(spec: ModelSpec, shapes: Mapping[str, StatedShape], diagnostics: Diagnostics) -> ModelSpec:
    """The spec with the sizes that these shapes give its inputs; an unbuilt one gets the input it lacks.

    A shape that does not fit is reported. Named sizes take the same value everywhere.
    """
    if spec.inputs is None:
        return _build_unbuilt(spec, shapes, diagnostics)
    declared = {given.name: given for given in spec.inputs}
    sizes: dict[str, Dim] = {}
    origin: dict[str, str] = {}
    for name, shape in shapes.items():
        if name not in declared:
            near = did_you_mean(name, declared)
            help = (
                f"did you mean `{near}`?" if near else f"the model's inputs are {', '.join(f'`{n}`' for n in declared)}"
            )
            diagnostics.add(codes.DATA_MISMATCH, f"the model has no input `{name}`", help=help)
        else:
            _bind_input(declared[name], shape, sizes, origin, diagnostics)
    inputs = tuple(
        given.replace(type=TensorType(tuple(evaluate(size, sizes) for size in given.type.shape), given.type.dtype))
        for given in spec.inputs
    )
    return spec.replace(inputs=inputs)


def _build_unbuilt(spec: ModelSpec, shapes: Mapping[str, StatedShape], diagnostics: Diagnostics) -> ModelSpec:
    if list(shapes) != [UNBUILT_INPUT]:
        names = ", ".join(f"`{name}`" for name in shapes)
        message = f"an unbuilt model has one input, `{UNBUILT_INPUT}`; shapes were given for {names}"
        diagnostics.add(codes.DATA_MISMATCH, message)
        return spec
    (shape,) = shapes.values()
    sizes = tuple(
        (unknown("batch") if axis == 0 else unknown(f"{UNBUILT_INPUT}.{axis}")) if size is None else size
        for axis, size in enumerate(shape)
    )
    return spec.replace(inputs=(InputSpec(UNBUILT_INPUT, TensorType(sizes, "float32"), Place()),))


def _bind_input(
    declared: InputSpec, shape: StatedShape, sizes: dict[str, Dim], origin: dict[str, str], diagnostics: Diagnostics
) -> None:
    wanted = declared.type.shape
    if len(shape) != len(wanted):
        found = f"found {len(shape)}, {_shown(shape)}"
        message = f"input `{declared.name}` has {len(wanted)} axes with the batch, {declared.type}; {found}"
        diagnostics.add(codes.DATA_MISMATCH, message, help=_rank_help(declared, shape))
        return
    for axis, (dim, size) in enumerate(zip(wanted, shape, strict=True)):
        if size is None:
            continue
        known = evaluate(dim, sizes)
        if isinstance(known, int):
            if known != size:
                why = "".join(
                    f", since `{spelled(n)}` is {sizes[n]} in {origin[n]}" for n in sorted(variables(dim)) if n in sizes
                )
                message = (
                    f"axis {axis} of input `{declared.name}` must be {known}{why}; found {size} in {_shown(shape)}"
                )
                diagnostics.add(codes.DATA_MISMATCH, message)
            continue
        solved = solve(known, size)
        if solved is None or solved[1] < 1:
            found = f"found {size} in {_shown(shape)}"
            message = f"axis {axis} of input `{declared.name}` must have the form `{text(dim)}`; {found}"
            diagnostics.add(codes.DATA_MISMATCH, message)
        else:
            sizes[solved[0]] = solved[1]
            origin[solved[0]] = f"input `{declared.name}`"


def _rank_help(declared: InputSpec, shape: StatedShape) -> str | None:
    if len(shape) == len(declared.type.shape) - 1:
        return "the first axis is the batch: a single sample needs one of size 1 in front"
    return None


def check_requirements(graph: Graph, bound: ModelSpec, unbound: ModelSpec, diagnostics: Diagnostics) -> None:
    """Report the constraints, kept when the graph was built, that the bound sizes do not satisfy.

    What reads a layer that fails stays silent.
    """
    sizes = sizes_of(bound, unbound)
    requirements: dict[str, list[Requirement]] = {}
    for requirement in graph.requirements:
        requirements.setdefault(requirement.entry.path, []).append(requirement)
    failed: set[str] = set()
    for node in graph.in_order():
        if any(ref.target in failed for ref in node.entry.refs()):
            failed.add(node.path)
            continue
        unmet = next((r for r in requirements.get(node.path, ()) if r.constraint.holds(sizes) is False), None)
        if unmet is not None:
            failed.add(node.path)
            where = node.entry.place
            with diagnostics.inside(node.entry.frame):
                diagnostics.add(codes.DATA_MISMATCH, _unmet(unmet, sizes), where.span, place=where.text)


def _unmet(requirement: Requirement, sizes: Mapping[str, Dim]) -> str:
    constraint, entry = requirement.constraint, requirement.entry
    names = sorted((variables(constraint.left) | variables(constraint.right)) & sizes.keys())
    found = ", ".join(f"`{spelled(name)}` is {sizes[name]}" for name in names)
    needed = f"{constraint.text} ({constraint.reason})" if constraint.reason else constraint.text
    return f"{type(entry.layer).__name__} `{entry.path}` needs that {needed}; in this data {found}"


def sizes_of(bound: ModelSpec, unbound: ModelSpec) -> dict[str, Dim]:
    """What the names and keys of open sizes were bound to."""
    sizes: dict[str, Dim] = {}
    for before, after in zip(unbound.inputs or (), bound.inputs or (), strict=False):
        for dim, size in zip(before.type.shape, after.type.shape, strict=True):
            solved = solve(dim, size) if isinstance(size, int) else None
            if solved is not None:
                sizes[solved[0]] = solved[1]
    return sizes


def _shown(shape: StatedShape) -> str:
    return f"({', '.join(str(size) for size in shape)}{',' if len(shape) == 1 else ''})"
