"""Random small networks: a chain of layers with automatic names, or a graph with shortcuts, merges and reuse."""

from collections.abc import Sequence
from math import prod
from random import Random
from typing import Any

from specmodel.record import Record

Json = Any
Shape = tuple[int | str, ...]
"""Sizes; a text is an unknown one, the same text the same size."""


class Step(Record):
    """One call of a layer: on earlier values by their numbers, or on the model's inputs, which come first.

    `again` is the number of the step whose layer it calls once more. `shape` is that of the output, without the batch.
    """

    layer: str
    arguments: dict[str, Json]
    inputs: tuple[int, ...]
    shape: Shape
    trainable: bool = True
    again: int | None = None


class Network(Record):
    """A network: the shapes of its inputs without the batch, its steps, and the values that come out."""

    number: int
    inputs: tuple[tuple[Shape, str], ...]
    steps: tuple[Step, ...]
    outputs: tuple[int, ...]
    chain: bool

    def name_of(self, value: int) -> str:
        """The name of a value in a spec."""
        return f"in{value}" if value < len(self.inputs) else f"step{value - len(self.inputs)}"

    def spec(self) -> dict[str, Json]:
        """The network as a spec. A chain leaves out every name and reference."""
        inputs = {
            self.name_of(number): {"shape": list(open_shape(shape)), "dtype": dtype}
            for number, (shape, dtype) in enumerate(self.inputs)
        }
        layers = [self._entry(number, step) for number, step in enumerate(self.steps)]
        whole: dict[str, Json] = {"inputs": inputs, "layers": layers}
        return whole if self.chain else {**whole, "outputs": [self.name_of(value) for value in self.outputs]}

    def _entry(self, number: int, step: Step) -> dict[str, Json]:
        own: dict[str, Json] = {} if step.trainable else {"trainable": False}
        if self.chain:
            own |= {"inputs": ["_"] * len(step.inputs)} if len(step.inputs) > 1 else {}
        else:
            found = [self.name_of(value) for value in step.inputs]
            own |= {"name": f"step{number}", "inputs": found if len(found) > 1 else found[0]}
        if step.again is not None:
            return {**own, "reuse": f"step{step.again}"}
        return {**own, step.layer: step.arguments}


def open_shape(shape: Shape) -> tuple[int | None, ...]:
    """The shape with None for what is unknown."""
    return tuple(size if isinstance(size, int) else None for size in shape)


def network(number: int) -> Network:
    """The network with a number."""
    random = Random(f"network {number}")
    chain = random.random() < 0.4
    kinds: tuple[tuple[Shape, str], ...] = (
        ((random.choice(("steps", 5)),), "int32"),
        ((random.choice(("steps", 6)), 4), "float32"),
        ((8, 7, 3), "float32"),
        (("height", "width", 2), "float32"),
        ((5,), "float32"),
    )
    first = random.choice(kinds)
    inputs = (first,) if chain or random.random() < 0.6 else (first, ((3,), "float32"))
    values: list[Shape] = [shape for shape, _ in inputs]
    steps: list[Step] = []
    for number_of_step in range(random.randint(3, 8)):
        step = _step(random, inputs, values, steps, chain, number_of_step)
        steps.append(step)
        values.append(step.shape)
    read = {value for step in steps for value in step.inputs}
    ends = tuple(value for value in range(len(inputs), len(values)) if value not in read)
    return Network(number, inputs, tuple(steps), ends, chain)


def _step(
    random: Random,
    inputs: Sequence[tuple[Shape, str]],
    values: Sequence[Shape],
    steps: Sequence[Step],
    chain: bool,
    number: int,
) -> Step:
    unread = [value for value in range(len(inputs)) if all(value not in step.inputs for step in steps)]
    value = unread[0] if unread else len(values) - 1
    if not chain and not unread and random.random() < 0.3:
        value = random.randrange(len(inputs), len(values))
    if value < len(inputs) and inputs[value][1] == "int32":
        arguments = {"input_dim": 9, "output_dim": 4, "mask_zero": random.random() < 0.7}
        return Step("Embedding", arguments, (value,), (*values[value], 4))
    others = [one for one in range(len(inputs), len(values)) if one != value and values[one] == values[value]]
    if not chain and others and value >= len(inputs) and random.random() < 0.6:
        return _merge(random, value, random.choice(others), values, steps)
    if not chain and random.random() < 0.2:
        again = [one for one, step in enumerate(steps) if step.again is None and _fits(step, values, value)]
        if again:
            old = steps[random.choice(again)]
            return old.replace(inputs=(value,), again=steps.index(old), trainable=True)
    layer, arguments, shape = random.choice(_choices(random, values[value]))
    given = (value, value) if layer == "MultiHeadAttention" else (value,)
    return Step(layer, arguments, given, shape, random.random() < 0.85)


