"""The form of `examples`, which `check` validates."""

import pytest

from specmodel.model.examples import MOST_CHOICES
from specmodel.model.opening import check_opened
from tests.spec.flat import opened

SPEC = """\
params: {units: 3}
presets: {wide: {units: 5}}
inputs: [4]
layers: [{Dense: $(units)}]
examples: %s
"""
FILES = "inputs: a.npy, outputs: b.npy"


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("5", "`examples` is a list, found 5"),
        (f"{{{FILES}}}", "`examples` is a list, found a mapping"),
        ("[a.npy]", 'an example is a mapping with `inputs` and `outputs`, found the text "a.npy"'),
        ("[{inputs: a.npy}]", "an example needs `outputs`"),
        ("[{outputs: a.npy}]", "an example needs `inputs`"),
        (f"[{{{FILES}, atl: 1}}]", "unknown key `atl` of an example"),
        ("[{inputs: [a.npy], outputs: b.npy}]", "`inputs` of an example names files, found a list of 1"),
        ("[{inputs: , outputs: b.npy}]", "`inputs` of an example names files, found nothing"),
        ("[{inputs: {x: 3}, outputs: b.npy}]", "`x` of `inputs` is the path of an .npy file, found 3"),
        (
            "[{inputs: {x: a.npz}, outputs: b.npy}]",
            "an .npz file names its arrays itself, and `x` stands for one array",
        ),
        (f"[{{{FILES}, atol: -1}}]", "`atol` is a number from 0 on, or a mapping of outputs to such, found -1"),
        (
            f"[{{{FILES}, rtol: small}}]",
            '`rtol` is a number from 0 on, or a mapping of outputs to such, found the text "small"',
        ),
        (
            f"[{{{FILES}, rtol: {{a: true}}}}]",
            "`rtol` is a number from 0 on, or a mapping of outputs to such, found true",
        ),
        (f"[{{{FILES}, preset: wied}}]", "there is no preset `wied`"),
        (f"[{{{FILES}, preset: [wide]}}]", "`preset` is the name of a preset, or null for none, found a list of 1"),
        (f"[{{{FILES}, params: {{unit: 1}}}}]", "there is no param `unit`"),
        (f"[{{{FILES}, params: 3}}]", "`params` of an example maps params to values, found 3"),
        (f"[{{{FILES}, name: 3}}]", "`name` of an example is a text, found 3"),
        (f"[{{{FILES}, params: {{units: many}}}}]", 'the param `units` must be an integer, found the text "many"'),
    ],
)
def test_a_wrong_form_is_told(written: str, message: str) -> None:
    found = opened(SPEC % written)
    check_opened(found)
    assert message in [one.message for one in found.diagnostics]
    assert all(one.span is not None and one.span.line == 5 for one in found.diagnostics)


@pytest.mark.parametrize("written", ["", "null", "[]"])
def test_there_need_not_be_any(written: str) -> None:
    found = opened(SPEC % written)
    check_opened(found)
    assert list(found.diagnostics) == []


MANY = {
    "unknown keys": f"[{{{FILES}, {', '.join(f'key{number}: 1' for number in range(2000))}}}]",
    "unknown params": f"[{{{FILES}, params: {{{', '.join(f'p{number}: 1' for number in range(2000))}}}}}]",
    "missing files": f"[{{inputs: {{{', '.join(f'x{number}: a.npy' for number in range(2000))}}}, outputs: b.npy}}]",
}


@pytest.mark.parametrize("written", MANY.values(), ids=MANY)
def test_of_very_many_mistakes_the_rest_is_not_looked_at(written: str) -> None:
    found = opened(SPEC % written)
    check_opened(found)
    assert len(found.diagnostics) < 300


def test_there_is_a_largest_number_of_examples() -> None:
    found = opened(SPEC % f"[{', '.join([f'{{{FILES}}}'] * 1001)}]")
    check_opened(found)
    assert [one.message for one in found.diagnostics] == ["`examples` holds 1,001 of them, and 1,000 is the most"]


def test_check_opens_a_spec_under_so_many_params_and_no_more() -> None:
    found = opened(SPEC % f"[{', '.join(f'{{{FILES}, params: {{units: {number}}}}}' for number in range(1, 99))}]")
    check_opened(found)
    assert [one.message for one in found.diagnostics] == ["`a.npy`: there is no such file"] * (MOST_CHOICES - 1)
