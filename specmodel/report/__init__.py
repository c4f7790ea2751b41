"""Diagnostics in the forms that people and programs read: a module for each, which renders `Results`."""

from importlib import import_module

from specmodel.report.results import Results

FORMS = ("text", "concise", "json", "jsonl", "sarif", "github", "gitlab", "junit", "checkstyle", "rdjson")
"""The forms of a report; a module of the same name holds each."""


def rendered(form: str, results: Results, color: bool = False) -> str:
    """The report in one of `FORMS`; only `text` knows colours."""
    module = import_module(f"specmodel.report.{form}")
    report: str = module.report(results, color) if form == "text" else module.report(results)
    return report
