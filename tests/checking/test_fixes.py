"""`check --fix`: what is written, what is left alone, and what is never done."""

import difflib
import os
from pathlib import Path

import pytest

from specmodel.checking import fixes
from tests.checking.commands import check, said, write
from tests.diagnostics.good import GOOD
from tests.diagnostics.reports import HERE, checked, codes_of, repaired

BIASED = "inputs: [4]\nlayers:\n  - Dense: 4    # odd\n  - BatchNormalization\n  - Dense: 2\n"
UNBIASED = BIASED.replace("Dense: 4 ", "Dense: {units: 4, use_bias: false} ")
MISSPELT = "inputs: [4]\nlayers:\n  - Dense: {unit: 4}\n"
CASES = sorted((HERE / "cases").glob("*.yaml"))

FIXED = {
    "in braces": ("- Dense: {units: 4}", "- Dense: {units: 4, use_bias: false}"),
    "in braces with a comma": ("- Dense: {units: 4,}", "- Dense: {units: 4, use_bias: false}"),
    "in braces with blanks": ("- Dense: { units: 4 }", "- Dense: { units: 4, use_bias: false }"),
    "a value alone": ("- Dense: 4   # four", "- Dense: {units: 4, use_bias: false}   # four"),
    "in quotes": ('- Dense: "$(max(4, 2))"', '- Dense: {units: "$(max(4, 2))", use_bias: false}'),
    "what would need quotes": ("- Dense: $(max(4, 2))", '- Dense: {units: "$(max(4, 2))", use_bias: false}'),
    "lines": ("- Dense:\n      units: 4   # four", "- Dense:\n      units: 4   # four\n      use_bias: false"),
    "a value that is there": ("- Dense: {units: 4, use_bias: true}", "- Dense: {units: 4, use_bias: false}"),
    "a value on a line": (
        "- Dense:\n      use_bias: true\n      units: 4",
        "- Dense:\n      use_bias: false\n      units: 4",
    ),
    "several lines in braces": (
        "- Dense: {units: 4,\n            activation: linear}",
        "- Dense: {units: 4,\n            activation: linear, use_bias: false}",
    ),
}
LEFT = {
    "an alias": ("- Dense: *four", "x-four: &four 4\n"),
    "shared arguments": ("- Dense: *arguments", "x-arguments: &arguments {units: 4}\n"),
    "an anchor": ("- Dense: &four 4\n  - Dropout: 0.5\n  - Dense: *four", ""),
    "a comment before the brace": ("- Dense: {units: 4   # four\n      }", ""),
    "another start": ("- Dense: {units: 4, bias_initializer: ones}", ""),
}


def around(entry: str, above: str = "") -> str:
    return f"{above}inputs: [4]\nlayers:\n  {entry}\n  - BatchNormalization\n  - Dense: 2\n"


@pytest.mark.parametrize("what", FIXED)
def test_a_bias_is_taken_out_wherever_it_is_written(what: str) -> None:
    before, after = FIXED[what]
    assert repaired(around(before), "safe") == around(after)


@pytest.mark.parametrize("what", LEFT)
def test_what_is_better_done_by_hand_is_left(what: str) -> None:
    text = around(*LEFT[what])
    assert "W701" in codes_of(text)
    fixed = repaired(text, "safe")
    assert fixed is None or "use_bias" not in fixed.replace(LEFT[what][0], "")


def test_a_layer_that_is_used_elsewhere_too_is_left() -> None:
    text = (
        "inputs: {a: [4], b: [4]}\nblocks: {Part: {layers: [{Dense: 4}]}}\nlayers:\n  - inputs: a\n    Part:\n"
        "  - BatchNormalization\n  - name: other\n    inputs: b\n    Part:\n"
        "  - inputs: [_, batch_normalization]\n    Add:\n"
    )
    assert codes_of(text) == {"W701"}
    assert repaired(text, "safe") is None


