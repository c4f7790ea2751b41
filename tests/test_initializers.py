"""The numbers that weights start with: exact where they are fixed, statistical where they are drawn."""

from collections.abc import Iterator
from hashlib import blake2b
from itertools import islice
from math import isclose, log, pi, sqrt
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
from pydantic_core import PydanticCustomError

from specmodel import layers
from specmodel.layers.objects import INITIALIZERS, Named, Pieces
from specmodel.ops.source import WeightSpec
from specmodel.types.tensor import TensorType
from specmodel.weights.initialize import fans, initial
from specmodel.weights.streams import CHUNK, _log, normal_quantile
from specmodel.weights.windows import window
from tests.layers.harness import graph_of


def start(initializer: Any, *shape: int, seed: int = 0, path: str = "dense/kernel", dtype: str = "float32") -> Any:
    """The first numbers of a weight whose initializer is written as in a spec."""
    parsed = initializer if isinstance(initializer, Pieces) else INITIALIZERS.parse(initializer)
    made = initial(WeightSpec(path, shape, dtype, parsed), seed)
    assert made.shape == shape
    return made


def raw_numbers(seed: int, path: str) -> Iterator[int]:
    """M. O'Neill's PCG64 (XSL-RR), in Python's integers, from the hash of seed and path."""
    digest = blake2b(f"{seed}\0{path}".encode(), digest_size=32).digest()
    state, increment = int.from_bytes(digest[:16], "little"), int.from_bytes(digest[16:], "little") | 1
    while True:
        state = (state * 0x2360ED051FC65DA44385DF649FCCF645 + increment) % 2**128
        folded, turn = (state >> 64) ^ (state % 2**64), state >> 122
        yield (folded >> turn | folded << (64 - turn)) % 2**64


