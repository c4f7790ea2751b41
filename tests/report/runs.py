"""What `check` hands to the forms of a report."""

from pathlib import Path

from specmodel.checking.discovery import spec_files
from specmodel.checking.run import Request, check_files
from specmodel.checking.settings import Configurations, Settings
from specmodel.diagnostics import Diagnostics
from specmodel.report.results import Results

CASES = Path(__file__).parent / "cases"


def results(*paths: str) -> Results:
    """The findings in files and folders, no configuration read."""
    unfit = Diagnostics()
    settings = Settings()
    files = spec_files(paths, settings.excludes, unfit)
    found = check_files(files, Request(Configurations(settings))).found
    return Results(sorted([*unfit, *found], key=lambda one: one.order), [str(file) for file in files])
