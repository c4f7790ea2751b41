"""What the canonical style makes of a text: before and after."""

import pytest

from specmodel.diagnostics import SpecError
from specmodel.spec.formatting import formatted
from specmodel.text import SourceFile

STYLES = {
    "keys in the order of the language": (
        "layers: [Flatten]\nexpect: {parameters: 0}\ninputs: [4]\nname: m\nspecmodel: 1\n",
        "specmodel: 1\nname: m\ninputs: [4]\nlayers:\n  - Flatten\nexpect:\n  parameters: 0\n",
    ),
    "keys of an entry": (
        "layers:\n  - Dense: 4\n    dtype: float16\n    inputs: x\n    when: $(a)\n    name: d\n    repeat: 2\n",
        "layers:\n  - repeat: 2\n    name: d\n    when: $(a)\n    inputs: x\n    Dense: 4\n    dtype: float16\n",
    ),
    "the author's own keys stay where they are used": (
        "x-a: &a {units: 4}\nlayers:\n  - Dense: *a\nname: m\n",
        "name: m\nx-a: &a {units: 4}\nlayers:\n  - Dense: *a\n",
    ),
    "an anchor never moves behind its alias": (
        "layers:\n  - Dense: &a {units: 4}\ninputs: [3]\nblocks:\n  B:\n    layers:\n      - Dense: *a\n",
        "layers:\n  - Dense: &a {units: 4}\ninputs: [3]\nblocks:\n  B:\n    layers:\n      - Dense: *a\n",
    ),
    "flow where a line has room": (
        "layers:\n- Dense:\n    units: 4\n    activation:\n        relu\n",
        "layers:\n  - Dense: {units: 4, activation: relu}\n",
    ),
    "blocks where it has none": (
        f"layers:\n  - Dense: {{units: 4, name_of_some_length: {'x' * 50}, another_name_of_some_length: {'y' * 50}}}\n",
        f"layers:\n  - Dense:\n      units: 4\n      name_of_some_length: {'x' * 50}\n"
        f"      another_name_of_some_length: {'y' * 50}\n",
    ),
    "quotes only where they are needed": (
        "name: 'm'\nlayers:\n"
        '  - Dense: {units: "$(n)", a: \'1\', b: \'yes\', c: "no: way", d: \'a, b\', e: "it\'s", f: "\\n"}\n',
        'name: m\nlayers:\n  - Dense: {units: $(n), a: "1", b: "yes", c: "no: way", d: "a, b", e: it\'s, f: "\\n"}\n',
    ),
    "text that flow needs quotes for": (
        "layers:\n  - Dense:\n      units: $(a[0])\n",
        'layers:\n  - Dense: {units: "$(a[0])"}\n',
    ),
    "numbers as they were written": (
        "layers:\n  - Dropout:   1e-3\n  - X: {a: 0x10, b: 1.50, c: ~, d: True, e: }\n",
        "layers:\n  - Dropout: 1e-3\n  - X: {a: 0x10, b: 1.50, c: ~, d: True, e: }\n",
    ),
    "a layer without arguments is a word": (
        "layers:\n  - Flatten:\n  - {ReLU: }\n  - name: a\n    Add:\n",
        "layers:\n  - Flatten\n  - ReLU\n  - name: a\n    Add:\n",
    ),
    "rows of a repeat are a table": (
        "layers:\n  - repeat: [{n: 1, filters: 64}, {n: 12, filters: 8}]\n    Conv2D: $(filters)\n",
        "layers:\n  - repeat:\n      - {n: 1,  filters: 64}\n      - {n: 12, filters: 8}\n    Conv2D: $(filters)\n",
    ),
    "presets with the same params are a table": (
        "presets:\n  s: {depth: 2}\n  xl:\n    depth: 12\nlayers: [Add]\n",
        "presets:\n  s:  {depth: 2}\n  xl: {depth: 12}\nlayers:\n  - Add\n",
    ),
    "comments": (
        "# head\n\n# more\nlayers:\n\n\n# above\n- Dense: 4    # beside\n  # end\n-   # dash\n  name: a   # name\n"
        "  ReLU:\n\n\n- Add   # add\n# last\nname: m\n# bottom\n",
        "# head\n\n# more\n\n# last\nname: m\nlayers:\n  # above\n  - Dense: 4  # beside\n    # end\n  # dash\n"
        "  - name: a  # name\n    ReLU:\n\n  - Add  # add\n# bottom\n",
    ),
    "a comment keeps a mapping in block form": (
        "layers:\n  - Dense: {units: 4,  # why\n     use_bias: false}\n",
        "layers:\n  - Dense:\n      units: 4         # why\n      use_bias: false\n",
    ),
    "a comment on the whole of a block keeps it": (
        "presets:\n  a:  # the first\n    width: 2\nlayers: [Add]\n",
        "presets:\n  a:  # the first\n    width: 2\nlayers:\n  - Add\n",
    ),
    "block text": (
        "x-note: |  # as it is\n    one\n      two\n\nlayers:\n  - Add\n",
        "x-note: |  # as it is\n  one\n    two\n\nlayers:\n  - Add\n",
    ),
    "lines end as the first one does": ("name:  m\r\nlayers: [Add]\r\n", "name: m\r\nlayers:\r\n  - Add\r\n"),
    "document markers stay": (
        "%YAML 1.2\n---\nname:  m\nlayers: [Add]\n",
        "%YAML 1.2\n---\nname: m\nlayers:\n  - Add\n",
    ),
    "no line end at the end": ("layers:\n  - Add", "layers:\n  - Add\n"),
    "an anchor on a block": (
        "layers:\n  - &e\n    Dense: 4\n  - *e\n",
        "layers:\n  - &e\n    Dense: 4\n  - *e\n",
    ),
    "merged keys come first": (
        "x-a: &a {units: 4}\nlayers:\n  - name: n\n    Dense: {use_bias: false, <<: *a}\n",
        "x-a: &a {units: 4}\nlayers:\n  - name: n\n    Dense: {use_bias: false, <<: *a}\n",
    ),
    "what is no spec keeps its order": ("b: 1\na:   [ 2 ]\n", "b: 1\na: [2]\n"),
}


def style(text: str) -> str:
    return formatted(SourceFile("spec.yaml", text))


@pytest.mark.parametrize(("before", "after"), STYLES.values(), ids=STYLES)
def test_a_text_in_canonical_style(before: str, after: str) -> None:
    assert style(before) == after
    assert style(after) == after


@pytest.mark.parametrize("text", ["a: [1", "a: 1\na: 2\n", "a: *b\n", "- !!x 1\n", ""])
def test_what_cannot_be_read_is_not_written(text: str) -> None:
    if text:
        with pytest.raises(SpecError):
            style(text)
    else:
        assert style(text) == text
