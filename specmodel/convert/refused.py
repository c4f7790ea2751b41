"""What another format cannot say, in one diagnostic; and the packages that formats need."""

from collections.abc import Iterable
from importlib import import_module

from specmodel.diagnostics import Diagnostic, Note, codes
from specmodel.diagnostics.diagnostic import failure
from specmodel.record import Record
from specmodel.spec.model import Entry


class Refusal(Record):
    """What a format cannot say: the layer's path and the reason."""

    path: str
    reason: str


def refused(entries: Iterable[Entry], refusals: Iterable[Refusal], target: str, place: str) -> Diagnostic:
    """All that a format cannot say, each with its layer, which is one of `entries`; `target` is the format's name."""
    found = list(refusals)
    known = {entry.path: entry for entry in entries}
    notes = []
    for refusal in found:
        entry = known.get(refusal.path)
        name = f"{type(entry.layer).__name__} `{refusal.path}`: " if entry is not None else ""
        notes.append(Note(f"{name}{refusal.reason}", entry.place.span if entry is not None else None))
    count = len({refusal.path for refusal in found})
    message = (
        f"{count} layer{'s' if count > 1 else ''} of the model cannot be expressed in {target}: nothing was written"
    )
    help = "export the model without them: a spec whose inputs are what these layers give out"
    return Diagnostic(codes.INEXPRESSIBLE, message, None, place, tuple(notes), help)


def require_package(package: str, extra: str, suffix: str, place: str) -> None:
    """SpecError (E008) at `place` where a package that files of this suffix need cannot be imported."""
    try:
        import_module(package)
    except ImportError as error:
        message = f"an {suffix} file is written with the {package} package, which cannot be imported: {error}"
        help = f"`pip install 'specmodel[{extra}]'` brings it"
        raise failure(codes.MISSING_PACKAGE, message, place=place, help=help) from None
