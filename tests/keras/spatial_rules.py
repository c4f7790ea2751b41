"""How layers with windows and borders are used: arguments that fit together, inputs that they fit."""

from collections.abc import Sequence
from random import Random

from specmodel.layers.base import Layer
from tests.keras.inputs import (
    Arguments,
    Given,
    listed,
    rank_of,
    size,
    spatial,
)
from tests.keras.sequence_rules import without_unroll


def one_of_strides_and_dilation(random: Random, arguments: Arguments, rank: int) -> None:
    strides = listed(arguments.get("strides") or 1, rank)
    if max(strides) > 1 and max(listed(arguments.get("dilation_rate", 1), rank)) > 1:
        arguments.pop(random.choice(("strides", "dilation_rate")))


def _reach(arguments: Arguments, rank: int, window: str = "kernel_size") -> list[int]:
    """The least sizes that a window fits into."""
    if arguments.get("padding", "valid") != "valid":
        return [1] * rank
    sizes = listed(arguments.get(window, 2), rank)
    dilation = listed(arguments.get("dilation_rate", 1), rank)
    return [(one - 1) * step + 1 for one, step in zip(sizes, dilation, strict=True)]


def convolution(random: Random, arguments: Arguments, kind: type[Layer]) -> Sequence[Given]:
    rank = rank_of(kind)
    one_of_strides_and_dilation(random, arguments, rank)
    groups = arguments.get("groups", 1)
    if "groups" in kind.model_fields:
        arguments["filters"] = groups * random.randint(1, 3)
    if "dilation_rate" in arguments and rank == 3:
        arguments["dilation_rate"] = random.choice((1, 2))
    channels = groups * random.randint(1, 3)
    if arguments.get("padding") == "causal" and arguments.get("data_format") == "channels_first":
        arguments.pop("data_format")
    return [spatial(random, arguments, rank, channels, _reach(arguments, rank))]


def transposed(random: Random, arguments: Arguments, kind: type[Layer]) -> Sequence[Given]:
    rank = rank_of(kind)
    one_of_strides_and_dilation(random, arguments, rank)
    strides = listed(arguments.get("strides") or 1, rank)
    if arguments.get("output_padding") is not None:
        arguments["output_padding"] = [random.randrange(stride) for stride in strides]
    return [spatial(random, arguments, rank)]


def pooling(random: Random, arguments: Arguments, kind: type[Layer]) -> Sequence[Given]:
    rank = rank_of(kind)
    return [spatial(random, arguments, rank, least=_reach(arguments, rank, "pool_size"))]


def images(random: Random, arguments: Arguments, kind: type[Layer]) -> Sequence[Given]:
    given = spatial(random, arguments, rank_of(kind))
    steps = given.shape[:2]
    masked = rank_of(kind) == 1 and kind.supports_masking and arguments.get("data_format") != "channels_first"
    return [given.replace(mask=steps if masked and random.random() < 0.5 else None)]


def cropping(random: Random, arguments: Arguments, kind: type[Layer]) -> Sequence[Given]:
    rank = rank_of(kind)
    written = arguments.get("cropping", 1)
    if isinstance(written, int):
        taken = [2 * written] * rank
    elif rank == 1:
        taken = [sum(written)]
    else:
        taken = [2 * one if isinstance(one, int) else sum(one) for one in written]
    return [spatial(random, arguments, rank, least=[one + 1 for one in taken])]


def conv_lstm(random: Random, arguments: Arguments, kind: type[Layer]) -> Sequence[Given]:
    rank = rank_of(kind)
    without_unroll(arguments)
    one_of_strides_and_dilation(random, arguments, rank)
    for name in ("activation", "recurrent_activation"):
        if arguments.get(name) not in (None, "tanh", "relu", "sigmoid"):
            arguments.pop(name, None)
    inner = spatial(random, arguments, rank, least=_reach(arguments, rank))
    steps = size(random, 1, 3)
    found = (inner.shape[0], steps, *inner.shape[1:])
    return [Given("sequences", found, (1,))]  # Keras cannot apply the mask of steps to states with more axes


def adaptive(random: Random, arguments: Arguments, kind: type[Layer]) -> Sequence[Given]:
    return [spatial(random, arguments, rank_of(kind), least=1)]
