"""Specs in other files as blocks."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import specmodel
from specmodel.model.opening import open_spec
from specmodel.yaml import reading
from tests.spec.flat import expanded

Write = Callable[..., Path]
ENCODER = """\
params: {units: 8, size: 4, out: d}
inputs:
  words: {shape: [$(size), seq], dtype: int32}
  tags: [16*seq]
layers:
  - {inputs: words, Embedding: {input_dim: 10, output_dim: $(units)}}
  - {name: d, Dense: $(units)}
  - {name: t, inputs: tags, Activation: tanh}
outputs: [$(out), t]
"""


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes files by their paths, and gives the path of the first."""

    def written(**files: str) -> Path:
        paths = [tmp_path / f"{name.replace('__', '/')}.yaml" for name in files]
        for path, text in zip(paths, files.values(), strict=True):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return paths[0]

    return written


def said(path: Path) -> list[str]:
    """File, line, code and message of what is wrong."""
    return [
        f"{Path(one.path).name}:{one.span.line if one.span is not None else 0} {one.code} {one.message}"
        for one in specmodel.check(path)
    ]


def use(inputs: str, entries: str) -> str:
    return f"blocks: {{Encoder: {{file: encoder.yaml}}}}\ninputs: {inputs}\nlayers:\n  - {entries}\n"


WORDS = "{w: {shape: [4, 3], dtype: int32}, t: [48], n: {shape: [4, n], dtype: int64}, f: [4, 3], l: [4]}"
CONTRACTS = {
    "all is as declared": ("{inputs: [w, t], Encoder: }", None),
    "an argument decides": ("{inputs: [w, t], Encoder: {size: 5}}", "E302 (None, 5, seq) as its input `words`"),
    "a size that only data tells": ("{inputs: [n, t], Encoder: }", None),
    "a size of another form": ("{inputs: {tags: l, words: w}, Encoder: }", "E302 (None, 16*seq) as its input `tags`"),
    "a name that two inputs share": (
        "{inputs: {words: n, tags: t}, Encoder: }",
        None,
    ),
    "a rank": ("{inputs: [w, f], Encoder: }", "E303 (None, 16*seq) as its input `tags`"),
    "a dtype": ("{inputs: [f, t], Encoder: }", "E307 int32 as its input `words`, found float32"),
}


@pytest.mark.parametrize(("entry", "message"), CONTRACTS.values(), ids=CONTRACTS)
def test_what_flows_in_is_what_the_file_declares(write: Write, entry: str, message: str | None) -> None:
    path = write(spec=use(WORDS, entry), encoder=ENCODER)
    found = [one for one in specmodel.check(path) if one.severity == "error"]
    if message is None:
        assert found == []
    else:
        (only,) = found
        assert f"{only.code} {only.message.partition('takes ')[2]}".startswith(message)
        assert only.span is not None
        assert (only.span.source.path, only.span.line) == (str(path), 4)
        assert "encoder.yaml" in {Path(note.span.source.path).name for note in only.notes if note.span is not None}


def test_sizes_of_one_name_are_one_size(write: Write) -> None:
    inputs = "{w: {shape: [4, 2], dtype: int32}, t: [48]}"
    path = write(spec=use(inputs, "{inputs: [w, t], Encoder: }"), encoder=ENCODER)
    assert [one for one in said(path) if "W201" not in one] == [
        "spec.yaml:4 E302 the block `Encoder` takes (None, 16*seq) as its input `tags`, where `16*seq` is 32 already, "
        "found (None, 48): axis 1 does not fit"
    ]


def test_each_use_has_sizes_of_its_own(write: Write) -> None:
    text = use("{a: [3], b: [4]}", "{inputs: a, Encoder: }\n  - {inputs: b, Encoder: }\noutputs: [encoder, encoder_1]")
    assert said(write(spec=text, encoder="inputs: [n]\nlayers: [ReLU]\n")) == []


def test_a_reuse_has_sizes_of_its_own(write: Write) -> None:
    entries = "{inputs: a, Encoder: }\n  - {inputs: b, reuse: encoder}\noutputs: [encoder, encoder_1]"
    text = use("{a: [3], b: [4]}", entries)
    assert said(write(spec=text, encoder="inputs: [n]\nlayers: [ReLU]\n")) == []
    (found,) = said(write(spec=text, encoder="inputs: [3]\nlayers: [ReLU]\n"))
    assert found.startswith("spec.yaml:5 E302")


def test_what_only_data_tells_is_checked_with_it(write: Write) -> None:
    path = write(spec=use("[n]", "Encoder"), encoder="inputs: [3]\nlayers: [ReLU]\n")
    model = specmodel.load(path)
    assert model(np.ones((2, 3))).shape == (2, 3)
    with pytest.raises(specmodel.SpecError, match="the block `Encoder` takes"):
        model(np.ones((2, 4)))


