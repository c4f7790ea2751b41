"""How layers that look at single axes, shapes or several inputs are used."""

from collections.abc import Sequence
from random import Random

from specmodel.layers.base import Layer
from tests.keras.inputs import (
    Arguments,
    Given,
    Maker,
    Shape,
    shape,
    size,
    some_axes,
)


def one_axis(random: Random, arguments: Arguments, found: Shape) -> None:
    if "axis" in arguments:
        arguments["axis"] = some_axes(random, len(found))[0]


def many_axes(random: Random, arguments: Arguments, found: Shape) -> None:
    if random.random() < 0.6:
        axes = some_axes(random, len(found))
        arguments["axis"] = axes[0] if len(axes) == 1 and random.random() < 0.5 else axes


def last_axes(random: Random, arguments: Arguments, found: Shape) -> None:
    if random.random() < 0.6:
        arguments["axis"] = list(range(-random.randint(1, len(found) - 1), 0))


def group_normalization(random: Random, arguments: Arguments, kind: type[Layer]) -> Sequence[Given]:
    found = list(shape(random, 2, 5))
    axis = some_axes(random, len(found))[0] if random.random() < 0.5 else -1
    groups = random.randint(1, 3)
    found[axis] = groups * random.randint(1, 3)
    arguments["groups"] = random.choice((groups, groups, -1))
    arguments["axis"] = axis
    return [Given("inputs", tuple(found), tuple(range(1, len(found))))]


def shared_axes(random: Random, arguments: Arguments, found: Shape) -> None:
    if random.random() < 0.6:
        arguments["shared_axes"] = [axis % len(found) for axis in some_axes(random, len(found))]


def merging(least: int, most: int) -> Maker:
    def rule(random: Random, arguments: Arguments, kind: type[Layer]) -> Sequence[Given]:
        whole = shape(random, 2, 4)
        count = random.randint(least, most)
        opened = tuple(range(1, len(whole)))
        masked = random.random() < 0.3
        inputs = []
        for _ in range(count):
            found = tuple(1 if axis > 0 and random.random() < 0.2 else one for axis, one in enumerate(whole))
            if random.random() < 0.15:
                found = (found[0], *found[random.randint(1, len(found) - 1) :])
            mask = found[:2] if masked and len(found) == len(whole) == 3 and random.random() < 0.8 else None
            inputs.append(Given("inputs", found, opened if len(found) == len(whole) and found == whole else (), mask))
        return inputs

    return rule


def concatenate(random: Random, arguments: Arguments, kind: type[Layer]) -> Sequence[Given]:
    whole = shape(random, 2, 4)
    axis = some_axes(random, len(whole))[0]
    if random.random() < 0.7:
        arguments["axis"] = axis
    else:
        arguments.pop("axis", None)
        axis = -1
    masked = random.random() < 0.4 and len(whole) > 2
    inputs = []
    for _ in range(random.randint(1, 3)):
        found = list(whole)
        found[axis] = size(random, 1, 4)
        mask = tuple(found[: random.choice((len(found) - 1, len(found)))]) if masked and random.random() < 0.7 else None
        inputs.append(Given("inputs", tuple(found), tuple(range(1, len(found))), mask))
    return inputs


def dot(random: Random, arguments: Arguments, kind: type[Layer]) -> Sequence[Given]:
    one, other = list(shape(random, 2, 4)), list(shape(random, 2, 4))
    other[0] = one[0]
    axis, twin = random.randrange(1, len(one)), random.randrange(1, len(other))
    if random.random() < 0.4:
        axis = twin = random.randrange(1, min(len(one), len(other)))
    other[twin] = one[axis]
    arguments["axes"] = axis if axis == twin and random.random() < 0.5 else [axis, twin]
    return [Given("inputs", tuple(found), tuple(range(1, len(found)))) for found in (one, other)]


