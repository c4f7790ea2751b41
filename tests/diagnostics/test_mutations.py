"""Break a good spec in one place: that place is reported, no other, and nothing ever crashes."""

import random
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import specmodel
from specmodel.diagnostics import Diagnostic, Diagnostics
from specmodel.report import text
from specmodel.text import SourceFile, Span
from specmodel.yaml import Node, compose
from specmodel.yaml.plain import node_of
from tests.diagnostics.good import GOOD, WRITTEN
from tests.diagnostics.reports import HERE, checked

CASES = {path.stem: path.read_text() for path in sorted((HERE / "cases").glob("*.yaml"))}
VALUES = (
    *("0 -1 1.5 true null ~ [] {} _ x Dense LSTM Add - : * & ! é 010 1e999 .nan .inf 2147483647 99999999999".split()),
    *("[1,2] [[[]]] {a:1} {Dense:4} 'a,b' \"\" *x &x\t!t\ta/* rnn/1 \x00 \ufeff | > \\ # %".split()),
)
WRONG = "[[[]]]"
"""A value that suits no place."""


def nodes(node: Node) -> Iterator[Node]:
    yield node
    for inner in (*node.items.values(), *node.elements):
        yield from nodes(inner)


def tree(source: str) -> Node:
    root = compose(SourceFile("spec.yaml", source), Diagnostics())
    assert root is not None
    return root


def cut(source: str, span: Span) -> tuple[int, int]:
    """The offsets of a place."""
    starts = [0]
    for line in source.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    return starts[span.line - 1] + span.column - 1, starts[span.end_line - 1] + span.end_column - 1


def scalars(source: str) -> list[Span]:
    """The places of the values that mean something: all but those under keys of the author's own."""
    items = {key: node for key, node in tree(source).items.items() if not key.startswith("x-")}
    found = [node.span for value in items.values() for node in nodes(value) if node.kind == "scalar" and node.written]
    return [span for span in found if span is not None]


def assert_sound(source: str, found: list[Diagnostic]) -> None:
    lines = SourceFile("", source).lines
    for diagnostic in found:
        for span in (diagnostic.span, *(note.span for note in diagnostic.notes if note.span is not None)):
            assert span is not None
            assert 1 <= span.line <= span.end_line <= len(lines)
            assert 1 <= span.column <= len(lines[span.line - 1]) + 2
    assert all(line.isprintable() for line in text.render(found).split("\n"))


@pytest.mark.parametrize("name", GOOD)
def test_the_good_specs_are_good(name: str) -> None:
    assert [str(found) for found in checked(GOOD[name]) if found.code not in ("E401", "W301")] == []


@pytest.mark.parametrize("name", WRITTEN)
def test_a_wrong_value_is_reported_where_it_stands_and_once(name: str) -> None:
    source = WRITTEN[name]
    for span in scalars(source):
        start, end = cut(source, span)
        found = checked(f"{source[:start]} {WRONG} {source[end:]}")
        # Where a name is lost, what refers to it is told as well.
        told = [each.span.line for each in found if each.span is not None and each.code not in ("E212", "W201")]
        assert told == [span.line], source[start:end]


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(GOOD)), st.randoms(use_true_random=False), st.integers(1, 3))
def test_any_change_of_values_keys_and_entries_is_survived(name: str, chance: random.Random, count: int) -> None:
    source = GOOD[name]
    for _ in range(count):
        source = changed(source, chance)
    assert_sound(source, checked(source))


def changed(source: str, chance: random.Random) -> str:
    """The text with one value or line taken out, doubled, exchanged or replaced."""
    lines = source.split("\n")
    at = chance.randrange(len(lines))
    match chance.choice(["cut", "double", "swap", "word", "word", "word"]):
        case "cut":
            del lines[at]
        case "double":
            lines.insert(at, lines[at])
        case "swap":
            other = chance.randrange(len(lines))
            lines[at], lines[other] = lines[other], lines[at]
        case _:
            words = lines[at].split(" ")
            words[chance.randrange(len(words))] = chance.choice(VALUES)
            lines[at] = " ".join(words)
    return "\n".join(lines)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(sorted(WRITTEN)), st.binary(min_size=1, max_size=20), st.floats(0, 1))
def test_any_bytes_put_in_are_survived(name: str, noise: bytes, where: float) -> None:
    source = WRITTEN[name].encode()
    at = round(where * len(source))
    found = checked(source[:at] + noise + source[at:])
    assert all(diagnostic.code[0] in "EWN" for diagnostic in found)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(sorted(WRITTEN)), st.randoms(use_true_random=False))
