"""W207: names that differ in nothing but capitals."""

from collections.abc import Iterator

from specmodel.diagnostics import Note, codes
from specmodel.lint.rule import Remark, Rule
from specmodel.spec.faults import here
from specmodel.spec.model import ModelSpec, Place


def find(spec: ModelSpec) -> Iterator[Remark]:
    """Entries, groups and inputs of one scope whose names are the same for who does not look at capitals."""
    ways: set[str] = set()
    firsts: dict[tuple[str, str], tuple[str, Place]] = {}
    named = [(given.name, given.place, None) for given in spec.inputs or ()]
    for path, place, frame in [*named, *((entry.path, entry.place, entry.frame) for entry in spec.entries)]:
        while path and path not in ways:
            ways.add(path)
            scope, _, name = path.rpartition("/")
            first, where = firsts.setdefault((scope, name.casefold()), (path, place))
            if first != path:
                message = f"`{path}` and `{first}` differ in nothing but capitals"
                note = Note(f"`{first}` stands {here(where.span, where.text)}", where.span)
                help = "rename one: readers, and many file systems, take them for one name"
                yield Remark(message, place, frame, (note,), help)
            path = scope


RULE = Rule(codes.NAMES_BY_CASE, spec=find)
