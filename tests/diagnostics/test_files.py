"""The codes that are about files, data and memory: a command that gives each, and nothing but it."""

import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from specmodel.cli import cli
from specmodel.diagnostics import SpecError
from specmodel.report import text as text_report
from tests.diagnostics.reports import HERE
from tests.diagnostics.test_pages import NEEDS_FILES

Step = Callable[[], object]

SPEC = "inputs: [4]\nlayers:\n  - name: head\n    Dense: 2\n"
TABLE = "inputs: {x: {shape: [1], dtype: int32}}\nlayers:\n  - Embedding: {input_dim: 3, output_dim: 2}\n"
WEIGHTS = {"head/kernel": np.ones((4, 2), np.float32), "head/bias": np.ones(2, np.float32)}
GOOD = np.zeros((2, 4), np.float32)


def text(name: str, content: str | bytes) -> Step:
    """Writes a file."""
    return lambda: Path(name).write_bytes(content if isinstance(content, bytes) else content.encode())


def array(name: str, value: object, dtype: str | None = None) -> Step:
    """Saves an array."""
    return lambda: np.save(name, np.asarray(value, dtype), allow_pickle=True)


def archive(name: str, **arrays: object) -> Step:
    """Saves arrays by name."""
    return lambda: np.savez(name, **{key.replace("__", "/"): np.asarray(value) for key, value in arrays.items()})


LAYER = {"class_name": "Dense", "config": {"name": "head", "units": 2, "batch_input_shape": [None, 4]}}


def keras_model(**changes: object) -> Step:
    """Writes the config of a model of one layer."""
    config = {**LAYER["config"], **changes}  # type: ignore[dict-item]
    layer = {**LAYER, "class_name": config.pop("class_name", "Dense"), "config": config}
    return text("model.json", json.dumps({"class_name": "Sequential", "config": {"name": "m", "layers": [layer]}}))


IMPORT = ["import", "model.json", "-o", "y.npy"]
EXAMPLE = text("model.yaml", f"{SPEC}examples: [{{inputs: x.npy, outputs: recorded.npy}}]\n")
RUN = ["run", "model.yaml", "x.npy", "-o", "y.npy"]
CHECK_WEIGHTS = ["weights", "check", "model.yaml", "w.npz"]

CASES: list[tuple[str, str, list[Step], list[str]]] = [
    ("E001", "no such file", [], ["check", "missing.yaml"]),
    ("E001", "a misspelt name", [], ["check", "modle.yaml"]),
    ("E001", "a pipe", [lambda: os.mkfifo("pipe.yaml")], ["check", "pipe.yaml"]),
    ("E001", "a folder", [lambda: os.mkdir("folder")], ["summary", "folder"]),
    ("E001", "a device", [], ["check", "/dev/zero"]),
    ("E002", "Latin-1", [text("bad.yaml", "# café\n".encode("latin-1") + SPEC.encode())], ["check", "bad.yaml"]),
    ("E002", "UTF-16", [text("bad.yaml", SPEC.encode("utf-16"))], ["check", "bad.yaml"]),
    ("E003", "9 MiB", [text("big.yaml", b"# filler\n" * 2**20 + SPEC.encode())], ["check", "big.yaml"]),
    ("E005", "an empty folder", [lambda: os.mkdir("folder")], ["check", "folder"]),
    ("E005", "a pattern", [], ["check", "specs/**/*.yaml"]),
    ("E006", "no such folder", [], ["summary", "model.yaml", "-o", "no/such/folder/table.txt"]),
    ("E006", "a folder", [lambda: os.mkdir("folder")], ["summary", "model.yaml", "-o", "folder"]),
    ("E111", "NUL", [text("bad.yaml", SPEC.replace("head", "he\0ad"))], ["check", "bad.yaml"]),
    ("E402", "too few", [archive("w.npz", head__bias=np.ones(2, np.float32))], CHECK_WEIGHTS),
    ("E402", "another shape", [archive("w.npz", **WEIGHTS | {"head/kernel": np.ones((4, 3))})], CHECK_WEIGHTS),
    (
        "E404",
        "no such array",
        [archive("w.npz", **WEIGHTS), text("rules.yaml", "rules: [{source: a, target: head/bias}]\n")],
        ["weights", "convert", "model.yaml", "w.npz", "--map", "rules.yaml", "-o", "y.npz"],
    ),
    ("E501", "a pickle", [array("x.npy", [{}], "object")], RUN),
    ("E501", "no array", [text("x.npy", "hello")], RUN),
    ("E501", "cut short", [array("x.npy", GOOD), lambda: os.truncate("x.npy", 130)], RUN),
    ("E502", "a stated shape", [], ["summary", "model.yaml", "--input-shape", "1,5"]),
    ("E502", "another size", [array("x.npy", np.zeros((2, 5), np.float32))], RUN),
    ("E503", "no samples", [array("x.npy", np.zeros((0, 4), np.float32))], RUN),
    ("E504", "too little memory", [array("x.npy", GOOD)], [*RUN, "--max-memory", "8B"]),
    ("E505", "no shapes", [text("bad.yaml", "layers: [{Dense: 2}]\n")], ["weights", "list", "bad.yaml"]),
    ("E506", "over the data", [array("x.npy", GOOD)], [*RUN[:-1], "x.npy"]),
    (
        "E507",
        "no such row",
        [
            text("model.yaml", TABLE),
            array("x.npy", [[3]], "int32"),
        ],
        RUN,
    ),
    (
        "E508",
        "another shape",
        [EXAMPLE, array("x.npy", GOOD), array("recorded.npy", np.zeros((2, 3), np.float32))],
        ["check", "model.yaml"],
    ),
    (
        "E508",
        "other numbers",
        [EXAMPLE, array("x.npy", GOOD), array("recorded.npy", np.ones((2, 2), np.float32))],
        ["test", "model.yaml"],
    ),
    (
        "E601",
        "text in ONNX",
        [text("bad.yaml", "inputs: {x: {shape: [1], dtype: string}}\nlayers:\n  - Hashing: 8\n")],
        ["export", "bad.yaml", "-o", "y.onnx"],
    ),
    ("E611", "no model", [text("model.json", "{}")], IMPORT),
    ("E611", "nothing known", [text("model.json", "hello")], IMPORT),
    ("E612", "a Lambda", [keras_model(class_name="Lambda", function=["4wEAAAA", None, None])], IMPORT),
    ("E612", "another class", [keras_model(class_name="MyLayer")], IMPORT),
]
ELSEWHERE = {"E008"}
"""A package has to be missing for it: tests/onnx/test_command.py."""
USAGE: list[tuple[str, str, list[Step], list[str]]] = [
    (
        "E007",
        "an unknown key",
        [text("specmodel.toml", 'selct = ["W7"]\nmax-warnings = "0"\n')],
        ["check", "model.yaml"],
    ),
    ("E007", "no TOML", [text("pyproject.toml", "[tool.specmodel]\nselect = [\n")], ["check", "model.yaml"]),
]
REMARKS: list[tuple[str, str, list[Step], list[str]]] = [
    ("W401", "one more", [archive("w.npz", **WEIGHTS, more=np.ones(3, np.float32))], CHECK_WEIGHTS),
    (
        "W402",
        "of a block",
        [
            text("part.yaml", "inputs: [4]\nweights: part.npz\nlayers:\n  - Dense: 4\n"),
            text("outer.yaml", "inputs: [4]\nblocks:\n  Part: {file: part.yaml}\nlayers:\n  - Part\n"),
        ],
        ["check", "outer.yaml"],
    ),
    ("N401", "float64", [archive("w.npz", **{k: v.astype("float64") for k, v in WEIGHTS.items()})], CHECK_WEIGHTS),
    ("N501", "float64", [array("x.npy", np.zeros((2, 4)))], RUN),
    ("W611", "an initializer", [keras_model(kernel_initializer={"class_name": "Mine", "config": {}})], IMPORT),
    ("N611", "a space", [keras_model(name="my head")], IMPORT),
    ("N502", "NaN", [array("x.npy", np.full((2, 4), np.nan, np.float32))], RUN),
]


