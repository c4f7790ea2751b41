"""Which layer is which: by name, then by structure."""

import pytest

from specmodel.comparison.matching import Layered, matched


def layers(text: str) -> list[Layered]:
    """`path:Kind/arguments` for each layer."""
    return [Layered(*one.replace("/", ":").split(":")) for one in text.split()]


CASES = {
    "the same": ("a:Dense/1 b:ReLU/", "a:Dense/1 b:ReLU/", {"a": "a", "b": "b"}),
    "another argument": ("a:Dense/1", "a:Dense/2", {"a": "a"}),
    "another name": ("a:Dense/1", "b:Dense/1", {"a": "b"}),
    "another class under the name": ("a:Dense/1", "a:Conv2D/1", {"a": "a"}),
    "nothing in common": ("a:Dense/1", "b:Dense/2", {}),
    "one in front moves automatic names": (
        "dense:Dense/1 dense_1:Dense/2",
        "dense:Dense/9 dense_1:Dense/1 dense_2:Dense/2",
        {"dense": "dense_1", "dense_1": "dense_2"},
    ),
    "one gone moves automatic names": (
        "dense:Dense/9 dense_1:Dense/1 dense_2:Dense/2",
        "dense:Dense/1 dense_1:Dense/2",
        {"dense_1": "dense", "dense_2": "dense_1"},
    ),
    "a name outweighs likeness elsewhere": ("a:Dense/1 b:Dense/1", "b:Dense/1", {"b": "b"}),
    "order decides between those that are alike": ("a:Add/ b:Add/", "c:Add/ d:Add/", {"a": "c", "b": "d"}),
}


@pytest.mark.parametrize(("before", "after", "pairs"), CASES.values(), ids=CASES)
def test_layers_are_paired(before: str, after: str, pairs: dict[str, str]) -> None:
    assert matched(layers(before), layers(after)) == pairs
