"""A comparison as Markdown, for a pull request."""

from collections.abc import Iterator

from specmodel.comparison.compare import Change, Comparison, LayerChange
from specmodel.comparison.text import is_counted, layer_text, name_text, row_text, shown, weight_rows

_MOST_ROWS = 50


def render(comparison: Comparison) -> str:
    """A heading, a table of figures, a list of layers, the verdict on the weights."""
    return "\n".join(_lines(comparison))


def _lines(comparison: Comparison) -> Iterator[str]:
    yield f"### {_code(comparison.before.file)} → {_code(comparison.after.file)}"
    yield ""
    if not comparison.differs:
        yield "No differences."
        return
    yield "| | before | after | |"
    yield "|---|---:|---:|---:|"
    for change in comparison.totals:
        difference = (
            f"{change.after - change.before:+,}" if is_counted(change) and change.after != change.before else ""
        )
        yield f"| {name_text(change)} | {_cell(change.before, change)} | {_cell(change.after, change)} | {difference} |"
    yield ""
    for change in comparison.model:
        yield f"- {_changed(change)}"
    yield from _layers(comparison.layers)
    yield ""
    yield from _weights(comparison)


def _layers(layers: tuple[LayerChange, ...]) -> Iterator[str]:
    for layer in layers[:_MOST_ROWS]:
        yield f"- **{layer.how}** {_code(layer_text(layer))}"
        for change in layer.changes:
            yield f"  - {_changed(change)}"
    if len(layers) > _MOST_ROWS:
        yield f"- and {len(layers) - _MOST_ROWS:,} more layers"


def _changed(change: Change) -> str:
    before, after = (_code(shown(value, change.kind)) for value in (change.before, change.after))
    return f"{name_text(change)}: {before} → {after}"


def _weights(comparison: Comparison) -> Iterator[str]:
    found = comparison.weights
    if found is None:
        yield "**Weights:** an unbuilt model's are not known."
        return
    yield f"**Weights:** those of the first {'load' if found.fits else 'do **not** load'} into the second."
    rows = list(weight_rows(found))
    if rows:
        yield ""
    yield from (f"- {_code(row_text(*row))}" for row in rows[:_MOST_ROWS])
    if len(rows) > _MOST_ROWS:
        yield f"- and {len(rows) - _MOST_ROWS:,} more"


def _cell(value: object, change: Change) -> str:
    return shown(value, change.kind) if value is not None else ""


def _difference(change: Change) -> str:
    return f"{change.after - change.before:+,}" if is_counted(change) and change.before != change.after else ""


def _code(text: str) -> str:
    """Text as code, with as many backquotes as it takes."""
    fence = "`"
    while fence in text:
        fence += "`"
    return f"{fence} {text} {fence}" if "`" in text else f"{fence}{text}{fence}"
