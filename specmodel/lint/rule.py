"""A rule of the linter, and what it says."""

from collections.abc import Callable, Iterator

from specmodel.diagnostics import Fix, Frame, Note
from specmodel.lint.network import Network
from specmodel.lint.tree import Tree
from specmodel.record import Record
from specmodel.spec.model import Entry, ModelSpec, Place


class Remark(Record):
    """What a rule says of one place; `frame` is the step of the expansion that the place stands in."""

    message: str
    place: Place
    frame: Frame | None = None
    notes: tuple[Note, ...] = ()
    help: str | None = None
    fix: Fix | None = None


class Rule(Record):
    """A code, and how to find what it stands for: in a network, in a spec, or in the tree of the text as written.

    The page of the code says why, with wrong and right examples.
    """

    code: str
    network: Callable[[Network], Iterator[Remark]] | None = None
    spec: Callable[[ModelSpec], Iterator[Remark]] | None = None
    written: Callable[[Tree], Iterator[Remark]] | None = None


def remark(
    entry: Entry, message: str, *, argument: str = "", notes: tuple[Note, ...] = (), help: str | None = None
) -> Remark:
    """What a rule says of an entry: at one of its arguments if that was written, else at its layer."""
    return Remark(message, entry.place_of(argument), entry.frame, notes, help)
