"""Nodes know where they stand, in a text or in a Python value."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from specmodel.diagnostics import Diagnostics, SpecError
from specmodel.text import SourceFile, Span
from specmodel.yaml import Node, compose, compose_mapping, limits

TEXT = """\
é𝄞: x   # a comment
filters:
list:
  - 'one'  # quoted
  - {b: 2.50, c: [3 ,4 ]}
  -
text: |
  some
   text

folded: &f >-
  more
  text
map: &anchor  # with a comment
  inner: &i
    deep: 0x10
alias: *i
"end": "of it" \n"""


def place(span: Span | None) -> str:
    return f"{span.line}:{span.column}-{span.end_line}:{span.end_column}" if span is not None else "nowhere"


@pytest.fixture(params=["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
def root(request: pytest.FixtureRequest) -> Node:
    diagnostics = Diagnostics()
    node = compose_mapping(SourceFile("spec.yaml", TEXT.replace("\n", request.param)), diagnostics)
    assert not list(diagnostics)
    assert node is not None
    return node


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ((), "1:1-18:15"),
        (("é𝄞",), "1:5-1:6"),
        (("filters",), "2:9-2:9"),
        (("list",), "4:3-6:4"),
        (("list", 0), "4:5-4:10"),
        (("list", 1), "5:5-5:26"),
        (("list", 1, "b"), "5:9-5:13"),
        (("list", 1, "c"), "5:18-5:25"),
        (("list", 1, "c", 1), "5:22-5:23"),
        (("list", 2), "6:4-6:4"),
        (("text",), "7:7-9:8"),
        (("folded",), "11:12-13:7"),
        (("map",), "15:3-16:15"),
        (("map", "inner"), "16:5-16:15"),
        (("map", "inner", "deep"), "16:11-16:15"),
        (("alias",), "16:5-16:15"),
        (("end",), "18:8-18:15"),
    ],
)
def test_spans_of_values(root: Node, location: tuple[str | int, ...], expected: str) -> None:
    assert place(root.at(location).span) == expected


def test_spans_of_keys(root: Node) -> None:
    assert {key: place(span) for key, span in root.key_spans.items()} == {
        "é𝄞": "1:1-1:3",
        "filters": "2:1-2:8",
        "list": "3:1-3:5",
        "text": "7:1-7:5",
        "folded": "11:1-11:7",
        "map": "14:1-14:4",
        "alias": "17:1-17:6",
        "end": "18:1-18:6",
    }
    assert place(root.at(("list", 1)).key_spans.get("c")) == "5:15-5:16"
    assert root.key_spans.get("missing") is None


@pytest.mark.parametrize(
    ("location", "written", "quoted"),
    [
        (("list", 0), "'one'", True),
        (("list", 1, "b"), "2.50", False),
        (("alias", "deep"), "0x10", False),
        (("filters",), "", False),
        (("end",), '"of it"', True),
    ],
)
def test_scalars_as_they_are_written(root: Node, location: tuple[str | int, ...], written: str, quoted: bool) -> None:
    node = root.at(location)
    assert (node.written, node.quoted) == (written, quoted)


def test_the_span_of_an_empty_value_of_a_bracket() -> None:
    node = compose(SourceFile("", "{a, b: , ? c }"), Diagnostics())
    assert node is not None
    assert [place(node.items[key].span) for key in "abc"] == ["1:3-1:3", "1:7-1:7", "1:13-1:13"]


def test_steps_that_lead_nowhere_are_passed_over(root: Node) -> None:
    assert root.at(("list", "tuple", 1, "c", 7)) is root.items["list"].elements[1].items["c"]
    assert root.at(("nothing",)) is root
    assert root.at(("list", -1)) is root.items["list"]


def test_merged_keys_stand_where_they_are_written() -> None:
    node = compose(SourceFile("", "a: &a {x: 1, y: 2}\nb: {y: 3, <<: *a}\n"), Diagnostics())
    assert node is not None
    assert {key: place(span) for key, span in node.items["b"].key_spans.items()} == {"x": "1:8-1:9", "y": "2:5-2:6"}


def test_compose_takes_any_value_and_none() -> None:
    for text, value in {"0.5": 0.5, "[1, a]": [1, "a"], "": None, "# nothing": None, "yes": "yes"}.items():
        diagnostics = Diagnostics()
        node = compose(SourceFile("--set", text), diagnostics)
        assert not list(diagnostics)
        assert node is not None
        assert node.plain() == value


SPEC: dict[str, Any] = {"layers": [{"Dense": {"units": 4, "rates": (0.5, None)}}, "Flatten"], "name": "m"}


def test_python_values_have_places() -> None:
    node = Node.from_plain(SPEC)
    assert node.at(("layers", 0, "Dense", "units")).place == "layers[0].Dense.units"
    assert node.at(("layers", 0, "Dense", "rates", 1)).place == "layers[0].Dense.rates[1]"
    assert node.items["name"].span is None
    assert dict(node.key_spans) == {}
    assert node.plain() == {"layers": [{"Dense": {"units": 4, "rates": [0.5, None]}}, "Flatten"], "name": "m"}
    assert [Node.from_plain(value).written for value in (None, True, 1, 0, 0.5, "x")] == [
        "null", "true", "1", "0", "0.5", '"x"',
    ]  # fmt: skip


def cyclic() -> object:
    outer: dict[str, Any] = {"a": []}
    outer["a"].append(outer)
    return outer


def deep(levels: int) -> object:
    value: object = 1
    for _ in range(levels):
        value = [value]
    return value


def wide() -> object:
    value: object = [1] * 10
    for _ in range(20):
        value = [value] * 10
    return value


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({1: 2}, "error[E108] a key must be a str, found a key of type `int`"),
        ({"a": {True: 2}}, "a: error[E108] a key must be a str, found a key of type `bool`"),
        ({"a": [{1}]}, "a[0]: error[E202] expected a dict, list, str, number, bool or None, found `set`"),
        ({"a": b""}, "a: error[E202] expected a dict, list, str, number, bool or None, found `bytes`"),
        ({"a": 10**5000}, "a: error[E105] an integer of more than 64 digits"),
        (cyclic(), "a[0]: error[E106] this value contains itself"),
        (deep(65), "[0]" * 64 + ": error[E105] nested more than 64 levels deep"),
    ],
)
def test_python_values_that_are_refused(value: object, expected: str) -> None:
    with pytest.raises(SpecError) as caught:
        Node.from_plain(value)
    assert str(caught.value) == expected


def test_python_values_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "NODES", 1000)
    assert Node.from_plain(deep(64)).plain() == deep(64)
    with pytest.raises(SpecError, match="more than 1,000 values"):
        Node.from_plain(wide())


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats(allow_nan=False) | st.text(),
    lambda children: st.lists(children) | st.dictionaries(st.text(), children),
)


@given(PLAIN)
def test_python_values_come_back(value: object) -> None:
    assert Node.from_plain(value).plain() == value
