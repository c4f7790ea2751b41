"""Every hazard of YAML: the place and code of its diagnostic, or the value it has. One table, read by both parsers."""

import sys
from itertools import pairwise

import pytest
import yaml

from specmodel.diagnostics import Diagnostics
from specmodel.text import SourceFile
from specmodel.yaml import Node, compose_mapping


@pytest.fixture(params=["libyaml", "python"], autouse=True)
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    loader = yaml.BaseLoader if request.param == "python" else yaml.CBaseLoader
    monkeypatch.setattr(sys.modules["specmodel.yaml.events"], "_LOADER", loader)


def read(text: str) -> tuple[Node | None, Diagnostics]:
    diagnostics = Diagnostics()
    return compose_mapping(SourceFile("spec.yaml", text), diagnostics), diagnostics


def found(text: str) -> list[str]:
    """`line:column code` of each diagnostic."""
    _, diagnostics = read(text)
    return [f"{each.span.line}:{each.span.column} {each.code}" for each in diagnostics if each.span is not None]


MISTAKES = {
    # The top of the document
    "": "1:1 E109",
    "# only a comment\n": "1:1 E109",
    "---\n": "1:4 E109",
    "hello": "1:1 E109",
    "a:1": "1:1 E109",
    "- a\n- b\n": "1:1 E109",
    "42": "1:1 E109",
    "a: 1\n---\nb: 2\n": "2:1 E104",
    "a: 1\n---\n": "2:1 E104",
    "a: 1\n...\nb: 2\n": "3:1 E104",
    "a: 1\n... # done\n\n# more\n--- x\n": "5:1 E104",
    "{a: 1}\n{b: 2}\n": "2:1 E101",
    # Directives
    "%TAG ! tag:example.org,2000:\n---\na: 1\n": "1:1 E110",
    "# c\n\n%FOO bar\n---\na: 1\n": "3:1 E110",
    "%YAML 2.0\n---\na: 1\n": "1:1 E110",
    "%YAML 1.2\n%YAML 1.2\n---\na: 1\n": "2:1 E110",
    "%YAML 1.2\na: 1\n": "1:1 E110",
    "a: 1\n%TAG ! x\n": "2:1 E110",
    "%TAG !a! x\n" * 100_000 + "---\na: 1\n": "1:1 E110",
    "--- []\n" + "%TAG !a! x\n" * 100_000: "2:1 E110",
    # Characters
    "a: b\x00": "1:5 E111",
    "a: 1\nb: \x07": "2:4 E111",
    "a: 1 # \x1b[31m": "1:8 E111",
    "a: b\x7f": "1:5 E111",
    "a: \x9b": "1:4 E111",
    "a: b\ufeff": "1:5 E111",
    "a: é\ufffe": "1:5 E111",
    "a: \ud800": "1:4 E111",
    "# comment\u2028a: 1": "1:10 E111",
    "a: b\x85c: d": "1:5 E111",
    # Keys
    "a: 1\nb: 2\na: 3\n": "3:1 E102",
    "{x: 1, 'x': 2}": "1:8 E102",
    "a:\n  - {u: 1, v: 2, u: 3}\n": "2:18 E102",
    "1: a": "1:1 E108",
    "a: {true: 1}": "1:5 E108",
    "~: a": "1:1 E108",
    "1.5: a": "1:1 E108",
    "? [a, b]\n: c\n": "1:3 E108",
    "{[a]: 1}": "1:2 E108",
    "{{a: 1}: 1}": "1:2 E108",
    "a: {{ template }}": "1:5 E108",
    "? \n: 1": "1:2 E108",
    "010: a": "1:1 E107",
    "b: &b [1]\n? *b\n: c\n": "2:3 E108",
    # Tags
    "a: !!python/object/apply:os.system [ls]": "1:4 E103",
    "a: !!python/name:os.system": "1:4 E103",
    "a: !!int '4'": "1:4 E103",
    "a: ! b": "1:4 E103",
    "a: &x !Dense\n  units: 4\n": "1:7 E103",
    "!!map {a: 1}": "1:1 E103",
    "!!str a: 1": "1:1 E103",
    "a: !e!x b": "1:4 E103",
    "a: !<b c": "1:4 E103",
    "a: !!timestamp 2001-99-99": "1:4 E103",
    # Anchors, aliases, merges
    "a: *b": "1:4 E106",
    "a: *b\nb: &b 1": "1:4 E106",
    "a: &a [*a]": "1:8 E106",
    "a: &a {b: {c: *a}}": "1:15 E106",
    "a: &a {<<: *a}": "1:12 E106",
    "&a a: *b": "1:7 E106",
    "<<: 1": "1:5 E106",
    "<<:": "1:4 E106",
    "a: &a [1]\nb: {<<: *a}\n": "2:9 E106",
    "a: &a {x: 1}\nb:\n  <<: *a\n  <<: *a\n": "4:3 E102",
    # Numbers
    "a: 010": "1:4 E107",
    "a: 08": "1:4 E107",
    "a: [-010, +07]": ["1:5 E107", "1:11 E107"],
    "a: 1.0e+400": "1:4 E105",
    "a: -1e999": "1:4 E105",
    "a: 1e-400": "1:4 E105",
    "a: 1" + "0" * 5000: "1:4 E105",
    "a: 0x" + "f" * 5000: "1:4 E105",
    "a: 0." + "1" * 5000: "1:4 E105",
    # Nesting
    "a: " + "[" * 10_000: "1:67 E105",
    "a: " + "{b: " * 10_000: "1:256 E105",
    "- " * 10_000: "1:129 E105",
    "? " * 10_000: "1:129 E105",
    "\n".join(" " * depth + "a:" for depth in range(70)): "65:65 E105",
    "a: &a " + "[" * 40 + "]" * 40 + "\nb: " + "[" * 40 + "*a": "2:44 E105",
    "a0: &a0 []\n" + "".join(f"a{i}: &a{i} [*a{i - 1}]\n" for i in range(1, 10_000)): "64:12 E105",
    # Tabs and indentation
    "a:\n\tb: 1\n": "2:1 E101",
    "a:\n  b: 1\n\tc: 2\n": "3:1 E101",
    "a:\n  b: 1\n \t c: 2\n": "3:2 E101",
    "a: 1\n b: 2\n": "2:2 E101",
    "a:\n  b: 1\n c: 2\n": "3:2 E101",
    "a:\n  - b: 1\n     c: 2\n": "3:6 E101",
    "a:\n  - b\n   - c: 1\n": "3:4 E101",
    "a:\n- b: 4\n  - c\n": "3:3 E101",
    "a: 1\n- b\n": "2:1 E101",
    # Colons
    "a:1\nb: 2\n": "1:1 E101",
    "a: 1\nb:2\nc: 3\n": "2:1 E101",
    "a:\n  - b:1\n    c: 2\n": "2:5 E101",
    "a: 1\nb\nc: 2\n": "2:1 E101",
    "a\nb: 1\n": "1:1 E101",
    "a: b: c\n": "1:5 E101",
    ": 1": "1:1 E101",
    "k" * 2000 + ": 1": "1:1 E101",
    # Brackets and quotes
    "a: [1, 2\n": "1:4 E101",
    "a: [\n": "1:4 E101",
    "a: {b: [1], c: [\n": "1:16 E101",
    "a: {b: [1, 2\n\n": "1:8 E101",
    "a: [1, 2\nb: 3\n": "2:1 E101",
    "a: [1, 2}\n": "1:9 E101",
    "a: {b: 1 c: 2}\n": "1:11 E101",
    "a: [1]]\n": "1:7 E101",
    "a: ]\n": "1:4 E101",
    "a: [b, , c]\n": "1:8 E101",
    "a: [$(b[0])]\n": "1:8 E101",
    "a: 'b\nc: 1\n": "1:4 E101",
    'a: "b\nc: 1\n': "1:4 E101",
    "a: 'it's'\n": "1:8 E101",
    'a: "b" c\n': "1:8 E101",
    'a: "b\n---\nc"\n': "2:1 E101",
    r'a: "\q"': "1:5 E101",
    r'a: "\xZZ"': "1:5 E101",
    r'a: "\UFFFFFFFF"': "1:5 E101",
    # Other things a value cannot begin with
    "a: @b": "1:4 E101",
    "a: `b`": "1:4 E101",
    "a: %b": "1:4 E101",
    "a: * b": "1:4 E101",
    "a: & b": "1:4 E101",
    "a: |x\n b": "1:5 E101",
    "a: - b": "1:4 E101",
    "a: &x &y z": "1:7 E101",
}


