"""How much a spec may hold, and that mistakes in long lists stay short."""

import pytest

import specmodel
from specmodel.spec import limits

FOUR = {"a": [4], "b": [4], "c": [4], "d": [4]}
TOO_MUCH = {
    "entries": ({"inputs": [4], "layers": ["ReLU"] * 6}, "layers", "`layers` holds 6 values, and 5 is the most"),
    "inputs": ({"inputs": FOUR, "layers": [{"inputs": "a", "ReLU": None}]}, "inputs", "`inputs` holds 4 values"),
    "references": (
        {"inputs": [4], "layers": ["ReLU", {"inputs": ["_"] * 4, "Add": None}]},
        "layers[1].inputs",
        "`inputs` holds 4 values",
    ),
    "outputs": ({"inputs": [4], "layers": ["ReLU"], "outputs": ["re_lu"] * 4}, "outputs", "`outputs` holds 4 values"),
}


@pytest.mark.parametrize("what", TOO_MUCH)
def test_too_much_is_said_once(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    spec, place, message = TOO_MUCH[what]
    monkeypatch.setattr(limits, "ENTRIES", 5)
    monkeypatch.setattr(limits, "REFERENCES", 3)
    (found,) = specmodel.check(spec)
    assert (found.code, found.place) == ("E105", place)
    assert found.message.startswith(message)


def test_as_much_as_may_be_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "ENTRIES", 2)
    monkeypatch.setattr(limits, "REFERENCES", 4)
    layers = ["ReLU", {"inputs": ["_", "_", "_", "input"], "Add": None}]
    assert specmodel.check({"inputs": [4], "layers": layers}) == []


@pytest.mark.parametrize("layer", ["Add", "Concatenate"])
def test_a_message_names_a_few_of_many_shapes(layer: str) -> None:
    names = [f"x{number}" for number in range(500)]
    inputs = {name: [4, number + 2] if number else [3, 2, 2] for number, name in enumerate(names)}
    (found,) = specmodel.check({"inputs": inputs, "layers": [{"inputs": names, layer: None}]})
    assert "and 492 more" in found.message
    assert len(found.message) < 500


def test_notes_name_a_few_of_many_producers() -> None:
    inputs = {f"x{number}": [f"s{number}"] for number in range(40)}
    found = specmodel.check({"inputs": inputs, "layers": [{"inputs": list(inputs), "Add": None}]})
    assert len(found) == 39
    assert {len(one.notes) for one in found} == {17}
    assert found[0].notes[-1].message == "24 more inputs are not listed"
