"""Blocks as arguments of layers: `TimeDistributed: {layer: {Residual: 8}}`."""

from pathlib import Path

import numpy as np
import pytest

import specmodel
from tests.diagnostics.reports import checked
from tests.spec.flat import expanded, opened

BLOCKS = """\
params: {wide: 6}
blocks:
  Residual:
    params: {filters: 4, activation: relu}
    layers:
      - {name: main, Dense: {units: $(filters), activation: $(activation)}}
      - {when: "$(filters != 4)", Dense: 4}
      - {inputs: [_, x], Add: }
  Twice:
    params: {units: }
    layers:
      - {name: first, Dense: $(units)}
      - {name: stack, repeat: 2, layers: [{Dense: $(units + i)}, {name: skip, ReLU: }]}
      - {name: again, inputs: x, reuse: first}
      - {inputs: [stack/*/skip, again], Concatenate: }
  Around:
    params: {units: 3}
    layers:
      - TimeDistributed: {layer: {Residual: $(wide)}}
      - Dense: $(units)
"""
WEIGHTS = {
    "a block": ("TimeDistributed: {layer: Residual}", ["time_distributed/residual/main/kernel 4x4"]),
    "an argument": (
        "TimeDistributed: {layer: {Residual: 5}}",
        ["time_distributed/residual/main/kernel 4x5", "time_distributed/residual/dense/kernel 5x4"],
    ),
    "the first argument of the layer": ("TimeDistributed: Residual", ["time_distributed/residual/main/kernel 4x4"]),
    "arguments by name": (
        "TimeDistributed: {layer: {Residual: {activation: tanh, filters: $(wide)}}}",
        ["time_distributed/residual/main/kernel 4x6", "time_distributed/residual/dense/kernel 6x4"],
    ),
    "a name": (
        "TimeDistributed: {layer: {Residual: , name: step}}",
        ["time_distributed/step/main/kernel 4x4"],
    ),
    "repeats, paths and reuse inside": (
        "TimeDistributed: {layer: {Twice: 4}}",
        [
            *("time_distributed/twice/first/kernel 4x4", "time_distributed/twice/stack/0/dense/kernel 4x4"),
            "time_distributed/twice/stack/1/dense/kernel 4x5",
        ],
    ),
    "a list of layers": (
        "Pipeline: [{Residual: 5, name: a}, Residual, {Dense: 2}]",
        [
            *("pipeline/a/main/kernel 4x5", "pipeline/a/dense/kernel 5x4"),
            *("pipeline/residual/main/kernel 4x4", "pipeline/dense/kernel 4x2"),
        ],
    ),
    "a block inside of a layer inside of a layer": (
        "Pipeline: [{TimeDistributed: {layer: Residual}}]",
        ["pipeline/time_distributed/residual/main/kernel 4x4"],
    ),
    "a layer with a block inside of a block": (
        "Pipeline: [{Around: 2}]",
        [
            "pipeline/around/time_distributed/residual/main/kernel 4x6",
            *("pipeline/around/time_distributed/residual/dense/kernel 6x4", "pipeline/around/dense/kernel 4x2"),
        ],
    ),
    "each time another": (
        "{repeat: 2, name: s, TimeDistributed: {layer: {Residual: $(5 + i)}}}",
        [
            *("s/0/residual/main/kernel 4x5", "s/0/residual/dense/kernel 5x4"),
            *("s/1/residual/main/kernel 4x6", "s/1/residual/dense/kernel 6x4"),
        ],
    ),
}


def spec(entries: str, inputs: str = "[5, 4]") -> str:
    return f"{BLOCKS}inputs: {inputs}\nlayers:\n  - {entries}\n"


@pytest.mark.parametrize(("entries", "kernels"), WEIGHTS.values(), ids=WEIGHTS)
def test_weights_stand_below_the_layer_around(entries: str, kernels: list[str]) -> None:
    _, graph = opened(spec(entries)).sound()
    assert graph is not None
    found = [f"{w.path} {w.shape[0]}x{w.shape[1]}" for w in graph.weights() if w.path.endswith("kernel")]
    assert found == kernels


