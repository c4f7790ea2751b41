"""What blocks are made of: written in place, or a spec in another file."""

import os
from collections.abc import Iterator
from pathlib import Path, PurePath

from specmodel.diagnostics import Diagnostics, SpecError, codes
from specmodel.files.location import NamedFiles, path_below
from specmodel.files.malformed import MalformedError
from specmodel.spec.document import read_document
from specmodel.spec.expansion.blocks import Recipe, file_inputs, output_nodes, read_blocks, recipe_of
from specmodel.spec.expansion.definitions import Block, Module
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

        node = block.node.items["file"]
        try:
            source = read_source(os.fspath(path))
        except SpecError as error:
            for found in error.diagnostics:
                at = found.span if found.span is not None else node.span
                self._diagnostics.add(
                    found.code, found.message, at, place=node.place, notes=found.notes, help=found.help
                )
            return None
        top = compose_mapping(source, self._diagnostics)
        if top is None:
            return None
        document = read_document(top, self._diagnostics)
        params = read_params(document.params, self._diagnostics)
        module = Module(read_blocks(document.blocks, self._diagnostics), NamedFiles(path.parent, root), below)
        outputs = output_nodes(document.outputs, self._diagnostics)
        names, dtype = file_inputs(document.inputs), document.dtype if "dtype" in top.items else None
        return Recipe(block, params, names, document.layers, top, outputs, module, True, dtype)
