"""Sound as pictures of its frequencies: MelSpectrogram, STFTSpectrogram."""

from math import log, pi
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from specmodel.diagnostics import codes
from specmodel.layers.base import Example, Layer
from specmodel.layers.channels import as_declared, channel_count, channels_last
from specmodel.layers.fields import DataFormat, PosInt, PosReal, Real
from specmodel.layers.initializers import WINDOWS
from specmodel.layers.mel import mel_filters
from specmodel.layers.objects import Named
from specmodel.layers.scope import Scope
from specmodel.layers.validation import refuse, shown
from specmodel.layers.windows import DATA_FORMAT
from specmodel.ops.conv import Conv
from specmodel.ops.elementwise import binary, cast, maximum, sqrt, square, unary
from specmodel.ops.elementwise import log as logarithm
from specmodel.ops.linear import matmul
from specmodel.ops.reduce import reduce
from specmodel.ops.shape import concat, pad, reshape, transpose
from specmodel.ops.signal import Frames, reflected, rfft
from specmodel.ops.source import constant, iota
from specmodel.ops.value import Value
from specmodel.types.tensor import is_floating

_EPSILON = 1e-7  # Keras' backend.epsilon()
_COSINES = {"hann": (0.5, 0.5), "hamming": (0.54, 0.46)}


def _window(names: tuple[str, ...]) -> Any:
    def parse(value: object) -> object:
        value = value.tolist() if hasattr(value, "tolist") else value
        if value is None or (isinstance(value, str) and value in names):
            return value
        if isinstance(value, list | tuple) and value:
            return tuple(value)
        raise refuse(
            f"must be {', '.join(f'`{name}`' for name in names)}, a list of numbers or null, found {shown(value)}"
        )

    return BeforeValidator(parse)