@pytest.mark.parametrize("entries", [entries for entries, _ in WEIGHTS.values()])
def test_the_expansion_keeps_blocks_and_means_the_same(entries: str) -> None:
    text = spec(entries)
    flat = expanded(text)
    assert "$(" not in flat
    assert expanded(flat) == flat
    x = np.random.default_rng(0).normal(size=(2, 5, 4)).astype("float32")
    before, after = specmodel.loads(text), specmodel.loads(flat)
    assert [w.path for w in after.weights] == [w.path for w in before.weights]
    np.testing.assert_array_equal(after(x), before(x))


def test_the_expansion_of_blocks_that_differ() -> None:
    text = spec("repeat: 3\n    TimeDistributed: {layer: {Residual: $(5 + i % 2)}}")
    assert expanded(text).splitlines() == [
        *("name: spec", "inputs: [5, 4]", "blocks:", "  Residual:", "    layers:"),
        *("      - name: main", "        Dense: {units: 5, activation: relu}", "      - Dense: 4"),
        *("      - inputs: [dense, x]", "        Add:", "  Residual_1:", "    layers:"),
        *("      - name: main", "        Dense: {units: 6, activation: relu}", "      - Dense: 4"),
        *("      - inputs: [dense, x]", "        Add:", "layers:"),
        "  - TimeDistributed: {layer: Residual}",
        "  - TimeDistributed: {layer: {Residual_1: null, name: residual}}",
        "  - TimeDistributed: {layer: Residual}",
    ]


def test_the_numbers_are_those_of_the_block_on_each_step() -> None:
    inside = specmodel.loads(spec("TimeDistributed: {layer: {Twice: 3}}"))
    alone = specmodel.loads(spec("name: twice\n    Twice: 3", "[4]"))
    alone.set_weights(inside.get_weights())
    x = np.random.default_rng(1).normal(size=(2, 5, 4)).astype("float32")
    steps = np.stack([alone(x[:, step]) for step in range(5)], axis=1)
    np.testing.assert_allclose(inside(x), steps, rtol=1e-6)


def test_masks_travel_through_a_block() -> None:
    blocks = "blocks:\n  Read: {layers: [{Dropout: 0.1}, {LSTM: 3}]}\n"
    layers = "layers:\n  - Embedding: {input_dim: 9, output_dim: 4, mask_zero: true}\n"
    inputs = "inputs: {shape: [6], dtype: int32}\n"
    inside = specmodel.loads(f"{blocks}{inputs}{layers}  - Pipeline: [Read]\n")
    flat = specmodel.loads(f"{inputs}{layers}  - LSTM: 3\n")
    flat.set_weights(inside.get_weights())
    x = np.array([[1, 2, 3, 0, 0, 0], [4, 0, 5, 6, 0, 0]])
    np.testing.assert_array_equal(inside(x), flat(x))
    assert not np.array_equal(flat(x), flat(np.where(x == 0, 8, x)))


def test_masks_that_arise_in_a_block_are_read_there() -> None:
    blocks = "blocks:\n  Read: {layers: [{Masking: {mask_value: 0.0}}, {LSTM: 3}]}\n"
    inside = specmodel.loads(f"{blocks}inputs: [2, 6, 4]\nlayers: [{{TimeDistributed: {{layer: Read}}}}]\n")
    flat = specmodel.loads("inputs: [6, 4]\nlayers: [{Masking: {mask_value: 0.0}}, {LSTM: 3}]\n")
    flat.set_weights(inside.get_weights())
    x = np.ones((1, 2, 6, 4), "float32")
    x[:, :, 4:] = 0
    np.testing.assert_array_equal(inside(x)[:, 1], flat(x[:, 1]))


