"""`# specmodel: ignore[CODE] why`."""

import pytest

from tests.checking.commands import check, write

HEAD = "inputs: {a: [4], b: [4]}"
LAYERS = "layers:\n  - inputs: a\n    Dense: 2\n"


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        (f"{HEAD}  # specmodel: ignore[W202] fed later\n{LAYERS}", []),
        (f"{HEAD}  #specmodel:ignore [ W202 ]\n{LAYERS}", []),
        (f"{HEAD}  # as published # specmodel: ignore[W202]\n{LAYERS}", []),
        (f"# specmodel: ignore[W202]: fed later\n{HEAD}\n{LAYERS}", []),
        (f"# specmodel: ignore[W202]\n\n# more of it\n{HEAD}\n{LAYERS}", []),
        (f"{HEAD}\n{LAYERS}# specmodel: ignore-file[W202]\n", []),
        (f"# specmodel: ignore-file[W202, W203]\n{HEAD}\n{LAYERS}", ["W001"]),
        (f"{HEAD}\n# specmodel: ignore[W202]\n{LAYERS}", ["W001", "W202"]),
        (f"{HEAD}  # specmodel: ignore[W201]\n{LAYERS}", ["W001", "W202"]),
        (f"{HEAD}  # specmodel: ignore[w202]\n{LAYERS}", ["W002", "W202"]),
        (f"{HEAD}  # specmodel: ignore[W202, W001, W301]\n{LAYERS}", []),
        (f'x-note: "# specmodel: ignore-file[W202]"\n{HEAD}\n{LAYERS}', ["W202"]),
        (f"x-note: |\n  # specmodel: ignore-file[W202]\n{HEAD}\n{LAYERS}", ["W202"]),
        (f"x-note: |  # specmodel: ignore-file[W202]\n  text\n{HEAD}\n{LAYERS}", []),
        (f"x-note: a#b  # specmodel: ignore-file[W202]\n{HEAD}\n{LAYERS}", []),
        (f"{HEAD}  # specmodel: ignore[W202]\r\n{LAYERS}", []),
        (f"# specmodel: 1 comes later\n{HEAD}\n{LAYERS}", ["W202"]),
    ],
)
def test_which_comments_silence_what(text: str, codes: list[str]) -> None:
    write(a=text)
    assert sorted(code for _, code in check("a.yaml")[1]) == codes


def test_an_error_can_be_ignored_and_its_ignore_is_not_judged() -> None:
    write(a="inputs: [4]\nweights: none.npz  # specmodel: ignore[E401] made in CI\nlayers:\n  - Dense: 2\n")
    assert check("a.yaml") == (0, [])
    write(a="inputs: [4]\nlayers:\n  - Dense: 0  # specmodel: ignore[E209, W201] one day\n")
    assert check("a.yaml") == (0, [])


PRESETS = """\
params: {skip: false}
presets: {skipping: {skip: true}}
inputs: [4]
layers:
  - Dense: 3  # specmodel: ignore[W201] of the preset
  - inputs: $('input' if skip else '_')
    Dense: 2
"""


def test_what_an_ignore_is_good_for_may_show_in_a_preset_alone() -> None:
    write(a=PRESETS, unbuilt="layers:\n  - Dense: 2  # specmodel: ignore[W201]\n")
    assert check("a.yaml") == (0, [])
    assert check("a.yaml", "--all-presets") == (0, [])
    assert check("unbuilt.yaml") == (0, [])
    write(a=PRESETS.replace("skip: true", "skip: false, expect: {parameters: 23}"))
    assert check("a.yaml", "--all-presets") == (0, [("a.yaml", "W001")])
    assert check("a.yaml", "--all-presets", "--set", "skip=false") == (0, [])
    assert check("a.yaml", "--all-presets", "--ignore", "W201") == (0, [])


def test_ignores_in_the_file_of_a_block_hold_wherever_it_is_used() -> None:
    write(
        block="inputs: [4]\nlayers:\n  - name: side\n    Dense: 3  # specmodel: ignore[W201] for debugging\n"
        "  - inputs: input\n    Dense: 2\n",
        main="inputs: [4]\nblocks: {Part: {file: block.yaml}}\nlayers:\n  - Part\n",
    )
    assert check("main.yaml", "block.yaml") == (0, [])
    write(block="inputs: [4]\nlayers:\n  - name: side\n    Dense: 3\n  - inputs: input\n    Dense: 2\n")
    assert check("main.yaml", "block.yaml") == (0, [("block.yaml", "W201")])  # said once