def test_mappings_with_any_values_are_survived(name: str, chance: random.Random) -> None:
    plain = tree(WRITTEN[name]).plain()
    holder, key = chance.choice([*places(plain)])
    values = [
        None,
        True,
        0,
        -1,
        1.5,
        float("nan"),
        "",
        "x",
        "_",
        [],
        {},
        [[]],
        {"a": 1},
        (1, 2),
        object(),
        b"x",
        {1: 2},
    ]
    holder[key] = chance.choice(values)
    assert all(found.span is None for found in specmodel.check(plain))


def places(value: object) -> Iterator[tuple[object, object]]:
    """Every key and index of nested dicts and lists."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        yield value, key
        yield from places(inner)


def without_yaml_mistakes() -> list[str]:
    return [name for name, source in CASES.items() if all(found.code[:2] != "E1" for found in checked(source))]


@pytest.mark.parametrize("name", without_yaml_mistakes())
def test_comments_and_blank_lines_only_move_lines(name: str) -> None:
    source = CASES[name]
    moved = "".join(f"\n   # a comment: [\n{line}\n" for line in source.removesuffix("\n").split("\n"))
    assert seen(moved, 3) == seen(source, 1)


def seen(source: str, step: int) -> list[tuple[object, ...]]:
    """What is said, with lines counted as if only every `step`-th were there."""
    return [
        (
            found.code,
            found.message,
            found.help,
            *(place(span, step) for span in (found.span, *(n.span for n in found.notes))),
        )
        for found in checked(source)
    ]


def place(span: Span | None, step: int) -> tuple[int, int] | None:
    return (span.line // step, span.column) if span is not None else None


@pytest.mark.parametrize("name", CASES)
def test_line_ends_change_nothing(name: str) -> None:
    assert text.render(checked(CASES[name].replace("\n", "\r\n"))) == text.render(checked(CASES[name]))


@pytest.mark.parametrize("name", [*WRITTEN, *without_yaml_mistakes()])
def test_the_order_of_keys_changes_nothing(name: str) -> None:
    plain = tree((WRITTEN | CASES)[name]).plain()
    assert unordered(specmodel.check(plain)) == unordered(specmodel.check(backwards(plain)))


def unordered(found: list[Diagnostic]) -> set[tuple[str, str, str]]:
    """What is said, but for which of several layers, equal presets or names comes first."""
    return {(each.code, each.place, each.message) for each in found if each.code not in ("E205", "W206", "W207")}


def backwards(value: object) -> object:
    """The same mapping, keys in the opposite order; that of inputs, outputs and params has a meaning."""
    if isinstance(value, list):
        return [backwards(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: inner if key in ("inputs", "outputs", "params") else backwards(inner)
        for key, inner in reversed(value.items())
    }


FLOODS = {
    "keys at the top": "".join(f"k{i}: 1\n" for i in range(2000)),
    "keys of an entry": "layers:\n- Dense: 4\n" + "".join(f"  k{i}: 1\n" for i in range(2000)),
    "arguments": "layers:\n- Dense:\n    units: 4\n" + "".join(f"    k{i}: 1\n" for i in range(2000)),
    "layers": "layers:\n" + "".join(f"- Dens{i}\n" for i in range(2000)),
    "references": "layers:\n" + "".join(f"- {{Dense: 4, inputs: x{i}}}\n" for i in range(2000)),
    "call arguments": "layers:\n- Dense: 4\n  inputs:\n" + "".join(f"    y{i}: input\n" for i in range(2000)),
    "reuses": "layers:\n- Dense: 4\n" + "".join(f"- reuse: x{i}\n" for i in range(2000)),
    "names": "layers:\n" + "- {Dense: 1, name: a}\n" * 2000,
    "outputs": "layers: [Flatten]\noutputs: [" + ", ".join(f"y{i}" for i in range(2000)) + "]\n",
    "one line": "{layers: [" + "{Dense: 0}, " * 2000 + "]}",
}


@pytest.mark.parametrize("name", FLOODS)
def test_a_flood_of_mistakes_ends(name: str) -> None:
    found = checked(FLOODS[name])
    assert 100 <= len(found) <= 255
    assert len(text.render(found)) < 1_000_000


def test_a_long_cycle_is_shown_in_short() -> None:
    entries = "".join(f"- {{Dense: 1, name: a{i}}}\n" for i in range(1, 3000))
    (only,) = checked(f"inputs: [4]\nlayers:\n- {{Dense: 1, name: a0, inputs: a2999}}\n{entries}")
    assert only.code == "E213"
    assert len(only.message) + sum(len(note.message) for note in only.notes) < 1000


def test_a_mapping_is_read_as_its_text() -> None:
    for source in WRITTEN.values():
        assert node_of(tree(source).plain()).plain() == tree(source).plain()
