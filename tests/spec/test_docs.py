"""The examples of docs/language.md that are whole specs are sound, and expect what is, under each of their presets."""

import re
from pathlib import Path

import pytest

from specmodel.model.presets import check_presets
from specmodel.spec.params import Choice
from tests.spec.flat import opened

TEXT = (Path(__file__).parents[2] / "docs" / "language.md").read_text(encoding="utf-8")
WHOLE = [one for one in re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL) if "layers:" in one]


@pytest.mark.parametrize("text", WHOLE)
def test_an_example_is_sound(text: str) -> None:
    found = check_presets(opened(text), Choice())
    assert [str(one) for one in found if one.severity == "error"] == []


def test_there_are_examples() -> None:
    assert len(WHOLE) > 2
