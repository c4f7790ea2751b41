"""The three networks that come with their weights give their original framework's numbers, through `specmodel run`."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.networks.conftest import SPECS

Run = Callable[..., Any]
Summary = Callable[..., dict[str, Any]]

TOTALS = {"magika/magika.yaml": 784_150, "mtcnn_pnet/mtcnn_pnet.yaml": 6_632, "g2pm/g2pm.yaml": 401_292}


def recorded(name: str) -> Any:
    return np.load(SPECS / name)


@pytest.mark.parametrize(("spec", "parameters"), TOTALS.items())
def test_parameters(summary: Summary, spec: str, parameters: int) -> None:
    assert summary(spec)["totals"]["parameters"] == parameters


def test_the_examples_in_the_specs_pass(specmodel: Callable[..., str]) -> None:
    assert specmodel("test", SPECS).splitlines()[-1] == "3 examples: 3 passed"


# Magika


def test_magika_gives_the_odds_of_the_original(run: Run) -> None:
    odds = run("magika/magika.yaml", SPECS / "magika/input.npy")
    np.testing.assert_allclose(odds, recorded("magika/expected.npy"), rtol=1e-3, atol=1e-5)


def test_magika_names_the_types_the_original_names(run: Run) -> None:
    labels = json.loads((SPECS / "magika/labels.json").read_text())
    odds = run("magika/magika.yaml", SPECS / "magika/input.npy")
    assert [labels["labels"][best] for best in odds.argmax(axis=1)] == labels["top1"]


# P-Net


@pytest.mark.parametrize("output", ["bbox", "prob"])
def test_pnet_gives_the_maps_of_the_original(run: Run, output: str) -> None:
    found = run("mtcnn_pnet/mtcnn_pnet.yaml", SPECS / "mtcnn_pnet/input.npy", several=True)
    assert list(found) == ["bbox", "prob"]
    np.testing.assert_allclose(found[output], recorded(f"mtcnn_pnet/expected_{output}.npy"), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("top", "left", "height", "width", "rows", "columns"),
    [
        (0, 0, 96, 80, 43, 35),
        (10, 4, 40, 60, 15, 25),
        (2, 20, 12, 12, 1, 1),
        (30, 0, 41, 33, 15, 11),  # an odd size: one place more, which sees the border, is left out
    ],
)
def test_pnet_sees_a_part_of_an_image_as_in_the_whole(
    run: Run, tmp_path: Path, top: int, left: int, height: int, width: int, rows: int, columns: int
) -> None:
    """A place of the map sees 12x12 pixels, the next one those 2 pixels further."""
    image = recorded("mtcnn_pnet/input.npy")
    np.save(tmp_path / "part.npy", image[:, top : top + height, left : left + width])
    found = run("mtcnn_pnet/mtcnn_pnet.yaml", tmp_path / "part.npy", several=True)
    for output in ("bbox", "prob"):
        assert found[output].shape[1:3] == (rows + height % 2, columns + width % 2)
        whole = recorded(f"mtcnn_pnet/expected_{output}.npy")
        place = whole[:, top // 2 : top // 2 + rows, left // 2 : left // 2 + columns]
        np.testing.assert_allclose(found[output][:, :rows, :columns], place, rtol=1e-4, atol=1e-5)


# g2pM


def test_g2pm_gives_the_scores_of_the_original(run: Run) -> None:
    found = run("g2pm/g2pm.yaml", SPECS / "g2pm/input.npy", several=True)
    np.testing.assert_allclose(found["hidden"], recorded("g2pm/expected_hidden.npy"), rtol=0, atol=1e-5)
    np.testing.assert_allclose(found["logits"], recorded("g2pm/expected_logits.npy"), rtol=1e-3, atol=1e-4)


def test_g2pm_reads_padded_sentences_as_the_original(run: Run) -> None:
    found = run("g2pm/g2pm.yaml", SPECS / "g2pm/masked_input.npy", several=True)
    there = recorded("g2pm/masked_input.npy") != 0
    assert there.sum(axis=1).tolist() == [25, 19, 16, 9]
    hidden, logits = recorded("g2pm/masked_expected_hidden.npy"), recorded("g2pm/masked_expected_logits.npy")
    np.testing.assert_allclose(found["hidden"][there], hidden[there], rtol=0, atol=1e-5)
    np.testing.assert_allclose(found["logits"][there], logits[there], rtol=1e-3, atol=1e-4)


SOUNDS = [
    {5: "了 le5", 16: "了 le5", 17: "大 da4", 19: "的 de5"},
    {1: "行 hang2", 2: "行 xing2", 3: "长 zhang3", 5: "重 chong2", 7: "重 chong2", 9: "调 diao4", 10: "查 cha2"},
    {1: "长 zhang3", 2: "得 de5", 6: "还 hai2", 7: "得 de2", 8: "还 huan2", 10: "给 gei3"},
    {1: "乐 yue4", 5: "乐 yue4"},
]
"""The characters that have several sounds, by their places in the sentences, with the sound that the package reads."""


def test_g2pm_says_each_character_as_its_sentence_wants(run: Run) -> None:
    sounds = json.loads((SPECS / "g2pm/sounds.json").read_text())
    sentences = json.loads((SPECS / "g2pm/sentences.json").read_text())["sentences"]
    logits = run("g2pm/g2pm.yaml", SPECS / "g2pm/masked_input.npy", several=True)["logits"]
    for number, places in enumerate(SOUNDS):
        best = logits[number].argmax(axis=-1)
        # The row begins with the start sign.
        assert {at: f"{sentences[number][at]} {sounds[best[at + 1]]}" for at in places} == places
