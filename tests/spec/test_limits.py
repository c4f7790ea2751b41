"""How large an expansion may be: it is counted before anything is made."""

import pytest

from specmodel.spec.expansion import census, walk
from specmodel.spec.expansion.definitions import Leaf
from tests.diagnostics.reports import checked
from tests.spec.flat import messages, wiring


def chained(inside: str, levels: int = 30) -> str:
    """Blocks of which each uses the one before, `@`."""
    blocks = [f"  B{i}: {{layers: {inside}}}".replace("@", str(i - 1)) for i in range(1, levels + 1)]
    return "\n".join(["inputs: [4]\nblocks:\n  B0: {layers: [{Dense: 4}]}", *blocks, f"layers: [B{levels}]\n"])


def nested(*counts: str, inside: str = "Dense: 4") -> str:
    """Repeats in each other; their counters are i0, i1, …"""
    text = inside
    for depth, count in reversed(list(enumerate(counts))):
        text = f"repeat: {count}, index: i{depth}, {text if depth == len(counts) - 1 else f'layers: [{{{text}}}]'}"
    return f"params: {{n: 1000}}\ninputs: [4]\nlayers:\n  - {{{text}}}\n"


HOSTILE = {
    "a repeat": (nested("10000000"), 4, "10,000,000"),
    "repeats of repeats": (nested("1000", "1000", "1000"), 4, "1,000,000,000"),
    "counts that depend on counters": (nested("$(n)", "$(n + 0 * i0)", "$(n + 0 * i0 + 0 * i1)"), 4, "201,000"),
    "nothing, very often": (nested("1000", "1000", "1000", inside="when: false, Dense: 4"), 4, "1,000,000,000"),
    "empty repeats, very often": (nested("1000", "1000", "0"), 4, "1,000,000"),
    "beyond all numbers": (nested(*["10000000"] * 12), 4, "1,000,000,000,000,000"),
    "blocks that double": (chained("[B@, B@]"), 21, "262,144"),
    "blocks that double by a repeat": (chained("[{repeat: 2, B@: }]"), 21, "1,073,741,824"),
    "blocks that double inside of layers": (chained("[B@, {TimeDistributed: {layer: B@}}]"), 20, "262,143"),
    "blocks that double by reuse": (chained("[{name: a, B@: }, {reuse: a}]"), 21, "262,"),
    "groups that double by reuse": (
        "inputs: [4]\nlayers:\n  - {name: g0, layers: [{Dense: 4}]}\n"
        + "".join(f"  - {{name: g{i}, layers: [{{reuse: g{i - 1}}}, {{reuse: g{i - 1}}}]}}\n" for i in range(1, 40)),
        20,
        "262,",
    ),
}


@pytest.mark.parametrize(("text", "line", "count"), HOSTILE.values(), ids=HOSTILE)
def test_too_much_is_said_before_it_is_made(text: str, line: int, count: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Leaf] = []

    class Recorded(Leaf):
        def __init__(self, *args: object) -> None:
            super().__init__(*args)  # type: ignore[arg-type]
            made.append(self)

    monkeypatch.setattr(walk, "Leaf", Recorded)
    (found,) = checked(text)
    assert (found.code, found.span.line if found.span is not None else None) == ("E223", line)
    assert found.message.startswith(f"this spec expands to {count}")
    assert len(made) <= 40