def reshape(random: Random, arguments: Arguments, kind: type[Layer]) -> Sequence[Given]:
    found = shape(random, 2, 5)
    factors = [one for one in found[1:] if one > 1]
    factors += [1] * random.randint(0, 2)
    random.shuffle(factors)
    while len(factors) > 1 and random.random() < 0.4:
        factors.append(factors.pop() * factors.pop())
    if factors and random.random() < 0.5:
        factors[random.randrange(len(factors))] = -1
    arguments["target_shape"] = factors or [1]
    opened = tuple(axis for axis in range(1, len(found)) if -1 in factors and random.random() < 0.4)
    return [Given("inputs", found, opened[:1], found[:2] if random.random() < 0.3 and len(found) > 2 else None)]


def permute(random: Random, arguments: Arguments, kind: type[Layer]) -> Sequence[Given]:
    found = shape(random, 2, 5)
    arguments["dims"] = random.sample(range(1, len(found)), len(found) - 1)
    return [Given("inputs", found, tuple(range(1, len(found))), kind=random.choice(("float", "int32", "bool")))]


def flatten(random: Random, arguments: Arguments, kind: type[Layer]) -> Sequence[Given]:
    found = shape(random, 1, 5)
    opened = tuple(range(1, len(found)))
    return [Given("inputs", found, opened, kind=random.choice(("float", "int32", "bool")))]


def noise(random: Random, arguments: Arguments, kind: type[Layer]) -> Sequence[Given]:
    found = shape(random, 2, 4)
    return [Given("inputs", found, tuple(range(1, len(found))), found[:2] if len(found) > 2 else None)]


def dense(random: Random, arguments: Arguments, kind: type[Layer]) -> Sequence[Given]:
    found = shape(random, 2, 5)
    mask = found[:2] if len(found) == 3 and random.random() < 0.4 else None
    return [Given("inputs", found, tuple(range(1, len(found) - 1)), mask, random.choice(("float", "float", "int32")))]


EQUATIONS: tuple[tuple[str, Shape, list[int | None], tuple[str | None, ...]], ...] = (
    ("ab,bc->ac", (2, 3), [4], ("c", None)),
    ("abc,cd->abd", (2, 5, 3), [None, 4], ("d", None)),
    ("abc,cd->abd", (2, 5, 3), [5, 4], ("d", "bd", None)),
    ("abc,cde->abde", (2, 5, 6), [None, 2, 3], ("de", "e", None)),
    ("abcd,cde->abe", (2, 4, 2, 3), [None, 5], ("e",)),
    ("...x,xy->...y", (2, 4, 3), [5], ("y", None)),
    ("ab...,bcd->acd...", (2, 3, 4, 1), [2, 5], ("c", "d", "cd")),
    ("ab,b->a", (3, 4), [], (None,)),
    ("abc,bd->adc", (2, 3, 4), [5, None], ("d", None)),
    ("abc,dc->abd", (2, 3, 4), [None, 2], ("d",)),
    ("abc,abd->acd", (2, 3, 4), [None, 5], (None,)),
    ("a...bc,cd->a...bd", (2, 3, 5, 4), [None, 6], ("d", None)),
)


def einsum(random: Random, arguments: Arguments, kind: type[Layer]) -> Sequence[Given]:
    equation, found, output, biases = random.choice(EQUATIONS)
    arguments |= {"equation": equation, "output_shape": output, "bias_axes": random.choice(biases)}
    return [Given("inputs", found)]


def embedding(random: Random, arguments: Arguments, kind: type[Layer]) -> Sequence[Given]:
    found = shape(random, 1, 3)
    arguments["input_dim"] = random.randint(1, 7)
    number = random.choice(("int32", "int32", "uint8", "int8", "whole"))
    return [Given("inputs", found, tuple(range(1, len(found))), None, number, arguments["input_dim"] - 1)]


def masking(random: Random, arguments: Arguments, kind: type[Layer]) -> Sequence[Given]:
    found = shape(random, 2, 4)
    arguments["mask_value"] = random.choice((0.0, 1.0, 2.0))
    return [Given("inputs", found, tuple(range(1, len(found))), None, random.choice(("whole", "int32")), 2)]
