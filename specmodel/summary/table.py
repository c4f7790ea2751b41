"""The layer table, in Keras' form and columns."""

from collections.abc import Callable, Sequence

from specmodel.graph.graph import Graph
from specmodel.spec.model import ModelSpec
from specmodel.summary.box import Column, box
from specmodel.summary.counts import byte_text, parameter_count, weight_bytes
from specmodel.summary.figures import Figures, ends
from specmodel.summary.rows import Row, rows_of
from specmodel.types.dim import Dim
from specmodel.types.formula import shown
from specmodel.types.tensor import shape_text

COLUMNS = ("flops", "memory", "trainable", "dtype", "arguments")
"""What `--columns` can add."""


def render(
    spec: ModelSpec,
    graph: Graph | None,
    columns: Sequence[str] = (),
    depth: int | None = None,
    width: int | None = None,
) -> str:
    """The table of a model; without a graph that of an unbuilt one.

    `depth` folds what lies deeper in blocks; `width` is that of a terminal which the table should fit.
    """
    rows, data = rows_of(spec, graph, depth), ends(spec, graph)
    connected = not _is_chain(rows, data, graph is not None)
    heads = [Column("Layer (type)", False, 44), Column("Output Shape", False, 40), Column("Param #", True, 24)]
    if connected:
        heads.append(Column("Connected to", False, 40))
    heads += [_EXTRA[name][0] for name in columns]
    inputs = _input_rows(data, columns) if connected and graph is not None else []
    body = inputs + [_cells(row, connected, columns) for row in rows]
    name = graph.name if graph is not None else spec.name
    return "\n".join([f'Model: "{name}"', *box(heads, body, width), *_totals(graph)])


def _cells(row: Row, connected: bool, columns: Sequence[str]) -> list[str]:
    cells = [f"{row.path} ({row.kind})", _shapes(row), _params(row)]
    if connected:
        cells.append(", ".join(row.inputs) or "-")
    known = row.outputs is not None
    return cells + [_EXTRA[name][1](row) if known or name == "arguments" else "?" for name in columns]


def _shapes(row: Row) -> str:
    if row.outputs is None:
        return "?"
    texts = [shape_text(value.shape) for value in row.outputs]
    return texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"


def _params(row: Row) -> str:
    if row.outputs is None:
        return "0 (unbuilt)"
    return f"shared ({', '.join(row.owners)})" if row.owners else f"{row.parameters():,}"


def _input_rows(data: Figures, columns: Sequence[str]) -> list[list[str]]:
    """Where the graph is no chain, the inputs stand above the layers, as Keras shows them."""
    blank = ["-"] * len(columns)
    return [[f"{given['name']} (Input)", _shape(given["shape"]), "0", "-", *blank] for given in data["inputs"]]


def _shape(sizes: Sequence[int | str | None]) -> str:
    return f"({sizes[0]},)" if len(sizes) == 1 else f"({', '.join(map(str, sizes))})"


def _is_chain(rows: Sequence[Row], data: Figures, built: bool) -> bool:
    """Whether every row reads the one above alone, and the last is the only output."""
    above = data["inputs"][0]["name"] if len(data["inputs"]) == 1 else None
    if built and (above is None or len(data["outputs"]) != 1):
        return False
    for number, row in enumerate(rows):
        if len(row.inputs) != 1 or (row.inputs[0] != above and not (number == 0 and not built)):
            return False
        above = row.path
    return len(data["outputs"]) <= 1 and (not data["outputs"] or data["outputs"][0]["name"] == above or built)


def _totals(graph: Graph | None) -> list[str]:
    weights = list(graph.weights()) if graph is not None else []
    groups = {
        "Total": weights,
        "Trainable": [spec for spec in weights if spec.trainable],
        "Non-trainable": [spec for spec in weights if not spec.trainable],
    }
    if graph is None:
        return [f" {heading} params: 0 (unbuilt)" for heading in groups]
    return [
        f" {heading} params: {parameter_count(group):,} ({byte_text(weight_bytes(group))})"
        for heading, group in groups.items()
    ]


def number_text(value: int | str | None) -> str:
    """A figure: with commas, as a formula, or `?` where it depends on an unknown size."""
    return "?" if value is None else f"{value:,}" if isinstance(value, int) else value


def bytes_text(value: int | str | None) -> str:
    """A figure in bytes."""
    return byte_text(value) if isinstance(value, int) else number_text(value)


def _figure(of: Callable[[Row], Dim], text: Callable[[int | str | None], str]) -> Callable[[Row], str]:
    return lambda row: text(shown(of(row)))


def _trainable(row: Row) -> str:
    if not row.parameters():
        return "-"
    return "Y" if row.trainable() else "N"


def _dtype(row: Row) -> str:
    return ", ".join(dict.fromkeys(value.dtype for value in row.outputs or ())) or "-"


def _arguments(row: Row) -> str:
    changed = row.layer.changed_arguments() if row.layer is not None else {}
    return ", ".join(f"{name}={plain_text(value)}" for name, value in changed.items()) or "-"


def plain_text(value: object) -> str:
    """An argument's value as a table shows it."""
    from specmodel.layers.base import Layer
    from specmodel.layers.objects import Named

    if isinstance(value, Named):
        return f"{value.name}({', '.join(f'{key}={plain_text(inner)}' for key, inner in value.arguments)})"
    if isinstance(value, Layer):
        inner = ", ".join(f"{key}={plain_text(found)}" for key, found in value.changed_arguments().items())
        return f"{type(value).__name__}({inner})"
    if isinstance(value, tuple):
        return f"[{', '.join(plain_text(item) for item in value)}]"
    if isinstance(value, bool) or value is None:
        return str(value).lower() if value is not None else "null"
    return str(value)


_EXTRA: dict[str, tuple[Column, Callable[[Row], str]]] = {
    "flops": (Column("FLOPs", True, 40), _figure(Row.flops, number_text)),
    "memory": (Column("Memory", True, 40), _figure(Row.activation_bytes, bytes_text)),
    "trainable": (Column("Trainable", False, 12), _trainable),
    "dtype": (Column("dtype", False, 16), _dtype),
    "arguments": (Column("Arguments", False, 50), _arguments),
}
