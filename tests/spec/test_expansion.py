"""Blocks, groups, repeats, conditions and files: the flat model that each stands for."""

from pathlib import Path

import pytest
import yaml

import specmodel
from specmodel.model.opening import open_mapping, open_spec
from tests.spec.flat import messages, opened, wiring, wiring_of

CASES = {
    "a chain": (
        "layers:\n  - {repeat: 3, Dense: 4}\n  - ReLU\n",
        ["dense < input", "dense_1 < dense", "dense_2 < dense_1", "re_lu < dense_2"],
    ),
    "no times": ("layers:\n  - {repeat: 0, Dense: 4}\n  - ReLU\n", ["re_lu < input"]),
    "a named repeat": (
        "layers:\n  - {name: enc, repeat: 2, Dense: 4}\n  - {inputs: [enc, enc/0], Add: }\n",
        ["enc/0 < input", "enc/1 < enc/0", "add < enc/1, enc/0"],
    ),
    "names by the counter": (
        "layers:\n  - {name: d$(i), repeat: 2, inputs: input, Dense: 4}\n  - {inputs: [d0, d1], Add: }\n",
        ["d0 < input", "d1 < input", "add < d0, d1"],
    ),
    "rows": (
        "params: {units: 3}\nlayers:\n  - repeat: [{bias: true, units: 5}, {bias: false}]\n"
        "    Dense: {units: $(units), use_bias: $(bias)}\n",
        ["dense < input", "dense_1 < dense"],
    ),
    "another counter": (
        "layers:\n  - repeat: 2\n    index: j\n    layers:\n      - {repeat: 2, name: d$(j)_$(i), Dense: 2}\n",
        ["d0_0 < input", "d0_1 < d0_0", "d1_0 < d0_1", "d1_1 < d1_0"],
    ),
    "a group is no scope without a name": (
        "layers:\n  - Dense: 4\n  - layers:\n      - Dense: 4\n      - {inputs: [_, x], Add: }\n  - Dense: 2\n",
        ["dense < input", "dense_1 < dense", "add < dense_1, dense", "dense_2 < add"],
    ),
    "a named group": (
        "layers:\n  - {name: g, layers: [{Dense: 4}, {name: last, Dense: 4}]}\n  - {inputs: [g, g/dense], Add: }\n",
        ["g/dense < input", "g/last < g/dense", "add < g/last, g/dense"],
    ),
    "a group with named inputs": (
        "layers:\n  - {name: d, Dense: 4}\n  - inputs: {a: d, b: input}\n"
        "    layers:\n      - {inputs: b, Dense: 4}\n      - {inputs: [_, a], Add: }\n",
        ["d < input", "dense < input", "add < dense, d"],
    ),
    "left out": (
        "layers:\n  - {name: d, Dense: 4}\n  - {name: gone, when: false, inputs: input, Dense: 4}\n"
        "  - {inputs: [gone, d, _], Concatenate: }\n",
        ["d < input", "concatenate < input, d, input"],
    ),
    "a block's outputs": (
        "blocks:\n  Down:\n    layers:\n      - {name: skip, Dense: 4}\n      - {name: pooled, Dense: 2}\n"
        "    outputs: [pooled, skip]\n"
        "layers:\n  - Down\n  - {inputs: [_, down/skip, down/1], Concatenate: }\n",
        ["down/skip < input", "down/pooled < down/skip", "concatenate < down/pooled, down/skip, down/skip"],
    ),
    "blocks in blocks, each with params of its own": (
        "params: {n: 5}\nblocks:\n  In: {params: {units: 2}, layers: [{Dense: $(units + n)}]}\n"
        "  Out: {params: {units: 3}, layers: [{In: $(units * 2)}, In]}\nlayers:\n  - Out\n  - Out: 4\n",
        [
            *("out/in/dense < input", "out/in_1/dense < out/in/dense"),
            *("out_1/in/dense < out/in_1/dense", "out_1/in_1/dense < out_1/in/dense"),
        ],
    ),
    "every time's entry": (
        "layers:\n  - name: stack\n    repeat: 2\n    layers:\n      - {name: skip, Dense: 3}\n      - Dense: 4\n"
        "  - {inputs: [stack/*/skip, stack], Concatenate: }\n",
        [
            *("stack/0/skip < input", "stack/0/dense < stack/0/skip", "stack/1/skip < stack/0/dense"),
            *("stack/1/dense < stack/1/skip", "concatenate < stack/0/skip, stack/1/skip, stack/1/dense"),
        ],
    ),
    "a reuse shares all weights of a block": (
        "blocks:\n  B: {layers: [{Dense: 4}, {Dense: 4}]}\nlayers:\n  - {name: enc, B: }\n"
        "  - {inputs: input, reuse: enc}\n"
        "  - {inputs: [enc, enc_1, enc_1/dense], Add: }\n",
        [
            *("enc/dense < input", "enc/dense_1 < enc/dense", "enc_1/dense (enc/dense) < input"),
            "enc_1/dense_1 (enc/dense_1) < enc_1/dense",
            "add < enc/dense_1, enc_1/dense_1, enc_1/dense",
        ],
    ),
    "a reuse of what is inside": (
        "layers:\n  - {name: g, layers: [{name: d, Dense: 4}]}\n  - reuse: g/d\n",
        ["g/d < input", "d (g/d) < g/d"],
    ),
    "forward": (
        "layers:\n  - {inputs: later/dense, Dense: 4}\n  - {name: later, inputs: input, layers: [{Dense: 4}]}\n"
        "outputs: dense\n",
        ["dense < later/dense", "later/dense < input"],
    ),
    "an anchor used twice": (
        "x-dense: &d {Dense: $(i + 1)}\nlayers:\n  - {repeat: 1, <<: *d}\n  - {repeat: 1, <<: *d}\n",
        ["dense < input", "dense_1 < dense"],
    ),
}


