"""That the records set aside as those of training mode are just that, computed from their own numbers."""

from typing import Any

import numpy as np
import pytest

from tests.conformance.records import FILES, Json, arrays, covers, load, training
from tests.conformance.replay import assert_same, declared, expected, inputs, replayed, tolerance_of

Array = np.ndarray[Any, Any]


def shown_by(test: str) -> list[Any]:
    """The records that the table says a test is to show of training mode."""
    wanted = {name for entry in training() if entry["shown_by"] == test for name in entry["record"]}
    return [pytest.param(record, id=record["id"]) for file in FILES for record in load(file) if record["id"] in wanted]


def close(found: Array, recorded: Array, record: Json) -> bool:
    """Whether numbers are as near as the replay of the record asks for."""
    return np.allclose(found, recorded, rtol=tolerance_of(record), atol=tolerance_of(record))


def test_every_entry_is_shown_by_a_test() -> None:
    assert {entry["shown_by"] for entry in training()} == {"batch_statistics", "changed_images"}


@pytest.mark.parametrize("record", shown_by("batch_statistics"))
def test_the_output_is_that_of_inference_with_the_statistics_of_the_batch(record: Json) -> None:
    data = arrays(record)
    assert record["call_kwargs"]["training"] is True
    assert [weight["name"] for weight in record["weights"]] == ["gamma", "beta", "moving_mean", "moving_variance"]
    x = np.moveaxis(data["in.0"].astype(np.float64), record["config"]["axis"], -1)
    others = tuple(range(x.ndim - 1))
    own = {"w.2": x.mean(others).astype(data["w.2"].dtype), "w.3": x.var(others).astype(data["w.3"].dtype)}
    assert_same(replayed(declared(record), record, data | own), expected(data), record)
    (moving,) = replayed(declared(record), record, data)
    assert not close(moving, data["out"], record)


@pytest.mark.parametrize("record", shown_by("changed_images"))
def test_images_are_changed_where_inference_leaves_them(record: Json) -> None:
    """That training=False leaves them in Keras itself is what tests/keras/test_training_records.py compares."""
    data = arrays(record)
    (given,) = inputs(record, data)[1]
    (recorded,) = expected(data)
    called: Json = record["data_call_kwargs" if "data_call_kwargs" in record else "call_kwargs"]
    assert called.get("training", True) is True
    (found,) = replayed(declared(record), record, data)
    np.testing.assert_array_equal(found.astype(np.float64), given.astype(np.float32))
    assert recorded.shape != given.shape or not close(given, recorded, record)


@pytest.mark.parametrize("record", shown_by("changed_images"))
def test_all_but_the_numbers_are_the_recorded_ones(record: Json) -> None:
    """Of the record whose boxes training cuts out, the size differs as well."""
    cut = any(covers(entry, record, "static") for entry in training())
    data = arrays(record)
    (found,), (recorded,) = replayed(declared(record), record, data), expected(data)
    assert (found.shape == recorded.shape) is not cut
    assert found.dtype == recorded.dtype