TEN = {
    "entries": ("layers: [ReLU, {repeat: 9, ReLU: }]", True),
    "one more": ("layers: [ReLU, ReLU, {repeat: 9, ReLU: }]", False),
    "groups do not count": ("layers: [{layers: [{name: g, layers: [{repeat: 10, ReLU: }]}]}]", True),
    "nor do blocks": ("blocks: {B: {layers: [ReLU, ReLU]}}\nlayers: [{repeat: 5, B: }]", True),
    "what is left out does": ("layers: [{repeat: 11, when: $(i == 0), ReLU: }]", False),
    "an empty repeat does": ("layers: [{repeat: 11, layers: [{repeat: $(i * 0), ReLU: }]}]", False),
    "counts from counters": ("layers: [{repeat: 4, layers: [{repeat: $(i + 1), ReLU: }]}]", True),
    "counts from rows": ("layers: [{repeat: [{n: 4}, {n: 7}], layers: [{repeat: $(n), ReLU: }]}]", False),
    "counts from a param further out": (
        "params: {n: 6}\nlayers: [{repeat: [{n: 4}, {m: 1}], layers: [{repeat: $(n), ReLU: }]}]",
        True,
    ),
    "a counter that hides another": (
        "layers: [{repeat: 2, layers: [{repeat: 2, layers: [{repeat: $(i + 1), ReLU: }]}, {repeat: $(i), ReLU: }]}]",
        True,
    ),
    "counts from a row of a param": (
        "params: {rows: {default: [2, 9]}}\nlayers: [{repeat: 2, layers: [{repeat: '$(rows[i])', ReLU: }]}]",
        False,
    ),
    "counts from an argument": (
        "blocks: {B: {params: {n: 1, m: $(n)}, layers: [{repeat: $(m + 2), ReLU: }]}}\n"
        "layers: [B, {B: 3}, {B: {m: 0}}]",
        True,
    ),
    "counts from an argument that depends on a counter": (
        "blocks: {B: {params: {n: 1}, layers: [{repeat: $(n), ReLU: }]}}\nlayers: [{repeat: 5, B: $(i + 1)}]",
        False,
    ),
    "an argument that decides nothing": (
        "blocks: {B: {params: {n: 1}, layers: [{Dense: $(n)}]}}\nlayers: [{repeat: 10, B: $(i + 1)}]",
        True,
    ),
    "conditions": ("layers: [{repeat: 4, layers: [{when: $(i > 1), layers: [ReLU, ReLU, ReLU, ReLU]}]}]", True),
    "an entry that is an expression": (
        "blocks: {B: {layers: [ReLU, ReLU]}}\nlayers: [{repeat: [{k: B}, {k: ReLU}], layers: [$(k), $(k), $(k), B]}]",
        False,
    ),
    "blocks inside of layers": (
        "blocks: {B: {layers: [ReLU, ReLU]}}\nlayers: [{repeat: 3, TimeDistributed: {layer: B}}, ReLU]",
        True,
    ),
    "and of layers inside of layers": (
        "blocks: {B: {layers: [ReLU, ReLU]}}\n"
        "layers: [{repeat: 4, TimeDistributed: {layer: {TimeDistributed: {layer: B}}}}]",
        False,
    ),
    "what is reused": ("layers: [{name: g, layers: [ReLU, ReLU, ReLU]}, {reuse: g}, {reuse: g}, ReLU]", True),
    "and one more": ("layers: [{name: g, layers: [ReLU, ReLU, ReLU]}, {reuse: g}, {reuse: g}, ReLU, ReLU]", False),
}


@pytest.mark.parametrize(("text", "fits"), TEN.values(), ids=TEN)
def test_as_much_as_may_be_and_no_more(text: str, fits: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (census, walk):
        monkeypatch.setattr(module, "MOST_LAYERS", 10)
    found = [one.code for one in checked(f"inputs: [3, 4, 4, 4]\n{text}\n") if one.code == "E223"]
    assert found == ([] if fits else ["E223"])


def test_deep_nesting_is_refused() -> None:
    wrong = "E223 blocks, groups and repeats stand in each other more than 64 levels deep"
    assert wiring(chained("[B@]", 62))[-1].endswith("/dense < input")
    assert messages(chained("[B@]", 64)) == [wrong]


def test_many_layers_are_no_matter() -> None:
    assert wiring(nested("20", "50"))[-1] == "dense_999 < dense_998"


@pytest.mark.parametrize(
    "reader",
    ["Add: ", "layers: [{inputs: x, ReLU: }]", "when: false, Add: "],
)
def test_what_all_times_read_of_all_times_is_limited(reader: str) -> None:
    text = f"inputs: [4]\nlayers:\n  - {{name: s, repeat: 800, ReLU: }}\n  - {{repeat: 800, inputs: [s/*], {reader}}}\n"
    assert messages(text) == ["E105 the entries of this spec read more than 500,000 values"]
