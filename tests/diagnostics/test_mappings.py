"""A spec that is a Python mapping has no lines: its diagnostics name the key path."""

import pytest

import specmodel
from specmodel.report import json, text
from tests.diagnostics.good import WRITTEN
from tests.diagnostics.test_mutations import tree

DENSE = {"Dense": 4}
CASES: dict[str, tuple[dict[object, object], list[tuple[str, str]]]] = {
    "an argument": ({"inputs": [4], "layers": [{"Dense": {"units": 0}}]}, [("layers[0].Dense.units", "E209")]),
    "a bare argument": ({"inputs": [4], "layers": [DENSE, {"Dropout": 2}]}, [("layers[1].Dropout", "E209")]),
    "a missing argument": ({"inputs": [4], "layers": [{"Dense": {}}]}, [("layers[0]", "E208")]),
    "an unknown one": ({"inputs": [4], "layers": [{"Dense": {"unit": 4}}]}, [("layers[0].Dense.unit", "E207")]),
    "a layer inside": (
        {"inputs": [5, 4], "layers": [{"TimeDistributed": {"layer": {"Dense": {"units": -1}}}}]},
        [("layers[0].TimeDistributed.layer.Dense.units", "E209")],
    ),
    "a key beside": ({"inputs": [4], "layers": [{**DENSE, "nmae": "a"}]}, [("layers[0].nmae", "E201")]),
    "a dtype beside": ({"inputs": [4], "layers": [{**DENSE, "dtype": "f4"}]}, [("layers[0].dtype", "E209")]),
    "a name": ({"inputs": [4], "layers": [{**DENSE, "name": "a b"}]}, [("layers[0].name", "E210")]),
    "a layer": ({"inputs": [4], "layers": ["Flaten"]}, [("layers[0]", "E206")]),
    "two layers": ({"inputs": [4], "layers": [{**DENSE, "ReLU": None}]}, [("layers[0].ReLU", "E205")]),
    "a reference": ({"inputs": [4], "layers": [{**DENSE, "inputs": ["x"]}]}, [("layers[0].inputs[0]", "E212")]),
    "a size": ({"inputs": {"x": {"shape": [4, 0]}}, "layers": ["Flatten"]}, [("inputs.x.shape[1]", "E309")]),
    "an output": ({"inputs": [4], "layers": [DENSE], "outputs": {"y": "z"}}, [("outputs.y", "E212")]),
    "no layers": ({"inputs": [4]}, [("layers", "E203")]),
    "a shape": (
        {"inputs": [4, 4], "layers": [{"Conv1D": {"filters": 2, "kernel_size": 9}}]},
        [("layers[0].Conv1D.kernel_size", "E304")],
    ),
    "a rank": ({"inputs": [4], "layers": [{"LSTM": 4}]}, [("layers[0]", "E303")]),
    "an object": ({"inputs": [4], "layers": [{"Dense": object()}]}, [("layers[0].Dense", "E202")]),
    "a key": ({"inputs": [4], "layers": [{"Dense": {1: 2}}]}, [("layers[0].Dense", "E108")]),
    "several": (
        {"inputs": [4], "layers": [{"Dense": 0}, {"name": "a", "Dropout": 2}, {"inputs": "b", "Dense": 1}]},
        [("layers[0].Dense", "E209"), ("layers[1].Dropout", "E209"), ("layers[2].inputs", "E212")],
    ),
}


@pytest.mark.parametrize("what", CASES)
def test_a_mistake_names_its_place(what: str) -> None:
    spec, expected = CASES[what]
    assert [(found.place, found.code) for found in specmodel.check(spec)] == expected


def test_what_points_elsewhere_spells_the_place_out() -> None:
    (found,) = specmodel.check({"inputs": [4], "layers": [{**DENSE, "name": "a"}, {**DENSE, "name": "a"}]})
    assert [note.message for note in found.notes] == ["`a` was first used at `layers[0].name`"]


def test_the_reports_do_without_a_text() -> None:
    found = specmodel.check({"inputs": [4], "layers": [{"Dense": 0}]})
    assert text.render(found).startswith(
        "layers[0].Dense: error[E209] `units` of Dense must be greater than 0, found 0\n"
    )
    assert '"path": "layers[0].Dense",\n    "line": null' in json.render(found)


@pytest.mark.parametrize("name", WRITTEN)
def test_a_good_mapping_is_good(name: str) -> None:
    assert [found.code for found in specmodel.check(tree(WRITTEN[name]).plain()) if found.code != "W301"] == []


def test_tuples_are_lists() -> None:
    assert (
        specmodel.check({"inputs": (28, 28, 1), "layers": ({"Conv2D": {"filters": 2, "kernel_size": (3, 3)}},)}) == []
    )


def test_loading_raises_with_all_that_is_wrong() -> None:
    with pytest.raises(specmodel.SpecError) as raised:
        specmodel.load({"inputs": [0], "layers": [{"Dense": 0}]})
    assert [found.place for found in raised.value.diagnostics] == ["inputs[0]", "layers[0].Dense"]
