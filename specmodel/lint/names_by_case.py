"""W207: names that differ in nothing but capitals."""

from collections.abc import Iterator

from specmodel.diagnostics import Note, codes
from specmodel.lint.rule import Remark, Rule
from specmodel.lint.tree import Tree, key_place, mapping_at
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
                yield _remark(path, place, first, where).replace(frame=frame)
            path = scope


def find_declared(tree: Tree) -> Iterator[Remark]:
    """Params, presets and blocks whose names are the same so."""
    blocks = mapping_at(tree.root, "blocks")
    holders = [tree.root, *(blocks.items.values() if blocks is not None else ())]
    for section in (mapping_at(holder, key) for holder in holders for key in ("params", "presets", "blocks")):
        firsts: dict[str, str] = {}
        for name in section.items if section is not None else ():
            assert section is not None
            first = firsts.setdefault(name.casefold(), name)
            if first != name:
                yield _remark(name, key_place(section, name), first, key_place(section, first))


def _remark(name: str, place: Place, first: str, where: Place) -> Remark:
    message = f"`{name}` and `{first}` differ in nothing but capitals"
    note = Note(f"`{first}` stands {here(where.span, where.text)}", where.span)
    help = "rename one: readers, and many file systems, take them for one name"
    return Remark(message, place, notes=(note,), help=help)


RULE = Rule(codes.NAMES_BY_CASE, spec=find, written=find_declared)
