"""W209: a condition that never changes."""

from collections.abc import Iterator

from specmodel.diagnostics import Fix, codes
from specmodel.lint.edits import without_key
from specmodel.lint.rule import Remark, Rule
from specmodel.lint.tree import Tree
from specmodel.spec.model import Place


def find(tree: Tree) -> Iterator[Remark]:
    """Entries whose `when` is written as true or false."""
    for entry in tree.mappings:
        when = entry.items.get("when")
        if when is None or not isinstance(when.value, bool):
            continue
        place = Place(when.span, when.place)
        if when.value:
            edit = without_key(entry, "when")
            fix = Fix("take it out", (edit,)) if edit is not None else None
            yield Remark("`when` is always true: it decides nothing", place, help="take `when` out", fix=fix)
        else:
            message = "`when` is always false: this entry is never built"
            yield Remark(message, place, help="take the entry out, or let an expression decide")


RULE = Rule(codes.CONSTANT_WHEN, written=find)