@pytest.mark.parametrize("text", MISTAKES, ids=lambda text: repr(text[:40]))
def test_a_mistake_has_its_code_and_place(text: str) -> None:
    expected = MISTAKES[text]
    assert found(text) == ([expected] if isinstance(expected, str) else expected)


VALUES = {
    "\ufeff".join(["", "a: 1"])[1:]: {"a": 1},
    "a: 1\r\nb:\r\n  - 2\r\n": {"a": 1, "b": [2]},
    "a: 1\rb: 2\r": {"a": 1, "b": 2},
    "%YAML 1.2\n---\na: 1\n": {"a": 1},
    "%YAML 1.1 # old\n--- # now\na: 1\n": {"a": 1},
    "# c\n%YAML 1.9\n---\na: 1\n": {"a": 1},
    "---\na: 1\n...\n# the end\n...\n": {"a": 1},
    "{}": {},
    "a: b:1": {"a": "b:1"},
    "a: http://b": {"a": "http://b"},
    "a: 50%": {"a": "50%"},
    "a: b#c # d": {"a": "b#c"},
    "a: 'it''s'": {"a": "it's"},
    'a: "\\u00e9\\n\\0"': {"a": "é\n\0"},
    "a:\n- 1\n- 2\n": {"a": [1, 2]},
    "a: |\n  b\n   c\n\nd: >-\n  e\n  f\n": {"a": "b\n c\n", "d": "e f"},
    "a: {b, c: }": {"a": {"b": None, "c": None}},
    "a:\nb: ~\nc: ''\n": {"a": None, "b": None, "c": ""},
    "no: yes\non: off\nn: y\n": {"no": "yes", "on": "off", "n": "y"},
    "'1': a\n'true': b\n'<<': c\n": {"1": "a", "true": "b", "<<": "c"},
    "a: '!!int 4'": {"a": "!!int 4"},
    "a: $(b + c * 2)": {"a": "$(b + c * 2)"},
    "a: &a [1, 2]\nb: *a\n": {"a": [1, 2], "b": [1, 2]},
    "a: &a 1\nb: &a 2\nc: *a\n": {"a": 1, "b": 2, "c": 2},
    "a: &a x\n*a : y\n": {"a": "x", "x": "y"},
    "a: &a\nb: *a\n": {"a": None, "b": None},
    "a: &a {x: 1, y: 1}\nb: {<<: *a, y: 2}\n": {"a": {"x": 1, "y": 1}, "b": {"x": 1, "y": 2}},
    "a: &a {x: 1}\nb: &b {x: 2, y: 2}\nc: {<<: [*a, *b]}\n": {
        "a": {"x": 1},
        "b": {"x": 2, "y": 2},
        "c": {"x": 1, "y": 2},
    },
    "b: {<<: {x: 1}, z: 0}\n": {"b": {"x": 1, "z": 0}},
    "a: &a {x: &x [1]}\nb: {<<: *a, z: *x}\n": {"a": {"x": [1]}, "b": {"x": [1], "z": [1]}},
    "a: " + "[" * 63 + "]" * 63: None,
    "k" * 1000 + ": 1": {"k" * 1000: 1},
}


