"""How batches are cut: what fits, what may not be cut, what is refused."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from specmodel.data.pieces import COMFORTABLE, Batch, Pieces, footprint
from specmodel.diagnostics import SpecError
from specmodel.graph.bind import build_bound
from specmodel.graph.graph import Graph
from specmodel.model.opening import open_mapping

DENSE = {"inputs": [64], "layers": [{"Dense": {"units": 256, "activation": "relu"}}, {"Dense": 8}]}
ROW_BYTES = 4 * (64 + 256 + 8)
MIXED = {"inputs": [4], "layers": [{"Permute": [1]}, {"Softmax": {"axis": 0}}]}


def cut(spec: dict[str, Any], rows: int, asked: int | None = None, limit: int = 1 << 40, held: int = 0) -> Pieces:
    model, graph = open_mapping(spec, Path()).sound()
    assert graph is not None
    known = graph
    assert model.inputs is not None
    shapes = {one.name: (rows, *(int(str(size)) for size in one.type.shape[1:])) for one in model.inputs}
    bound: Callable[[Any], Graph] = lambda shapes: build_bound(model, shapes, known)[1]  # noqa: E731
    return Batch(shapes, held, asked, limit, bound, lambda: known).cut()


@given(st.integers(1, 500), st.integers(1, 600) | st.none())
def test_pieces_follow_each_other_and_cover_the_batch(rows: int, asked: int | None) -> None:
    pieces = Pieces(rows, min(rows, asked or rows), {}, None)
    covered = list(pieces)
    assert len(covered) == pieces.count
    assert [start for start, _ in covered] == [0, *(stop for _, stop in covered[:-1])]
    assert covered[-1][1] == rows
    assert all(0 < stop - start <= pieces.size for start, stop in covered)


@pytest.mark.parametrize("rows", [1, 7, 256])
def test_a_small_batch_is_one_piece(rows: int) -> None:
    pieces = cut(DENSE, rows)
    assert (pieces.size, pieces.outputs) == (rows, {"dense_1": ((rows, 8), "float32")})


def test_a_long_batch_is_cut_into_even_pieces_of_a_comfortable_size() -> None:
    pieces = cut(DENSE, 1_000_000)
    assert COMFORTABLE / 4 < pieces.size * ROW_BYTES < COMFORTABLE
    sizes = {stop - start for start, stop in list(pieces)[:-1]}
    assert sizes == {pieces.size}
    assert pieces.outputs == {"dense_1": ((1_000_000, 8), "float32")}


def test_a_size_that_is_asked_for_is_taken() -> None:
    assert cut(DENSE, 1000, 300).size == 300
    assert cut(DENSE, 10, 300).size == 10


def test_less_memory_makes_smaller_pieces() -> None:
    model, graph = open_mapping(DENSE, Path()).sound()
    weights = footprint(build_bound(model, {"input": (256, 64)}, graph)[1]).weights
    room = 100 * ROW_BYTES
    assert 20 <= cut(DENSE, 5000, limit=weights + room).size <= 100
    assert cut(DENSE, 5000, limit=weights + room, held=room // 2).size < cut(DENSE, 5000, limit=weights + room).size


def test_a_layer_that_mixes_samples_keeps_the_batch_whole() -> None:
    assert (cut(MIXED, 10_000, 100).size, cut(MIXED, 10_000, 100).mixing) == (10_000, "softmax")
    with pytest.raises(SpecError) as caught:
        cut(MIXED, 10_000, limit=10_000)
    [found] = caught.value.diagnostics
    assert found.code == "E504"
    assert found.message.startswith("the batch of 10,000 samples takes ")
    assert "`softmax` needs the whole batch at once" in found.notes[1].message


@pytest.mark.parametrize(("asked", "what"), [(None, "one sample takes"), (50, "a piece of 50 samples takes")])
def test_what_cannot_fit_is_refused(asked: int | None, what: str) -> None:
    with pytest.raises(SpecError) as caught:
        cut(DENSE, 1000, asked, limit=1000)
    [found] = caught.value.diagnostics
    assert (found.code, found.message[: len(what)]) == ("E504", what)


def test_a_footprint_counts_weights_and_what_a_piece_needs() -> None:
    model, graph = open_mapping(DENSE, Path()).sound()
    found = footprint(build_bound(model, {"input": (10, 64)}, graph)[1], held=5)
    assert (found.weights, found.held) == (4 * (64 * 256 + 256 + 256 * 8 + 8), 5)
    assert 10 * ROW_BYTES <= found.moving <= 2 * 10 * ROW_BYTES + 1024