def test_a_fix_that_does_harm_is_not_made() -> None:
    text = BIASED + "expect: {parameters: 46}\n"
    assert codes_of(text) == {"W701"}
    assert repaired(text, "safe") is None
    other = "params: {n: 4, unused: 1}\n" + text.replace("Dense: 4 ", "Dense: $(n) ")
    assert repaired(other, "safe") == other.replace(", unused: 1", "")
    under_a_preset = "params: {n: 2}\npresets: {more: {n: 3, expect: {parameters: 51}}}\n" + BIASED.replace(
        "Dense: 2", "Dense: $(n)"
    )
    assert repaired(under_a_preset, "safe") is None


def test_a_fix_may_uncover_another() -> None:
    text = "params: {a: 1, b: $(a), c: $(b)}\ninputs: [4]\nlayers:\n  - Dense: 2\n"
    assert repaired(text, "safe") == "inputs: [4]\nlayers:\n  - Dense: 2\n"
    misspelt = "inputs: [4]\nlayers:\n  - Dence: {unit: 2}\n"
    assert repaired(misspelt, "unsafe") == misspelt.replace("Dence: {unit:", "Dense: {units:")


def test_an_unsafe_fix_is_not_made_unless_asked_for() -> None:
    assert repaired(MISSPELT, "safe") is None
    assert repaired(MISSPELT, "unsafe") == MISSPELT.replace("unit:", "units:")


@pytest.mark.parametrize(
    "text",
    [
        "inputs: [4]\nlayers:\n  - Dense: {units: 4, unit: 4}\n",  # would be there twice
        "inputs: [4]\nlayers:\n  - Conv: 4\n",  # Conv1D, Conv2D, Conv3D
        "params: {kind: Dence}\ninputs: [4]\nlayers:\n  - $(kind)\n",  # an expression says so
    ],
)
def test_where_the_meaning_is_in_doubt_nothing_is_written(text: str) -> None:
    assert repaired(text, "unsafe") is None


@pytest.mark.parametrize("case", [*CASES, *GOOD], ids=lambda case: getattr(case, "stem", case))
def test_fixes_come_to_an_end_and_leave_what_they_do_not_touch(case: Path | str) -> None:
    text = case.read_text(encoding="utf-8") if isinstance(case, Path) else GOOD[case]
    fixed = repaired(text, "unsafe")
    if fixed is None:
        return
    assert repaired(fixed, "unsafe") is None
    changed = [one for one in difflib.ndiff(text.splitlines(), fixed.splitlines()) if one[0] in "+-"]
    mistakes = {one.span.line for one in checked(text) if one.span is not None}
    assert len([one for one in changed if one[0] == "-"]) <= 3 * len(mistakes)
    errors = [one for one in checked(text) if one.severity == "error"]
    assert len([one for one in checked(fixed) if one.severity == "error"]) <= len(errors)


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_line_ends_and_byte_order_marks_stay(ending: str, mark: bytes) -> None:
    text = around(FIXED["lines"][0]).replace("\n", ending)
    Path("a.yaml").write_bytes(mark + text.encode())
    assert check("a.yaml", "--fix") == (0, [])
    assert Path("a.yaml").read_bytes() == mark + around(FIXED["lines"][1]).replace("\n", ending).encode()


def test_files_are_rewritten_in_place() -> None:
    write(a=BIASED, b=MISSPELT, c=UNBIASED)
    os.chmod("a.yaml", 0o640)
    os.symlink("a.yaml", "link.yaml")
    assert said(".", "--fix").endswith(
        "fixed 1 mistake\n--fix --unsafe-fixes puts 1 of them right\n3 specs checked: 1 error\n"
    )
    assert Path("a.yaml").read_text() == UNBIASED
    assert Path("a.yaml").stat().st_mode & 0o777 == 0o640
    assert check("link.yaml", "b.yaml", "--fix", "--unsafe-fixes") == (0, [])
    assert Path("link.yaml").is_symlink()
    assert sorted(path.name for path in Path().iterdir()) == [".git", "a.yaml", "b.yaml", "c.yaml", "link.yaml"]


def test_what_could_be_fixed_is_told() -> None:
    write(a=BIASED, b=MISSPELT)
    assert "\n--fix puts 1 of them right\n--fix --unsafe-fixes puts 1 more of them right\n2 specs" in said(
        "a.yaml", "b.yaml"
    )
    assert "--fix" not in said("a.yaml", "b.yaml", "-q")