def test_trainable_and_dtype_beside_a_block_hold_for_all_inside() -> None:
    text = spec("TimeDistributed: {layer: {Around: 2, trainable: false, dtype: float16}}", "[5, 3, 4]")
    _, graph = opened(text).sound()
    assert graph is not None
    assert {(weight.trainable, weight.dtype) for weight in graph.weights()} == {(False, "float16")}
    assert [weight.trainable for weight in specmodel.loads(text).weights] == [False] * 6


def test_several_outputs_are_those_of_the_layer_around() -> None:
    text = "blocks:\n  Two: {layers: [{name: a, Dense: 2}, {name: b, Dense: 3}], outputs: [b, a, x]}\n"
    layers = "layers: [{name: td, TimeDistributed: {layer: Two}}]\noutputs: [td, td/1, td/2]\n"
    _, graph = opened(f"{text}inputs: [5, 4]\n{layers}").sound()
    assert graph is not None
    assert [str(output.value.type) for output in graph.outputs] == ["(None, 5, 3)", "(None, 5, 2)", "(None, 5, 4)"]


def test_a_reuse_shares_the_weights_of_the_block_inside() -> None:
    text = spec("name: td\n    TimeDistributed: {layer: Residual}") + "  - {inputs: input, reuse: td}\n"
    _, graph = opened(text + "outputs: [td, td_1]\n").sound()
    assert graph is not None
    assert [len(node.weights) for node in graph.nodes] == [2, 0]


def test_a_block_in_a_file_may_be_an_argument(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "words.txt").write_text("a\nb\n")
    lookup = (
        "params: {size: 2}\ninputs: {shape: [3], dtype: string}\nlayers:\n  - StringLookup: {vocabulary: words.txt}\n"
    )
    (tmp_path / "parts" / "look.yaml").write_text(lookup + "  - Embedding: {input_dim: 4, output_dim: $(size)}\n")
    text = "blocks: {Look: {file: parts/look.yaml}}\ninputs: {shape: [7, 3], dtype: string}\nlayers:\n"
    (tmp_path / "spec.yaml").write_text(text + "  - TimeDistributed: {layer: {Look: 5}}\n")
    model = specmodel.load(tmp_path / "spec.yaml")
    assert [weight.path for weight in model.weights] == ["time_distributed/look/embedding/embeddings"]
    model.save(tmp_path / "saved.yaml", weights="saved.npz")
    assert "vocabulary: parts/words.txt" in (tmp_path / "saved.yaml").read_text()
    x = np.array([[["a", "b", "c"]] * 7])
    np.testing.assert_array_equal(specmodel.load(tmp_path / "saved.yaml")(x), model(x))


def test_a_mask_that_is_lost_inside_is_said_there() -> None:
    text = (
        "blocks:\n  Flat:\n    layers:\n      - Flatten\ninputs: {shape: [6], dtype: int32}\nlayers:\n"
        "  - Embedding: {input_dim: 9, output_dim: 4, mask_zero: true}\n  - Pipeline: [Flat]\n"
    )
    found, _ = checked(text)  # the Pipeline does not either
    assert (found.code, found.span.line if found.span is not None else 0) == ("W301", 4)
    assert found.message.startswith("Flatten `pipeline/flat/flatten` does not pass masks on")


def test_what_no_output_of_the_block_needs_is_a_warning() -> None:
    block = "blocks:\n  B:\n    layers:\n      - ReLU\n      - {inputs: x, Dense: 4}\n"
    text = f"{block}inputs: [4]\nlayers: [{{Pipeline: [B]}}]\n"
    (found,) = checked(text)
    assert (found.code, found.span.line if found.span is not None else 0) == ("W201", 4)


def test_a_size_that_must_be_known_is_told_with_the_input_that_leaves_it_open() -> None:
    text = "blocks:\n  B: {layers: [Flatten, {Dense: 4}]}\ninputs: [n, 4]\nlayers: [{Pipeline: [B]}]\n"
    (found,) = checked(text)
    assert found.message.startswith("Dense `pipeline/b/dense`: ")
    assert found.help == "give axis 1 of input `input` a size, or pool over the axis first"
