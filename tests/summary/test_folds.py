"""`--depth`: a folded block's row says what it is, what it gives, and the sums of what is in it."""

from pathlib import Path

import pytest

from specmodel.spec.writing import written_spec
from specmodel.summary.figures import figures
from specmodel.summary.table import COLUMNS, render
from specmodel.types.formula import parse_dim
from specmodel.yaml import Node
from specmodel.yaml.plain import node_of
from tests.spec.flat import opened

ZOO = Path(__file__).parents[2] / "specs" / "zoo"

NESTED = """\
inputs: {x: [seq, 4]}
blocks:
  Two:
    layers: [{name: left, Dense: 8}, {name: right, inputs: x, Dense: 4}]
    outputs: [right, left]
layers:
  - {name: stack, repeat: 3, Two: }
  - name: mixed
    repeat: [{deep: true}, {deep: false}]
    layers: [{when: $(deep), Dense: 4}, Dense: 4]
  - {name: enc, layers: [{name: inner, layers: [Dense: 4]}, Dropout: 0.5]}
  - {name: again, inputs: x, reuse: enc}
  - inputs: [enc, again, stack/0/left]
    Concatenate:
  - {repeat: 2, Two: }
"""


def rows(text: str, depth: int | None) -> list[dict[str, object]]:
    found: list[dict[str, object]] = figures(*opened(text).sound(), depth)["layers"]
    return found


def shown(text: str, depth: int) -> list[str]:
    """Each row: path, type, layers, inputs, shapes."""
    return [
        f"{row['path']}: {row['type']} ({row.get('layers')}) < {row['inputs']} {row['output_shapes']}"
        for row in rows(NESTED if text is NESTED else text, depth)
    ]


def test_a_row_of_depth_one_says_what_it_folds() -> None:
    assert shown(NESTED, 1) == [
        "stack: Two × 3 (6) < ['x'] [[None, 'seq', 4]]",  # noqa: RUF001
        "mixed: group × 2 (3) < ['stack'] [[None, 'seq', 4]]",  # noqa: RUF001
        "enc: group (2) < ['mixed'] [[None, 'seq', 4]]",
        "again: group (2) < ['x'] [[None, 'seq', 4]]",
        "concatenate: Concatenate (None) < ['enc', 'again', 'stack'] [[None, 'seq', 16]]",
        "two: Two (2) < ['concatenate'] [[None, 'seq', 4], [None, 'seq', 8]]",
        "two_1: Two (2) < ['two'] [[None, 'seq', 4], [None, 'seq', 8]]",
    ]


def test_a_deeper_row_stands_inside() -> None:
    found = shown(NESTED, 2)
    assert found[:2] == [
        "stack/0: Two (2) < ['x'] [[None, 'seq', 4], [None, 'seq', 8]]",
        "stack/1: Two (2) < ['stack/0'] [[None, 'seq', 4], [None, 'seq', 8]]",
    ]
    assert "enc/inner: group (1) < ['mixed/1'] [[None, 'seq', 4]]" in found
    assert "mixed/1: group (1) < ['mixed/0'] [[None, 'seq', 4]]" in found


def test_beyond_the_deepest_path_nothing_is_folded() -> None:
    assert rows(NESTED, 9) == rows(NESTED, None)
    assert all("layers" not in row for row in rows(NESTED, None))


@pytest.mark.parametrize("depth", [1, 2, 3])
@pytest.mark.parametrize("key", ["parameters", "trainable", "flops", "activation_bytes"])
def test_folding_changes_no_sum(depth: int, key: str) -> None:
    def total(found: list[dict[str, object]]) -> object:
        sums = [value if isinstance(value, int) else parse_dim(str(value)) for row in found for value in [row[key]]]
        return sum(sums[1:], start=sums[0])

    assert total(rows(NESTED, depth)) == total(rows(NESTED, None))


def test_a_flat_spec_folds_by_its_paths() -> None:
    spec, _ = opened(NESTED).sound()
    flat = node_of(written_spec(spec))
    assert isinstance(flat, Node)
    from specmodel.model.opening import open_mapping

    found = figures(*open_mapping(flat.plain(), Path()).sound(), 1)["layers"]
    assert [(row["path"], row["type"]) for row in found] == [
        ("stack", "6 layers"),
        ("mixed", "3 layers"),
        ("enc", "2 layers"),
        ("again", "2 layers"),
        ("concatenate", "Concatenate"),
        ("two", "2 layers"),
        ("two_1", "2 layers"),
    ]
    assert [row["parameters"] for row in found] == [row["parameters"] for row in rows(NESTED, 1)]


def test_the_table_shows_shared_weights_of_a_folded_reuse() -> None:
    table = render(*opened(NESTED).sound(), depth=1)
    (line,) = [line for line in table.split("\n") if "again (group)" in line]
    assert [cell.strip() for cell in line.split("│")[1:-1]] == ["again (group)", "(None, seq, 4)", "shared (enc)", "x"]


def test_an_unbuilt_model_folds_too() -> None:
    text = "layers: [{name: body, repeat: 2, Dense: 4}, Flatten]\n"
    assert [(row["path"], row["type"], row["output_shapes"]) for row in rows(text, 1)] == [
        ("body", "Dense × 2", None),  # noqa: RUF001
        ("flatten", "Flatten", None),
    ]
    assert "body (Dense × 2)" in render(*opened(text).sound(), COLUMNS, 1)  # noqa: RUF001


def test_resnets_stages_are_those_of_the_paper() -> None:
    found = rows((ZOO / "resnet.yaml").read_text(encoding="utf-8"), 1)
    stages = {row["path"]: row["output_shapes"] for row in found if str(row["path"]).startswith("conv")}
    assert stages == {
        "conv1": [[None, 112, 112, 64]],
        "conv2": [[None, 56, 56, 256]],
        "conv3": [[None, 28, 28, 512]],
        "conv4": [[None, 14, 14, 1024]],
        "conv5": [[None, 7, 7, 2048]],
    }