def word(value: object) -> str:
    """The part of a case that names it."""
    return value if isinstance(value, str) else ""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("model.yaml").write_text(SPEC)
    return tmp_path


def said(arguments: list[str]) -> tuple[int, str]:
    """The exit code of a command, and what it says of mistakes."""
    result: Result = CliRunner().invoke(cli, arguments, standalone_mode=False)
    if isinstance(result.exception, SpecError):
        return 1, text_report.render(result.exception.diagnostics)
    assert result.exception is None, result.exception
    return result.return_value or 0, result.output


def codes_said(arguments: list[str]) -> tuple[int, list[str]]:
    """The exit code of a command, and the codes of what it says."""
    status, report = said(arguments)
    return status, re.findall(r"(?:error|warning|note)\[(\w+)\]", report)


@pytest.mark.parametrize(("code", "what", "steps", "arguments"), CASES, ids=word)
def test_a_bad_file_gives_its_code_alone(code: str, what: str, steps: list[Step], arguments: list[str]) -> None:
    for step in steps:
        step()
    assert codes_said(arguments) == (1, [code])
    assert not Path("y.npy").exists()


@pytest.mark.parametrize(("code", "what", "steps", "arguments"), REMARKS, ids=word)
def test_a_remark_does_not_fail(code: str, what: str, steps: list[Step], arguments: list[str]) -> None:
    for step in steps:
        step()
    assert codes_said(arguments) == (0, [code])


@pytest.mark.parametrize(("code", "what", "steps", "arguments"), CASES + USAGE + REMARKS, ids=word)
def test_the_report_is_as_recorded(
    code: str, what: str, steps: list[Step], arguments: list[str], update_golden: bool
) -> None:
    for step in steps:
        step()
    _, report = said(arguments)
    recorded = HERE / "files" / f"{code}_{what.replace(' ', '_')}.out"
    if update_golden:
        recorded.write_text(report, encoding="utf-8")
    assert report == recorded.read_text(encoding="utf-8")


def test_every_code_that_needs_files_is_here() -> None:
    assert {case[0] for case in CASES + USAGE + REMARKS} == NEEDS_FILES - ELSEWHERE


@pytest.mark.parametrize("data", ["\ufeff" + SPEC, SPEC.replace("\n", "\r\n"), "---\n" + SPEC + "...\n"])
def test_a_byte_order_mark_and_other_line_ends_are_accepted(data: str) -> None:
    Path("model.yaml").write_bytes(data.encode())
    assert codes_said(["check", "model.yaml"]) == (0, [])


def test_a_weights_mismatch_is_one_diagnostic_that_lists_all() -> None:
    np.savez("w.npz", **{"head/kernel": np.ones((4, 3)), "had/bias": np.ones(2)})
    Path("model.yaml").write_text(SPEC + "weights: w.npz\n")
    result = CliRunner().invoke(cli, ["check", "model.yaml", "--format", "json"], standalone_mode=False)
    (only,) = json.loads(result.stdout)
    assert (only["code"], only["line"], only["column"]) == ("E402", 5, 10)
    said = "\n".join(note["message"] for note in only["notes"])
    assert all(name in said for name in ("head/kernel", "head/bias", "had/bias"))