def test_a_block_inside_of_a_layer_is_held_to_it_too(write: Write) -> None:
    path = write(
        spec=use("[5, 4]", "{TimeDistributed: {layer: Encoder}}"), encoder="inputs: [3]\nlayers: [{Dense: 2}]\n"
    )
    (only,) = specmodel.check(path)
    assert "the block `Encoder` takes (None, 3) as its input `input`" in only.message
    assert only.span is not None
    assert only.span.line == 4
    assert [Path(note.span.source.path).name for note in only.notes if note.span is not None] == ["encoder.yaml"]


def test_outputs_and_dtype_may_be_computed(write: Write) -> None:
    encoder = "params: {out: a, d: float16}\ndtype: $(d)\ninputs: [4]\nlayers:\n  - {name: a, Dense: 2}\n"
    encoder += "  - {name: b, Dense: 3}\noutputs: [$(out)]\n"
    text = use(
        "[4]", "{name: e, Encoder: {out: b}}\n  - {name: f, inputs: input, Encoder: {d: float64}}\noutputs: [e, f]"
    )
    model = specmodel.load(write(spec=text, encoder=encoder))
    assert [(one.shape, str(one.dtype)) for one in model(np.ones((1, 4)))] == [((1, 3), "float16"), ((1, 2), "float64")]


def test_a_dtype_around_comes_before_that_of_the_file(write: Write) -> None:
    text = use("[4]", "{dtype: float64, layers: [Encoder]}\n  - {dtype: float64, Encoder: }\n  - Encoder")
    path = write(spec=text, encoder="dtype: float16\ninputs: [4]\nlayers: [{Dense: 4}]\n")
    spec, _ = open_spec(path).sound()
    assert [entry.layer.own_dtype for entry in spec.entries] == ["float64", "float64", "float16"]


def test_paths_start_at_the_file_that_names_them(write: Write) -> None:
    path = write(
        spec="blocks: {A: {file: a/a.yaml}}\ninputs: [4]\nlayers: [A]\n",
        a__a="blocks: {B: {file: ../b/b.yaml}}\nlayers: [B]\n",
        b__b="blocks: {C: {file: c.yaml}}\nlayers: [C]\n",
        b__c="layers: [{Dense: 3}]\n",
    )
    spec, _ = open_spec(path).sound()
    assert [entry.path for entry in spec.entries] == ["a/b/c/dense"]


