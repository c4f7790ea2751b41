"""The table: its columns, in a pipe and on a terminal."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from specmodel.cli import cli
from specmodel.summary.table import COLUMNS, render
from tests.spec.flat import opened

TWO = """\
name: two
inputs: {image: [28, 28, 1], words: {shape: [seq], dtype: int32}}
layers:
  - inputs: image
    Conv2D: {filters: 4, kernel_size: 3, activation: {gelu: {approximate: true}}}
  - {name: flat, Flatten: }
  - {inputs: words, trainable: false, Embedding: {input_dim: 10, output_dim: 4}}
  - name: long_name_of_a_layer_that_does_not_fit_into_the_first_column
    GlobalAveragePooling1D:
  - {name: both, inputs: [flat, _], Concatenate: }
  - {TopK: 2}
"""

FAMILY = """\
params: {units: 3}
presets: {wide: {units: 500}, "tiny one": {units: 1}}
inputs: [seq, 4]
layers: [{Dense: $(units)}]
"""


def summary(*arguments: str, text: str = TWO) -> Result:
    Path("spec.yaml").write_text(text, encoding="utf-8")
    return CliRunner().invoke(cli, ["summary", "spec.yaml", *arguments], standalone_mode=False)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.split("│")[1:-1]]


COLUMN = {
    "flops": ("FLOPs", "73,008"),  # 18 for each of 26 * 26 * 4 elements, and 9 for bias and gelu
    "memory": ("Memory", "10.56 KB"),
    "trainable": ("Trainable", "Y"),
    "dtype": ("dtype", "float32"),
    "arguments": ("Arguments", "filters=4, kernel_size=[3, 3], activation=gelu(approximate=true)"),
}


def whole(table: str, row: int) -> list[str]:
    """The cells of a row, what was wrapped put together again."""
    blocks = table.split("├")
    lines = [line for line in blocks[row].split("\n") if line.startswith("│")]
    return [" ".join(part for part in parts if part) for parts in zip(*map(cells, lines), strict=True)]


@pytest.mark.parametrize("column", COLUMNS)
def test_a_column_is_added(column: str) -> None:
    heading, value = COLUMN[column]
    table = summary("--columns", column).output
    assert heading in table.split("\n")[2]
    assert whole(table, 2)[-1].replace(" ", "") == value.replace(" ", "")


@pytest.mark.parametrize("width", [None, 60, 80, 120, 200, 400])
@pytest.mark.parametrize("columns", [(), COLUMNS])
def test_nothing_is_cut_however_narrow(width: int | None, columns: tuple[str, ...]) -> None:
    spec, graph = opened(TWO).sound()
    plain = render(spec, graph, columns)
    table = render(spec, graph, columns, None, width)
    strip = str.maketrans("", "", " \n│┃┏┳┓━┡╇┩├┼┤─└┴┘")
    assert sorted(table.translate(strip)) == sorted(plain.translate(strip))
    widths = {len(line) for line in table.split("\n")[1:-3]}
    assert len(widths) == 1
    if width is not None and width >= 120 and not columns:
        assert widths.pop() <= width


def test_a_terminals_width_is_kept_where_texts_can_be_wrapped() -> None:
    spec, graph = opened(TWO).sound()
    assert max(map(len, render(spec, graph, ("arguments",), None, 110).split("\n"))) == 110


def test_presets_stand_side_by_side() -> None:
    lines = summary("--all-presets", text=FAMILY).output.split("\n")
    assert lines[0] == 'Model: "spec"'
    assert [cells(line) for line in lines if line.startswith("│")] == [
        ["(defaults)", "1", "15", "27*seq", "60.00 B", "28*seq"],
        ["wide", "1", "2,500", "4500*seq", "9.77 KB", "2016*seq"],
        ["tiny one", "1", "5", "9*seq", "20.00 B", "20*seq"],
    ]


def test_presets_side_by_side_in_json_have_their_totals() -> None:
    found = json.loads(summary("--all-presets", "--format", "json", "--input-shape", "1,2,4", text=FAMILY).output)
    assert [one["preset"] for one in found["presets"]] == [None, "wide", "tiny one"]
    assert [one["totals"]["flops"] for one in found["presets"]] == [54, 9000, 18]
    assert found["presets"][0]["totals"] == {
        "layers": 1,
        "parameters": 15,
        "trainable": 15,
        "non_trainable": 0,
        "weight_bytes": 60,
        "flops": 54,
        "peak_activation_bytes": 56,
    }
    assert found["presets"][1]["outputs"] == [{"name": "dense", "shape": [1, 2, 500], "dtype": "float32"}]


def test_a_spec_that_needs_a_preset_has_no_row_of_its_own() -> None:
    result = summary("--all-presets", text=FAMILY.replace("units: 3}", "units: }"))
    assert [cells(line)[0] for line in result.output.split("\n") if line.startswith("│")] == ["wide", "tiny one"]


def test_what_is_wrong_in_a_preset_is_told() -> None:
    text = FAMILY.replace("500", "0")
    result = summary("--all-presets", text=text)
    assert str(result.exception).startswith("spec.yaml:4:18: error[E209]")


def test_an_unbuilt_family_is_shown_as_such() -> None:
    result = summary("--all-presets", text=FAMILY.replace("inputs: [seq, 4]\n", ""))
    assert "unbuilt" in result.output
    assert "hint: this model is unbuilt" in result.output


@pytest.mark.parametrize("option", [["--depth", "1"], ["--columns", "all"], ["--preset", "wide"]])
def test_options_of_one_model_do_not_go_with_all_presets(option: list[str]) -> None:
    assert "--all-presets compares whole models" in str(summary("--all-presets", *option, text=FAMILY).exception)
