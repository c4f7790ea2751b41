"""The configuration: where it is found, what goes before what, and what is wrong with it."""

import os
from pathlib import Path

import pytest

from specmodel.checking.settings import KEYS, Settings
from specmodel.diagnostics import pages
from tests.checking.commands import GOOD, WARNED, WRONG, check, said, write

IGNORING = 'ignore = ["W202"]\n'
SHARED = "[tool.specmodel]\n" + IGNORING


def configured(**files: str) -> list[tuple[str, str]]:
    """What `check deep/er/warned.yaml` finds beside these files."""
    write(deep__er__warned=WARNED)
    for name, content in files.items():
        Path(name.replace("__", "/") + ".toml").write_text(content)
    return check("deep/er/warned.yaml")[1]


FOUND: list[tuple[str, str]] = [("deep/er/warned.yaml", "W202")]


@pytest.mark.parametrize(
    ("files", "ignored"),
    [
        ({}, False),
        ({"specmodel": IGNORING}, True),
        ({"pyproject": SHARED}, True),
        ({"pyproject": '[tool]\nspecmodel = {ignore = ["W2"]}\n'}, True),
        ({"pyproject": 'tool.specmodel.ignore = ["W"]\n'}, True),
        ({"pyproject": '["tool"."specmodel"]\nignore = ["W202"]\n'}, True),
        ({"deep__specmodel": IGNORING}, True),
        ({"deep__er__specmodel": "", "deep__specmodel": IGNORING}, False),  # the nearest one alone is read
        ({"deep__pyproject": "[project]\n", "specmodel": IGNORING}, True),  # which says nothing of specmodel
        ({"specmodel": "", "pyproject": SHARED}, False),
        ({"specmodel": IGNORING, "pyproject": "[tool.specmodel]\n"}, True),
    ],
)
def test_the_nearest_configuration_above_a_file_counts(files: dict[str, str], ignored: bool) -> None:
    assert configured(**files) == ([] if ignored else FOUND)


def test_it_is_looked_for_up_to_the_root_of_the_repository() -> None:
    os.makedirs("deep/.git")
    assert configured(specmodel=IGNORING) == FOUND
    assert configured(deep__specmodel=IGNORING) == []


def test_the_standard_input_has_that_of_the_file_it_is_taken_for(monkeypatch: pytest.MonkeyPatch) -> None:
    from click.testing import CliRunner

    from specmodel.cli import cli

    write(deep__good=GOOD)
    Path("deep/specmodel.toml").write_text(IGNORING)
    for name, code in (("new.yaml", "W202"), ("deep/new.yaml", "no mistakes")):
        result = CliRunner().invoke(cli, ["check", "-", "--stdin-filename", name], input=WARNED)
        assert code in result.output


@pytest.mark.parametrize(
    ("settings", "arguments", "found"),
    [
        ("", ["--select", "W201"], []),
        ("", ["--select", "W201,W202"], FOUND),
        ("", ["--select", "W2"], FOUND),
        ("", ["--ignore", "W2", "--select", "W202"], FOUND),  # the longer one decides
        ("", ["--ignore", "W2", "--select", "W2"], []),
        ('select = ["W201"]\n', [], []),
        ('select = ["W201"]\n', ["--select", "W202"], FOUND),  # the command line's takes the place of it
        (IGNORING, ["--select", "W202"], []),
        (IGNORING, ["--config", "other.toml"], FOUND),
        (IGNORING, ["--isolated"], FOUND),
        ('[per-file-ignores]\n"deep/*.yaml" = ["W202"]\n', [], []),
        ('[per-file-ignores]\n"warned.yaml" = ["W2"]\n', [], []),
        ('[per-file-ignores]\n"deep" = ["W2"]\n', [], []),
        ('[per-file-ignores]\n"er" = ["W2"]\n', [], FOUND),
    ],
)
def test_what_goes_before_what(settings: str, arguments: list[str], found: list[tuple[str, str]]) -> None:
    write(deep__er__warned=WARNED)
    Path("specmodel.toml").write_text(settings)
    Path("other.toml").write_text("")
    assert check("deep/er/warned.yaml", *arguments)[1] == found


def test_errors_are_left_out_by_name_alone() -> None:
    write(wrong=WRONG)
    for arguments, found in (
        (["--select", "W202"], ["E209"]),
        (["--select", "W202,E3"], []),
        (["--select", "W202,E2"], ["E209"]),
        (["--ignore", "E209"], []),
    ):
        assert [code for _, code in check("wrong.yaml", *arguments)[1]] == found


def test_what_cannot_be_read_is_never_left_out() -> None:
    write(broken="layers: [\n")
    assert check("broken.yaml", "missing.yaml", "--select", "E3", "--ignore", "E") == (
        1,
        [("broken.yaml", "E101"), ("missing.yaml", "E001")],
    )


def test_severities() -> None:
    write(warned=WARNED, wrong=WRONG)
    Path("specmodel.toml").write_text('[severity]\nW2 = "note"\nW202 = "error"\nE209 = "warning"\n')
    assert check("warned.yaml") == (1, [("warned.yaml", "W202")])
    assert check("wrong.yaml") == (0, [("wrong.yaml", "E209")])
    assert said("warned.yaml").startswith("warned.yaml:1:18: error[W202] ")


