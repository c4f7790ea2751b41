"""A comparison for people: a few lines for each layer that differs, then the whole, then the weights."""

from collections.abc import Iterator, Sequence
from typing import Any

from specmodel.comparison.compare import Change, Comparison, LayerChange
from specmodel.ops.source import WeightSpec
from specmodel.types.tensor import shape_text
from specmodel.weights.match import Match
from specmodel.yaml.writing import flow

_SIGNS = {"added": ("+", "32"), "removed": ("-", "31"), "changed": ("~", "33"), "renamed": (">", "36")}
_NAMES = {"flops": "FLOPs", "activation_bytes": "activation bytes", "weight_bytes": "weight bytes"}
_NAMES |= {"peak_activation_bytes": "peak activation bytes", "non_trainable": "non-trainable"}


def render(comparison: Comparison, color: bool = False) -> str:
    """The text of a comparison; empty where nothing differs."""
    if not comparison.differs:
        return ""
    lines = [f"--- {comparison.before.file}", f"+++ {comparison.after.file}"]
    lines += [f"~ {change_text(change)}" for change in comparison.model]
    for layer in comparison.layers:
        lines += _layer(layer, color)
    lines += ["", *(f"  {change_text(one)}" for one in comparison.totals if one.before != one.after)]
    lines += [f"  {line}" for line in weights_lines(comparison)]
    return "\n".join(lines)


def _layer(layer: LayerChange, color: bool) -> Iterator[str]:
    sign, paint = _SIGNS[layer.how]
    head = f"{sign} {layer_text(layer)}"
    yield f"\033[{paint}m{head}\033[0m" if color else head
    for change in layer.changes:
        yield f"    {change_text(change)}"


def layer_text(layer: LayerChange) -> str:
    """A layer in a line: its name, or both, its class, and of one that came or went what it makes and costs."""
    names = [name for name in dict.fromkeys((layer.before, layer.after)) if name is not None]
    text = f"{' -> '.join(names)} ({layer.kind})"
    row = layer.figures
    if len(names) == 1 and not layer.changes and row["output_shapes"] is not None:
        text += f" {shown(row['output_shapes'], 'shapes')}, {row['parameters']:,} parameters"
    return text


def change_text(change: Change) -> str:
    """`what: before -> after`, with the difference of numbers."""
    text = f"{name_text(change)}: {shown(change.before, change.kind)} -> {shown(change.after, change.kind)}"
    return f"{text} ({change.after - change.before:+,})" if is_counted(change) else text


def name_text(change: Change) -> str:
    """What changed, in words."""
    return _NAMES.get(change.what, change.what)


def is_counted(change: Change) -> bool:
    """Whether a figure is a number on both sides."""
    return change.kind == "figure" and isinstance(change.before, int) and isinstance(change.after, int)


def shown(value: Any, kind: str) -> str:
    """A value: shapes as shapes, figures with thousands set apart, what else there is as a spec writes it."""
    if kind == "shapes":
        return "?" if value is None else ", ".join(_shape(shape) for shape in value)
    if value is None:
        return "none"
    if kind == "tensor":
        return f"{_shape(value['shape'])} {value['dtype'] or ''}".rstrip()
    if kind == "figure" and isinstance(value, int):
        return f"{value:,}"
    return value if isinstance(value, str) else flow(value)


def _shape(shape: Sequence[int | str | None] | None) -> str:
    if shape is None:
        return "?"
    sizes = [str(size) for size in shape]
    return f"({sizes[0]},)" if len(sizes) == 1 else f"({', '.join(sizes)})"


def weights_lines(comparison: Comparison) -> list[str]:
    """Whether the first model's weights load into the second, and weight by weight why not."""
    found = comparison.weights
    if found is None:
        return ["weights: an unbuilt model's are not known"]
    loads = "load" if found.fits else "do not load"
    head = f"weights: those of the first {loads} into the second"
    return [head, *(f"  {row_text(*row)}" for row in weight_rows(found))]


def row_text(status: str, path: str, before: str | None, after: str | None) -> str:
    """A weight in a line."""
    shapes = f"{before} -> {after}" if status == "changed" else before or after
    return f"{status}: {path} {shapes}"


def weight_rows(found: Match) -> Iterator[tuple[str, str, str | None, str | None]]:
    """The weights that do not simply stay: what is the matter, the path, what it is before and after."""
    renamed = {path: name for name, path in found.renames}
    for pair in found.wrong:
        yield "changed", pair.spec.path, str(pair.stored), _weight(pair.spec)
    for spec in found.missing:
        if spec.path in renamed:
            yield "likely renamed", f"{renamed[spec.path]} -> {spec.path}", _weight(spec), _weight(spec)
        else:
            yield "missing", spec.path, None, _weight(spec)
    for name, stored in found.extra.items():
        if name not in renamed.values():
            yield "left out", name, str(stored), None


def _weight(spec: WeightSpec) -> str:
    return f"{shape_text(spec.shape)} {spec.dtype}"
