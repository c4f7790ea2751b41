"""What holds for every text, good or bad."""

import json
import string
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from specmodel.diagnostics import Diagnostics, SpecError
from specmodel.text import SourceFile, Span
from specmodel.yaml import Node, compose, compose_mapping, decode_source

GOOD = """\
# A model
name: "my model"
defaults: &defaults
  activation: relu
  use_bias: true
layers:
  - name: layer1
    Dense: {units: 2, <<: *defaults}
  - Reshape: [7, 7, -1]
  - Flatten
  - Dropout: 1e-3
  - text: |
      two
      lines
  - {note: 'it''s', x: null, y: ~}
"""

# Text that JSON escapes differently from YAML (surrogates, control characters) is left to the tables.
TEXT = st.text(st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\u2028\u2029\ufeff\ufffe\uffff"))
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda children: st.lists(children, max_size=4) | st.dictionaries(TEXT, children, max_size=4),
    max_leaves=20,
)
WORD = st.text(string.ascii_lowercase, min_size=1, max_size=6).map(lambda word: f"w{word}")
SIMPLE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | WORD
    | st.lists(WORD, max_size=0)
    | st.dictionaries(WORD, WORD, max_size=0),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(WORD, children, max_size=4),
    max_leaves=20,
)
MARKUP = [
    "\n",
    "  ",
    "\t",
    ": ",
    ":",
    "- ",
    "[",
    "]",
    "{",
    "}",
    ",",
    "'",
    '"',
    "&a ",
    "*a",
    "<<: ",
    "!!x ",
    "|\n",
    ">",
    "#",
]
WORDS = [
    "? ",
    "---\n",
    "...\n",
    "%",
    "@",
    "\\",
    "\r",
    "\u2028",
    "\0",
    "\ufeff",
    "é",
    "𝄞",
    "010",
    "1e999",
    "~",
    "a",
    "b: 1\n",
]
FRAGMENTS = st.sampled_from(MARKUP + WORDS)


def places(node: Node, seen: set[int]) -> list[Span]:
    """The spans of a node, its keys and all below."""
    if id(node) in seen:
        return []
    seen.add(id(node))
    below = [*node.items.values(), *node.elements]
    assert node.span is not None
    return [node.span, *node.key_spans.values(), *(span for child in below for span in places(child, seen))]


def check_any_text(text: str) -> None:
    """Composing ends with a node or a diagnostic, and every span lies inside the text."""
    source = SourceFile("spec.yaml", text)
    diagnostics = Diagnostics()
    node = compose_mapping(source, diagnostics)
    assert node is not None or diagnostics.failed
    spans = places(node, set()) if node is not None else []
    for diagnostic in diagnostics:
        assert diagnostic.span is not None
        spans += [diagnostic.span, *(note.span for note in diagnostic.notes if note.span is not None)]
    for span in spans:
        assert 1 <= span.line <= span.end_line <= len(source.lines)
        assert 1 <= span.column <= len(source.lines[span.line - 1]) + 1
        assert 1 <= span.end_column <= len(source.lines[span.end_line - 1]) + 1
        assert (span.line, span.column) <= (span.end_line, span.end_column)
        span.excerpt()


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    try:
        source = decode_source("spec.yaml", data)
    except SpecError:
        return
    check_any_text(source.text)


@settings(max_examples=600, deadline=None, derandomize=True)
@given(st.lists(FRAGMENTS, max_size=30).map("".join))
def test_any_yaml_like_text(text: str) -> None:
    check_any_text(text)


@settings(max_examples=600, deadline=None, derandomize=True)
@given(st.data())
def test_any_mutation_of_a_good_text(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(GOOD)))
    end = data.draw(st.integers(start, min(len(GOOD), start + 8)))
    check_any_text(GOOD[:start] + data.draw(FRAGMENTS | st.just("")) + GOOD[end:])


def value_of(text: str) -> Any:
    diagnostics = Diagnostics()
    node = compose(SourceFile("", text), diagnostics)
    assert not list(diagnostics)
    assert node is not None
    return node.plain()


@settings(max_examples=200, deadline=None, derandomize=True)
@given(JSON, st.sampled_from([None, 2]))
def test_json_is_yaml(value: object, indent: int | None) -> None:
    if all(len(text) < 1000 for text in json.dumps(value).split('"')):  # keys are bounded
        assert value_of(json.dumps(value, ensure_ascii=False, indent=indent)) == value


@settings(max_examples=200, deadline=None, derandomize=True)
@given(SIMPLE, st.booleans())
def test_another_loader_reads_the_same(value: object, flow: bool) -> None:
    text = yaml.safe_dump(value, default_flow_style=flow)
    assert value_of(text) == yaml.safe_load(text)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    st.sets(st.integers(0, len(GOOD.splitlines()) - 1)), st.sampled_from(["", "# comment", "      # comment", "   "])
)
def test_blank_lines_and_comments_only_move_lines(before: set[int], added: str) -> None:
    lines = GOOD.splitlines()
    block = range(lines.index("  - text: |") + 1, len(lines))  # there they would be text
    moved: list[str] = []
    number = {}
    for index, line in enumerate(lines):
        if index in before and index not in block:
            moved.append(added)
        moved.append(line)
        number[index + 1] = len(moved)
    first, second = (compose(SourceFile("", text), Diagnostics()) for text in (GOOD, "\n".join([*moved, ""])))
    assert first is not None
    assert second is not None
    assert first.plain() == second.plain()
    expected = [
        (number[span.line], span.column, number[span.end_line], span.end_column) for span in places(first, set())
    ]
    assert [(span.line, span.column, span.end_line, span.end_column) for span in places(second, set())] == expected
