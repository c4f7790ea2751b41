"""Diagnostics one a line: `path:line:column: severity[CODE] message`."""

from specmodel.report.results import Results
from specmodel.report.text import printable


def report(results: Results) -> str:
    """The head of each diagnostic, and a last line that counts them."""
    return "\n".join([*(printable(str(diagnostic)) for diagnostic in results.found), *results.summary()])