class MelSpectrogram(Layer):
    """The power of a sound in bands of the mel scale, frame by frame, by a short-time Fourier transform.

    Input (batch, samples), or (samples,); output (batch, num_mel_bins, frames), where frames is `1 + samples //
    sequence_stride` for an even `fft_length`: the signal is mirrored at both ends by half of it.
    """

    fft_length: PosInt = Field(2048, description="Samples that a transform reads.")
    sequence_stride: PosInt = Field(512, description="Samples from one frame to the next.")
    sequence_length: PosInt | None = Field(None, description="Samples of a window; null means `fft_length`.")
    window: Annotated[str | tuple[Real, ...] | None, _window(tuple(_COSINES)), "`hann`, `hamming`, list or null"] = (
        Field("hann", description="What a frame is multiplied by: a name, or a number for each sample; null is none.")
    )
    sampling_rate: PosInt = Field(16000, description="Samples a second.")
    num_mel_bins: PosInt = Field(128, description="Number of bands.")
    min_freq: Annotated[float, Field(ge=0, allow_inf_nan=False), "number from 0"] = Field(
        20.0, description="Where the lowest band begins, in hertz."
    )
    max_freq: PosReal | None = Field(
        None, description="Where the highest band ends, in hertz; null means half of `sampling_rate`."
    )
    power_to_db: bool = Field(True, description="Whether the result is in decibels: `10 * log10(x / ref_power)`.")
    top_db: Real = Field(80.0, description="Decibels below the loudest of the whole batch at which others are cut off.")
    mag_exp: Real = Field(2.0, description="Power of the magnitude that is summed: 1 for magnitude, 2 for power.")
    min_power: PosReal = Field(1e-10, description="The least power, before the logarithm.")
    ref_power: Real = Field(1.0, description="The power of 0 decibels.")

    autocast = False
    examples = (
        Example({}, inputs=((None, 16000),), output=(None, 128, 32), params=0),
        Example(
            {"fft_length": 8, "sequence_stride": 4, "num_mel_bins": 3},
            inputs=((None, 20),),
            output=(None, 3, 6),
            params=0,
        ),
        Example({"fft_length": 256, "sequence_length": 512}, error="`sequence_length` of MelSpectrogram"),
        Example({"window": "flattop"}, error="`window` of MelSpectrogram must be"),
    )

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        length = self.sequence_length or self.fft_length
        if length > self.fft_length:
            message = (
                f"`sequence_length` of MelSpectrogram must be at most `fft_length`, {self.fft_length}, found {length}"
            )
            raise refuse(message, None, ("sequence_length",))
        if isinstance(self.window, tuple) and len(self.window) != length:
            message = (
                f"`window` of MelSpectrogram must have `sequence_length` numbers, {length}, found {len(self.window)}"
            )
            raise refuse(message, None, ("window",))
        if self.min_freq >= self._highest:
            message = (
                f"`min_freq` of MelSpectrogram must be below `max_freq`, {self._highest:g}, found {self.min_freq:g}"
            )
            raise refuse(message, None, ("min_freq",))
        return self

    @property
    def _highest(self) -> float:
        return self.max_freq if self.max_freq is not None else max(int(self.sampling_rate / 2), 1)

    def build(self, b: Scope, inputs: Value) -> Value:
        """Frames, their frequencies, bands of these, decibels."""
        dtype = "float64" if b.policy.compute == "float64" else "float32"
        b.require(inputs.rank > 0, f"expected an input of samples, found {inputs.type}", code=codes.WRONG_RANK)
        x = reflected(cast(inputs, dtype), self.fft_length // 2)
        frames = Frames(self.fft_length, self.sequence_stride)(x)
        window = self._weights(dtype)
        real, imaginary = rfft(frames * window if window is not None else frames)
        power = self._power(square(real) + square(imaginary))
        filters = mel_filters(
            self.num_mel_bins, self.fft_length // 2 + 1, self.sampling_rate, self.min_freq, self._highest
        )
        y = matmul(power, cast(filters, dtype))
        y = self._decibels(y) if self.power_to_db else y
        return cast(transpose(y, (*range(y.rank - 2), y.rank - 1, y.rank - 2)), b.policy.compute)

    def _weights(self, dtype: str) -> Value | None:
        """The window in the middle of a frame."""
        if self.window is None:
            return None
        length = self.sequence_length or self.fft_length
        before = (self.fft_length - length) // 2
        return cast(pad(_periodic(self.window, length), [(before, self.fft_length - length - before)]), dtype)

    def _power(self, squares: Value) -> Value:
        if self.mag_exp == 2:
            return squares
        magnitude = sqrt(squares)
        return magnitude if self.mag_exp == 1 else binary("Pow", magnitude, self.mag_exp)

    def _decibels(self, y: Value) -> Value:
        tenfold = 10 / log(10)
        level = logarithm(maximum(y, self.min_power)) * tenfold
        level = level - tenfold * log(max(abs(self.ref_power), self.min_power))
        return maximum(level, reduce("Max", level, range(level.rank)) - self.top_db)


def _periodic(window: str | tuple[float, ...], length: int) -> Value:
    """A window as float64; a named one is a period of a cosine."""
    if isinstance(window, tuple):
        return constant(window, "float64")
    if length == 1:
        return constant((1.0,), "float64")
    mean, depth = _COSINES[window]
    return mean - unary("Cos", iota((length,), 0, "float64") * (2 * pi / length)) * depth


class STFTSpectrogram(Layer):
    """The frequencies of each channel, frame by frame: convolutions whose kernels start as windowed waves.

    Input (batch, samples, channels), channels known; output (batch, frames, channels * frequencies), with `expand_dims`
    (batch, frames, frequencies, channels); frequencies is `fft_length // 2 + 1`, twice that with `mode: stft`. With
    `channels_first` (batch, channels, samples) gives (batch, channels * frequencies, frames) or (batch, channels,
    frames, frequencies).
    """

    mode: Literal["log", "magnitude", "psd", "real", "imag", "angle", "stft"] = Field(
        "log",
        description="What is told of a frequency: the logarithm of its magnitude, that itself, its power on both "
        "sides, its real or imaginary part, its angle, or both parts (`stft`).",
    )
    frame_length: PosInt = Field(256, description="Samples of a frame.")
    frame_step: PosInt | None = Field(
        None, description="Samples from one frame to the next; null means half of `frame_length`."
    )
    fft_length: PosInt | None = Field(
        None, description="Samples of a transform; null means the least power of two that holds a frame."
    )
    window: Annotated[str | tuple[Real, ...] | None, _window(WINDOWS), "window's name, list or null"] = Field(
        "hann", description="What a frame is multiplied by: a name, or a number for each sample; null is none."
    )
    periodic: bool = Field(False, description="Whether a named window is periodic instead of symmetric.")
    scaling: Literal["density", "spectrum"] | None = Field(
        "density", description="What the window is divided by: its norm, its sum, or nothing."
    )
    padding: Literal["valid", "same"] = Field(
        "valid", description="`valid` keeps frames inside the signal; `same` puts zeros around it."
    )
    expand_dims: bool = Field(False, description="Whether frequencies and channels have axes of their own.")
    data_format: DataFormat = Field(None, description=DATA_FORMAT)

    examples = (
        Example({"frame_length": 8, "mode": "stft"}, inputs=((None, 32, 2),), output=(None, 7, 20), params=80),
        Example(
            {"frame_length": 6, "frame_step": 3, "mode": "real", "padding": "same", "expand_dims": True},
            inputs=((None, "n", 1),),
            output=(None, "(n - 1)//3 + 1", 5, 1),
            params=30,
        ),
        Example({"frame_step": 0}, error="`frame_step` of STFTSpectrogram must be greater than 0"),
        Example({"fft_length": 128}, error="`fft_length` of STFTSpectrogram must be at least `frame_length`"),
        Example({}, inputs=((None, 1000, None),), error="the number of the input's channels must be known"),
    )

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        length, step = self.frame_length, self._step
        if not 0 < step <= length:
            message = f"`frame_step` of STFTSpectrogram must be from 1 to `frame_length`, {length}, found {step}"
            raise refuse(message, None, ("frame_step",))
        if self._transform < length:
            message = (
                f"`fft_length` of STFTSpectrogram must be at least `frame_length`, {length}, found {self.fft_length}"
            )
            raise refuse(message, None, ("fft_length",))
        if isinstance(self.window, tuple) and len(self.window) != length:
            message = (
                f"`window` of STFTSpectrogram must have `frame_length` numbers, {length}, found {len(self.window)}"
            )
            raise refuse(message, None, ("window",))
        return self

    @property
    def _step(self) -> int:
        return self.frame_step if self.frame_step is not None else self.frame_length // 2

    @property
    def _transform(self) -> int:
        return self.fft_length if self.fft_length is not None else 1 << (self.frame_length - 1).bit_length()

    def build(self, b: Scope, inputs: Value) -> Value:
        """The frequencies' parts, and what `mode` makes of them."""
        message = f"expected floating-point numbers, found {inputs.type} of {inputs.dtype}"
        b.require(is_floating(inputs.dtype), message, code=codes.WRONG_DTYPE, help="put `Cast: float32` before it")
        x = channels_last(b, inputs, 1, self.data_format)
        real = self._part(b, x, "real") if self.mode != "imag" else None
        imaginary = self._part(b, x, "imag") if self.mode != "real" else None
        return self._arranged(self._shown(real, imaginary))

    def _part(self, b: Scope, x: Value, side: str) -> Value:
        """(batch, samples, channels) to (batch, channels, frames, frequencies)."""
        batch, samples, channels = x.shape[0], x.shape[1], channel_count(b, x)
        frequencies = self._transform // 2 + 1
        start = Named(
            "STFT",
            (("side", side), ("window", self.window), ("scaling", self.scaling), ("periodic", self.periodic)),
        )
        kernel = b.weight(f"{side}_kernel", (self.frame_length, 1, frequencies), start)
        signals = reshape(transpose(x, (0, 2, 1)), (batch * channels, samples, 1))
        y = Conv((self._step,), self.padding, (1,))(signals, kernel)
        return reshape(y, (batch, channels, *y.shape[1:]))

    def _shown(self, real: Value | None, imaginary: Value | None) -> Value:
        if real is None or imaginary is None:
            part = real if real is not None else imaginary
            assert part is not None
            return part
        if self.mode == "stft":
            return concat([real, imaginary])
        if self.mode == "angle":
            return binary("Atan2", imaginary, real)
        power = square(real) + square(imaginary)
        if self.mode == "psd":
            twice = (1.0, *(2.0,) * (self._transform // 2 - 1), 1.0)[: self._transform // 2 + 1]
            return power * constant(twice, power.dtype)
        magnitude = sqrt(maximum(power, _EPSILON))
        return magnitude if self.mode == "magnitude" else logarithm(maximum(magnitude, _EPSILON))

    def _arranged(self, y: Value) -> Value:
        """(batch, channels, frames, frequencies) as declared."""
        first = self.data_format == "channels_first"
        if self.expand_dims:
            return y if first else transpose(y, (0, 2, 3, 1))
        batch, channels, frames, frequencies = y.shape
        joined = reshape(transpose(y, (0, 2, 1, 3)), (batch, frames, channels * frequencies))
        return as_declared(joined, self.data_format)
