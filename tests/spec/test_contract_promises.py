"""The examples by which the language was designed, sections 5 and 6: each means what it is said to mean."""

from pathlib import Path

import numpy as np
import pytest

from specmodel import Model, load, loads
from specmodel.diagnostics import SpecError
from specmodel.model.opening import check_opened, open_source
from specmodel.spec.params import Choice
from specmodel.yaml import decode_source
from tests.spec.flat import opened, shapes
from tests.spec.test_contract_models import BUILT, TICKETS

# 5. Weights, numbers, contracts

CONTRACT = """\
dtype: float32            # or float16, float64, bfloat16, mixed_float16, mixed_bfloat16; an entry may set its own
seed: 0                   # default 0: a spec without weights gives the same numbers everywhere, every time
weights: model.safetensors
expect:                   # checked by `specmodel check`
  parameters: {max: 5M}   # a number is exact; {min, max} bounds; the keys of `totals` in `summary --format json`
  outputs: {priority: [1], department: [4]}
  shapes: {title_vector: [seq, 64]}
examples:                 # checked by `specmodel test`
  - {inputs: cases/a.npz, outputs: cases/a.out.npz, atol: 1e-5}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_spec_with_weights_expectations_and_examples_is_sound(folder: Path) -> None:
    model = loads(TICKETS)
    model.save_weights("model.safetensors")
    Path("cases").mkdir()
    title, tags = np.array([[3, 1, 4]], np.int32), np.ones((1, 12), np.float32)
    priority, department = model([title, tags])
    np.savez("cases/a.npz", title=title, tags=tags)
    np.savez("cases/a.out.npz", priority=priority, department=department)
    found = open_source(decode_source("spec.yaml", (CONTRACT + TICKETS).encode()), Path())
    check_opened(found)
    assert list(found.diagnostics) == []
    for wrong, code in (
        ("max: 5M", "E311"),
        ("[seq, 64]", "E311"),
        ("a.out.npz", "E501"),
        ("model.safetensors", "E401"),
    ):
        changed = {"max: 5M": "max: 5K", "[seq, 64]": "[seq, 65]"}.get(wrong, f"no_{wrong}")
        text = (CONTRACT + TICKETS).replace(wrong, changed)
        found = open_source(decode_source("spec.yaml", text.encode()), Path())
        check_opened(found)
        assert [one.code for one in found.diagnostics] == [code]


@pytest.mark.parametrize("dtype", ["float32", "float16", "float64", "bfloat16", "mixed_float16", "mixed_bfloat16"])
def test_a_dtype_policy_holds_for_all_layers(dtype: str) -> None:
    model = loads(f"dtype: {dtype}\ninputs: [4]\nlayers: [{{Dense: 2}}]\n")
    given = {"mixed_float16": "float16", "mixed_bfloat16": "float32", "bfloat16": "float32"}.get(dtype, dtype)
    assert model(np.ones((1, 4))).dtype == given
    kept = "float32" if dtype.startswith("mixed") else dtype
    assert model.weights[0].dtype == kept


def numbers(text: str) -> dict[str, np.ndarray]:
    return {weight.path: weight.numpy() for weight in loads(text).weights}


def test_numbers_depend_on_seed_path_and_name_alone() -> None:
    one = numbers("inputs: [4]\nlayers: [{name: a, Dense: 4}]\n")
    two = numbers("inputs: [4]\nlayers: [{name: new, Dense: 4}, {name: a, Dense: 4}]\n")
    np.testing.assert_array_equal(one["a/kernel"], two["a/kernel"])
    assert not np.array_equal(two["new/kernel"], two["a/kernel"])
    seeded = numbers("seed: 1\ninputs: [4]\nlayers: [{name: a, Dense: 4}]\n")
    assert not np.array_equal(one["a/kernel"], seeded["a/kernel"])


def test_weight_keys_are_paths_with_keras_names() -> None:
    text = (
        "inputs: [seq, 8]\nlayers:\n"
        "  - {name: stage1, layers: [{name: residual, layers: [{Dense: 8}]}]}\n"
        "  - {LSTM: {units: 8, return_sequences: true}}\n"
        "  - {Bidirectional: {layer: {LSTM: {units: 4, return_sequences: true}}}}\n"
        "  - {name: mha, inputs: {query: _, value: _}, MultiHeadAttention: {num_heads: 1, key_dim: 4}}\n"
    )
    paths = list(numbers(text))
    assert {
        "stage1/residual/dense/kernel",
        "lstm/lstm_cell/kernel",
        "bidirectional/forward_lstm/lstm_cell/kernel",
        "mha/query/kernel",
    } <= set(paths)
    assert [path.split("/")[0] for path in paths] == sorted(
        (path.split("/")[0] for path in paths), key=["stage1", "lstm", "bidirectional", "mha"].index
    )


def test_a_frozen_layer_counts_as_such() -> None:
    totals = loads("inputs: [4]\nlayers: [{Dense: 2, trainable: false}]\n").describe()["totals"]
    assert (totals["parameters"], totals["trainable"], totals["non_trainable"]) == (10, 0, 10)


def test_a_preset_has_expectations_of_its_own(folder: Path) -> None:
    text = (
        "params: {u: 2}\npresets: {p: {u: 3, expect: {parameters: 1}}}\ninputs: [4]\nlayers: [{Dense: $(u)}]\n"
        "expect: {parameters: 10}\n"
    )
    for preset, codes in ((None, []), ("p", ["E311"])):
        found = open_source(decode_source("spec.yaml", text.encode()), Path(), None, Choice(preset))
        check_opened(found)
        assert [one.code for one in found.diagnostics] == codes


# 6. YAML, strictly


@pytest.mark.parametrize(
    ("written", "value"),
    [("1e-3", 0.001), ("no", "no"), ("on", "on"), ("12:30", "12:30"), ("1_0", "1_0"), ("0o10", 8), ("'4'", "4")],
)
def test_scalars_are_what_they_look_like(written: str, value: object) -> None:
    node = opened(f"layers: [Flatten]\nx-mine: {written}\n").node
    assert node is not None
    assert node.items["x-mine"].plain() == value


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("layers: [{Dense: 010}]\n", "E107"),
        ("layers: [Flatten]\nlayers: [ReLU]\n", "E102"),
        ("layers: [Flatten]\nlayer: 3\n", "E201"),
        ("layers: !!python/object:os.system [Flatten]\n", "E103"),
        ("layers: [Flatten]\n---\nlayers: [ReLU]\n", "E104"),
        ("a: &a [x, x]\nb: &b [*a, *a]\nlayers: [&c [*c]]\n", "E106"),
        ("specmodel: 2\nlayers: [Flatten]\n", "E209"),
    ],
)
def test_what_could_surprise_is_refused_with_its_line(text: str, code: str) -> None:
    found = list(opened(text).diagnostics)
    assert code in [one.code for one in found]
    assert all(one.span is not None for one in found)


def test_anchors_and_merge_keys_work_and_x_keys_are_the_authors() -> None:
    text = (
        "specmodel: 1\nx-conv: &conv {kernel_size: 3, padding: same}\ninputs: [8, 8, 3]\n"
        "layers: [{Conv2D: {filters: 4, <<: *conv}}, {Conv2D: {<<: *conv, filters: 2, padding: valid}}]\n"
    )
    assert shapes(text) == {"conv2d": [None, 8, 8, 4], "conv2d_1": [None, 6, 6, 2]}


def test_a_spec_has_a_largest_size(tmp_path: Path) -> None:
    (tmp_path / "big.yaml").write_bytes(b"# x\n" * (2 << 20) + b"layers: [Flatten]\n")
    with pytest.raises(SpecError, match="E003"):
        load(tmp_path / "big.yaml")


def test_a_model_is_what_load_makes() -> None:
    assert isinstance(loads(BUILT), Model)
