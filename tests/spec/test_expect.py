"""`expect`: exact numbers, bounds, suffixes, shapes, and what a preset expects."""

import pytest

from specmodel.model.opening import check_opened, check_presets
from specmodel.spec.params import Choice
from tests.spec.flat import opened

SPEC = """\
params: {units: 3}
presets: {wide: {units: 5, expect: {parameters: 25}}, wrong: {units: 7, expect: {parameters: 1}}}
inputs: {x: [seq, 4]}
layers:
  - {name: head, Dense: $(units)}
expect: {parameters: $(4 * units + units), outputs: {head: [seq, 3]}, shapes: {head: [seq, 3]}}
"""


@pytest.mark.parametrize("said", ["15", "{min: 15, max: 15}", "{max: 1K}", "{min: 0.01K}", "{max: 1 KiB}", "15.0"])
def test_what_holds_is_silent(said: str) -> None:
    found = opened(f"inputs: [4]\nlayers: [{{Dense: 3}}]\nexpect: {{parameters: {said}}}\n")
    check_opened(found)
    assert list(found.diagnostics) == []


def test_each_preset_is_held_to_what_it_expects() -> None:
    found = list(check_presets(opened(SPEC), Choice()))
    assert [one.message for one in found] == ["`parameters` is expected to be 1, found 35"]
    assert [note.message for note in found[0].notes] == ["under the preset `wrong`"]
