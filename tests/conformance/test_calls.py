"""Further calls that were recorded: arguments, masks and states among the inputs."""

import pytest

from tests.conformance.records import Json, arrays, load, parameters
from tests.conformance.replay import assert_same, declared, expected, replayed


@pytest.mark.parametrize("record", parameters(load("calls"), "output"))
def test_the_output_is_the_recorded_one(record: Json) -> None:
    data = arrays(record)
    assert_same(replayed(declared(record), record, data), expected(data), record)
