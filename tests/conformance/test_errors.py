"""What Keras refuses is refused, with the argument named."""

import re

import pytest

from specmodel.layers.base import Layer, call_parameters
from specmodel.layers.validation import ArgumentError
from tests.conformance.keras_form import arguments, beside
from tests.conformance.records import Json, find, load, parameters
from tests.conformance.replay import errors_of, types
from tests.layers.harness import graph_of


@pytest.mark.parametrize("record", parameters(load("errors"), "refusal"))
def test_it_is_refused_and_the_argument_named(record: Json) -> None:
    messages = refusal(record)
    assert len(messages) == 1
    blamed = record["blamed"]
    assert not blamed or any(re.search(rf"\b{name}\b", messages[0]) for name in blamed), messages[0]


def refusal(record: Json) -> list[str]:
    """The messages for a record's arguments, or for the inputs it received."""
    kind = find(record["layer"])
    assert kind is not None
    given = {**dict(zip(kind.positional(), record["args"], strict=False)), **record["kwargs"]}
    called: Json = record.get("received", {}).get("call_kwargs", {})
    given |= {name: value for name, value in called.items() if name in kind.call_only}
    own = beside(given)
    try:
        layer = kind.declare(arguments(given), **own)
    except ArgumentError as error:
        return [fault.message for fault in error.faults]
    return received(layer, record)


def received(layer: Layer, record: Json) -> list[str]:
    """The errors of building on the shapes a record received."""
    given = record.get("received", {"args": []})
    if "inputs" in given:  # the one input, called by its name
        given = {"args": [given["inputs"]]}
    if record["phase"] == "call":  # what is blamed and was not recorded is of the input's shape
        further = [name for name in record["blamed"] if name in call_parameters(type(layer))[len(given["args"]) or 1 :]]
        given = {**given, "kwargs": dict.fromkeys(further, given["args"][0]) | given.get("kwargs", {})}
    names = list(given.get("kwargs", {}))
    found = types([*given["args"], *given.get("kwargs", {}).values()], None)
    count = len(found) - len(names)
    first = call_parameters(type(layer))[:count]
    call = [*(first[:1] * count if type(layer).takes_list else first), *names] if names else []
    return errors_of(graph_of(layer, found, call)[1])