def _fits(step: Step, values: Sequence[Shape], value: int) -> bool:
    return len(step.inputs) == 1 and step.layer != "Embedding" and values[step.inputs[0]] == values[value]


def _merge(random: Random, value: int, other: int, values: Sequence[Shape], steps: Sequence[Step]) -> Step:
    layer = random.choice(("Add", "Concatenate", "Multiply", "Average", "Maximum", "Subtract"))
    if layer in ("Multiply", "Maximum") and any(step.layer == "MultiHeadAttention" for step in steps):
        layer = "Add"  # Keras' attention takes the masks off its inputs while it runs, and these two look for them then
    shape = values[value]
    if layer == "Concatenate":
        shape = (*shape[:-1], _twice(shape[-1]))
    return Step(layer, {}, (other, value), shape)


def _choices(random: Random, shape: Shape) -> list[tuple[str, dict[str, Json], Shape]]:
    """Layers that fit a value: name, arguments, output shape."""
    units = random.randint(1, 5)
    activation = random.choice(("relu", "tanh", "gelu", "softmax", "linear"))
    front = shape[:-1]
    choices: list[tuple[str, dict[str, Json], Shape]] = [
        ("Dense", {"units": units, "activation": activation}, (*front, units)),
        ("BatchNormalization", {"scale": random.random() < 0.5}, shape),
        ("LayerNormalization", {}, shape),
        ("Activation", {"activation": activation}, shape),
        ("Dropout", {"rate": 0.5}, shape),
        ("ReLU", {"max_value": 1.5}, shape),
        ("Identity", {}, shape),
    ]
    if None not in open_shape(shape):
        size = prod(one for one in shape if isinstance(one, int))
        choices += [("Flatten", {}, (size,)), ("Reshape", {"target_shape": [-1, 1]}, (size, 1)), ("PReLU", {}, shape)]
    if len(shape) == 1:
        choices.append(("RepeatVector", {"n": 3}, (3, *shape)))
    if len(shape) == 2:
        choices += _of_sequences(random, shape, units)
    if len(shape) == 3:
        choices += _of_images(random, shape, units)
    return choices


def _of_sequences(random: Random, shape: Shape, units: int) -> list[tuple[str, dict[str, Json], Shape]]:
    steps = shape[0]
    every = random.random() < 0.6
    kind = random.choice(("LSTM", "GRU", "SimpleRNN"))
    own = {"units": units, "return_sequences": every}
    after: Shape = (steps, units) if every else (units,)
    return [
        (kind, own, after),
        ("Bidirectional", {"layer": {kind: own}}, (*after[:-1], 2 * units)),
        ("Conv1D", {"filters": units, "kernel_size": 3, "padding": "causal"}, (steps, units)),
        ("TimeDistributed", {"layer": {"Dense": {"units": units}}}, (steps, units)),
        ("MultiHeadAttention", {"num_heads": 2, "key_dim": 3}, shape),
        ("GlobalAveragePooling1D", {}, shape[1:]),
        ("GlobalMaxPooling1D", {}, shape[1:]),
        ("UpSampling1D", {"size": 2}, (_twice(steps), shape[1])),
        ("Masking", {"mask_value": 0.0}, shape),
    ]


def _of_images(random: Random, shape: Shape, units: int) -> list[tuple[str, dict[str, Json], Shape]]:
    height, width, channels = shape
    half = tuple((one - 1) // 2 + 1 if isinstance(one, int) else f"half of {one}" for one in (height, width))
    double = (_twice(height), _twice(width))
    return [
        ("Conv2D", {"filters": units, "kernel_size": 3, "strides": 2, "padding": "same"}, (*half, units)),
        ("DepthwiseConv2D", {"kernel_size": 3, "padding": "same"}, shape),
        ("SeparableConv2D", {"filters": units, "kernel_size": [2, 3], "padding": "same"}, (height, width, units)),
        ("Conv2DTranspose", {"filters": units, "kernel_size": 2, "strides": 2}, (*double, units)),
        ("MaxPooling2D", {"padding": "same"}, (*half, channels)),
        ("GlobalAveragePooling2D", {}, (channels,)),
    ]


def _twice(size: int | str) -> int | str:
    return 2 * size if isinstance(size, int) else f"twice {size}"
