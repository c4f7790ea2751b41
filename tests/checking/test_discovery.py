"""Which files `check` takes its arguments for."""

import os
from pathlib import Path

import pytest

from tests.checking.commands import GOOD, WRONG, check, said, write

SETTINGS = "settings: 1\n"


@pytest.mark.parametrize(
    ("arguments", "paths"),
    [
        (["."], ["a.yaml", "b/c.yml", "b/d/e.yaml"]),
        (["b"], ["b/c.yml", "b/d/e.yaml"]),
        (["b/"], ["b/c.yml", "b/d/e.yaml"]),
        (["*.yaml"], ["a.yaml", "other.yaml"]),  # as the shell would write it out: a file that is named is checked
        (["b/*"], ["b/c.yml", "b/d/e.yaml", "b/note.txt"]),
        (["**/*.yaml"], ["a.yaml", "b/d/e.yaml", "other.yaml"]),
        (["b/**"], ["b/c.yml", "b/d/e.yaml"]),
        (["[ab].yaml", "a.yaml", "./a.yaml", "a.yaml"], ["a.yaml"]),
        (["b/d", "a.yaml"], ["a.yaml", "b/d/e.yaml"]),
        (["odd[1].yaml"], ["odd[1].yaml"]),  # a name, though it looks like a pattern
    ],
)
def test_files_folders_and_patterns(arguments: list[str], paths: list[str]) -> None:
    write(a=WRONG, b__d__e=WRONG, b__note_=SETTINGS, other=SETTINGS, b___dot_hidden__f=WRONG, _dot_g=WRONG)
    Path("b/c.yml").write_text(WRONG)
    Path("b/note_.yaml").rename("b/note.txt")
    if "odd" in arguments[0]:
        Path("odd[1].yaml").write_text(WRONG)
    status, found = check(*arguments)
    assert (status, sorted({path for path, _ in found})) == (1, paths)


@pytest.mark.parametrize("argument", ["empty", "none/*.yaml", "**/*.spec"])
def test_what_stands_for_nothing_is_a_mistake(argument: str) -> None:
    write(good=GOOD)
    os.mkdir("empty")
    assert check("good.yaml", argument) == (1, [(argument, "E005")])


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("layers:\n", True),
        ('{"layers": [', True),
        ("'layers' : 1\n", True),
        ("\ufefflayers: [\n", True),
        ("inputs: [4\nlayers:\n", True),
        ("  layers: [Dense]\n", False),
        ("# layers:\n", False),
        ("my_layers: 1\n", False),
        ("", False),
    ],
)
def test_a_yaml_file_of_a_folder_is_a_spec_if_layers_stands_at_its_top(text: str, is_one: bool) -> None:
    write(good=GOOD, text=text)
    assert said(".").endswith("2 specs checked: 1 error\n" if is_one else "1 spec checked: no mistakes\n")


def test_links_and_pipes_in_a_folder_do_no_harm() -> None:
    write(good=GOOD)
    os.mkfifo("pipe.yaml")
    os.symlink("nowhere.yaml", "dead.yaml")
    os.symlink(".", "again")
    os.symlink("good.yaml", "twice.yaml")
    assert said(".") == "1 spec checked: no mistakes\n"


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is unreadable for root")
def test_a_folder_that_cannot_be_read_is_a_mistake() -> None:
    write(good=GOOD, locked__a=GOOD)
    os.chmod("locked", 0)
    assert check(".") == (1, [("./locked", "E001")])


def test_a_report_never_overwrites_a_spec() -> None:
    write(good=GOOD)
    assert "E506" in said("good.yaml", "-o", "good.yaml") or Path("good.yaml").read_text() == GOOD
    said(".", "--report", "json=good.yaml")
    assert Path("good.yaml").read_text() == GOOD