@pytest.mark.parametrize(("text", "flat"), CASES.values(), ids=CASES)
def test_a_spec_stands_for_a_flat_model(text: str, flat: list[str]) -> None:
    assert wiring("inputs: [4]\n" + text) == flat


@pytest.mark.parametrize(("text", "flat"), CASES.values(), ids=CASES)
def test_a_mapping_stands_for_the_same_model(text: str, flat: list[str]) -> None:
    opened = open_mapping(yaml.safe_load("inputs: [4]\n" + text), Path())
    assert wiring_of(opened) == flat


def test_params_presets_and_options_give_values() -> None:
    text = "params: {units: 4}\npresets: {wide: {units: 9}}\ninputs: [2]\nlayers: [{Dense: $(units)}]\n"
    sizes = [
        opened(text, *given).sound()[1].outputs[0].value.shape[1]  # type: ignore[union-attr]
        for given in ((), ("wide",))
    ]
    assert [*sizes, opened(text, "wide", units=6).sound()[1].outputs[0].value.shape[1]] == [4, 9, 6]  # type: ignore[union-attr]
    assert messages(text, "wid") == ["E220 there is no preset `wid`"]
    assert messages(text, units="x") == ['E221 the param `units` must be an integer, found the text "x"']


def test_trainable_and_dtype_hold_inside() -> None:
    entries = "layers: [{Dense: 1}, {dtype: float64, Dense: 1}]"
    text = f"inputs: [2]\nlayers:\n  - {{trainable: false, dtype: float16, {entries}}}\n"
    spec, _ = opened(text).sound()
    own = [(entry.layer.own_trainable, entry.layer.own_dtype) for entry in spec.entries]
    assert own == [(False, "float16"), (False, "float64")]


def test_a_dimension_may_not_have_the_name_of_a_param() -> None:
    assert messages("params: {n: 4}\ninputs: [n]\nlayers: [ReLU]\n")[0].startswith("E309")


def test_a_file_is_a_block(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    inner = "params: {units: 3}\ninputs: [n]\nblocks: {Own: {layers: [{Dense: $(units)}]}}\nlayers: [Own, ReLU]\n"
    (tmp_path / "parts" / "inner.yaml").write_text(inner)
    outer = "inputs: [2]\nblocks:\n  Inner: {file: parts/inner.yaml}\nlayers: [Inner, {Inner: 7}]\n"
    (tmp_path / "outer.yaml").write_text(outer)
    spec, _ = open_spec(tmp_path / "outer.yaml").sound()
    paths = ["inner/own/dense", "inner/re_lu", "inner_1/own/dense", "inner_1/re_lu"]
    assert [entry.path for entry in spec.entries] == paths


@pytest.mark.parametrize(("file", "code"), [("loop.yaml", "E222"), ("../out.yaml", "E004"), ("no.yaml", "E001")])
def test_a_file_that_cannot_be_a_block_is_refused(tmp_path: Path, file: str, code: str) -> None:
    folder = tmp_path / "root"
    folder.mkdir()
    (tmp_path / "out.yaml").write_text("layers: [ReLU]\n")
    (folder / "loop.yaml").write_text(f"inputs: [2]\nblocks: {{Loop: {{file: {file}}}}}\nlayers: [Loop]\n")
    assert [one.code for one in specmodel.check(folder / "loop.yaml")] == [code]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("layers: [{name: a, inputs: b, when: false, ReLU: }, {name: b, inputs: a, when: false, ReLU: }]", "E213"),
        ("layers: [{name: a, repeat: 2, layers: [{reuse: a}]}]", "E212"),
        ("layers: [{name: d, when: false, Dense: 2}, {reuse: d}]", "E212"),
    ],
)
def test_what_never_ends_or_is_not_there_is_said(text: str, code: str) -> None:
    assert code in {message[:4] for message in messages(f"inputs: [4]\n{text}\n")}


def test_many_entries_that_are_left_out_are_no_long_way() -> None:
    text = "inputs: [4]\nlayers:\n  - {repeat: 3000, name: g$(i), when: false, Dense: 4}\n  - {inputs: g2999, ReLU: }\n"
    assert wiring(text) == ["re_lu < input"]
    blocks = (
        "inputs: [4]\nblocks: {B: {layers: [{when: false, Dense: 2}]}}\nlayers:\n  - {repeat: 400, B: }\n  - ReLU\n"
    )
    assert wiring(blocks) == ["re_lu < input"]


def test_a_file_that_no_block_is_used_from_is_read_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "part.yaml").write_text("inputs: [4]\nblocks: {B: {layers: [Dens]}}\nlayers: [{Dense: {unit: 3}}]\n")
    text = "inputs: [4]\nblocks: {A: {file: part.yaml}, C: {file: none.yaml}}\nlayers: [ReLU]\n"
    (tmp_path / "spec.yaml").write_text(text)
    found = [(one.code, one.path.rpartition("/")[2]) for one in specmodel.check(tmp_path / "spec.yaml")]
    assert found == [("E206", "part.yaml"), ("E207", "part.yaml"), ("E001", "spec.yaml")]
