"""That the records set aside as those of training mode are just that, computed from their own numbers."""

from typing import Any

import numpy as np
import pytest

from tests.conformance.records import FILES, Json, arrays, load, training
from tests.conformance.replay import declared, expected, inputs, replayed, tolerance_of

Array = np.ndarray[Any, Any]


def shown_by(test: str) -> list[Any]:
    """The records that the table says a test is to show of training mode."""
    wanted = {name for entry in training() if entry["shown_by"] == test for name in entry["record"]}
    return [pytest.param(record, id=record["id"]) for file in FILES for record in load(file) if record["id"] in wanted]


def normalised(x: Array, mean: Array, variance: Array, config: Json, gamma: Array, beta: Array) -> Array:
    """Batch normalisation of x, whose channels are last, in 64 bits."""
    return (x - mean) / np.sqrt(variance + config["epsilon"]) * gamma + beta


def close(found: Array, recorded: Array, record: Json) -> bool:
    """Whether numbers are as near as the replay of the record asks for."""
    return np.allclose(found, recorded, rtol=tolerance_of(record), atol=tolerance_of(record))


def test_every_entry_is_shown_by_a_test() -> None:
    assert {entry["shown_by"] for entry in training()} == {"batch_statistics", "changed_images"}


@pytest.mark.parametrize("record", shown_by("batch_statistics"))
def test_the_batch_is_normalised_with_its_own_statistics(record: Json) -> None:
    data, config = arrays(record), record["config"]
    assert record["call_kwargs"]["training"] is True
    assert [weight["name"] for weight in record["weights"]] == ["gamma", "beta", "moving_mean", "moving_variance"]
    gamma, beta, *moving = (data[f"w.{number}"].astype(np.float64) for number in range(4))
    x, out = (np.moveaxis(data[key].astype(np.float64), config["axis"], -1) for key in ("in.0", "out"))
    others = tuple(range(x.ndim - 1))
    own = normalised(x, x.mean(others), x.var(others), config, gamma, beta)
    assert close(own, out, record)
    assert not close(normalised(x, *moving, config, gamma, beta), out, record)


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
