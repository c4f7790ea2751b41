"""The examples by which the language was designed, sections 1 and 2: each means what it is said to mean."""

import numpy as np
import pytest

from specmodel import loads
from specmodel.summary.figures import figures
from tests.spec.flat import messages, opened, shapes, wiring

# 1. The smallest specs

UNBUILT = """\
name: my_sequential
layers:
  - name: layer1
    Dense: {units: 2, activation: relu}
  - name: layer2
    Dense: {units: 3, activation: relu}
  - name: layer3
    Dense: 4
"""
BUILT = """\
inputs: [4]          # one input named `input`, shape (batch, 4), float32
layers:
  - Dense: {units: 2, activation: relu}      # (None, 2), 10 parameters
"""


def test_a_model_without_inputs_is_built_by_its_data() -> None:
    model = loads(UNBUILT)
    assert (model.name, model.built) == ("my_sequential", False)
    assert model(np.ones((1, 4))).shape == (1, 4)
    assert [output.shape for output in model.outputs] == [(1, 4)]  # shapes carry the concrete batch
    assert [weight.path for weight in model.weights][:2] == ["layer1/kernel", "layer1/bias"]


def test_inputs_build_a_model() -> None:
    found = figures(*opened(BUILT).sound())
    assert found["inputs"] == [{"name": "input", "shape": [None, 4], "dtype": "float32"}]
    assert (shapes(BUILT), found["totals"]["parameters"]) == ({"dense": [None, 2]}, 10)


@pytest.mark.parametrize(
    ("entry", "argument", "value"),
    [
        ("Dense: 4", "units", 4),
        ("Dropout: 0.5", "rate", 0.5),
        ("Reshape: [7, 7, 64]", "target_shape", (7, 7, 64)),
        ("{name: r, Reshape: {target_shape: [7, 7, 64]}}", "target_shape", (7, 7, 64)),
    ],
)
def test_a_value_alone_is_the_first_argument(entry: str, argument: str, value: object) -> None:
    (layer,) = loads(f"layers:\n  - {entry}\n").layers
    assert getattr(layer, argument) == value


@pytest.mark.parametrize("entry", ["Flatten", "{name: f, Flatten: }", "{Flatten: {}}"])
def test_a_layer_may_stand_without_arguments(entry: str) -> None:
    assert [type(layer).__name__ for layer in loads(f"layers:\n  - {entry}\n").layers] == ["Flatten"]


@pytest.mark.parametrize("key", ["name: a", "trainable: false", "dtype: float16"])
def test_what_stands_beside_a_layer_is_refused_inside(key: str) -> None:
    (found,) = opened(f"inputs: [4]\nlayers:\n  - Dense: {{units: 2, {key}}}\n").diagnostics
    assert found.code == "E207"
    assert "beside" in f"{found.message} {found.help}"


def test_automatic_names_are_keras() -> None:
    convolution, more = "{Conv2D: {filters: 4, kernel_size: 3}}", "{name: dense, Dense: 4}, {Dense: 4}, {Dense: 4}"
    text = f"inputs: [8, 8, 3]\nlayers: [{convolution}, ReLU, ReLU, Flatten, {more}]\n"
    assert list(shapes(text)) == ["conv2d", "re_lu", "re_lu_1", "flatten", "dense", "dense_1", "dense_2"]


@pytest.mark.parametrize(("text", "code"), [("inputs: [4]\n", "E203"), ("inputs: [4]\nlayers: []\n", "E203")])
def test_layers_must_be_there(text: str, code: str) -> None:
    assert [message[:4] for message in messages(text)] == [code]


# 2. Inputs, outputs, wiring

TICKETS = """\
inputs:
  title: {shape: [seq], dtype: int32}     # `seq`: a named dimension, unknown until run
  tags: [12]
layers:
  - name: title_vector
    inputs: title
    Embedding: {input_dim: 10000, output_dim: 64}
  - LSTM: 128                              # fed by the entry above
  - name: features
    inputs: [_, tags]
    Concatenate: {axis: -1}
  - name: priority
    Dense: {units: 1, activation: sigmoid}
  - name: department
    inputs: features
    Dense: {units: 4, activation: softmax}
outputs: [priority, department]
"""


