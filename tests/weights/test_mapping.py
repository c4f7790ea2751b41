"""Maps of weights: rules that rename, transpose, split and join, and ready ones that give PyTorch's numbers."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

import specmodel
from specmodel.cli.weights import command
from specmodel.diagnostics import Diagnostics, SpecError
from specmodel.text import SourceFile
from specmodel.weights.mapping.patterns import Pattern
from specmodel.weights.mapping.rules import read_rules, ready_rules

RECORDED = Path(__file__).parent / "torch"
LAYERS = {
    "Linear": "Dense: 4",
    "Conv1d": "Conv1D: {filters: 4, kernel_size: 3}",
    "Conv2d": "Conv2D: {filters: 4, kernel_size: [3, 2], strides: 2}",
    "Conv3d": "Conv3D: {filters: 3, kernel_size: 2}",
    "DepthwiseConv1d": "DepthwiseConv1D: {kernel_size: 3, depth_multiplier: 2}",
    "DepthwiseConv2d": "DepthwiseConv2D: {kernel_size: 3, depth_multiplier: 2}",
    "ConvTranspose1d": "Conv1DTranspose: {filters: 4, kernel_size: 3, strides: 2}",
    "ConvTranspose2d": "Conv2DTranspose: {filters: 4, kernel_size: 3, strides: 2}",
    "Embedding": "Embedding: {input_dim: 7, output_dim: 3}",
    "LayerNorm": "LayerNormalization: {epsilon: 1e-5}",
    "GroupNorm": "GroupNormalization: {groups: 2, epsilon: 1e-5}",
    "RMSNorm": "RMSNormalization: {epsilon: 1e-6}",
    "BatchNorm": "BatchNormalization: {epsilon: 1e-5}",
    "PReLU": "PReLU: {shared_axes: [1]}",
    "RNN": "SimpleRNN: {units: 4, return_sequences: true}",
    "LSTM": "LSTM: {units: 4, return_sequences: true}",
    "GRU": "GRU: {units: 4, return_sequences: true}",
    "BidirectionalLSTM": "Bidirectional: {layer: {LSTM: {units: 4, return_sequences: true}}}",
    "MultiheadAttention": "MultiHeadAttention: {num_heads: 2, key_dim: 3}",
}
"""For each ready rule the layer that does what the recorded module does."""


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def convert(rules: str, spec: str, arrays: dict[str, Any]) -> Result:
    Path("rules.yaml").write_text(rules)
    Path("spec.yaml").write_text(spec)
    np.savez("in.npz", **arrays)
    arguments = ["convert", "spec.yaml", "in.npz", "--map", "rules.yaml", "-o", "out.npz", "-q"]
    return CliRunner().invoke(command, arguments, standalone_mode=False)


def said(result: Result) -> list[str]:
    assert isinstance(result.exception, SpecError), result.exception
    assert not Path("out.npz").exists()
    places = [(f"{one.span.line}:{one.span.column} " if one.span else "") for one in result.exception.diagnostics]
    return [f"{place}{one.code} {one.message}" for place, one in zip(places, result.exception.diagnostics, strict=True)]


@pytest.mark.parametrize("kind", LAYERS)
def test_a_ready_rule_gives_the_numbers_of_pytorch(kind: str) -> None:
    recorded = np.load(RECORDED / f"{kind}.npz")
    given = recorded["in0"]
    dtype = ", dtype: int32" if kind == "Embedding" else ""
    inputs = "{query: x, value: x}" if kind == "MultiheadAttention" else "x"
    spec = f"inputs: {{x: {{shape: {list(given.shape[1:])}{dtype}}}}}\nlayers:\n"
    spec += f"  - name: layer\n    inputs: {inputs}\n    {LAYERS[kind]}\n"
    state = {name.removeprefix("state/"): recorded[name] for name in recorded.files if name.startswith("state/")}
    result = convert(f"rules: [{{use: torch.{kind}, source: m, target: layer}}]", spec, state)
    assert result.exception is None, result.exception
    output = specmodel.load("spec.yaml", weights="out.npz")(given)
    np.testing.assert_allclose(output, recorded["out"], rtol=2e-5, atol=2e-6)


def test_every_ready_rule_is_held_against_pytorch() -> None:
    assert set(LAYERS) == set(ready_rules())


TWO = "inputs: [3]\nlayers:\n  - {name: block_1, Dense: 2}\n  - {name: block_2, Dense: 2}\n"


def test_placeholders_count_on() -> None:
    arrays = {
        "net.0.weight": np.arange(6.0).reshape(2, 3),
        "net.0.bias": np.zeros(2),
        "net.1.weight": np.arange(4.0).reshape(2, 2),
        "net.1.bias": np.ones(2),
    }
    assert (
        convert("rules: [{use: torch.Linear, source: 'net.{i}', target: 'block_{i+1}'}]", TWO, arrays).exception is None
    )
    with np.load("out.npz") as made:
        np.testing.assert_array_equal(made["block_1/kernel"], np.arange(6.0).reshape(2, 3).T)
        np.testing.assert_array_equal(made["block_2/bias"], np.ones(2))


def test_arrays_without_a_rule_keep_their_names_and_the_rest_is_said() -> None:
    arrays = {
        "k": np.zeros((2, 3)),
        "block_1/bias": np.ones(2),
        "block_2/kernel": np.ones((2, 2)),
        "block_2/bias": np.ones(2),
    }
    rules = "rules: [{source: k, target: block_1/kernel, steps: [{transpose: [1, 0]}]}]"
    assert convert(rules, TWO, arrays).exception is None
    with np.load("out.npz") as made:
        assert sorted(made.files) == ["block_1/bias", "block_1/kernel", "block_2/bias", "block_2/kernel"]


STEPS = {
    "concatenate": ("[a, b]", "[{concatenate: 1}]", np.concatenate([np.arange(6).reshape(3, 2)] * 2, 1)),
    "stack": ("[a, b]", "[stack]", np.stack([np.arange(6).reshape(3, 2)] * 2)),
    "sum": ("[a, b]", "[sum]", 2 * np.arange(6).reshape(3, 2)),
    "reorder": ("a", "[{reorder: [2, 0, 1]}]", np.arange(6).reshape(3, 2)[[2, 0, 1]]),
    "reorder along another axis": ("a", "[{reorder: {order: [1, 0], axis: 1}}]", np.arange(6).reshape(3, 2)[:, ::-1]),
    "reshape": ("a", "[{reshape: [-1]}]", np.arange(6)),
    "reshape to the spec": ("a", "[{reshape: spec}]", np.arange(6).reshape(2, 3)),
    "transpose then reshape": ("a", "[{transpose: [1, 0]}, {reshape: [6]}]", np.arange(6).reshape(3, 2).T.ravel()),
}


@pytest.mark.parametrize(("source", "steps", "result"), STEPS.values(), ids=STEPS)
def test_a_step(source: str, steps: str, result: "np.ndarray[Any, Any]") -> None:
    spec = f"inputs: {{}}\nlayers:\n  - {{name: w, Weight: {list(result.shape)}}}\n"
    array = np.arange(6.0).reshape(3, 2)
    path = "w/" + next(weight.path for weight in specmodel.loads(spec).weights).rpartition("/")[2]
    rules = f"rules: [{{source: {source}, target: {path}, steps: {steps}}}]"
    assert convert(rules, spec, {"a": array, "b": array}).exception is None
    with np.load("out.npz") as made:
        np.testing.assert_array_equal(made[path], result)


def test_one_array_may_become_several_weights() -> None:
    spec = "inputs: [2]\nlayers:\n  - {name: a, inputs: input, Dense: {units: 2, use_bias: false}}\n"
    spec += "  - {name: b, inputs: input, Dense: {units: 3, use_bias: false}}\noutputs: [a, b]\n"
    rules = "rules: [{source: w, target: [a/kernel, b/kernel], steps: [{split: {axis: 1, sizes: [2, 3]}}]}]"
    whole = np.arange(10.0).reshape(2, 5)
    assert convert(rules, spec, {"w": whole}).exception is None
    with np.load("out.npz") as made:
        np.testing.assert_array_equal(np.concatenate([made["a/kernel"], made["b/kernel"]], 1), whole)


ONE = "inputs: [3]\nlayers:\n  - {name: d, Dense: {units: 4, use_bias: false}}\n"
WRONG = {
    "no list": (
        "rule: []",
        ["1:1 E201 unknown key `rule` of a map of weights", "1:1 E404 a map of weights has a list `rules`, found none"],
    ),
    "no rule": ("rules: [a]", ['1:9 E404 a rule is a mapping with `source` and `target`, found the text "a"']),
    "an unknown key": (
        "rules: [{source: w, taget: d/kernel}]",
        ["1:21 E207 unknown argument `taget` of a rule"],
    ),
    "an unknown step": (
        "rules: [{source: w, target: d/kernel, steps: [{transpos: [1, 0]}]}]",
        ["1:46 E209 unknown step `transpos`"],
    ),
    "an unknown ready rule": (
        "rules: [{use: torch.Linera, source: m, target: d}]",
        ["1:15 E404 there is no ready rule `torch.Linera`"],
    ),
    "a placeholder from nowhere": (
        "rules: [{source: w, target: 'd_{i}/kernel'}]",
        ["1:29 E404 `{i}` of `target` does not stand in the first `source`"],
    ),
    "no such array": ("rules: [{source: v, target: d/kernel}]", ["1:9 E404 no array of the file is named `v`"]),
    "no such weight": (
        "rules: [{source: w, target: d/kernal}]",
        ["1:9 E404 the spec has no weight `d/kernal`, which `w` should become"],
    ),
    "a wrong shape": (
        "rules: [{source: w, target: d/kernel}]",
        ["1:9 E404 the rule gives (4, 3) for `d/kernel`, the spec needs (3, 4)"],
    ),
    "a step that cannot be done": (
        "rules: [{source: w, target: d/kernel, steps: [{transpose: [2, 0, 1]}]}]",
        ["1:9 E404 `transpose: [2, 0, 1]` takes 3 axes, the array is (4, 3), which is to become `d/kernel`"],
    ),
    "too many arrays": (
        "rules: [{source: [w, x], target: d/kernel}]",
        ["1:9 E404 the rule makes 2 arrays for 1 weights"],
    ),
    "a weight made twice": (
        "rules:\n- &r {source: w, target: d/kernel, steps: [{transpose: [1, 0]}]}\n- {source: x, target: d/kernel}\n",
        ["3:3 E404 `d/kernel` is made by another rule already"],
    ),
    "a name that is no number": (
        "rules: [{source: '{i}', target: 'd{i+1}/kernel'}]",
        [
            "1:9 E404 a name cannot be counted on from: `{i}` is `w`",
            "1:9 E404 a name cannot be counted on from: `{i}` is `x`",
        ],
    ),
    "a companion is missing": (
        "rules: [{source: [w, y], target: d/kernel, steps: [sum]}]",
        ["1:9 E404 the file has `w`, but no `y`"],
    ),
}


@pytest.mark.parametrize(("rules", "messages"), WRONG.values(), ids=WRONG)
def test_a_wrong_rule_is_told_where_it_stands_and_nothing_is_written(rules: str, messages: list[str]) -> None:
    assert said(convert(rules, ONE, {"w": np.zeros((4, 3)), "x": np.zeros((3, 4))})) == messages


names = st.from_regex(r"[a-z0-9_]{1,6}([./][a-z0-9_]{1,6}){0,4}", fullmatch=True)


@given(names, st.lists(st.integers(0, 4), max_size=3))
@settings(max_examples=200, deadline=None)
def test_a_filled_pattern_matches_what_it_was_filled_with(name: str, at: list[int]) -> None:
    parts = name.replace("/", ".").split(".")
    words = {f"p{index}": parts[index] for index in at if index < len(parts)}
    pattern = Pattern(".".join(f"{{p{i}}}" if f"p{i}" in words else part for i, part in enumerate(parts)))
    assert pattern.fill(words) == ".".join(parts)
    assert pattern.match(".".join(parts)) == words


@given(st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_no_text_of_rules_raises(text: str) -> None:
    read_rules(SourceFile("rules.yaml", "rules:\n  - " + text.replace("\n", "\n    ")), Diagnostics())
