"""Diagnostics as workflow commands of GitHub Actions, which annotate the lines of a pull request.

https://docs.github.com/actions/reference/workflow-commands-for-github-actions
"""

from specmodel.diagnostics import Diagnostic
from specmodel.report.paths import in_repository
from specmodel.report.results import Results
from specmodel.report.text import noted, printable

_COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}


def report(results: Results) -> str:
    """A command for each diagnostic; lines that are no commands, such as the last, are printed as they are."""
    return "\n".join([*map(_command, results.found), *results.summary()])


def _command(diagnostic: Diagnostic) -> str:
    properties: dict[str, object] = {"title": f"specmodel ({diagnostic.code})"}
    if diagnostic.path:
        properties["file"] = printable(in_repository(diagnostic.path))
    span = diagnostic.span
    if span is not None and span.line == span.end_line:
        properties |= {"line": span.line, "col": span.column, "endLine": span.line, "endColumn": span.end_column}
    elif span is not None:  # columns belong to one line
        properties |= {"line": span.line, "endLine": span.end_line}
    listed = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    help = [f"help: {diagnostic.help}"] if diagnostic.help is not None else []
    lines = [diagnostic.message, *map(noted, diagnostic.notes), *help]
    message = _data("\n".join(map(printable, lines)))
    return f"::{_COMMANDS[diagnostic.severity]} {listed}::{message}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