@pytest.mark.parametrize("text", VALUES, ids=lambda text: repr(text[:40]))
def test_near_misses_are_accepted(text: str) -> None:
    node, diagnostics = read(text)
    assert not list(diagnostics)
    assert node is not None
    assert VALUES[text] is None or node.plain() == VALUES[text]


def bomb(first: str, step: str, levels: int) -> str:
    """A text in which each level names the one before nine times."""
    names = [f"a{level}" for level in range(levels)]
    lines = [f"{name}: &{name} {step % ', '.join(9 * [f'*{before}'])}\n" for before, name in pairwise(names)]
    return f"a0: &a0 {first}\n{''.join(lines)}"


@pytest.mark.parametrize(
    "text",
    [bomb("[x, x, x, x]", "[%s]", 40), bomb("{x: 1, y: 2}", "{<<: [%s]}", 40), bomb("{x: 1}", "{k: [%s]}", 40)],
    ids=["aliases", "merges", "both"],
)
def test_a_bomb_stops_at_the_limit(text: str) -> None:
    (only,) = found(text)
    assert only.endswith("E105")


def test_many_aliases_within_the_limit_are_fine() -> None:
    node, diagnostics = read("a: &a {x: [1, 2, 3]}\nb: [" + "*a, " * 10_000 + "]\n")
    assert not list(diagnostics)
    assert node is not None
    assert len(node.items["b"].elements) == 10_000


