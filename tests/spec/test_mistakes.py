"""Mistakes in what a spec expands to: at the line that was written, with the way to it, each said once."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from specmodel import load
from specmodel.diagnostics import Diagnostic, SpecError
from specmodel.model.opening import open_spec
from specmodel.model.presets import check_presets
from specmodel.spec.params import Choice
from tests.spec.flat import opened

Write = Callable[[str, str], None]


def lines(found: list[Diagnostic]) -> list[str]:
    """Where each mistake is, its message, and its notes with the lines they point at."""
    told = []
    for one in found:
        notes = [f"{note.message} ({note.span.line})" if note.span is not None else note.message for note in one.notes]
        told.append(f"{one.span.line if one.span else ''}: {one.message} [{'; '.join(notes)}]")
    return told


def under_presets(text: str) -> list[str]:
    return lines([one for one in check_presets(opened(text), Choice()) if one.severity == "error"])


FAMILY = """\
params: {units: 4}
presets: {good: {units: 3}, none: {units: 0}, fewer: {units: -1}}
inputs: [3]
blocks: {Two: {layers: [{repeat: 2, Dense: $(units)}]}}
layers: [{repeat: 3, Two: }]
"""


def test_a_mistake_of_several_presets_is_said_once_and_names_them() -> None:
    assert under_presets(FAMILY) == [
        "4: `units` of Dense must be greater than 0, found 0 [time 1 of `repeat` (4); in the block `Two` (5); "
        "time 1 of `repeat` (5); the same in 5 other places of the expansion; under the presets `none`, `fewer`]"
    ]


def test_a_mistake_of_the_spec_itself_names_no_presets() -> None:
    text = FAMILY.replace("units: 4", "units: 0")
    assert [one.rpartition("; ")[2] for one in under_presets(text)] == ["the same in 5 other places of the expansion]"]


def test_of_many_presets_some_are_named() -> None:
    presets = ", ".join(f"p{number}: {{units: -{number + 1}}}" for number in range(12))
    text = f"params: {{units: 4}}\npresets: {{{presets}}}\ninputs: [3]\nlayers: [Dense: $(units)]\n"
    (found,) = under_presets(text)
    assert found.endswith("[under the presets `p0`, `p1`, `p2`, `p3`, `p4`, `p5`, `p6`, `p7` and 4 more]")


def test_what_each_preset_expects_is_a_mistake_of_its_own() -> None:
    presets = "{a: {u: 2, expect: {layers: 3}}, b: {expect: {layers: 3}}}"
    text = f"params: {{u: 1}}\npresets: {presets}\ninputs: [3]\nlayers: [Dense: $(u)]\n"
    assert under_presets(text) == [
        "2: `layers` is expected to be 3, found 1 [under the preset `a`]",
        "2: `layers` is expected to be 3, found 1 [under the preset `b`]",
    ]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    monkeypatch.chdir(tmp_path)
    return lambda name, text: (tmp_path / name).write_text(text) and None


def test_a_mistake_in_a_file_is_told_there_with_the_way_to_it(write: Write) -> None:
    write("inner.yaml", "params: {units: 4}\ninputs: [8]\nlayers:\n  - Dense: {units: $(units), activation: rleu}\n")
    write("outer.yaml", "inputs: [8]\nblocks: {In: {file: inner.yaml}}\nlayers:\n  - repeat: 2\n    In: 3\n  - In: 0\n")
    write(
        "top.yaml",
        "inputs: [8]\nblocks: {Out: {file: outer.yaml}}\nlayers:\n  - Out\n  - repeat: [{n: 1}, {n: 2}]\n    Out:\n",
    )
    found = list(open_spec("top.yaml").diagnostics)
    assert {one.span.source.path for one in found if one.span is not None} == {"inner.yaml"}
    way = "in the block `In` (5); time 1 of `repeat` (4); in the block `Out` (4)"
    assert lines(found)[1] == f"4: unknown activation `rleu` [{way}; the same in 8 other places of the expansion]"
    assert lines(found)[0].startswith("4: `units` of Dense must be greater than 0, found 0 [in the block `In` (6);")


def test_what_data_gives_rise_to_tells_the_way_too(write: Write) -> None:
    text = (
        "inputs: {x: {shape: [3], dtype: int32}}\nblocks:\n"
        "  T: {layers: [{Embedding: {input_dim: 5, output_dim: 4}}]}\nlayers:\n  - repeat: 1\n    T:\n"
    )
    write("tables.yaml", text)
    with pytest.raises(SpecError) as caught:
        load("tables.yaml")(np.full((2, 3), 7, np.int32))
    assert lines(caught.value.diagnostics) == [
        "3: Embedding `t/embedding`: the value 7 is outside the table of 5 rows (0 to 4) "
        "[in the block `T` (6); time 1 of `repeat` (5)]"
    ]


def test_sizes_that_do_not_fit_tell_the_way_too(write: Write) -> None:
    text = (
        "inputs: {x: [seq, 4]}\nblocks:\n  C: {layers: [{Conv1D: {filters: 4, kernel_size: 5}}]}\n"
        "layers:\n  - repeat: 3\n    C:\n"
    )
    write("windows.yaml", text)
    with pytest.raises(SpecError) as caught:
        load("windows.yaml")(np.ones((2, 9, 4), np.float32))
    assert lines(caught.value.diagnostics) == [
        "3: Conv1D `c_2/conv1d` needs that `seq - 8` is at least 5 (a window of 5 must fit into axis 1); in this data "
        "`seq` is 9 [in the block `C` (6); time 3 of `repeat` (5)]"
    ]
