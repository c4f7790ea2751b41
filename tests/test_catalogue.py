"""The catalogue: every layer has a page whose spec runs, and README lists them all."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from specmodel import layers, loads
from specmodel.cli import cli
from specmodel.layers.base import Example
from specmodel.summary.catalogue import WIDTH, catalogue, markdown, page

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", layers.NAMES)
def test_a_page_names_each_argument_and_shows_a_spec_that_is_right(name: str) -> None:
    kind = layers.find(name)
    assert kind is not None
    text = page(kind)
    arguments = text.split("Arguments\n")[1].split("\n\n")[0]
    assert [line.split()[0] for line in arguments.split("\n") if line[2] != " "] == (
        list(kind.model_fields) or ["none"]
    )
    assert all(len(line) <= WIDTH for line in text.split("\nA spec that runs\n")[0].split("\n"))
    spec = text.split("A spec that runs\n")[1].split("\n\n")[0]
    model = loads(spec)
    assert [type(layer).__name__ for layer in model.layers] == [name]
    total = model.describe()["totals"]["parameters"]
    assert f" Total params: {total:,} (" in text
    first = next(example for example in kind.examples if example.error is None)
    assert value_of(formulas_of(text)["parameters"], first) in (total, None)


FORMULAS = {
    "Dense": {
        "shapes": "(batch, features) -> (batch, units)",
        "kernel": "(features, units)",
        "bias": "(units,)",
        "parameters": "features*units + units",
        "FLOPs": "2*features*units + units, for one sample",
    },
    "Conv2D": {
        "shapes": "(batch, height, width, channels) -> (batch, height_out, width_out, filters)",
        "height_out": "height - kernel_size + 1",
        "width_out": "width - kernel_size + 1",
        "kernel": "(kernel_size, kernel_size, channels, filters)",
        "bias": "(filters,)",
        "parameters": "channels*filters*kernel_size**2 + filters",
        "FLOPs": "height_out*width_out*(2*channels*filters*kernel_size**2 + filters), for one sample",
    },
    "LSTM": {"parameters": "4*features*units + 4*units**2 + 4*units"},
    "GRU": {"parameters": "3*features*units + 3*units**2 + 6*units"},
    "Bidirectional": {
        "shapes": "(batch, steps, features) -> (batch, 2*units)",
        "parameters": "8*features*units + 8*units**2 + 8*units",
    },
    "MultiHeadAttention": {"parameters": "4*features*key_dim*num_heads + 3*key_dim*num_heads + features"},
    "MaxPooling2D": {"shapes": "(batch, height, width, channels) -> (batch, height//2, width//2, channels)"},
    "Embedding": {"parameters": "input_dim*output_dim", "FLOPs": "0, for one sample"},
    "Concatenate": {
        "shapes": "(batch, steps, features) and (batch, steps, features2) -> (batch, steps, features + features2)"
    },
    "Cholesky": {"shapes": "(batch, features, features) -> (batch, features, features)"},
    "Reshape": {"shapes": "(batch, 3136) -> (batch, 7, 7, 64)"},
}


@pytest.mark.parametrize("name", FORMULAS)
def test_the_formulas_are_those_of_the_textbook(name: str) -> None:
    kind = layers.find(name)
    assert kind is not None
    found = formulas_of(page(kind))
    assert {key: found[key] for key in FORMULAS[name]} == FORMULAS[name]


def formulas_of(text: str) -> dict[str, str]:
    """The formulas of a page by their heads, lines put together."""
    found: dict[str, str] = {}
    last = ""
    for line in text.split("Formulas\n")[1].split("\n\n")[0].split("\n"):
        if line[2] != " ":
            last, _, rest = line.strip().partition("  ")
            found[last] = rest.strip()
        else:
            found[last] += f" {line.strip()}"
    return found


def value_of(formula: str, example: Example) -> int | None:
    """A formula's value for the arguments of an example; None where sizes of inputs are in it, too."""
    numbers = {name: value for name, value in example.arguments.items() if isinstance(value, int)}
    try:
        return int(eval(formula, {"__builtins__": {}}, numbers))
    except NameError:
        return None


def test_the_list_has_every_layer_with_a_line_of_its_own() -> None:
    lines = [line.split(maxsplit=1) for line in catalogue().split("\n") if line.startswith("  ")]
    assert sorted(line[0] for line in lines) == sorted(layers.NAMES)
    assert all(len(line) == 2 for line in lines)


def test_readme_lists_the_layers() -> None:
    shown = README.split("<!-- layers -->\n")[1].split("<!-- /layers -->")[0]
    assert shown.strip() == markdown(), "renew it with `specmodel layers --format markdown`"


def test_an_unknown_layer_is_suggested_and_a_refused_one_explained() -> None:
    assert "did you mean" not in CliRunner().invoke(cli, ["layers", "Dense"]).output
    with pytest.raises(Exception, match="there is no layer `Dens`"):
        CliRunner().invoke(cli, ["layers", "Dens"], catch_exceptions=False, standalone_mode=False)
