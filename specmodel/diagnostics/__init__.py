"""What is wrong, where, and what to do about it."""

from specmodel.diagnostics.diagnostic import Diagnostic, Diagnostics, Edit, Fix, Frame, Note, Severity, SpecError
from specmodel.diagnostics.suggest import did_you_mean, unmistakable

__all__ = [
    "Diagnostic",
    "Diagnostics",
    "Edit",
    "Fix",
    "Frame",
    "Note",
    "Severity",
    "SpecError",
    "did_you_mean",
    "unmistakable",
]
