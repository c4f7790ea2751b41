"""The examples by which the language was designed, sections 3 and 4: each means what it is said to mean."""

from pathlib import Path

import pytest

from tests.spec.flat import messages, opened, shapes, wiring

# 3. Parameters, expressions, presets

WIDTHS = """\
params:
  classes: 10
  width: {default: 1.0, min: 0.25, max: 4.0, description: Multiplies every filter count.}
presets:
  tiny: {width: 0.25}
  wide: {width: 2.0, classes: 100}
inputs: [32, 32, 3]
layers:
  - Conv2D: {filters: $(round_to(32 * width)), kernel_size: 3, padding: same}
"""


@pytest.mark.parametrize(("preset", "filters"), [(None, 32), ("tiny", 8), ("wide", 64)])
def test_presets_give_values(preset: str | None, filters: int) -> None:
    assert shapes(WIDTHS, preset=preset) == {"conv2d": [None, 32, 32, filters]}


@pytest.mark.parametrize(("width", "code"), [(0.2, "E221"), (4.5, "E221"), ("wide", "E221"), (True, "E221")])
def test_a_param_has_bounds_and_the_type_of_its_default(width: object, code: str) -> None:
    assert [one[:4] for one in messages(WIDTHS, width=width)] == [code]


def test_an_integer_fits_a_number() -> None:
    assert shapes(WIDTHS, width=2)["conv2d"][-1] == 64


@pytest.mark.parametrize(
    ("x", "wanted"), [(32, 32), (36, 40), (35, 32), (3, 8), (12, 16), (90, 88), (4.1, 8), (17.7, 16)]
)
def test_round_to_is_the_nearest_multiple_that_is_not_much_below(x: float, wanted: int) -> None:
    text = f"inputs: [4]\nlayers:\n  - Dense: $(round_to({x}))\n"
    assert shapes(text) == {"dense": [None, wanted]}


@pytest.mark.parametrize(
    ("value", "code"),
    [("$(2 * 4.0)", None), ("$(16 / 2)", None), ("$(7 / 2)", "E209"), ("$(2.5)", "E209"), ("$('8')", "E209")],
)
def test_a_float_without_a_fraction_is_an_integer_where_one_is_asked_for(value: str, code: str | None) -> None:
    found = messages(f'inputs: [4]\nlayers:\n  - Dense: "{value}"\n')
    assert [one[:4] for one in found] == ([code] if code is not None else [])


def test_a_fraction_is_refused_with_what_makes_an_integer_of_it() -> None:
    (found,) = opened("inputs: [4]\nlayers:\n  - Dense: $(7 / 2)\n").diagnostics
    assert all(f"`{function}`" in str(found.help) for function in ("round", "int", "ceil", "round_to"))


def test_inside_a_text_an_expression_is_text() -> None:
    text = "params: {i: 3}\ninputs: [4]\nlayers: [{name: block$(i), Dense: 4}, {name: b_$(i * 2.0), Dense: 4}]\n"
    assert list(shapes(text)) == ["block3", "b_6.0"]


def test_two_dollars_are_a_plain_one() -> None:
    spec, _ = opened("name: a$$(b)\ninputs: [4]\nlayers: [Flatten]\n").sound()
    assert spec.name == "a$(b)"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("inputs: [4]\nlayers: [{Dense: $(max(1, 2))}]\n", "E218"),  # YAML ends the value at the comma
        ("params: {a: [1]}\ninputs: [4]\nlayers: [{Dense: $(a[0])}]\n", "E101"),
    ],
)
def test_what_yaml_cuts_short_is_reported_as_that(text: str, code: str) -> None:
    found = list(opened(text).diagnostics)
    assert code in [one.code for one in found]


REQUIRED = "params:\n  filters:\n  other: {default: null}\ninputs: [4]\nlayers: [{Dense: $(filters)}]\n"


def test_a_param_without_a_default_must_be_given() -> None:
    assert [one[:4] for one in messages(REQUIRED)] == ["E221"]
    assert shapes(REQUIRED, filters=3) == {"dense": [None, 3]}


