"""The catalogue: every layer has a page whose spec runs, and README lists them all."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from specmodel import layers, loads
from specmodel.cli import cli
from specmodel.summary.catalogue import catalogue, markdown, page

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
    spec = text.split("A spec that runs\n")[1].split("\n\n")[0]
    model = loads(spec)
    assert [type(layer).__name__ for layer in model.layers] == [name]
    total = model.describe()["totals"]["parameters"]
    assert f" Total params: {total:,} (" in text


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
