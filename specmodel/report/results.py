"""What a check found, ready to be shown."""

from collections.abc import Sequence

from specmodel.diagnostics import Diagnostic
from specmodel.record import Record


class Results(Record):
    """The diagnostics of a run in the order in which they are shown, and the paths of the specs that were checked.

    `remarks` are lines about the whole run, for people; `verdict` tells whether the last line sums it up.
    """

    found: Sequence[Diagnostic]
    specs: Sequence[str] = ()
    remarks: Sequence[str] = ()
    verdict: bool = True

    def summary(self) -> list[str]:
        """The lines that close a report for people: remarks, then how many specs there were and what was found."""
        if not self.verdict:
            return []
        count = len(self.specs)
        counts = [
            f"{number} {severity}{'' if number == 1 else 's'}"
            for severity in ("error", "warning", "note")
            if (number := sum(diagnostic.severity == severity for diagnostic in self.found))
        ]
        verdict = f"{count} spec{'' if count == 1 else 's'} checked: {', '.join(counts) if counts else 'no mistakes'}"
        return [*self.remarks, verdict]
