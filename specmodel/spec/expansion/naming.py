"""The names of a scope's members: their own, and Keras' automatic ones for the rest."""

from collections.abc import Mapping

from specmodel.diagnostics import Diagnostics, Note, codes
from specmodel.spec.expansion.definitions import Definition, Passed, Region, Reuse, Scope, Times
from specmodel.spec.faults import here, too_many
from specmodel.spec.names import NameCounter


def name_members(scope: Scope, inputs: Mapping[str, object], of: str, diagnostics: Diagnostics) -> None:
    """Name the members of a scope and of all inside; `inputs` are the names that are taken, those of `of`."""
    written: dict[str, Definition] = {}
    for member in scope.members:
        if member.name is None or too_many(diagnostics):
            continue
        if member.name in written or member.name in inputs:
            with diagnostics.inside(member.level.frame):
                _report_taken(member, written.get(member.name), of, diagnostics)
            member.name = None
        else:
            written[member.name] = member
    counter = NameCounter({*written, *inputs})
    for member in scope.members:
        if member.name is None and not isinstance(member, Passed):
            member.name = counter.name(_base(member, written, scope))
        if member.name is not None:
            scope.names[member.name] = member
    for member in scope.members:
        name_inside(member, diagnostics)


def _base(member: Definition, written: Mapping[str, Definition], scope: Scope) -> str:
    """What an automatic name is made of; for a reuse the name of what it calls, if that is known."""
    known = not isinstance(member, Reuse) or member.deep or member.base in scope.names or member.base in written
    return member.base if known else "reuse"


def name_inside(member: Definition, diagnostics: Diagnostics) -> None:
    """Name what stands inside a definition that has a name."""
    if isinstance(member, Region):
        member.inside.path = member.path
        name_members(member.inside, member.inner.bindings, f"`{member.name}`", diagnostics)
    elif isinstance(member, Times):
        member.inside.path = member.path
        name_members(member.inside, {}, "", diagnostics)


def _report_taken(member: Definition, earlier: Definition | None, of: str, diagnostics: Diagnostics) -> None:
    at = member.named_at
    if earlier is None:
        note = Note(f"`{member.name}` is an input of {of}")
    else:
        used = earlier.named_at
        note = Note(f"`{member.name}` was first used {here(used.span, used.text)}", used.span)
    help = "give one of them another name" if earlier is not None else "give the entry another name"
    message = f"the name `{member.name}` is taken"
    diagnostics.add(codes.DUPLICATE_NAME, message, at.span, place=at.text, notes=[note], help=help)