def uniform_numbers(seed: int, path: str, count: int) -> Any:
    """Numbers from 0 to 1, both exclusive."""
    return np.array([(raw // 2**11 + 0.5) / 2**53 for raw in islice(raw_numbers(seed, path), count)])


@pytest.mark.parametrize(("seed", "path"), [(0, "dense/kernel"), (1, "dense/kernel"), (-3, "a/größe"), (2**70, "")])
def test_uniform_numbers_follow_from_seed_and_path_alone(seed: int, path: str) -> None:
    found = start({"random_uniform": {"minval": 0, "maxval": 1}}, 5, 8, seed=seed, path=path, dtype="float64")
    np.testing.assert_allclose(found.ravel(), uniform_numbers(seed, path, 40), rtol=1e-15)


def test_normal_numbers_are_the_quantiles_of_uniform_ones() -> None:
    found = start("random_normal", 400, dtype="float64") / 0.05
    wanted = [NormalDist().inv_cdf(p) for p in uniform_numbers(0, "dense/kernel", 400)]
    np.testing.assert_allclose(found, wanted, rtol=1e-11)


def test_first_numbers_never_change() -> None:
    found = [start(name, 2, 2).ravel().tolist() for name in ("glorot_uniform", "he_normal", "random_normal")]
    assert found == [
        [-0.4834924340248108, -0.7065257430076599, 0.4871804118156433, 1.0981072187423706],
        [-0.55856853723526, -0.8599819540977478, 0.5631937384605408, 1.6601911783218384],
        [-0.02584470622241497, -0.04005064815282822, 0.026060616597533226, 0.08142964541912079],
    ]


def test_far_quantiles_are_right() -> None:
    shares = np.array([2.0**-54, 1e-15, 1.3e-11, 1e-9, 1e-4, 0.0749, 0.0751, 0.3, 0.4999])
    wanted = [NormalDist().inv_cdf(share) for share in shares]
    np.testing.assert_allclose(normal_quantile(shares - 0.5)[4:], wanted[4:], rtol=1e-12)
    exact = shares[:1]  # 0.5 less than this is still a number of its own
    np.testing.assert_allclose(normal_quantile(exact - 0.5), wanted[:1], rtol=1e-12)
    np.testing.assert_array_equal(normal_quantile(shares - 0.5), -normal_quantile(0.5 - shares))


def test_the_logarithm_is_exact_to_the_last_digits() -> None:
    numbers = np.exp(np.linspace(-37, -0.7, 1000))
    np.testing.assert_allclose(_log(numbers), [log(x) for x in numbers], rtol=4e-16)


@pytest.mark.parametrize("name", ["random_normal", "glorot_uniform", "orthogonal"])
def test_numbers_differ_between_paths_and_seeds_and_repeat_otherwise(name: str) -> None:
    first = start(name, 4, 3)
    np.testing.assert_array_equal(first, start(name, 4, 3))
    for other in (start(name, 4, 3, path="dense_1/kernel"), start(name, 4, 3, seed=1)):
        assert not np.isclose(first, other).any()


def test_an_initializer_s_own_seed_replaces_that_of_the_model() -> None:
    own = {"he_uniform": {"seed": 5}}
    np.testing.assert_array_equal(start(own, 3, 3, seed=0), start(own, 3, 3, seed=1))
    np.testing.assert_array_equal(start(own, 3, 3, seed=0), start("he_uniform", 3, 3, seed=5))


def test_a_longer_weight_begins_as_a_shorter_one() -> None:
    long = start("random_normal", CHUNK + 5)
    np.testing.assert_array_equal(long[:7], start("random_normal", 7))
    assert len(np.unique(long)) > CHUNK - 5


def test_dtypes_are_roundings_of_the_same_numbers() -> None:
    exact = start("random_normal", 500, dtype="float64")
    single, half, brain = (start("random_normal", 500, dtype=name) for name in ("float32", "float16", "bfloat16"))
    np.testing.assert_array_equal(single, exact.astype(np.float32))
    np.testing.assert_array_equal(half, single.astype(np.float16))
    assert brain.dtype == np.float32
    assert not (brain.view(np.uint32) & 0xFFFF).any()
    np.testing.assert_allclose(brain, exact, rtol=2**-8)
    assert start("ones", 3, dtype="int32").dtype == np.int32


@pytest.mark.parametrize(
    ("initializer", "shape", "deviation", "limit"),
    [
        ("glorot_uniform", (200, 300), sqrt(2 / 500), sqrt(6 / 500)),
        ("glorot_normal", (200, 300), sqrt(2 / 500), 2 / 0.8796 * sqrt(2 / 500)),
        ("he_uniform", (200, 300), sqrt(2 / 200), sqrt(6 / 200)),
        ("he_normal", (200, 300), sqrt(2 / 200), 2 / 0.8796 * sqrt(2 / 200)),
        ("lecun_uniform", (200, 300), sqrt(1 / 200), sqrt(3 / 200)),
        ("lecun_normal", (200, 300), sqrt(1 / 200), 2 / 0.8796 * sqrt(1 / 200)),
        ("he_uniform", (3, 3, 50, 100), sqrt(2 / 450), sqrt(6 / 450)),
        ("glorot_uniform", (3, 3, 50, 100), sqrt(2 / 1350), sqrt(6 / 1350)),
        ("he_uniform", (40_000,), sqrt(2 / 40_000), sqrt(6 / 40_000)),
        ("random_normal", (40_000,), 0.05, 0.3),
        ({"random_normal": {"stddev": 3.0}}, (40_000,), 3, 18),
        ("random_uniform", (40_000,), 0.05 / sqrt(3), 0.05),
        ("truncated_normal", (40_000,), 0.05 * 0.8796, 0.1),
        ("variance_scaling", (200, 300), sqrt(1 / 200), 2 / 0.8796 * sqrt(1 / 200)),
        ({"variance_scaling": {"scale": 4.0, "mode": "fan_out"}}, (200, 300), 2 / sqrt(300), 4 / 0.8796 / sqrt(300)),
        ({"variance_scaling": {"distribution": "uniform"}}, (200, 300), sqrt(1 / 200), sqrt(3 / 200)),
        ({"variance_scaling": {"distribution": "untruncated_normal"}}, (200, 300), sqrt(1 / 200), 0.45),
        ({"variance_scaling": {"mode": "fan_avg", "distribution": "Normal"}}, (200, 300), sqrt(1 / 250), 0.15),
        ({"he_uniform": {"input_axes": [0], "output_axes": [1, 2]}}, (50, 40, 30), sqrt(2 / 50), sqrt(6 / 50)),
        ("orthogonal", (300, 200), sqrt(1 / 300), 0.5),
    ],
)
def test_drawn_numbers_have_their_spread(
    initializer: Any, shape: tuple[int, ...], deviation: float, limit: float
) -> None:
    found = start(initializer, *shape, dtype="float64")
    assert abs(found.mean()) < 0.02 * deviation
    assert isclose(found.std(), deviation, rel_tol=0.02)
    assert np.abs(found).max() <= limit * 1.0001


def test_mean_and_bounds_move_the_numbers() -> None:
    plain, moved = start("random_normal", 99, dtype="float64"), {"random_normal": {"mean": 7, "stddev": 2}}
    np.testing.assert_allclose(start(moved, 99, dtype="float64"), 7 + plain * 40, rtol=1e-12)
    bounded = start({"random_uniform": {"minval": 3, "maxval": 4}}, 999)
    assert 3 <= bounded.min() < 3.01
    assert 3.99 < bounded.max() <= 4


@pytest.mark.parametrize("name", ["random_uniform", "random_normal", "truncated_normal"])
def test_tenths_of_the_distribution_are_equally_full(name: str) -> None:
    found = start(name, 100_000, dtype="float64") / 0.05
    normal = NormalDist()
    shares = {
        "random_uniform": found / 2 + 0.5,
        "random_normal": np.array([normal.cdf(x) for x in found]),
        "truncated_normal": (np.array([normal.cdf(x) for x in found]) - normal.cdf(-2)) / (1 - 2 * normal.cdf(-2)),
    }[name]
    counts = np.histogram(shares, 10, (0, 1))[0]
    assert counts.sum() == 100_000
    assert np.abs(counts - 10_000).max() < 500


@pytest.mark.parametrize(
    ("shape", "axes", "wanted"),
    [
        ((), (None, None), (1, 1)),
        ((7,), (None, None), (7, 7)),
        ((3, 5), (None, None), (3, 5)),
        ((2, 3, 5), (None, None), (6, 10)),
        ((3, 3, 4, 5), (None, None), (36, 45)),
        ((4, 2, 3), ((0,), (1, 2)), (4, 6)),
        ((4, 2, 3), ((0, 1), (2,)), (8, 3)),
        ((4, 2, 3), ((), (0, 1, 2)), (1, 24)),
        ((4, 2, 3), ((0,), None), (8, 12)),
    ],
)
def test_fans(shape: tuple[int, ...], axes: tuple[Any, Any], wanted: tuple[int, int]) -> None:
    assert fans(shape, *axes) == wanted


@pytest.mark.parametrize("shape", [(4, 4), (6, 3), (3, 6), (2, 2, 3), (2, 2, 9), (1, 5)])
def test_orthogonal_rows_or_columns(shape: tuple[int, ...]) -> None:
    found = start({"orthogonal": {"gain": 3.0}}, *shape, dtype="float64").reshape(-1, shape[-1])
    product = found.T @ found if found.shape[0] >= found.shape[1] else found @ found.T
    np.testing.assert_allclose(product, 9 * np.eye(min(found.shape)), atol=1e-12)


def test_orthogonal_signs_are_fair() -> None:
    corners = np.array([start("orthogonal", 3, 3, seed=seed)[0, 0] for seed in range(400)])
    assert 150 < (corners > 0).sum() < 250


def test_constants() -> None:
    np.testing.assert_array_equal(start("zeros", 2, 3), [[0, 0, 0], [0, 0, 0]])
    np.testing.assert_array_equal(start("ones", 2), [1, 1])
    np.testing.assert_array_equal(start({"constant": 0.5}, 2), [0.5, 0.5])
    np.testing.assert_array_equal(start({"identity": {"gain": 2}}, 2, 3), [[2, 0, 0], [0, 2, 0]])
    assert start("zeros", 0, 3).size == 0


def test_pieces_stand_side_by_side_with_numbers_of_their_own() -> None:
    found = start(Pieces((("zeros", 2), ("ones", 1), ("zeros", 3))), 6)
    np.testing.assert_array_equal(found, [0, 0, 1, 0, 0, 0])
    found = start(Pieces((("random_normal", 2), (Named("constant", (("value", 9.0),)), 1), ("random_normal", 2))), 4, 5)
    np.testing.assert_array_equal(found[:, 2], [9, 9, 9, 9])
    assert not np.isclose(found[:, :2], found[:, 3:]).any()


@pytest.mark.parametrize("scaling", ["density", "spectrum", None])
@pytest.mark.parametrize("name", ["hann", None])
def test_stft_is_a_fourier_transform_of_windowed_steps(name: str | None, scaling: str | None) -> None:
    signal = np.random.default_rng(4).normal(size=7)
    real, imag = (
        start({"stft": {"side": side, "window": name, "scaling": scaling}}, 7, 1, 5, dtype="float64")[:, 0]
        for side in ("real", "imag")
    )
    shape = np.ones(7) if name is None else np.hanning(7)
    norm = {"density": np.linalg.norm(shape), "spectrum": shape.sum(), None: 1}[scaling] if name is not None else 1
    wanted = np.fft.rfft(signal * shape, 8) / norm
    np.testing.assert_allclose(signal @ real + 1j * (signal @ imag), wanted, atol=1e-12)


@pytest.mark.parametrize(
    ("name", "size", "wanted"),
    [
        ("boxcar", 3, [1, 1, 1]),
        ("hann", 5, np.hanning(5)),
        ("hamming", 6, np.hamming(6)),
        ("blackman", 7, np.blackman(7)),
        ("bartlett", 6, np.bartlett(6)),
        ("triang", 4, [0.25, 0.75, 0.75, 0.25]),
        ("triang", 3, [0.5, 1, 0.5]),
        ("cosine", 2, [sqrt(0.5), sqrt(0.5)]),
        ("barthann", 3, [0, 1, 0]),
        ("bohman", 5, [0, 1 / pi, 1, 1 / pi, 0]),
        ("nuttall", 3, [0.0003628, 1, 0.0003628]),
        ("blackmanharris", 3, [0.00006, 1, 0.00006]),
        ("flattop", 3, [-0.00042105, 1, -0.00042105]),
        ("hann", 1, [1]),
    ],
)
def test_windows(name: str, size: int, wanted: Any) -> None:
    np.testing.assert_allclose(window(name, size, periodic=False), wanted, atol=1e-8)
    longer = window(name, size + 1, periodic=False)
    np.testing.assert_allclose(window(name, size, periodic=True), longer[:size] if size > 1 else [1])


def test_every_initializer_of_keras_has_numbers() -> None:
    shapes = {"Identity": (3, 4), "STFT": (4, 1, 3)}
    names = sorted(set(INITIALIZERS.spellings.values()))
    assert len(names) == 16
    assert all(np.isfinite(start(name, *shapes.get(name, (2, 3, 4)))).all() for name in names)


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ({"variance_scaling": {"scale": 0}}, "`scale` of initializer `variance_scaling` must be greater than 0"),
        ({"variance_scaling": {"mode": "fan"}}, "`mode` of initializer `variance_scaling` must be `fan_in`"),
        ({"he_normal": {"scale": 2}}, "unknown argument `scale` of initializer `he_normal`"),
        ({"constant": "a"}, "`value` of initializer `constant` must be a number"),
        ({"random_normal": {"seed": 1.5}}, "`seed` of initializer `random_normal` must be an integer"),
        ({"stft": {"window": "han"}}, "`window` of initializer `stft` must be a list of numbers, null or one of hann"),
        ("glorot", "unknown initializer `glorot`"),
    ],
)
def test_wrong_arguments_are_refused(written: Any, wanted: str) -> None:
    with pytest.raises(PydanticCustomError) as caught:
        INITIALIZERS.parse(written)
    assert wanted in str(caught.value)


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        ({"bias_initializer": "orthogonal"}, "`bias`, of the shape (4,), makes weights of at least 2 axes"),
        ({"bias_initializer": "identity"}, "`bias`, of the shape (4,), makes weights of 2 axes only"),
        ({"kernel_initializer": "stft"}, "`kernel`, of the shape (3, 4), makes weights of the shape (steps, 1, "),
        (
            {"kernel_initializer": {"he_normal": {"input_axes": [2], "output_axes": [1]}}},
            "names the axis 2 in `input_axes`, but the weight has 2 axes",
        ),
    ],
)
def test_an_initializer_that_cannot_make_the_weight_is_refused(arguments: dict[str, Any], wanted: str) -> None:
    layer = layers.find("Dense").declare({"units": 4, **arguments})  # type: ignore[union-attr]
    _, diagnostics = graph_of(layer, [TensorType((2, 3), "float32")])
    (found,) = diagnostics
    assert wanted in found.message
