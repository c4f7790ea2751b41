"""The records themselves: none is lost, no exception is out of date, and exceptions are few."""

from specmodel import layers
from tests.conformance.records import FILES, FOLDER, LATER, NOT_LAYERS, Json, exceptions, load, training


def test_the_layers_that_do_not_exist_yet_are_those_listed() -> None:
    named = {record["layer"] for file in FILES for record in load(file)}
    assert {name for name in named - NOT_LAYERS if layers.find(name) is None} == LATER


def test_no_record_is_lost() -> None:
    assert {file: len(load(file)) for file in FILES} == {"cases": 237, "calls": 343, "errors": 149}


def test_ids_are_unique() -> None:
    ids = [record["id"] for file in FILES for record in load(file)]
    assert len(ids) == len(set(ids))


def test_every_array_file_belongs_to_a_record() -> None:
    named = {record["data"] for file in ("cases", "calls") for record in load(file) if record["data"] is not None}
    assert {f"data/{path.name}" for path in (FOLDER / "data").iterdir()} == named


LIMIT = 0.02
"""The share of the records of inference that may be excepted."""
NUMBERS_OF_TRAINING = "changed_images"
"""The records of training mode whose numbers cannot be compared; those of the others are, in test_training.py."""


def test_every_entry_has_a_reason_and_speaks_of_records() -> None:
    """That an excepted record still fails is what its strict xfail says where the record runs."""
    ids = {record["id"] for file in FILES for record in load(file)}
    for entry in [*exceptions(), *training()]:
        assert entry["reason"]
        assert entry["record"]
        assert set(entry["record"]) <= ids


def test_no_record_is_both_of_training_mode_and_excepted() -> None:
    assert listed(training()) & listed(exceptions()) == set()


def test_at_most_2_percent_of_the_records_of_inference_are_excepted() -> None:
    records = sum(len(load(file)) for file in FILES) - len(listed(training()))
    excepted = len(listed(exceptions()))
    assert excepted <= LIMIT * records


def test_readme_says_how_many_records_are_met_in_all_they_state() -> None:
    records = sum(len(load(file)) for file in FILES)
    apart = [entry for entry in training() if entry["shown_by"] == NUMBERS_OF_TRAINING]
    without = len(listed(exceptions()) | listed(apart))
    share = f"{without} ({without / records:.1%}) are not"
    text = f"Of {records} records {records - without} are met in all they state, {share}"
    assert text in (FOLDER / "README.md").read_text(encoding="utf-8").replace("\n", " ")


def listed(entries: list[Json]) -> set[str]:
    """The ids of the records in a table."""
    return {name for entry in entries for name in entry["record"]}
