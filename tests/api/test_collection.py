"""Opening a spec lets no collection of cyclic garbage run, and leaves the collector as it was."""

import gc
from collections.abc import Iterator

import pytest

import specmodel
from specmodel.model.collection import paused_collection

LONG = {"inputs": [4], "layers": [{"repeat": 300, "Dense": 4}]}


@pytest.fixture
def collections() -> Iterator[list[str]]:
    """What has been collected so far."""
    seen: list[str] = []

    def note(phase: str, info: object) -> None:
        seen.append(phase)

    before = gc.get_threshold()
    gc.set_threshold(100)
    gc.callbacks.append(note)
    yield seen
    gc.callbacks.remove(note)
    gc.set_threshold(*before)


def test_nothing_is_collected_while_a_spec_is_opened(collections: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    specmodel.check({"inputs": [4], "layers": ["Flatten"]})
    counts = []
    for _ in ("paused", "running"):
        gc.collect()
        before = len(collections)
        specmodel.check(LONG)
        counts.append(len(collections) - before)
        assert gc.isenabled()
        monkeypatch.setattr(gc, "disable", lambda: None)
    assert counts[0] * 5 < counts[1]


def test_a_collector_that_is_off_stays_off() -> None:
    gc.disable()
    try:
        with paused_collection():
            assert not gc.isenabled()
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_the_collector_runs_again_after_a_failure() -> None:
    with pytest.raises(ZeroDivisionError), paused_collection():
        1 / 0  # noqa: B018
    assert gc.isenabled()
