"""The layer table, in Keras' box-drawn form. It wraps long cells and never cuts them."""

from collections.abc import Callable, Sequence
from typing import Any

from specmodel.graph.graph import Graph
from specmodel.record import Record
from specmodel.spec.model import Entry, ModelSpec
from specmodel.summary.figures import Figures, figures, parameter_count, weight_bytes

COLUMNS = ("flops", "memory", "trainable", "dtype", "arguments")
"""What `--columns` can add."""

Cell = Callable[[Figures, Entry], str]


class Column(Record):
    """A column: its heading, whether it is set to the right, the width it may wrap at."""

    heading: str
    right: bool
    width: int


def render(spec: ModelSpec, graph: Graph | None, columns: Sequence[str] = (), depth: int | None = None) -> str:
    """The table of a model; without a graph that of an unbuilt one. `depth` folds what lies deeper in blocks."""
    data = figures(spec, graph)
    entries = {entry.path: entry for entry in spec.entries}
    dtypes = {node.path: node.outputs[0].value.dtype for node in graph.nodes} if graph is not None else {}
    rows = _fold([{**row, "dtype": dtypes.get(row["path"])} for row in data["layers"]], depth)
    connected = not _is_chain(data)
    heads = [Column("Layer (type)", False, 44), Column("Output Shape", False, 40), Column("Param #", True, 24)]
    if connected:
        heads.append(Column("Connected to", False, 40))
    heads += [_EXTRA[name][0] for name in columns]
    shapes = _input_rows(data, columns) if connected and graph is not None else []
    body = shapes + [_row(row, entries.get(row["path"]), graph, connected, columns) for row in rows]
    return "\n".join([f'Model: "{data["name"]}"', *_box(heads, body), *_totals(graph)])


def _row(row: Figures, entry: Entry | None, graph: Graph | None, connected: bool, columns: Sequence[str]) -> list[str]:
    kind = row["type"]
    cells = [f"{row['path']} ({kind})", _shapes(row, graph), _params(row, entry)]
    if connected:
        cells.append(", ".join(row["inputs"]) or "-")
    return cells + [_EXTRA[name][1](row, entry) for name in columns]


def _shapes(row: Figures, graph: Graph | None) -> str:
    shapes = row["output_shapes"]
    if shapes is None:
        return "?"
    texts = [_shape(shape) for shape in shapes]
    return texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"


def _shape(shape: Sequence[int | str | None]) -> str:
    sizes = [str(size) for size in shape]
    return f"({sizes[0]},)" if len(sizes) == 1 else f"({', '.join(sizes)})"


def _params(row: Figures, entry: Entry | None) -> str:
    if row["parameters"] is None:
        return "0 (unbuilt)"
    if entry is not None and entry.reused:
        return f"shared ({entry.owner})"
    return f"{row['parameters']:,}"


def _input_rows(data: Figures, columns: Sequence[str]) -> list[list[str]]:
    """Where the graph is no chain, the inputs stand above the layers, as Keras shows them."""
    blank = ["-"] * len(columns)
    return [[f"{given['name']} (Input)", _shape(given["shape"]), "0", "-", *blank] for given in data["inputs"]]


def _is_chain(data: Figures) -> bool:
    """Whether every layer reads the one above alone, and the last is the only output."""
    above = data["inputs"][0]["name"] if len(data["inputs"]) == 1 else None
    if data["built"] and (above is None or len(data["outputs"]) != 1):
        return False
    for number, row in enumerate(data["layers"]):
        if len(row["inputs"]) != 1 or (row["inputs"][0] != above and not (number == 0 and not data["built"])):
            return False
        above = row["path"]
    return len(data["outputs"]) <= 1 and (not data["outputs"] or data["outputs"][0]["name"] == above or data["built"])


def _fold(rows: Sequence[Figures], depth: int | None) -> list[Figures]:
    """The rows down to a depth of their paths; those below are summed up in the row of their block."""
    if depth is None:
        return list(rows)
    folded: dict[str, list[Figures]] = {}
    for row in rows:
        folded.setdefault("/".join(row["path"].split("/")[:depth]), []).append(row)
    return [
        _roll_up(path, group) if len(group) > 1 or group[0]["path"] != path else group[0]
        for path, group in folded.items()
    ]