def test_a_difference_is_shown_and_not_written() -> None:
    write(a=BIASED, b=MISSPELT, c=UNBIASED)
    shown = said("a.yaml", "b.yaml", "c.yaml", "--diff")
    assert shown.splitlines()[:6] == [
        "--- a.yaml",
        "+++ a.yaml",
        "@@ -1,5 +1,5 @@",
        " inputs: [4]",
        " layers:",
        "-  - Dense: 4    # odd",
    ]
    assert shown.endswith("would fix 1 mistake in 1 file\n")
    assert Path("a.yaml").read_text() == BIASED


def test_the_exit_code_of_a_difference() -> None:
    from click.testing import CliRunner

    from specmodel.cli import cli

    write(a=BIASED, b=MISSPELT, c=UNBIASED)
    codes = {}
    for name in "abc":
        result = CliRunner().invoke(cli, ["check", f"{name}.yaml", "--diff"], standalone_mode=False)
        codes[name] = result.return_value
    assert codes == {"a": 1, "b": 1, "c": 0}
    result = CliRunner().invoke(cli, ["check", "-", "--diff"], input=BIASED, standalone_mode=False)
    assert "+  - Dense: {units: 4, use_bias: false}    # odd" in result.output


def test_what_is_ignored_is_not_fixed() -> None:
    ignoring = BIASED.replace("# odd", "# specmodel: ignore[W701] as published")
    write(a=ignoring, b=BIASED)
    assert check("a.yaml", "--fix") == (0, [])
    assert check("b.yaml", "--fix", "--ignore", "W701") == (0, [])
    assert Path("a.yaml").read_text() == ignoring
    assert Path("b.yaml").read_text() == BIASED


def test_the_file_of_a_block_is_changed_only_when_it_is_checked() -> None:
    block = "inputs: [4]\nlayers:\n  - Dense: 4\n  - BatchNormalization\n"
    write(block=block, main="inputs: [4]\nblocks: {Part: {file: block.yaml}}\nlayers:\n  - Part\n")
    assert check("main.yaml", "--fix") == (0, [("block.yaml", "W701")])
    assert Path("block.yaml").read_text() == block
    assert check("main.yaml", "block.yaml", "--fix") == (0, [])
    assert Path("block.yaml").read_text() != block


def test_a_file_that_changes_meanwhile_is_not_overwritten(monkeypatch: pytest.MonkeyPatch) -> None:
    write(a=BIASED)
    monkeypatch.setattr("specmodel.cli.check.write", lambda change: (write(a="new: 1\n"), fixes.write(change)))
    assert check("a.yaml", "--fix") == (1, [("a.yaml", "E006")])
    assert Path("a.yaml").read_text() == "new: 1\n"


def test_a_file_that_disappears_meanwhile_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    write(a=BIASED)
    monkeypatch.setattr("specmodel.cli.check.write", lambda change: (os.remove(change.path), fixes.write(change)))
    assert check("a.yaml", "--fix") == (1, [("a.yaml", "E006")])


def test_one_fix_that_does_harm_does_not_keep_the_others_from_being_made() -> None:
    entries = "".join(f"  - Dense: {{units: {n}}}\n  - BatchNormalization\n  - ReLU\n" for n in range(2, 32))
    text = f"inputs: [4]\nlayers:\n{entries}  - name: last\n    Dense: {{unit: 4}}\n"
    fixed = repaired(text.replace("unit:", "units:"), "safe")
    assert fixed is not None
    assert fixed.count("use_bias: false") == 30
    fixed = repaired(text.replace("{units: 7}", "{units: 7, unit: 7}"), "unsafe")
    assert fixed == text.replace("{units: 7}", "{units: 7, unit: 7}").replace("{unit: 4}", "{units: 4}")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["a.yaml", "--unsafe-fixes"], "--unsafe-fixes goes with --fix or --diff"),
        (["-", "--fix"], "--fix writes files: for the standard input there is --diff"),
    ],
)
def test_wrong_usage(arguments: list[str], words: str) -> None:
    from click.testing import CliRunner

    from specmodel.cli import cli

    result = CliRunner().invoke(cli, ["check", *arguments], input=BIASED)
    assert result.exit_code == 2
    assert words in result.output
