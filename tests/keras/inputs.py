"""Random inputs: what the rules of all families are made of."""

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from specmodel.layers.base import Layer
from specmodel.record import Record

Json = Any
Shape = tuple[int, ...]
Arguments = dict[str, Json]


class Given(Record):
    """One input of a use. `call` is the call argument; `open` are the axes that may be unknown, the batch aside.

    `mask` is the shape of a mask that travels with it; `kind` is what its numbers are.
    """

    call: str
    shape: Shape
    open: tuple[int, ...] = ()
    mask: Shape | None = None
    kind: str = "float"
    most: int = 4


Maker = Callable[[Random, Arguments, type[Layer]], Sequence[Given]]
"""Changes arguments until they fit together, and gives inputs that they fit."""


def batch(random: Random) -> int:
    """A batch size."""
    return random.choice((1, 2, 2, 3))


def size(random: Random, least: int = 1, most: int = 8) -> int:
    """A size, rather often the least."""
    return least if random.random() < 0.15 else random.randint(least, max(least, most))


def shape(random: Random, least: int = 2, most: int = 5) -> Shape:
    """A shape of so many axes, the batch among them."""
    return (batch(random), *(size(random, 1, 6) for _ in range(random.randint(least, most) - 1)))


def spatial(
    random: Random,
    arguments: Arguments,
    rank: int,
    channels: int | None = None,
    least: Sequence[int] | int = 1,
    call: str = "inputs",
    opened: bool = True,
) -> Given:
    """An input of (batch, spatial axes, channels), or with the channels first, as `data_format` says."""
    low = (least,) * rank if isinstance(least, int) else tuple(least)
    sizes = tuple(size(random, one, one + 7 - 2 * (rank - 1)) for one in low)
    features = channels if channels is not None else random.randint(1, 4)
    first = arguments.get("data_format") == "channels_first"
    whole = (batch(random), features, *sizes) if first else (batch(random), *sizes, features)
    axes = tuple(range(2, rank + 2) if first else range(1, rank + 1))
    return Given(call, whole, axes if opened else ())


def listed(value: Json, rank: int) -> tuple[int, ...]:
    """A size for each axis."""
    return (value,) * rank if isinstance(value, int) else tuple(value)


def rank_of(kind: type[Layer]) -> int:
    """The number in a name such as Conv2D."""
    return int(next(letter for letter in kind.__name__ if letter.isdigit()))


def any_shape(least: int, most: int = 5, opened: bool = True, kinds: Sequence[str] = ("float",)) -> Maker:
    """Inputs of any shape."""

    def rule(random: Random, arguments: Arguments, kind: type[Layer]) -> Sequence[Given]:
        found = shape(random, least, most)
        mask = found[: random.randint(2, len(found))] if random.random() < 0.3 and len(found) > 2 else None
        number = random.choice(kinds)
        return [Given("inputs", found, tuple(range(1, len(found))) if opened else (), mask, number)]

    return rule


def over(rule: Callable[[Random, Arguments, Shape], None], least: int = 2, most: int = 5) -> Maker:
    """Arguments that name axes or sizes of an input of any shape; `rule` changes them to fit it."""

    def made(random: Random, arguments: Arguments, kind: type[Layer]) -> Sequence[Given]:
        found = shape(random, least, most)
        rule(random, arguments, found)
        return [Given("inputs", found, tuple(range(1, len(found))))]

    return made


def some_axes(random: Random, rank: int, least: int = 1) -> list[int]:
    """Some axes, the batch not among them, some counted from the back."""
    axes = random.sample(range(least, rank), random.randint(1, rank - least))
    return [axis - rank if random.random() < 0.5 else axis for axis in axes]