def _roll_up(path: str, group: Sequence[Figures]) -> Figures:
    def total(key: str) -> Any:
        values = [row[key] for row in group]
        return None if any(value is None for value in values) else _sum(values)

    last = group[-1]
    inside = {row["path"] for row in group}
    outer = [name for row in group for name in row["inputs"] if name.split("/")[0] not in inside and name not in inside]
    return {
        **{key: total(key) for key in ("parameters", "trainable", "flops", "activation_bytes")},
        "path": path,
        "dtype": last["dtype"],
        "type": f"{len(group)} layers",
        "inputs": list(dict.fromkeys(outer)),
        "output_shapes": last["output_shapes"],
    }


def _sum(values: Sequence[int | str]) -> int | str:
    if all(isinstance(value, int) for value in values):
        return sum(value for value in values if isinstance(value, int))
    from specmodel.types.dim import Dim
    from specmodel.types.formula import parse_dim, shown

    result: Dim = 0
    for value in values:
        result = result + (parse_dim(value) if isinstance(value, str) else value)
    return shown(result) or 0


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


def byte_text(count: float) -> str:
    """Bytes as Keras writes them: 140.00 B, 1.05 MB, in steps of 1024."""
    units = ("B", "KB", "MB", "GB", "TB", "PB")
    step = 0
    while count >= 1024 and step < len(units) - 1:
        count /= 1024
        step += 1
    return f"{count:.2f} {units[step]}"


def _box(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> list[str]:
    wrapped = [[_wrap(cell, column.width) for cell, column in zip(row, columns, strict=True)] for row in rows]
    widths = [
        max([len(column.heading), *(len(line) for row in wrapped for line in row[index])])
        for index, column in enumerate(columns)
    ]

    def line(left: str, middle: str, right: str, fill: str) -> str:
        return left + middle.join(fill * (width + 2) for width in widths) + right

    def text(cells: Sequence[str], edge: str) -> str:
        padded = [
            f" {cell:>{width}} " if column.right else f" {cell:<{width}} "
            for cell, width, column in zip(cells, widths, columns, strict=True)
        ]
        return edge + edge.join(padded) + edge

    lines = [line("┏", "┳", "┓", "━"), text([column.heading for column in columns], "┃"), line("┡", "╇", "┩", "━")]
    for number, row in enumerate(wrapped):
        height = max(len(cell) for cell in row)
        for index in range(height):
            lines.append(text([cell[index] if index < len(cell) else "" for cell in row], "│"))
        lines.append(line("└", "┴", "┘", "─") if number == len(wrapped) - 1 else line("├", "┼", "┤", "─"))
    return lines if rows else [*lines[:2], line("└", "┴", "┘", "─")]


def _wrap(text: str, width: int) -> list[str]:
    """The text in lines of at most a width, broken at spaces, or inside a word that is longer than a line."""
    if len(text) <= width:
        return [text]
    lines, current = [], ""
    for word in text.split(" "):
        while len(word) > width:
            room = width - len(current) - 1 if current else width
            if room < 8 and current:
                lines.append(current)
                current, room = "", width
            lines.append(f"{current} {word[:room]}" if current else word[:room])
            current, word = "", word[room:]
        if current and len(current) + 1 + len(word) > width:
            lines.append(current)
            current = word
        else:
            current = f"{current} {word}" if current else word
    return [*lines, current] if current else lines


def _number(value: int | str | None) -> str:
    return "?" if value is None else f"{value:,}" if isinstance(value, int) else value


def _memory(row: Figures, entry: Entry | None) -> str:
    value = row["activation_bytes"]
    return byte_text(value) if isinstance(value, int) else _number(value)


def _trainable(row: Figures, entry: Entry | None) -> str:
    if not row["parameters"]:
        return "-"
    return "Y" if row["trainable"] else "N"


def _arguments(row: Figures, entry: Entry | None) -> str:
    changed = entry.layer.changed_arguments() if entry is not None else {}
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


_EXTRA: dict[str, tuple[Column, Callable[[Figures, Any], str]]] = {
    "flops": (Column("FLOPs", True, 40), lambda row, entry: _number(row["flops"])),
    "memory": (Column("Memory", True, 40), _memory),
    "trainable": (Column("Trainable", False, 12), _trainable),
    "dtype": (Column("dtype", False, 16), lambda row, entry: row["dtype"] or "-"),
    "arguments": (Column("Arguments", False, 50), _arguments),
}
