"""Which diagnostics are wanted, and how much they weigh."""

from collections.abc import Mapping

from specmodel.diagnostics import Diagnostic, Severity
from specmodel.record import Record

_ALWAYS = ("E0", "E1")
"""With these nothing of a file is read: they can be neither ignored nor made light of."""


def can_be_silenced(code: str) -> bool:
    """Whether a diagnostic may be left out on somebody's word."""
    return not code.startswith(_ALWAYS)


class Selection(Record):
    """Codes and beginnings of codes: those wanted (None for all), those not, and severities of their own.

    Of two that fit a code the longer one decides; of equal ones `ignore` does. Where `select` names no errors, all of
    them are wanted: a wrong spec does not pass for right because something else was looked for.
    """

    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] = ()
    severity: Mapping[str, Severity] = {}

    def wants(self, code: str) -> bool:
        """Whether a code is reported."""
        if not can_be_silenced(code):
            return True
        return self._selected(code) > max((len(one) for one in self.ignore if code.startswith(one)), default=-1)

    def _selected(self, code: str) -> int:
        """The length of what selects a code; -1 where nothing does."""
        chosen = self.select
        if chosen is None or (code[0] == "E" and not any(one.startswith("E") for one in chosen)):
            return 0
        return max((len(one) for one in chosen if code.startswith(one)), default=-1)

    def weighed(self, diagnostic: Diagnostic) -> Diagnostic:
        """The diagnostic with the severity that it has here."""
        fitting = [one for one in self.severity if diagnostic.code.startswith(one)]
        if not fitting or not can_be_silenced(diagnostic.code):
            return diagnostic
        return diagnostic.replace(level=self.severity[max(fitting, key=len)])
