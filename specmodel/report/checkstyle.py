"""Diagnostics as XML in the form of Checkstyle, which many CI services read."""

from specmodel.diagnostics import Diagnostic
from specmodel.report.results import Results
from specmodel.report.xml import attributes

_SEVERITIES = {"error": "error", "warning": "warning", "note": "info"}


def report(results: Results) -> str:
    """A `file` for each spec, and in it an `error` for each diagnostic, whatever its severity."""
    by_path: dict[str, list[Diagnostic]] = {path: [] for path in results.specs}
    for diagnostic in results.found:
        by_path.setdefault(diagnostic.path, []).append(diagnostic)
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<checkstyle version="4.3">']
    for path, found in by_path.items():
        lines.append(f"  <file {attributes(name=path)}>")
        lines += [f"    <error {_attributes(diagnostic)}/>" for diagnostic in found]
        lines.append("  </file>")
    return "\n".join([*lines, "</checkstyle>"])


def _attributes(diagnostic: Diagnostic) -> str:
    span = diagnostic.span
    place = {"line": span.line, "column": span.column} if span is not None else {}
    help = f" ({diagnostic.help})" if diagnostic.help is not None else ""
    return attributes(
        **place,
        severity=_SEVERITIES[diagnostic.severity],
        message=f"{diagnostic.message}{help}",
        source=f"specmodel.{diagnostic.code}",
    )