@pytest.mark.parametrize("where", ["../out.yaml", "../../out.yaml", "/etc/passwd", "link.yaml", "http://a/b.yaml"])
def test_nothing_outside_the_root_is_read(tmp_path: Path, where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "root"
    (root / "inner").mkdir(parents=True)
    (tmp_path / "out.yaml").write_text("layers: [ReLU]\n")
    (root / "inner" / "link.yaml").symlink_to(tmp_path / "out.yaml")
    (root / "spec.yaml").write_text("blocks: {A: {file: inner/a.yaml}}\ninputs: [4]\nlayers: [A]\n")
    above = where if where != "../out.yaml" else "../../out.yaml"
    (root / "inner" / "a.yaml").write_text(f"blocks: {{B: {{file: {above}}}}}\nlayers: [B]\n")
    (found,) = specmodel.check(root / "spec.yaml")
    assert (found.code, Path(found.path).name) == ("E004", "a.yaml")
    if "link" in where or ".." in where:
        assert specmodel.check(root / "spec.yaml", root=tmp_path) == []


def test_a_file_is_read_once(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    read = []
    original = reading.read_source
    monkeypatch.setattr("specmodel.yaml.read_source", lambda path: read.append(path) or original(path))
    path = write(
        spec="blocks: {A: {file: a.yaml}, B: {file: ./a.yaml}, C: {file: c.yaml}}\ninputs: [4]\nlayers: [A, A, B, C]\n",
        a="params: {n: 3}\nlayers: [{Dense: $(n)}]\n",
        c="blocks: {A: {file: a.yaml}}\nlayers: [{A: 4}]\n",
    )
    assert said(path) == []
    assert sorted(Path(one).name for one in read) == ["a.yaml", "c.yaml"]


CYCLES = {
    "of itself": {"spec": "blocks: {A: {file: spec.yaml}}\ninputs: [4]\nlayers: [A]\n"},
    "of two files": {
        "spec": "blocks: {A: {file: a.yaml}}\ninputs: [4]\nlayers: [A]\n",
        "a": "blocks: {B: {file: b.yaml}}\nlayers: [B]\n",
        "b": "blocks: {A: {file: a.yaml}}\nlayers: [A]\n",
    },
    "through a block and an argument": {
        "spec": "blocks: {A: {file: a.yaml}}\ninputs: [5, 4]\nlayers: [{TimeDistributed: {layer: A}}]\n",
        "a": "blocks: {In: {layers: [B]}, B: {file: b.yaml}}\nlayers: [In]\n",
        "b": "blocks: {A: {file: a.yaml}}\nlayers: [{TimeDistributed: {layer: A}}]\n",
    },
}


@pytest.mark.parametrize("files", CYCLES.values(), ids=CYCLES)
def test_files_that_contain_each_other_are_said_once(write: Write, files: dict[str, str]) -> None:
    (found,) = said(write(**files))
    assert "E222 the block `A` contains itself" in found


WRONG = {
    "no yaml": ("layers: [\n", "E101", 1),
    "no mapping": ("- a\n", "E109", 1),
    "empty": ("", "E109", 1),
    "a key twice": ("layers: [ReLU]\nlayers: [ReLU]\n", "E102", 2),
    "an unknown key": ("layers: [ReLU]\nlayrs: [ReLU]\n", "E201", 2),
    "no layers": ("params: {n: 3}\n", "E203", 1),
    "an unknown layer": ("layers:\n  - Rellu\n", "E206", 2),
    "a shape": ("layers:\n  - {Reshape: [3, 3]}\n", "E305", 2),
    "a reference": ("layers:\n  - {inputs: a, ReLU: }\n", "E212", 2),
    "an output": ("layers: [ReLU]\noutputs: a\n", "E212", 2),
    "a declared input": ("inputs: [-1]\nlayers: [ReLU]\n", "E309", 1),
    "a param": ("params: {n: {default: 3, min: 4}}\nlayers: [{Dense: $(n)}]\n", "E221", 1),
    "its version": ("specmodel: 2\nlayers: [ReLU]\n", "E209", 1),
}


@pytest.mark.parametrize(("text", "code", "line"), WRONG.values(), ids=WRONG)
def test_a_wrong_file_is_said_once_where_it_is_wrong(write: Write, text: str, code: str, line: int) -> None:
    path = write(spec=use("[4]", "Encoder\n  - Encoder"), encoder=text)
    (found,) = specmodel.check(path)
    assert (found.code, Path(found.path).name, found.span.line if found.span is not None else 0) == (
        code,
        "encoder.yaml",
        line,
    )
    uses = [note for note in found.notes if note.message == "in the block `Encoder`"]
    assert [(Path(one.span.source.path).name, one.span.line) for one in uses if one.span is not None] == [
        ("spec.yaml", 4)
    ]


def test_an_expanded_spec_may_be_a_block(write: Write) -> None:
    inner = expanded("inputs: [4]\nlayers:\n  - {name: g, repeat: 2, layers: [{Dense: 4}]}\n")
    path = write(spec=use("[4]", "Encoder\n  - {inputs: [encoder/g/0/dense, _], Add: }"), encoder=inner)
    spec, _ = open_spec(path).sound()
    assert [entry.path for entry in spec.entries] == ["encoder/g/0/dense", "encoder/g/1/dense", "add"]


def test_what_a_file_says_of_itself_as_a_whole_is_not_read(write: Write) -> None:
    inner = "name: other\nseed: 7\npresets: {wide: {n: 9}}\nparams: {n: 4}\nexpect: {parameters: 1}\ninputs: [4]\n"
    path = write(spec=use("[4]", "{name: e, Encoder: }"), encoder=inner + "layers: [{Dense: $(n)}]\n")
    plain = write(spec2="inputs: [4]\nlayers: [{name: e, layers: [{Dense: 4}]}]\n")
    assert said(path) == []
    np.testing.assert_array_equal(specmodel.load(path).weights[0].numpy(), specmodel.load(plain).weights[0].numpy())


def test_a_block_of_a_file_sees_the_params_of_that_file_alone(write: Write) -> None:
    inner = "params: {n: 3}\nblocks: {B: {params: {m: $(n)}, layers: [{Dense: $(n + m)}]}}\nlayers: [B, {B: $(n)}]\n"
    path = write(spec="params: {n: 50, k: 5}\n" + use("[4]", "{repeat: 2, Encoder: $(i + k)}"), encoder=inner)
    spec, _ = open_spec(path).sound()
    assert [entry.layer.units for entry in spec.entries] == [10, 10, 12, 12]  # type: ignore[attr-defined]
    assert said(write(spec=use("[4]", "Encoder"), encoder="layers: [{Dense: $(k)}]\n"))[0].startswith(
        "encoder.yaml:1 E220"
    )
