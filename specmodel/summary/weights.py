"""The weights a model needs, as a table and as JSON. None is made for it."""

from typing import Any

from specmodel.graph.graph import Graph
from specmodel.layers.objects import Named, Pieces
from specmodel.ops.source import WeightSpec
from specmodel.summary.counts import byte_text, parameter_count, weight_bytes
from specmodel.summary.table import plain_text
from specmodel.types.tensor import shape_text

_HEADINGS = ("Path", "Shape", "Dtype", "Trainable", "Initializer", "Param #")


def listing(graph: Graph) -> dict[str, Any]:
    """The dictionary that `weights list --format json` prints: the weights in the file's order, and their totals."""
    specs = list(graph.weights())
    total, trainable = parameter_count(specs), parameter_count(spec for spec in specs if spec.trainable)
    return {
        "specmodel": 1,
        "name": graph.name,
        "weights": [_row(spec) for spec in specs],
        "totals": {
            "weights": len(specs),
            "parameters": total,
            "trainable": trainable,
            "non_trainable": total - trainable,
            "weight_bytes": weight_bytes(specs),
        },
    }


def table(graph: Graph) -> str:
    """One line a weight, in columns, and the totals: lines that `grep` and `sort` can work on."""
    specs = list(graph.weights())
    rows = [_HEADINGS, *(_cells(spec) for spec in specs)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADINGS))]
    lines = ["  ".join([*map(str.ljust, row[:-1], widths), row[-1].rjust(widths[-1])]) for row in rows]
    return "\n".join([*lines, count_text(specs)])


def count_text(specs: list[WeightSpec]) -> str:
    """How many weights, numbers and bytes: `4 weights, 35 parameters (140.00 B)`."""
    weights, parameters = len(specs), parameter_count(specs)
    return (
        f"{weights:,} weight{'' if weights == 1 else 's'}, {parameters:,} parameter{'' if parameters == 1 else 's'} "
        f"({byte_text(weight_bytes(specs))})"
    )


def _row(spec: WeightSpec) -> dict[str, Any]:
    return {
        "path": spec.path,
        "shape": list(spec.shape),
        "dtype": spec.dtype,
        "trainable": spec.trainable,
        "initializer": _plain(spec.initializer),
        "parameters": parameter_count([spec]),
    }


def _cells(spec: WeightSpec) -> tuple[str, ...]:
    trainable = "yes" if spec.trainable else "no"
    started = _started(spec.initializer)
    return (spec.path, shape_text(spec.shape), spec.dtype, trainable, started, f"{parameter_count([spec]):,}")


def _plain(initializer: object) -> Any:
    """The written form; the pieces of one put together as a list."""
    if isinstance(initializer, Pieces):
        return [{"initializer": _plain(part), "columns": columns} for part, columns in initializer.parts]
    return initializer.plain() if isinstance(initializer, Named) else initializer


def _started(initializer: object) -> str:
    if isinstance(initializer, Pieces):
        return " + ".join(f"{_started(part)}[{columns}]" for part, columns in initializer.parts)
    return plain_text(initializer)
