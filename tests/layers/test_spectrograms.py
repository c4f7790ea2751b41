"""Spectrograms against sums that are written out."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from specmodel import layers
from specmodel.types.tensor import TensorType
from tests.layers.alone import output, refusal, shape
from tests.layers.harness import graph_of, run

SOUND = np.random.default_rng(5).normal(size=(2, 60)).astype(np.float32)


def mirrored(x: Any, place: int) -> Any:
    """The sample at a place that may be outside: the signal goes on as in a mirror at either end."""
    last = x.shape[-1] - 1
    while last and not 0 <= place <= last:
        place = -place if place < 0 else 2 * last - place
    return x[..., place if last else 0]


def mel_twin(x: Any, fft: int, step: int, weights: Any, bands: int, rate: int, low: float, high: float) -> Any:
    """Power in bands, frame by frame and band by band, in double precision."""
    frames = (x.shape[-1] + 2 * (fft // 2) - fft) // step + 1
    out = np.zeros((*x.shape[:-1], bands, frames))
    edges = 700 * np.expm1(np.linspace(np.log1p(low / 700), np.log1p(high / 700), bands + 2))
    for frame in range(frames):
        part = np.stack([mirrored(x, frame * step - fft // 2 + i) for i in range(fft)], -1).astype(np.float64) * weights
        for k in range(1, fft // 2 + 1):
            power = np.abs(np.sum(part * np.exp(-2j * np.pi * k * np.arange(fft) / fft), -1)) ** 2
            height = np.log1p((rate / 2 * k / (fft // 2)) / 700)
            for band in range(bands):
                a, b, c = np.log1p(edges[band : band + 3] / 700)
                out[..., band, frame] += power * max(0, min((height - a) / (b - a), (c - height) / (c - b)))
    return out


@pytest.mark.parametrize(("fft", "step", "samples"), [(8, 4, 20), (16, 3, 40), (9, 5, 30), (16, 8, 5), (8, 4, 1)])
def test_mel_bands(fft: int, step: int, samples: int) -> None:
    x = SOUND[:, :samples]
    arguments = {"fft_length": fft, "sequence_stride": step, "num_mel_bins": 3, "power_to_db": False}
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(fft) / fft)
    wanted = mel_twin(x, fft, step, hann, 3, 16000, 20.0, 8000.0)
    np.testing.assert_allclose(output("MelSpectrogram", arguments, x), wanted, rtol=1e-4, atol=1e-4)


def test_a_short_window_stands_in_the_middle_and_a_list_is_one() -> None:
    weights = [0.5, 1.0, 2.0]
    arguments: dict[str, Any] = {"fft_length": 8, "sequence_stride": 4, "num_mel_bins": 2, "power_to_db": False}
    arguments |= {"sequence_length": 3, "window": weights}
    wanted = mel_twin(SOUND, 8, 4, np.array([0, 0, *weights, 0, 0, 0]), 2, 16000, 20.0, 8000.0)
    np.testing.assert_allclose(output("MelSpectrogram", arguments, SOUND), wanted, rtol=1e-4, atol=1e-4)


def test_decibels_are_cut_off_below_the_loudest_of_all() -> None:
    x = np.stack([SOUND[0], SOUND[0] * 1e-4])
    arguments = {"fft_length": 8, "sequence_stride": 4, "num_mel_bins": 2, "top_db": 30.0, "ref_power": 10.0}
    power = output("MelSpectrogram", {**arguments, "power_to_db": False}, x)
    levels = 10 * np.log10(np.maximum(power, 1e-10) / 10)
    wanted = np.maximum(levels, levels.max() - 30)
    np.testing.assert_allclose(output("MelSpectrogram", arguments, x), wanted, rtol=1e-4, atol=1e-4)


def test_one_signal_alone() -> None:
    arguments = {"fft_length": 8, "sequence_stride": 4, "num_mel_bins": 2}
    alone = output("MelSpectrogram", arguments, SOUND[0])
    np.testing.assert_array_equal(alone, output("MelSpectrogram", arguments, SOUND[:1])[0])


def test_frames_of_an_open_length() -> None:
    assert shape("MelSpectrogram", {"fft_length": 8, "sequence_stride": 4}, "n") == (128, "n//4 + 1")


def stft(arguments: dict[str, Any], x: Any) -> tuple[Any, dict[str, Any]]:
    layer = layers.find("STFTSpectrogram").declare(arguments)  # type: ignore[union-attr]
    graph, diagnostics = graph_of(layer, [TensorType(x.shape, "float32")])
    assert not diagnostics.failed
    generator = np.random.default_rng(1)
    weights = {spec.path: generator.normal(size=spec.shape).astype(np.float32) for spec in graph.weights()}
    return run(graph, weights, [x])[0], weights


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["log", "magnitude", "psd", "real", "imag", "angle", "stft"]),
    st.integers(1, 4),
    st.booleans(),
    st.booleans(),
    st.integers(1, 3),
)
def test_parts_of_each_channel(mode: str, step: int, expand: bool, first: bool, channels: int) -> None:
    x = np.random.default_rng(2).normal(size=(2, 13, channels)).astype(np.float32)
    arguments = {"mode": mode, "frame_length": 4, "frame_step": step, "expand_dims": expand}
    form = {"data_format": "channels_first"} if first else {}
    found, weights = stft({**arguments, **form}, np.moveaxis(x, -1, 1) if first else x)
    starts = range(0, 13 - 4 + 1, step)
    frames = np.stack([x[:, start : start + 4].astype(np.float64) for start in starts], 1)  # batch, frames, 4, channels
    parts = {path[6:10]: np.einsum("bflc,lq->bcfq", frames, kernel[:, 0]) for path, kernel in weights.items()}
    wanted = shown(mode, parts.get("real"), parts.get("imag"))
    if expand:
        wanted = wanted if first else wanted.transpose(0, 2, 3, 1)
    else:
        wanted = wanted.transpose(0, 2, 1, 3).reshape(2, len(starts), -1)
        wanted = np.moveaxis(wanted, -1, 1) if first else wanted
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-4)


def shown(mode: str, real: Any, imaginary: Any) -> Any:
    if mode in ("real", "imag"):
        return real if mode == "real" else imaginary
    power = real**2 + imaginary**2
    match mode:
        case "stft":
            return np.concatenate([real, imaginary], -1)
        case "angle":
            return np.arctan2(imaginary, real)
        case "psd":
            return power * [1, 2, 1]
    magnitude = np.sqrt(np.maximum(power, 1e-7))
    return magnitude if mode == "magnitude" else np.log(np.maximum(magnitude, 1e-7))


@pytest.mark.parametrize(
    ("name", "arguments", "part"),
    [
        (
            "MelSpectrogram",
            {"window": [1.0, 2.0]},
            "`window` of MelSpectrogram must have `sequence_length` numbers",
        ),
        ("MelSpectrogram", {"min_freq": 9000.0}, "`min_freq` of MelSpectrogram must be below `max_freq`, 8000"),
        ("MelSpectrogram", {"fft_length": 0}, "`fft_length` of MelSpectrogram must be greater than 0"),
        (
            "STFTSpectrogram",
            {"frame_step": 300},
            "`frame_step` of STFTSpectrogram must be from 1 to `frame_length`",
        ),
        ("STFTSpectrogram", {"frame_length": 1}, "`frame_step` of STFTSpectrogram must be from 1"),
        ("STFTSpectrogram", {"window": "nope"}, "`window` of STFTSpectrogram must be `hann`"),
        ("STFTSpectrogram", {"mode": "power"}, "`mode` of STFTSpectrogram must be"),
    ],
)
def test_refusals(name: str, arguments: dict[str, Any], part: str) -> None:
    assert part in refusal(name, arguments)
