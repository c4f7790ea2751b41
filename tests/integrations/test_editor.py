"""The schema in the language server that editors use for YAML."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from specmodel.cli.schema import command
from tests.integrations.language_server import LanguageServer

ROOT = Path(__file__).parents[2]
ZOO = sorted((ROOT / "specs" / "zoo").glob("*.yaml"))
WRONG = "inputs: [4]\nlayers:\n  - Dense: {unit: 4}\n  - Dropout: 1.5\n  - Flatten\nlayer: 1\n"


@pytest.fixture(scope="module")
def server(node_modules: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LanguageServer]:
    node = shutil.which("node")
    assert node is not None
    schema = tmp_path_factory.mktemp("schema") / "specmodel.json"
    CliRunner().invoke(command, ["-o", str(schema)], standalone_mode=False)
    settings = {
        "yaml": {
            "schemas": {schema.as_uri(): ["*.yaml"]},
            "schemaStore": {"enable": False},
            "validate": True,
            "hover": True,
            "completion": True,
        }
    }
    main = node_modules / "yaml-language-server" / "bin" / "yaml-language-server"
    with LanguageServer([node, str(main), "--stdio"], settings) as started:
        yield started


@pytest.mark.parametrize("path", ZOO, ids=lambda path: path.stem)
def test_the_zoo_is_clean(server: LanguageServer, path: Path) -> None:
    assert [(one["range"]["start"], one["message"]) for one in server.opened(path)] == []


def test_mistakes_are_marked_on_their_lines(server: LanguageServer, tmp_path: Path) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(WRONG)
    assert {one["range"]["start"]["line"] for one in server.opened(path)} == {2, 3, 5}


def test_layers_and_arguments_are_completed_and_explained(server: LanguageServer, tmp_path: Path) -> None:
    path = tmp_path / "model.yaml"
    path.write_text("inputs: [4]\nlayers:\n  - Dense:\n      units: 4\n      act\n  - name: x\n    Den\n")
    server.opened(path)
    arguments = server.at("textDocument/completion", path, 4, 9)
    assert "activation" in {item["label"] for item in arguments["items"]}
    kinds = server.at("textDocument/completion", path, 6, 7)
    assert {"Dense", "Conv2D", "Flatten"} <= {item["label"] for item in kinds["items"]}
    assert "Size of the output" in str(server.at("textDocument/hover", path, 3, 8)["contents"])
