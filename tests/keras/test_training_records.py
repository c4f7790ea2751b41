"""Images that recorded layers changed in training stay as they are when Keras is told training=False."""

from typing import Any

import keras
import numpy as np
import pytest

from tests.conformance.records import FILES, Json, arrays, load, training

CHANGED = {name for entry in training() if entry["shown_by"] == "changed_images" for name in entry["record"]}
RECORDS = [record for file in FILES for record in load(file) if record["id"] in CHANGED]


def plain(value: Any) -> Any:
    """A recorded config without the marks of JSON."""
    if isinstance(value, dict) and "__tuple__" in value:
        return tuple(plain(item) for item in value["__tuple__"])
    return {key: plain(item) for key, item in value.items()} if isinstance(value, dict) else value


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record["id"])
def test_keras_leaves_the_images_at_inference(record: Json) -> None:
    data = arrays(record)
    given = data["in" if "in" in data else "in.0"].astype(np.float32)
    layer = getattr(keras.layers, record["layer"]).from_config(plain(record["config"]))
    found = keras.ops.convert_to_numpy(layer(given, training=False))
    np.testing.assert_array_equal(found, given)
    changed = keras.ops.convert_to_numpy(layer(given))
    assert changed.shape == data["out"].shape