def test_excluded_files_are_passed_over_unless_they_are_named() -> None:
    write(good=GOOD, old__wrong=WRONG, new__old__wrong=WRONG, new__draft_1=WRONG)
    Path("specmodel.toml").write_text('exclude = ["old", "draft_*", "new/"]\n')
    assert check(".") == (0, [])
    assert check("**/*.yaml") == (0, [])
    assert check("old/wrong.yaml") == (1, [("old/wrong.yaml", "E209")])
    Path("specmodel.toml").write_text('exclude = ["new/old"]\n')
    assert [path for path, _ in check(".")[1]] == ["new/draft_1.yaml", "old/wrong.yaml"]


def test_the_keys_of_a_run_are_those_of_the_working_directory() -> None:
    write(deep__warned=WARNED)
    Path("specmodel.toml").write_text('max-warnings = 0\nformat = "concise"\n')
    assert check("deep/warned.yaml")[0] == 1
    assert check("deep/warned.yaml", "--max-warnings", "1")[0] == 0
    assert said("deep/warned.yaml").startswith(
        "deep/warned.yaml:1:18: warning[W202] nothing reads the input `b`\n1 spec"
    )
    Path("deep/specmodel.toml").write_text("max-warnings = 5\n")
    assert check("deep/warned.yaml")[0] == 1


def test_the_root_starts_at_the_configuration() -> None:
    write(
        parts__block=GOOD, deep__uses="inputs: [4]\nblocks:\n  Part: {file: ../parts/block.yaml}\nlayers:\n  - Part\n"
    )
    assert [code for _, code in check("deep/uses.yaml")[1]] == ["E004"]
    Path("specmodel.toml").write_text('root = "."\n')
    assert check("deep/uses.yaml") == (0, [])
    os.chdir("deep")
    assert check("uses.yaml") == (0, [])
    assert [code for _, code in check("uses.yaml", "--root", ".")[1]] == ["E004"]


def test_all_presets_can_be_asked_for() -> None:
    write(presets="params: {n: 1}\npresets: {bad: {n: 0}}\ninputs: [4]\nlayers:\n  - Dense: $(n)\n")
    assert check("presets.yaml") == (0, [])
    Path("specmodel.toml").write_text("all-presets = true\n")
    assert [code for _, code in check("presets.yaml")[1]] == ["E209"]


@pytest.mark.parametrize(
    ("text", "said_of_it"),
    [
        ('selct = ["W7"]', "1:1: error[E007] unknown key `selct`"),
        ('ignore = "W2"', '1:1: error[E007] `ignore` must be a list of texts, found the text "W2"'),
        ('ignore = ["W2", "W9"]', "1:18: error[E007] `ignore`: there is no code `W9`"),
        ('ignore = ["E1"]', "1:12: error[E007] `ignore`: E1 cannot be ignored"),
        ('select = [""]', "error[E007] `select`: there is no code ``"),
        ("max-warnings = true", "1:1: error[E007] `max-warnings` must be an integer of at least 0, found true"),
        ("max-warnings = -1", "1:1: error[E007] `max-warnings` must be an integer of at least 0, found -1"),
        ('all-presets = "yes"', "1:1: error[E007] `all-presets` must be true or false"),
        ('format = "html"', "1:1: error[E007] `format` is the form of a report"),
        ("root = 1", "1:1: error[E007] `root` must be the path of a folder"),
        ("exclude = [1]", "1:1: error[E007] `exclude` must be a list of texts"),
        ("severity = 1", "1:1: error[E007] `severity` must be a table, found 1"),
        ('[severity]\nW2 = "fatal"', '2:1: error[E007] `severity.W2` must be one of "error", "warning", "note"'),
        ('[severity]\nE1 = "note"', "2:1: error[E007] `severity`: E1 cannot be ignored"),
        ('[per-file-ignores]\n"a" = ["X"]', "2:9: error[E007] `per-file-ignores`: there is no code `X`"),
        ("a = [", "2:1: error[E007] this is not TOML"),
        ("a = 1\na = 2", "2:6: error[E007] this is not TOML: cannot overwrite a value"),
        ("a = " + "[" * 5000, "error[E007]"),
    ],
)
def test_a_wrong_configuration_is_reported_at_its_place(text: str, said_of_it: str) -> None:
    write(good=GOOD)
    Path("specmodel.toml").write_text(text + "\n")
    assert said_of_it in said("good.yaml")
    assert check("good.yaml") == (2, [])


def test_a_configuration_that_is_no_text_is_reported() -> None:
    write(good=GOOD)
    Path("specmodel.toml").write_bytes(b"\xff\xfe")
    assert "this is not UTF-8" in said("good.yaml")
    Path("specmodel.toml").unlink()
    os.mkfifo("specmodel.toml")
    assert "this is a FIFO" in said("good.yaml")


def test_the_page_names_every_key() -> None:
    page = pages.page("E007") or ""
    assert all(f"`{key}`" in page for key in KEYS)
    assert {key.replace("-", "_") for key in KEYS} == set(Settings._fields) - {"folder"}
