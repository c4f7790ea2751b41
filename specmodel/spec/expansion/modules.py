"""Specs in other files, used as blocks."""

import os
from pathlib import Path

from specmodel.diagnostics import Diagnostics, SpecError, codes
from specmodel.files.location import NamedFiles, path_below
from specmodel.files.malformed import MalformedError
from specmodel.spec.document import read_document
from specmodel.spec.expansion.blocks import Recipe, file_inputs, output_nodes, read_blocks
from specmodel.spec.expansion.definitions import Block, Module
from specmodel.spec.params import read_params
from specmodel.text import Span


class FileSpecs:
    """The files that blocks name; each is read once."""

    def __init__(self, diagnostics: Diagnostics) -> None:
        self._diagnostics = diagnostics
        self._recipes: dict[str, Recipe | None] = {}

    def path(self, block: Block, files: NamedFiles | None) -> Path | None:
        """Where the file of a block is; None where it may not be read, which is reported."""
        written, node = str(block.file), block.node.items["file"]
        if not written:
            return None
        folder, root = (files.folder, files.root) if files is not None else (Path(), None)
        try:
            return path_below(written, folder, root, "file of a block", "file")
        except MalformedError as wrong:
            code = wrong.code or codes.UNREADABLE_FILE
            self._diagnostics.add(code, wrong.message, node.span, place=node.place, help=wrong.help)
            return None

    def recipe(self, block: Block, path: Path, files: NamedFiles | None) -> Recipe | None:
        """The spec in a file as a block; None where it cannot be read."""
        identity = os.path.realpath(path)
        if identity not in self._recipes:
            root = files.root if files is not None else None
            self._recipes[identity] = self._read(block, path, root)
        return self._recipes[identity]

    def _read(self, block: Block, path: Path, root: Path | None) -> Recipe | None:
        from specmodel.yaml import compose_mapping, read_source  # only specs in several files need it

        node = block.node.items["file"]
        try:
            source = read_source(os.fspath(path))
        except SpecError as error:
            self._say(error, node.span, node.place)
            return None
        top = compose_mapping(source, self._diagnostics)
        if top is None:
            return None
        document = read_document(top, self._diagnostics)
        params = read_params(document.params, self._diagnostics)
        module = Module(read_blocks(document.blocks, self._diagnostics), NamedFiles(path.parent, root))
        outputs = output_nodes(document.outputs, self._diagnostics)
        names, dtype = file_inputs(document.inputs), document.dtype if "dtype" in top.items else None
        return Recipe(block, params, names, document.layers, top, outputs, module, True, dtype)

    def _say(self, error: SpecError, span: Span | None, place: str) -> None:
        for found in error.diagnostics:
            at = found.span if found.span is not None else span
            self._diagnostics.add(found.code, found.message, at, place=place, notes=found.notes, help=found.help)
