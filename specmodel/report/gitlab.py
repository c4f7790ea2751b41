"""Diagnostics as a code quality report of GitLab CI: `artifacts: {reports: {codequality: …}}`.

https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from typing import Any

from specmodel.diagnostics import Diagnostic
from specmodel.report.fingerprints import fingerprints
from specmodel.report.paths import in_repository
from specmodel.report.results import Results

_SEVERITIES = {"error": "major", "warning": "minor", "note": "info"}


def report(results: Results) -> str:
    """A JSON list of violations."""
    import json

    made = fingerprints(results.found)
    violations = [_violation(diagnostic, own) for diagnostic, own in zip(results.found, made, strict=True)]
    return json.dumps(violations, indent=2, ensure_ascii=False)


def _violation(diagnostic: Diagnostic, fingerprint: str) -> dict[str, Any]:
    span = diagnostic.span
    begin, end = (span.line, span.end_line) if span is not None else (1, 1)
    return {
        "description": f"{diagnostic.code}: {diagnostic.message}",
        "check_name": diagnostic.code,
        "fingerprint": fingerprint,
        "severity": _SEVERITIES[diagnostic.severity],
        "location": {"path": in_repository(diagnostic.path), "lines": {"begin": begin, "end": end}},
    }