def test_two_inputs_and_two_outputs() -> None:
    assert shapes(TICKETS) == {
        "title_vector": [None, "seq", 64],
        "lstm": [None, 128],
        "features": [None, 140],
        "priority": [None, 1],
        "department": [None, 4],
    }
    assert wiring(TICKETS) == [
        "title_vector < title",
        "lstm < title_vector",
        "features < lstm, tags",
        "priority < features",
        "department < features",
    ]
    model = loads(TICKETS)
    priority, department = model([np.ones((2, 5), np.int32), np.ones((2, 12))])
    assert (priority.shape, department.shape) == ((2, 1), (2, 4))


@pytest.mark.parametrize(
    ("declared", "shape"),
    [
        ("[4]", (None, 4)),
        ("{shape: [4], batch: 3}", (3, 4)),
        ("[h, 16*h, null]", (None, "h", "16*h", None)),
        ("{shape: [], dtype: int8}", (None,)),
    ],
)
def test_a_dimension_is_a_number_a_name_a_multiple_or_unknown(declared: str, shape: tuple[object, ...]) -> None:
    assert loads(f"inputs: {{x: {declared}}}\nlayers: [Identity]\n").inputs[0].shape == shape


@pytest.mark.parametrize(
    "dtype",
    [f"{kind}{size}" for kind in ("int", "uint") for size in (8, 16, 32, 64)]
    + ["bool", "float16", "float32", "float64", "string"],
)
def test_an_input_may_be(dtype: str) -> None:
    assert loads(f"inputs: {{x: {{shape: [4], dtype: {dtype}}}}}\nlayers: [Identity]\n").inputs[0].dtype == dtype


def test_a_dimension_has_a_largest_size() -> None:
    loads(f"inputs: [{2**31 - 1}]\nlayers: [Identity]\n")
    assert [one[:4] for one in messages(f"inputs: [{2**31}]\nlayers: [Identity]\n")] == ["E309"]


def test_sizes_that_may_differ_are_noted_and_those_that_cannot_be_equal_are_wrong() -> None:
    text = "inputs: {a: [seq, 4], b: [%s, 4]}\nlayers: [{inputs: [a, b], Add: }]\n"
    assert messages(text % "seq") == []
    assert [one[:4] for one in messages(text % "len")] == ["N301"]
    assert [one[:4] for one in messages(text.replace("seq", "3") % "5")] == ["E302"]


ATTENTION = """\
inputs: {x: [n, 8], y: [m, 8], m: {shape: [n, m], dtype: bool}}
layers:
  - inputs: {query: x, value: y, attention_mask: m}
    MultiHeadAttention: {num_heads: 2, key_dim: 4}
"""
STATES = """\
inputs: {x: [seq, 8], h: [4], c: [4], m: {shape: [seq], dtype: bool}}
layers:
  - inputs: {sequences: x, initial_state: [h, c], mask: m}
    LSTM: {units: 4, return_state: true}
outputs: [lstm, lstm/1, lstm/2]
"""


def test_inputs_may_be_named_by_the_call_arguments() -> None:
    assert wiring(ATTENTION) == ["multi_head_attention < x, y, m"]
    assert wiring(STATES) == ["lstm < x, h, c, m"]
    assert [output.name for output in loads(STATES).outputs] == ["lstm", "lstm/1", "lstm/2"]


def test_call_arguments_that_are_no_tensors_stand_with_the_layers_own() -> None:
    text = ATTENTION.replace("key_dim: 4}", "key_dim: 4, use_causal_mask: true, return_attention_scores: true}")
    assert loads(text).outputs[0].shape == (None, "n", 8)
    assert figures(*opened(text).sound())["layers"][0]["output_shapes"][1] == [None, 2, "n", "m"]


def test_a_residual_is_closed_by_the_entry_above_and_the_input() -> None:
    text = "inputs: {x: [4]}\nlayers: [{Dense: 8}, {Dense: 4}, {inputs: [_, x], Add: }]\n"
    assert wiring(text)[-1] == "add < dense_1, x"


