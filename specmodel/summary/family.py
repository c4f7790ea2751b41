"""The presets of a spec side by side: what each of them weighs and costs."""

from collections.abc import Mapping, Sequence

from specmodel.graph.graph import Graph
from specmodel.record import Record
from specmodel.spec.model import ModelSpec
from specmodel.summary.box import Column, box
from specmodel.summary.figures import Figures, ends, totals
from specmodel.summary.table import bytes_text, number_text

DEFAULTS = "(defaults)"
"""What the table calls a spec without any preset."""
_COLUMNS = {
    "layers": ("Layers", number_text),
    "parameters": ("Params", number_text),
    "flops": ("FLOPs", number_text),
    "weight_bytes": ("Weights", bytes_text),
    "peak_activation_bytes": ("Peak activations", bytes_text),
}


class Member(Record):
    """A spec under a preset; None is no preset."""

    preset: str | None
    spec: ModelSpec
    graph: Graph | None


def family_figures(members: Sequence[Member]) -> Figures:
    """The dictionary that `summary --all-presets --format json` prints."""
    return {
        "specmodel": 1,
        "name": members[0].spec.name,
        "presets": [
            {
                "preset": one.preset,
                "built": one.graph is not None,
                **ends(one.spec, one.graph),
                "totals": totals(one.spec, one.graph),
            }
            for one in members
        ],
    }


def family_table(members: Sequence[Member], width: int | None = None) -> str:
    """A row for each preset."""
    heads = [Column("Preset", False, 40), *(Column(heading, True, 40) for heading, _ in _COLUMNS.values())]
    rows = [[one.preset or DEFAULTS, *_cells(totals(one.spec, one.graph), one.graph is not None)] for one in members]
    return "\n".join([f'Model: "{members[0].spec.name}"', *box(heads, rows, width)])


def _cells(found: Mapping[str, int | str | None], built: bool) -> list[str]:
    return [text(found[key]) if built or key == "layers" else "unbuilt" for key, (_, text) in _COLUMNS.items()]
