"""The JSON Schema and `check` agree: no good spec is refused, and what only `check` sees is listed with its reason."""

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft7Validator

from specmodel import layers
from specmodel.cli.schema import command
from specmodel.diagnostics import Diagnostics
from specmodel.layers.base import Layer
from specmodel.schema.document import schema
from specmodel.spec.examples import KEYS
from specmodel.spec.style import document
from specmodel.summary.example import example_spec
from specmodel.text import SourceFile
from specmodel.yaml import compose
from tests.diagnostics.good import GOOD

ROOT = Path(__file__).parents[2]
SPECS = sorted((ROOT / "specs").rglob("*.yaml"))
CASES = sorted((ROOT / "tests" / "diagnostics" / "cases").glob("[EW][0-9]*.yaml"))

WIRING = "a schema knows no references: names are the author's"
GRAPH = "it takes the shapes that layers make of each other"
FILES = "it takes a look at the file system"
EXPRESSIONS = "what an expression says is text to a schema"
UNSEEN = {
    "E004": FILES,
    "E205": "a schema cannot count keys of a kind",
    "E206": "any capital word may be a block of the file's own",
    **dict.fromkeys(("E211", "E212", "E213", "E214", "E215"), WIRING),
    **dict.fromkeys(("E219", "E220"), EXPRESSIONS),
    **dict.fromkeys(("E221", "E222", "E223"), "blocks and params are the author's own"),
    **dict.fromkeys(("E301", "E302", "E303", "E304", "E305", "E306", "E307", "E308", "E309", "E310"), GRAPH),
    **dict.fromkeys(("E401", "E402", "E403"), FILES),
}
"""Codes with a case that the schema lets pass, each with the reason."""


@pytest.fixture(scope="module")
def validator() -> Draft7Validator:
    made = schema()
    Draft7Validator.check_schema(made)
    return Draft7Validator(made)


def plain(text: str) -> Any:
    """The values of a text; None where it is no YAML, which is not the schema's matter."""
    found = Diagnostics()
    node = compose(SourceFile("spec.yaml", text), found)
    return node.plain() if node is not None and not found.failed else None


def faults(validator: Draft7Validator, value: Any) -> list[str]:
    return [f"{list(error.absolute_path)}: {error.message[:200]}" for error in validator.iter_errors(value)]


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_every_spec_of_the_project_is_valid(validator: Draft7Validator, path: Path) -> None:
    assert faults(validator, plain(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("text", GOOD.values(), ids=GOOD)
def test_good_specs_are_valid(validator: Draft7Validator, text: str) -> None:
    assert faults(validator, plain(text)) == []


@pytest.mark.parametrize("name", layers.NAMES)
def test_every_good_example_of_a_layer_is_valid(validator: Draft7Validator, name: str) -> None:
    layer = layers.find(name)
    assert layer is not None
    good = [example for example in layer.examples if example.error is None]
    assert [faults(validator, plain(document(example_spec(layer, example)))) for example in good] == [[]] * len(good)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_a_case_is_refused_or_its_code_is_listed(validator: Draft7Validator, case: Path) -> None:
    value = plain(case.read_bytes().decode("utf-8", "replace"))
    code = case.stem.partition("_")[0]
    if value is not None and not code.startswith("W"):
        assert faults(validator, value) or code in UNSEEN


def test_the_list_holds_no_code_that_the_schema_sees(validator: Draft7Validator) -> None:
    values = {case.stem: plain(case.read_bytes().decode("utf-8", "replace")) for case in CASES}
    passed = {name[:4] for name, value in values.items() if value is not None and not faults(validator, value)}
    assert {code for code in UNSEEN if code not in passed and any(name.startswith(code) for name in values)} == set()


WRONG = {
    "a misspelt argument": ("layers: [{Dense: {unit: 4}}]", ["layers", 0]),
    "a missing argument": ("layers: [Dense]", None),
    "a number out of range": ("layers: [{Dropout: 1.5}]", ["layers", 0]),
    "another choice": ("layers: [{Conv2D: {filters: 1, kernel_size: 3, padding: some}}]", ["layers", 0]),
    "an unknown activation": ("layers: [{Dense: {units: 1, activation: rleu}}]", ["layers", 0]),
    "an unknown argument of an initializer": (
        "layers: [{Dense: {units: 1, kernel_initializer: {RandomNormal: {std: 1}}}}]",
        ["layers", 0],
    ),
    "a code layer": ("layers: [{Lambda: x}]", ["layers", 0]),
    "an unknown section": ("layers: [Flatten]\nlayer: 1", []),
    "a wrong layer inside a layer": ("layers: [{TimeDistributed: {layer: {Dense: {unit: 1}}}}]", ["layers", 0]),
}


@pytest.mark.parametrize(("text", "place"), WRONG.values(), ids=WRONG)
def test_a_mistake_is_found_at_its_entry(validator: Draft7Validator, text: str, place: list[Any] | None) -> None:
    found = [list(error.absolute_path) for error in validator.iter_errors(plain(text))]
    if place is not None:
        assert found == [place]


def test_an_example_has_the_keys_that_are_read() -> None:
    assert tuple(schema()["definitions"]["example"]["properties"]) == KEYS


def test_every_layer_and_argument_is_described() -> None:
    definitions = schema()["definitions"]
    for name in layers.NAMES:
        described = definitions[f"layer.{name}"]
        layer = layers.find(name)
        assert layer is not None
        assert described["description"].startswith((layer.__doc__ or "").split("\n")[0])
        assert list(described["anyOf"][0]["properties"])[: len(layer.model_fields)] == list(layer.model_fields)
        assert_defaults(layer, described["anyOf"][0]["properties"])


def assert_defaults(layer: type[Layer], properties: dict[str, Any]) -> None:
    for argument, info in layer.model_fields.items():
        assert properties[argument]["description"] == info.description
        assert ("default" in properties[argument]) == (not info.is_required())


def test_the_command_prints_it() -> None:
    import json

    assert json.loads(CliRunner().invoke(command, [], standalone_mode=False).stdout) == json.loads(json.dumps(schema()))
