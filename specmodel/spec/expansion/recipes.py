"""What blocks are made of: written in place, or a spec in another file."""

import os
from collections.abc import Iterator
from pathlib import Path, PurePath

from specmodel.diagnostics import Diagnostics, SpecError, codes
from specmodel.files.location import NamedFiles, path_below
from specmodel.files.malformed import MalformedError
from specmodel.spec.document import COMPUTED, EXPANDED_MARK, read_document
from specmodel.spec.expansion.blocks import Recipe, file_inputs, output_nodes, read_blocks, recipe_of
from specmodel.spec.expansion.definitions import Block, Module
from specmodel.spec.expressions.substitute import has_expression
from specmodel.spec.limits import refuse_too_much
from specmodel.spec.params import read_params


class Recipes:
    """The recipes of blocks; each block and each file is read once, and what is wrong with it is said once.

    `used` holds the identities of those that were written out.
    """

    def __init__(self, diagnostics: Diagnostics) -> None:
        self.used: set[int] = set()
        self._diagnostics = diagnostics
        self._of: dict[int, tuple[Block, Recipe | None]] = {}
        self._files: dict[str, Recipe | None] = {}

    def of(self, block: Block, module: Module) -> Recipe | None:
        """What a block of a module is made of; None where it cannot be read."""
        known = self._of.get(id(block))
        if known is None:  # the block is kept, so that its identity is not given to another
            recipe = self._in_file(block, module) if block.file is not None else None
            if block.file is None:
                recipe = recipe_of(block, module, self._diagnostics)
            known = self._of[id(block)] = (block, recipe)
        return known[1]

    def files(self) -> Iterator[Recipe]:
        """The specs in other files that have been read."""
        yield from [recipe for recipe in self._files.values() if recipe is not None]

    def _in_file(self, block: Block, module: Module) -> Recipe | None:
        if not block.file:
            return None
        node, files = block.node.items["file"], module.files
        folder, root = (files.folder, files.root) if files is not None else (Path(), None)
        try:
            path = path_below(block.file, folder, root, "file of a block", "file")
        except MalformedError as wrong:
            code = wrong.code or codes.UNREADABLE_FILE
            self._diagnostics.add(code, wrong.message, node.span, place=node.place, help=wrong.help)
            return None
        identity = os.path.realpath(path)
        if identity not in self._files:
            self._files[identity] = self._read(block, path, root, module.below / PurePath(block.file).parent)
        recipe = self._files[identity]
        return recipe.replace(block=block) if recipe is not None else None

    def _read(self, block: Block, path: Path, root: Path | None, below: PurePath) -> Recipe | None:
        from specmodel.yaml import compose_mapping, read_source  # only specs in several files need it

        found = Diagnostics()
        try:
            top = compose_mapping(read_source(os.fspath(path)), found)
        except SpecError as error:
            found, top = Diagnostics(error.diagnostics), None
        node = block.node.items["file"]
        for one in found:  # again, for the way to it
            at = one.span if one.span is not None else node.span
            self._diagnostics.add(one.code, one.message, at, place=node.place, notes=one.notes, help=one.help)
        if top is None:
            return None
        refuse_too_much(top)
        plain = {key: node for key, node in top.items.items() if key not in COMPUTED or not has_expression(node)}
        document = read_document(top.with_items(plain), self._diagnostics)
        params = read_params(document.params, self._diagnostics)
        blocks, marked = read_blocks(document.blocks, self._diagnostics), top.items.get(EXPANDED_MARK)
        paths = marked is not None and marked.value is True
        module = Module(blocks, NamedFiles(path.parent, root), below, paths)
        shapes, dtype = top.items.get("inputs"), top.items.get("dtype")
        outputs, names = output_nodes(top.items.get("outputs"), self._diagnostics), file_inputs(shapes)
        return Recipe(block, params, names, document.layers, top, outputs, module, True, shapes, dtype)
