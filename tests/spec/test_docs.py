"""The examples of docs/language.md that are whole specs are sound and what they expect, under each of their presets."""

import re
from pathlib import Path

import pytest

from specmodel.model.presets import check_presets
from specmodel.spec.params import Choice
from tests.spec.flat import opened

TEXT = (Path(__file__).parents[2] / "docs" / "language.md").read_text(encoding="utf-8")
WHOLE = [one for one in re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL) if "layers:" in one]
FILES = {found[1]: text for text in WHOLE if (found := re.match(r"# (\S+\.yaml)\n", text)) is not None}
"""Specs that others name, under their names."""


@pytest.mark.parametrize("text", WHOLE)
def test_an_example_is_sound(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, content in FILES.items():
        Path(name).write_text(content, encoding="utf-8")
    assert [str(one) for one in check_presets(opened(text), Choice()) if one.severity != "note"] == []


def test_each_section_of_what_a_spec_holds_has_an_example() -> None:
    sections = re.findall(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", TEXT, re.DOTALL | re.MULTILINE)
    assert [name for name, body in sections if "```yaml" not in body] == []
