"""Open a spec: read, validate, build its graph, and hold its weights file against it. No NumPy."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from specmodel.diagnostics import Diagnostics, SpecError
from specmodel.files.location import NamedFiles
from specmodel.graph.build import build
from specmodel.graph.graph import Graph
from specmodel.model.collection import paused_collection
from specmodel.record import Record
from specmodel.spec.model import ModelSpec
from specmodel.spec.params import Choice
from specmodel.spec.read import read_spec
from specmodel.text import SourceFile
from specmodel.yaml import Node, compose_mapping, decode_source, read_source

DEFAULT_NAME = "model"
DEFAULTS = Choice()
"""No preset, and the params' own defaults."""


def everything(code: str) -> bool:
    """Want each code."""
    return True


class Opened(Record):
    """A spec and what was found in it. `graph` is None where the spec is unbuilt or too little of it is right.

    `folder` is where the spec's own paths start, `root` the folder they may not leave. `node` is its YAML, `name` what
    it is called where it does not say, `choice` the params that it was opened with.
    """

    spec: ModelSpec | None
    graph: Graph | None
    diagnostics: Diagnostics
    folder: Path
    root: Path
    node: Node | None = None
    name: str = DEFAULT_NAME
    choice: Choice = DEFAULTS

    def under(self, choice: Choice) -> "Opened":
        """The same text with other params, without what is wrong with its YAML."""
        if self.node is None:
            return self.replace(diagnostics=Diagnostics())
        return _open_node(self.node, self.name, self.folder, self.root, Diagnostics(), choice)

    def sound(self) -> tuple[ModelSpec, Graph | None]:
        """The spec and its graph; raises `SpecError` if there is an error among the diagnostics."""
        self.diagnostics.raise_errors()
        assert self.spec is not None
        return self.spec, self.graph


def open_spec(
    path: "str | os.PathLike[str]", root: "str | os.PathLike[str] | None" = None, choice: Choice = DEFAULTS
) -> Opened:
    """Open a spec file; a file that cannot be read is a diagnostic like any other."""
    folder = Path(path).parent
    try:
        source = read_source(os.fspath(path))
    except SpecError as error:
        return Opened(None, None, Diagnostics(error.diagnostics), folder, Path(root or folder))
    return open_source(source, folder, root, choice)


def open_bytes(
    data: bytes,
    name: str,
    root: "str | os.PathLike[str] | None" = None,
    choice: Choice = DEFAULTS,
) -> Opened:
    """Open a spec whose bytes came from elsewhere, as the file of a name: that is what its diagnostics call it."""
    folder = Path(name).parent
    try:
        source = decode_source(name, data)
    except SpecError as error:
        return Opened(None, None, Diagnostics(error.diagnostics), folder, Path(root or folder))
    return open_source(source, folder, root, choice)


@paused_collection()
def open_source(
    source: SourceFile,
    folder: Path,
    root: "str | os.PathLike[str] | None" = None,
    choice: Choice = DEFAULTS,
) -> Opened:
    """Open a spec whose text has been read."""
    diagnostics = Diagnostics()
    node = compose_mapping(source, diagnostics)
    name = Path(source.path).name.partition(".")[0] if not source.path.startswith("<") else ""
    return _open_node(
        node, name or DEFAULT_NAME, folder, Path(root) if root is not None else folder, diagnostics, choice
    )


def open_mapping(value: Mapping[str, Any], folder: Path, root: Path | None = None, choice: Choice = DEFAULTS) -> Opened:
    """Open a spec given as a Python mapping; its diagnostics name key paths instead of lines."""
    diagnostics = Diagnostics()
    try:
        node = Node.from_plain(value)
    except SpecError as error:
        return Opened(None, None, Diagnostics(error.diagnostics), folder, root or folder)
    return _open_node(node, DEFAULT_NAME, folder, root or folder, diagnostics, choice)


@paused_collection()
def _open_node(
    node: Node | None, name: str, folder: Path, root: Path, diagnostics: Diagnostics, choice: Choice
) -> Opened:
    files = NamedFiles(folder, root)
    try:
        spec = read_spec(node, name, diagnostics, choice, files) if node is not None else None
    except SpecError as error:
        diagnostics.extend(error.diagnostics)
        return Opened(None, None, diagnostics, folder, root)
    graph = build(spec, diagnostics) if spec is not None and spec.inputs is not None else None
    return Opened(spec, graph, diagnostics, folder, root, node, name, choice)


def check_opened(opened: Opened, wanted: Callable[[str], bool] = everything, *, examples: bool = True) -> None:
    """Add what only `check` looks at: lint, what the spec expects, its examples, the headers of its weights file.

    `wanted` tells which codes of lint are looked for.
    """
    spec, graph = opened.spec, opened.graph
    if spec is None or opened.node is None or opened.diagnostics.failed:
        return
    from specmodel.lint import lint

    lint(opened.node, spec, graph, opened.diagnostics, wanted)
    others = _other_expectations(opened)
    if spec.expect is not None or others:
        from specmodel.model.expectations import check_expectations, check_unused

        if spec.expect is not None:
            check_expectations(spec, spec.expect, graph, opened.diagnostics)
        check_unused(spec, others, opened.diagnostics)
    if spec.weights is not None:
        from specmodel.weights.match import check_weights_file

        check_weights_file(spec, graph, opened.folder, opened.root, opened.diagnostics)
    if spec.examples is not None and examples:
        from specmodel.model.examples import check_examples

        check_examples(opened)


def _other_expectations(opened: Opened) -> list[Node]:
    """What the text expects under other presets than the one it was opened with."""
    assert opened.node is not None
    assert opened.spec is not None
    presets = opened.node.items.get("presets")
    holders = [opened.node, *(presets.items.values() if presets is not None else ())]
    held = opened.spec.expect.node if opened.spec.expect is not None else None
    nodes = [holder.items["expect"] for holder in holders if "expect" in holder.items]
    return [node for node in nodes if held is None or (node.place, node.span) != (held.place, held.span)]