def test_a_default_may_use_the_params_above_it() -> None:
    text = "params: {a: 3, b: $(a + 1)}\ninputs: [4]\nlayers: [{Dense: $(b)}]\n"
    assert shapes(text)["dense"] == [None, 4]
    assert shapes(text, a=7)["dense"] == [None, 8]


@pytest.mark.parametrize(
    ("preset", "params", "said"),
    [
        ("tniy", {}, "did you mean `tiny`?"),
        ("other", {}, "the presets are `tiny`, `wide`"),
        (None, {"widht": 1}, "`width`"),
    ],
)
def test_unknown_presets_and_params_list_the_choices(preset: str | None, params: dict[str, object], said: str) -> None:
    (found,) = opened(WIDTHS, preset, **params).diagnostics
    assert (found.code, said in str(found.help)) == ("E220", True)


# 4. Blocks, repetition, conditions, other files

NETWORK = """\
inputs: [32, 32, 64]
blocks:
  Residual:                                  # a layer type of this spec's own
    params: {filters: 64, strides: 1, project: false}
    inputs: [x]                              # the default: one input, x
    layers:
      - Conv2D: {filters: $(filters), kernel_size: 3, strides: $(strides), padding: same, use_bias: false}
      - BatchNormalization
      - ReLU
      - Conv2D: {filters: $(filters), kernel_size: 3, padding: same, use_bias: false}
      - name: main
        BatchNormalization:
      - name: shortcut
        when: $(project)                     # false: the entry is left out and passes its first input on
        inputs: x
        Conv2D: {filters: $(filters), kernel_size: 1, strides: $(strides), use_bias: false}
      - inputs: [main, shortcut]
        Add:
      - ReLU
  Encoder: {file: encoder.yaml}              # another spec as a layer type; its params are its arguments
layers:
  - repeat:                                  # a paper's table, one row a stage
      - {filters: 64,  depth: 2, strides: 1}
      - {filters: 128, depth: 2, strides: 2}
    name: stage$(i + 1)
    layers:
      - Residual: {filters: $(filters), strides: $(strides), project: $(i > 0)}
      - repeat: $(depth - 1)
        Residual: {filters: $(filters)}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("encoder.yaml").write_text("params: {units: 8}\ninputs: [n, 64]\nlayers: [{Dense: $(units)}]\n")
    return tmp_path


def test_a_table_of_residual_blocks(folder: Path) -> None:
    found = shapes(NETWORK)
    assert [path for path in found if path.endswith("/add")] == [
        "stage1/residual/add",
        "stage1/residual_1/add",
        "stage2/residual/add",
        "stage2/residual_1/add",
    ]
    assert found["stage1/residual_1/re_lu_1"] == [None, 32, 32, 64]
    assert found["stage2/residual_1/re_lu_1"] == [None, 16, 16, 128]
    reads = {one.split(" < ")[0]: one.split(" < ")[1] for one in wiring(NETWORK)}
    assert reads["stage1/residual_1/add"] == "stage1/residual_1/main, stage1/residual/re_lu_1"
    assert reads["stage2/residual/add"] == "stage2/residual/main, stage2/residual/shortcut"
    assert [path for path in found if path.endswith("shortcut")] == ["stage2/residual/shortcut"]


def test_another_spec_is_a_layer_type(folder: Path) -> None:
    blocks, layers = "{Encoder: {file: encoder.yaml}}", "[Encoder, {Dense: 64}, {Encoder: {units: 3}}]"
    text = f"inputs: [5, 64]\nblocks: {blocks}\nlayers: {layers}\n"
    assert shapes(text) == {
        "encoder/dense": [None, 5, 8],
        "dense": [None, 5, 64],
        "encoder_1/dense": [None, 5, 3],
    }


def test_a_file_may_not_leave_the_root(folder: Path) -> None:
    text = "inputs: [64]\nblocks: {Encoder: {file: ../encoder.yaml}}\nlayers: [Encoder]\n"
    assert [one[:4] for one in messages(text)] == ["E004"]
