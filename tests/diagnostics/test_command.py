"""The command line around diagnostics: what goes where, in which form, and with which exit code."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from specmodel import cli
from specmodel.diagnostics import codes
from tests.diagnostics.reports import HERE

GOOD = "inputs: [4]\nlayers:\n  - Dense: 2\n"
WRONG = "inputs: [4]\nlayers:\n  - Dense: 0\n"
WARNED = "inputs: {a: [4], b: [4]}\nlayers:\n  - inputs: a\n    Dense: 2\n"
OUTSIDE = ("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "PYTHONUNBUFFERED", "GITHUB_ACTIONS")
PLAIN = {key: value for key, value in os.environ.items() if key not in OUTSIDE}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path) -> Path:
    for name, content in (("good.yaml", GOOD), ("wrong.yaml", WRONG), ("warned.yaml", WARNED)):
        (tmp_path / name).write_text(content)
    return tmp_path


def run(folder: Path, *arguments: str, given: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """The whole program, in a folder."""
    return subprocess.run(
        [sys.executable, "-m", "specmodel", *arguments],
        cwd=folder,
        input=given,
        env={**PLAIN, "PYTHONPATH": str(HERE.parents[1]), **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_good_spec(folder: Path) -> None:
    done = run(folder, "check", "good.yaml")
    assert (done.returncode, done.stdout, done.stderr) == (0, "1 spec checked: no mistakes\n", "")


def test_the_report_goes_to_the_standard_output(folder: Path) -> None:
    done = run(folder, "check", "wrong.yaml")
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("wrong.yaml:3:12: error[E209] `units` of Dense must be greater than 0, found 0\n")
    assert done.stdout.endswith("1 spec checked: 1 error\n")


def test_the_json_form(folder: Path) -> None:
    done = run(folder, "check", "wrong.yaml", "--format", "json")
    assert done.returncode == 1
    assert json.loads(done.stdout) == [
        {
            "code": "E209",
            "severity": "error",
            "message": "`units` of Dense must be greater than 0, found 0",
            "path": "wrong.yaml",
            "line": 3,
            "column": 12,
            "end_line": 3,
            "end_column": 13,
            "notes": [],
            "help": None,
        }
    ]


def test_the_json_of_nothing_wrong_is_an_empty_list(folder: Path) -> None:
    assert json.loads(run(folder, "check", "good.yaml", "--format", "json").stdout) == []


def test_a_folder_takes_every_spec_below_it_in_order(folder: Path) -> None:
    (folder / "deeper").mkdir()
    (folder / "deeper" / "more.yml").write_text(WRONG)
    (folder / "other.yaml").write_text("settings: 1\n")
    (folder / "notes.txt").write_text("layers: 1\n")
    done = run(folder, "check", ".", "--format", "json")
    assert [found["path"] for found in json.loads(done.stdout)] == ["deeper/more.yml", "warned.yaml", "wrong.yaml"]
    assert run(folder, "check", ".").stdout.endswith("4 specs checked: 2 errors, 1 warning\n")


def test_broken_yaml_in_a_folder_is_not_passed_over(folder: Path) -> None:
    (folder / "broken.yaml").write_text("inputs: [4\nlayers:\n  - Dense: 4\n")
    assert "broken.yaml:2:1: error[E101]" in run(folder, "check", ".").stdout


def test_the_standard_input(folder: Path) -> None:
    assert run(folder, "check", "-", given=GOOD).returncode == 0
    assert run(folder, "check", "-", given=WRONG).stdout.startswith("<stdin>:3:12: error[E209]")
    named = run(folder, "check", "-", "--stdin-filename", "models/new.yaml", given=WRONG)
    assert named.stdout.startswith("models/new.yaml:3:12: error[E209]")


def test_a_file_that_is_named_twice_is_checked_once(folder: Path) -> None:
    done = run(folder, "check", "wrong.yaml", "./wrong.yaml", ".", "--format", "json")
    assert [found["code"] for found in json.loads(done.stdout)] == ["W202", "E209"]


@pytest.mark.parametrize(("limit", "status"), [("0", 1), ("1", 0)])
def test_warnings_fail_where_they_are_too_many(folder: Path, limit: str, status: int) -> None:
    assert run(folder, "check", "warned.yaml").returncode == 0
    assert run(folder, "check", "warned.yaml", "--max-warnings", limit).returncode == status


@pytest.mark.parametrize(
    ("arguments", "environment", "colored"),
    [
        ([], {}, False),
        (["--color", "always"], {}, True),
        (["--color", "always"], {"NO_COLOR": "1"}, True),
        ([], {"FORCE_COLOR": "1"}, True),
        ([], {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        (["--color", "never"], {"FORCE_COLOR": "1"}, False),
    ],
)
def test_colour(folder: Path, arguments: list[str], environment: dict[str, str], colored: bool) -> None:
    assert ("\x1b[" in run(folder, "check", "wrong.yaml", *arguments, **environment).stdout) == colored


def test_a_wrong_spec_has_no_summary(folder: Path) -> None:
    done = run(folder, "summary", "wrong.yaml")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("wrong.yaml:3:12: error[E209]")


def test_warnings_of_a_summary_go_to_the_standard_error(folder: Path) -> None:
    done = run(folder, "summary", "warned.yaml")
    assert done.returncode == 0
    assert "W202" in done.stderr
    assert "W202" not in done.stdout


def test_the_report_can_go_to_a_file(folder: Path) -> None:
    done = run(folder, "check", "wrong.yaml", "--format", "json", "-o", "report.json")
    assert (done.returncode, done.stdout) == (1, "")
    assert json.loads((folder / "report.json").read_text())[0]["code"] == "E209"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["check"], "Missing argument"),
        (["check", "--nope", "good.yaml"], "No such option"),
        (["chekc", "good.yaml"], "Did you mean 'check'?"),
        (["check", "good.yaml", "--format", "xml"], "'xml' is not one of"),
        (["check", "good.yaml", "--max-warnings", "-1"], "-1 is not in the range"),
        (["summary", "good.yaml", "--input-shape", "1,x"], "'x' in '1,x' is no size"),
        (["check", "good.yaml", "--report", "sarif"], "'sarif' is no FORMAT=FILE"),
        (["check", "good.yaml", "--report", "sarfi=a"], "there is no form 'sarfi'; did you mean 'sarif'?"),
        (["check", "good.yaml", "--report", "sarif=a", "--report", "json=a"], "two reports go to 'a'"),
        (["check", "good.yaml", "--select", "W201,X1"], "there is no code `X1`"),
        (["check", "good.yaml", "--ignore", "w20"], "there is no code `w20`; did you mean `W20`?"),
        (["check", "good.yaml", "--ignore", "E1"], "E1 cannot be ignored"),
        (["check", "good.yaml", "--config", "none.toml"], "'none.toml' does not exist"),
    ],
)
def test_wrong_usage(folder: Path, arguments: list[str], words: str) -> None:
    done = run(folder, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr


def test_explain_without_a_code_lists_them_all(folder: Path) -> None:
    done = run(folder, "explain")
    assert done.stdout.startswith("E001  the file cannot be read\n")
    assert len(done.stdout.splitlines()) == len(codes.NAMES)


def test_a_reader_that_has_gone_is_no_mistake(folder: Path) -> None:
    command = [sys.executable, "-m", "specmodel", "check", "wrong.yaml"]
    environment = {**PLAIN, "PYTHONPATH": str(HERE.parents[1])}
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as closed:
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            stdout=closed,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.stderr == ""
    assert done.returncode == cli.BROKEN_PIPE


@pytest.mark.parametrize("debug", [False, True])
def test_a_bug_is_said_as_such(
    debug: bool, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("broken inside")

    monkeypatch.setattr("specmodel.checking.run.open_source", fail)
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    monkeypatch.setattr("sys.argv", ["specmodel", *(["--debug"] if debug else []), "check", "good.yaml"])
    monkeypatch.chdir(folder)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    said = capsys.readouterr()
    kept = list(folder.glob("specmodel-bug-*.txt"))
    assert (ended.value.code, said.out) == (3, "")
    if debug:
        assert kept == []
        assert "RuntimeError: broken inside" in said.err
    else:
        (file,) = kept
        assert "RuntimeError: broken inside" in file.read_text()
        assert str(file) in said.err
        assert "Traceback" not in said.err
