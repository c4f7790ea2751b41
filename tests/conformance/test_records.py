"""The records themselves: none is lost, and no exception is out of date."""

from specmodel import layers
from tests.conformance.records import FILES, FOLDER, LATER, NOT_LAYERS, checks, covers, exceptions, load


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


def test_every_exception_has_a_reason_and_speaks_of_a_record() -> None:
    """That a listed record still fails is what its strict xfail says where the record runs."""
    records = [record for file in FILES for record in load(file)]
    for entry in exceptions():
        covered = {record["id"] for record in records for check in checks(entry) if covers(entry, record, check)}
        assert entry["reason"]
        assert covered
        assert covered >= set(entry.get("record", ()))
