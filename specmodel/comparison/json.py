"""A comparison for programs."""

import json
from typing import Any

from specmodel.comparison.compare import Change, Comparison, LayerChange
from specmodel.comparison.text import weight_rows


def render(comparison: Comparison) -> str:
    """One object: `differs`, `model`, `layers`, `totals`, `weights`; docs/cli.md has its keys."""
    found = comparison.weights
    return json.dumps(
        {
            "specmodel": 1,
            "before": comparison.before.file,
            "after": comparison.after.file,
            "differs": comparison.differs,
            "model": [_change(change) for change in comparison.model],
            "layers": [_layer(layer) for layer in comparison.layers],
            "totals": {one.what: {"before": one.before, "after": one.after} for one in comparison.totals},
            "weights": None
            if found is None
            else {
                "load": found.fits,
                "differences": [
                    {"status": status, "path": path, "before": before, "after": after}
                    for status, path, before, after in weight_rows(found)
                ],
            },
        },
        indent=2,
        ensure_ascii=False,
    )


def _layer(layer: LayerChange) -> dict[str, Any]:
    return {
        "change": layer.how,
        "before": layer.before,
        "after": layer.after,
        "type": layer.kind,
        "changes": [_change(change) for change in layer.changes],
    }


def _change(change: Change) -> dict[str, Any]:
    return {"what": change.what, "before": change.before, "after": change.after}
