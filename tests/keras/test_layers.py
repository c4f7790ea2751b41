"""Random uses of every layer that Keras has: numbers, shapes, dtypes, masks and weights are Keras'."""

import pytest

from specmodel import layers
from tests.keras import twins
from tests.keras.compare import compared

_WITH_TENSORFLOW = ("Hashing", "HashedCrossing", "IntegerLookup", "StringLookup", "TextVectorization")
"""Layers that Keras makes only where TensorFlow is installed."""

NAMES = [name for name in layers.NAMES if twins.exists(name) and name not in _WITH_TENSORFLOW]


@pytest.mark.parametrize("name", NAMES)
def test_a_layer_is_that_of_keras(name: str, cases: range) -> None:
    failures = []
    for number in cases:
        try:
            compared(name, number)
        except AssertionError as error:
            failures.append(str(error))
    assert not failures, f"{len(failures)} of {len(cases)} uses differ\n\n" + "\n\n".join(failures)
