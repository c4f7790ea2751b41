"""`expect`: exact numbers, bounds, suffixes, shapes, and what a preset expects."""

import pytest

from specmodel.model.opening import check_opened
from specmodel.model.presets import check_presets
from specmodel.spec.params import Choice
from tests.spec.flat import opened

SPEC = """\
params: {units: 3}
presets: {wide: {units: 5, expect: {parameters: 25}}, wrong: {units: 7, expect: {parameters: 1}}}
inputs: {x: [seq, 4]}
layers:
  - {name: head, Dense: $(units)}
expect: {parameters: $(4 * units + units), outputs: {head: [seq, 3]}, shapes: {head: [seq, 3]}}
"""


NESTED = """\
inputs: {x: [seq, 4], rest: [null, 2]}
blocks:
  Two:
    layers: [{name: left, Dense: 8}, {name: right, inputs: x, Dense: 6}]
    outputs: [right, left]
layers:
  - {name: stack, repeat: 3, inputs: x, Two: }
  - {name: stage$(i + 1), repeat: 2, layers: [Dense: 4, Dense: 5]}
  - {name: lstm, LSTM: {units: 7, return_state: true}}
  - {name: pairs, inputs: rest, Identity: }
"""


def said_of(text: str, preset: str | None = None) -> list[str]:
    found = opened(text, preset)
    check_opened(found)
    return [one.message for one in found.diagnostics if one.severity == "error"]


@pytest.mark.parametrize("said", ["15", "{min: 15, max: 15}", "{max: 1K}", "{min: 0.01K}", "{max: 1 KiB}", "15.0"])
def test_what_holds_is_silent(said: str) -> None:
    assert said_of(f"inputs: [4]\nlayers: [{{Dense: 3}}]\nexpect: {{parameters: {said}}}\n") == []


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("1.1K", 1_100),  # 1.1 * 1000 is 1100.0000000000001
        ("0.3M", 300_000),
        ("2G", 2 * 10**9),
        ("1.5 KiB", 1_536),
        ("3MiB", 3 * 2**20),
        ("1GiB", 2**30),
    ],
)
def test_a_suffix_multiplies_exactly(said: str, number: int) -> None:
    found = said_of(f"inputs: [4]\nlayers: [{{Dense: 3}}]\nexpect: {{parameters: {said}}}\n")
    assert found == [f"`parameters` is expected to be {number:,}, found 15"]


TOTALS = {
    "layers": 1,
    "parameters": 15,
    "trainable": 0,
    "non_trainable": 15,
    "weight_bytes": 60,
    "flops": 2 * 4 * 3 + 3,
    "peak_activation_bytes": 4 * (4 + 3),
}


@pytest.mark.parametrize(("key", "number"), TOTALS.items())
def test_every_total_can_be_expected(key: str, number: int) -> None:
    text = "inputs: [4]\nlayers: [{Dense: 3, trainable: false}]\nexpect: {%s: %d}\n"
    assert said_of(text % (key, number)) == []
    assert said_of(text % (key, number + 1)) == [f"`{key}` is expected to be {number + 1}, found {number}"]


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("27*seq", None),
        ("seq*3*9", None),
        ("28*seq", "`flops` is expected to be `28*seq`, found `27*seq`"),
        ("27", "`flops` is expected to be 27, found `27*seq`"),
        ("{min: 27}", None),  # a size is at least 1
        ("{min: 26.5}", None),
        ("{max: 26}", "`flops` is expected to be at most 26, found `27*seq`"),
        (
            "{max: 27}",
            "`flops` is expected to be at most 27, and is `27*seq`, which depends on sizes that only data gives",
        ),
    ],
)
def test_a_figure_may_be_a_formula(said: str, message: str | None) -> None:
    found = said_of(f"inputs: [seq, 4]\nlayers: [{{Dense: 3}}]\nexpect: {{flops: {said}}}\n")
    assert found == ([message] if message is not None else [])


@pytest.mark.parametrize(
    "said",
    [
        "x: [seq, 4]",
        "stack: [seq, 6]",
        "stack/1: [seq, 6]",
        "stack/*: [seq, 6]",
        "stack/*/left: [seq, 8]",
        "stage1: [seq, 5]",
        "stage2/dense: [seq, 4]",
        "lstm: [7]",
        "lstm/2: [7]",
        "lstm/*: [7]",
        "pairs: [null, 2]",
    ],
)
def test_a_name_means_what_a_reference_means(said: str) -> None:
    name, shape = said.split(": ")
    assert said_of(f"{NESTED}expect: {{shapes: {{{name}: {shape}}}}}\n") == []
    assert len(said_of(f"{NESTED}expect: {{shapes: {{{name}: [9, 9, 9]}}}}\n")) == 1


def test_of_many_times_the_first_that_differs_is_named() -> None:
    text = "inputs: [4]\nlayers: [{name: fc, repeat: 3, Dense: $(i + 1)}]\nexpect: {shapes: {fc/*: [1]}}\n"
    assert said_of(text) == ["entry `fc/1` is expected to have the shape [1], found [2]"]


def test_formulas_of_sizes_may_be_expected() -> None:
    text = "inputs: [seq, 4]\nlayers: [Flatten]\nexpect: {shapes: {flatten: [%s]}}\n"
    assert said_of(text % "4*seq") == []
    assert said_of(text % "seq*2 + 2*seq") == []
    assert said_of(text % "2*seq") == ["entry `flatten` is expected to have the shape [2*seq], found [4*seq]"]
    assert said_of(text % "2*sex") == ["no input has a size called `sex`"]


def test_of_an_unbuilt_model_only_its_layers_are_known() -> None:
    text = "layers: [{Dense: 3}]\nexpect: {layers: 1, parameters: 15, outputs: {dense: [3]}}\n"
    assert said_of(text) == [
        "`parameters` cannot be told of an unbuilt model",
        "`outputs` cannot be told of an unbuilt model",
    ]


def test_the_form_of_what_other_presets_expect_is_checked_without_them() -> None:
    text = "presets: {tiny: {expect: {parametres: 1, flops: many}}}\ninputs: [4]\nlayers: [{Dense: 3}]\n"
    assert said_of(text) == [
        "unknown key `parametres` of `expect`",
        '`flops` of `expect` is a number, or {min, max}, found the text "many"',
    ]
    assert said_of(text, "tiny") == said_of(text)


def test_each_preset_is_held_to_what_it_expects() -> None:
    found = list(check_presets(opened(SPEC), Choice()))
    assert [one.message for one in found] == ["`parameters` is expected to be 1, found 35"]
    assert [note.message for note in found[0].notes] == ["under the preset `wrong`"]


@pytest.mark.parametrize("key", ["shapes", "outputs"])
def test_of_very_many_mistakes_the_rest_is_not_looked_at(key: str) -> None:
    names = ", ".join(f"dence{number}: [1]" for number in range(2000))
    assert len(said_of(f"inputs: [4]\nlayers: [Dense: 3]\nexpect: {{{key}: {{{names}}}}}\n")) < 300


def test_a_shape_has_at_most_so_many_sizes() -> None:
    text = f"inputs: [4]\nlayers: [Dense: 3]\nexpect: {{shapes: {{dense: [{', '.join('n' * 999)}]}}}}\n"
    assert said_of(text) == ["a tensor has at most 8 axes, found a list of 999"]