def test_all_mistakes_are_collected() -> None:
    text = "a: 010\na: 1\n2: !!str x\nb: *c\nd: 1e999\n"
    assert found(text) == ["1:4 E107", "2:1 E102", "3:1 E108", "3:4 E103", "4:4 E106", "5:4 E105"]


def test_a_flood_of_mistakes_ends() -> None:
    assert len(found("a: 1\n" * 3000)) == 1001


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("a: 1\nb: 2\na: 3\n", "1:1"),
        ("a: &a [*a]", "1:4"),
        ("a: [1, 2\nb: 3\n", "1:4"),
        ("a:\n  b: 1\n c: 2\n", "1:1"),
        ("a: 1\n b: 2\n", "1:1"),
    ],
)
def test_a_note_points_at_the_other_end(text: str, note: str) -> None:
    _, diagnostics = read(text)
    (only,) = diagnostics
    assert [f"{each.span.line}:{each.span.column}" for each in only.notes if each.span is not None] == [note]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a:1", "`a: 1`"),
        ("a:1\nb: 2\n", "space after the colon"),
        ("a:\n\tb: 1\n", "tab"),
        ("a: 1\n---\nb: 2\n", "second document"),
        ("a: *rat\nb: &cat 1\n", "anchor"),
        ("b: &cat 1\na: *catt\n", "`*cat`"),
        ("a: 010", "10 in YAML 1.2, 8 in YAML 1.1"),
        ("a: 08", "8 in YAML 1.2, text in YAML 1.1"),
        ("a: [$(b[0])]\n", "expression"),
        ("a: 'b", "never closed"),
        ("1: a", '`"1"`'),
        ("- a", "`layers:`"),
    ],
)
def test_the_message_names_the_cause(text: str, words: str) -> None:
    _, diagnostics = read(text)
    (only,) = diagnostics
    assert words in f"{only.message} {only.help}"


def test_what_a_mistake_spoils_is_marked() -> None:
    node, _ = read("a: 010\nb: *x\nc: !!int 4\nd: 1\n")
    assert node is not None
    assert {key: value.refused for key, value in node.items.items()} == {"a": True, "b": True, "c": True, "d": False}


def test_of_two_equal_keys_the_first_counts() -> None:
    node, _ = read("a: 1\na: 2\n")
    assert node is not None
    assert node.plain() == {"a": 1}
