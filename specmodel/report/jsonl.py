"""Diagnostics as JSON, one object a line, for programs that read as they go."""

from specmodel.report.json import as_dict
from specmodel.report.results import Results


def report(results: Results) -> str:
    """A line for each diagnostic; nothing where nothing is wrong."""
    import json

    return "\n".join(json.dumps(as_dict(diagnostic), ensure_ascii=False) for diagnostic in results.found)