def test_a_reference_may_look_ahead_and_a_circle_is_shown() -> None:
    ahead = "inputs: {x: [4]}\nlayers: [{name: a, inputs: b, Dense: 3}, {name: b, inputs: x, Dense: 5}]\noutputs: a\n"
    assert shapes(ahead) == {"a": [None, 3], "b": [None, 5]}
    (circle,) = messages(ahead.replace("inputs: x", "inputs: a"))
    assert circle == "E213 these entries read each other in a circle: `a` -> `b` -> `a`"


PATHS = """\
inputs: {x: [seq, 8]}
blocks:
  Step:
    layers: [{name: main, Dense: 8}, {name: skip, inputs: x, Dense: 4}]
    outputs: [main, skip]
layers:
  - {name: stage1, layers: [{name: residual, Step: }]}
  - {name: stack, repeat: 3, Step: }
  - {name: lstm, LSTM: {units: 4, return_state: true}}
  - {name: path, inputs: stage1/residual/main, Identity: }
  - {name: every, inputs: stack/*/skip, Concatenate: }
  - {name: all, inputs: lstm/*, Concatenate: }
  - {name: second, inputs: lstm/1, Identity: }
outputs: [path, every, all, second]
"""


def test_paths_and_stars_lead_to_values() -> None:
    assert [one for one in wiring(PATHS) if one.split()[0] in ("path", "every", "all", "second")] == [
        "path < stage1/residual/main",
        "every < stack/0/skip, stack/1/skip, stack/2/skip",
        "all < lstm/-1",
        "second < lstm/1",
    ]


@pytest.mark.parametrize(
    ("outputs", "names"),
    [
        ("", ["b"]),
        ("outputs: {score: a}", ["score"]),
        ("outputs: {p: a, q: a}", ["p", "q"]),
        ("outputs: [x, b]", ["x", "b"]),
    ],
)
def test_outputs_are_the_last_entry_or_what_is_named(outputs: str, names: list[str]) -> None:
    text = f"inputs: {{x: [4]}}\nlayers: [{{name: a, Dense: 4}}, {{name: b, Dense: 4}}]\n{outputs}\n"
    assert [output.name for output in loads(text).outputs] == names


def test_reuse_calls_an_entry_again_with_its_weights() -> None:
    text = (
        "inputs: {a: [4], b: [4]}\nlayers: [{name: encoder, inputs: a, Dense: 3}, {inputs: b, reuse: encoder}]\n"
        "outputs: [encoder, encoder_1]\n"
    )
    assert wiring(text) == ["encoder < a", "encoder_1 (encoder) < b"]
    assert loads(text).describe()["totals"]["parameters"] == 15


def test_reuse_may_change_call_arguments_and_take_a_path() -> None:
    text = (
        "inputs: {x: {shape: [seq], dtype: int32}}\nlayers:\n"
        "  - {name: embed, layers: [{name: table, ReversibleEmbedding: {input_dim: 9, output_dim: 4}}]}\n"
        "  - reuse: {embed/table: {reverse: true}}\n"
    )
    assert shapes(text) == {"embed/table": [None, "seq", 4], "table": [None, "seq", 9]}


def test_what_no_output_needs_is_warned_of_built_and_counted() -> None:
    text = "inputs: {x: [4], y: [4]}\nlayers: [{name: a, inputs: x, Dense: 3}, {inputs: x, Dense: 2}]\noutputs: dense\n"
    assert [one[:4] for one in messages(text)] == ["W202", "W201"]
    assert loads(text).describe()["totals"]["parameters"] == 15 + 10


@pytest.mark.parametrize(
    "entry",
    [
        "Dense: {units: 8, activation: gelu}",
        "Dense: {units: 8, activation: {gelu: {approximate: true}}}",
        "Dense: {units: 8, kernel_initializer: {RandomNormal: {stddev: 0.02}}}",
        "TimeDistributed: {layer: {Dense: 8}}",
        "Bidirectional: {layer: {LSTM: 8}, merge_mode: sum}",
        "Weight: {shape: [1, 8]}",
        "Slice: {axis: -1, start: 0, stop: 8, step: 1}",
    ],
)
def test_an_object_is_a_name_or_one_key_with_its_arguments(entry: str) -> None:
    found = figures(*opened(f"inputs: [seq, 16]\nlayers:\n  - {entry}\n").sound())
    assert found["layers"][0]["output_shapes"][0][-1] == 8
