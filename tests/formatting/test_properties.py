"""Whatever a text looks like: the style keeps its values and comments, is its own fixed point, and is one for all."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from specmodel.diagnostics import Diagnostics
from specmodel.spec.formatting import formatted
from specmodel.text import SourceFile
from specmodel.yaml import compose

SPECS = sorted((Path(__file__).parents[2] / "specs").rglob("*.yaml"))
FEW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

words = st.sampled_from(
    ["a", "b c", "yes", "1.40", "x: y", "p, q", "it's", '"', "", "$(f(1, 2))", "#", "- z", "é", "\t"]
)
leaves = st.none() | st.booleans() | st.integers(-9, 999) | st.floats(-8, 8, width=16) | words
values = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["k", "Dense", "l m", "name"]), inner, max_size=3)
    ),
    max_leaves=12,
)
specs = st.fixed_dictionaries(
    {
        "layers": st.lists(
            st.dictionaries(st.sampled_from(["Dense", "name", "inputs", "x"]), values, min_size=1), min_size=1
        )
    },
    optional=dict.fromkeys(("name", "inputs", "params", "presets", "expect", "blocks", "x-mine"), values),
)


def style(text: str) -> str:
    return formatted(SourceFile("spec.yaml", text))


def plain(text: str) -> Any:
    found = Diagnostics()
    node = compose(SourceFile("spec.yaml", text), found)
    assert node is not None, list(found)
    return node.plain()


def written_out(value: Any) -> Any:
    """The value, with words in lists as the mappings that they may be short for."""
    if isinstance(value, dict):
        return {key: written_out(inner) for key, inner in value.items()}
    return (
        [{one: None} if isinstance(one, str) else written_out(one) for one in value]
        if isinstance(value, list)
        else value
    )


@FEW
@given(specs, st.sampled_from([True, False, None]), st.integers(20, 200), st.integers(2, 6))
def test_one_value_has_one_style(spec: Any, flow: bool | None, width: int, indent: int) -> None:
    dumped = yaml.safe_dump(spec, default_flow_style=flow, width=width, indent=indent, sort_keys=False)
    other = yaml.safe_dump(spec, default_flow_style=not flow, sort_keys=False, allow_unicode=True)
    text = style(dumped)
    assert written_out(plain(text)) == written_out(plain(dumped))
    assert style(text) == text
    assert style(other) == text


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
@settings(max_examples=3, deadline=None)
@given(st.data())
def test_comments_anywhere_are_kept(path: Path, data: st.DataObject) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    for number in range(4):
        at = data.draw(st.integers(0, len(lines) - 1))
        comment = f"# note {number}"
        if data.draw(st.booleans()):
            lines.insert(at, " " * data.draw(st.integers(0, 8)) + comment)
        elif not re.search(r"[|>]\s*$", lines[at]):
            lines[at] += "  " + comment
    text = "\n".join(lines) + "\n"
    written = style(text)
    assert plain(written) == plain(text)
    assert sorted(re.findall(r"# note \d", written)) == sorted(re.findall(r"# note \d", text))
    assert style(written) == written
