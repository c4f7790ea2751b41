"""How recurrent layers, wrappers and attention are used."""

from collections.abc import Sequence
from random import Random

from specmodel.layers.base import Layer
from tests.keras.inputs import (
    Arguments,
    Given,
    Json,
    Shape,
    batch,
    size,
)


def sequence(random: Random, call: str = "sequences") -> Given:
    found = (batch(random), size(random, 1, 6), random.randint(1, 4))
    return Given(call, found, (1,), found[:2] if random.random() < 0.5 else None)


STATES = {"LSTM": 2, "GRU": 1, "SimpleRNN": 1, "LSTMCell": 2, "GRUCell": 1, "SimpleRNNCell": 1}


CELLS = ("LSTMCell", "GRUCell", "SimpleRNNCell")


def recurrent(random: Random, arguments: Arguments, kind: type[Layer]) -> Sequence[Given]:
    given = sequence(random)
    inputs = [given]
    without_unroll(arguments)
    if random.random() < 0.3:
        state = Given("initial_state", (given.shape[0], arguments["units"]))
        inputs += [state] * STATES[kind.__name__]
    return inputs


def without_unroll(arguments: Arguments) -> None:
    """`unroll` needs a known length; it changes nothing, and JAX is slow with it."""
    arguments.pop("unroll", None)


def cell(random: Random, arguments: Arguments, kind: type[Layer]) -> Sequence[Given]:
    rows = batch(random)
    state = Given("states", (rows, arguments["units"]))
    return [Given("inputs", (rows, random.randint(1, 4))), *([state] * STATES[kind.__name__])]


def _cells(random: Random, least: int, most: int) -> list[Json]:
    return [{random.choice(CELLS): {"units": random.randint(1, 4)}} for _ in range(random.randint(least, most))]


def stacked(random: Random, arguments: Arguments, kind: type[Layer]) -> Sequence[Given]:
    arguments["cells"] = _cells(random, 1, 3)
    rows = batch(random)
    return [Given("inputs", (rows, random.randint(1, 4))), *_states(arguments["cells"], rows, "states")]


def _states(cells: Sequence[Json], rows: int, call: str) -> list[Given]:
    return [
        Given(call, (rows, own["units"])) for one in cells for name, own in one.items() for _ in range(STATES[name])
    ]


def rnn(random: Random, arguments: Arguments, kind: type[Layer]) -> Sequence[Given]:
    cells = _cells(random, 1, 2)
    arguments["cell"] = cells[0] if len(cells) == 1 else cells
    without_unroll(arguments)
    given = sequence(random)
    return [given, *(_states(cells, given.shape[0], "initial_state") if random.random() < 0.3 else ())]


def bidirectional(random: Random, arguments: Arguments, kind: type[Layer]) -> Sequence[Given]:
    own: Arguments = {"units": random.randint(1, 4), "return_sequences": random.random() < 0.6}
    name = random.choice(("LSTM", "GRU", "SimpleRNN"))
    if random.random() < 0.3:
        own["return_state"] = True
    if random.random() < 0.2:
        own["zero_output_for_mask"] = True
    if random.random() < 0.2:
        own["go_backwards"] = True
    arguments["layer"] = {name: own}
    if random.random() < 0.25:
        other = random.choice(("LSTM", "GRU", "SimpleRNN"))
        arguments["backward_layer"] = {other: {**own, "go_backwards": not own.get("go_backwards", False)}}
    return [sequence(random)]


INNER: tuple[tuple[Json, int], ...] = (
    ({"Dense": {"units": 3, "activation": "relu"}}, 1),
    ({"Dense": {"units": 2}}, 2),
    ({"Conv1D": {"filters": 2, "kernel_size": 2}}, 2),
    ({"Conv2D": {"filters": 2, "kernel_size": 3, "padding": "same"}}, 3),
    ({"LSTM": {"units": 2}}, 2),
    ({"GRU": {"units": 2, "return_sequences": True}}, 2),
    ({"MaxPooling1D": {"pool_size": 2}}, 2),
    ("Flatten", 2),
    ({"LayerNormalization": {}}, 2),
    ({"BatchNormalization": {}}, 1),
    ({"Activation": {"activation": "softmax"}}, 1),
    ({"TimeDistributed": {"layer": {"Dense": {"units": 2}}}}, 2),
)


def time_distributed(random: Random, arguments: Arguments, kind: type[Layer]) -> Sequence[Given]:
    arguments["layer"], rank = random.choice(INNER)
    steps = (batch(random), size(random, 1, 4))
    found = (*steps, *(random.randint(3, 5) for _ in range(rank)))
    return [Given("inputs", found, (1,), steps if random.random() < 0.4 else None)]


def attention_heads(random: Random, arguments: Arguments, kind: type[Layer]) -> Sequence[Given]:
    if arguments.get("sliding_window") is not None:
        arguments.pop("sliding_window")
    for name in ("attention_axes", "output_shape", "flash_attention"):
        arguments.pop(name, None)
    if random.random() < 0.3 and "output_shape" in kind.model_fields:
        arguments["output_shape"] = random.choice((3, [4], [2, 3]))
    middle: Shape = (size(random, 2, 3),) if random.random() < 0.2 and "attention_axes" in kind.model_fields else ()
    rows, to, source = batch(random), size(random, 1, 5), size(random, 1, 5)
    if middle and random.random() < 0.6:
        arguments["attention_axes"] = [random.choice((2, -2))]
    elif middle:
        middle = ()
    axis = 1 + len(middle)
    features = random.randint(1, 4)
    masks = not middle
    query = Given("query", (rows, *middle, to, features), (axis,), _maybe((rows, to), masks, random))
    value = Given(
        "value", (rows, *middle, source, random.randint(1, 4)), (axis,), _maybe((rows, source), masks, random)
    )
    inputs = [query, value]
    if random.random() < 0.4:
        inputs.append(
            Given("key", (*value.shape[:-1], random.randint(1, 4)), (axis,), _maybe((rows, source), masks, random))
        )
    if random.random() < 0.3 and not middle:
        inputs.append(Given("attention_mask", (rows, to, source), (1, 2), kind="bool"))
    return inputs


def _maybe(found: Shape, allowed: bool, random: Random) -> Shape | None:
    return found if allowed and random.random() < 0.3 else None


def grouped_attention(random: Random, arguments: Arguments, kind: type[Layer]) -> Sequence[Given]:
    heads = random.randint(1, 2)
    arguments |= {"num_key_value_heads": heads, "num_query_heads": heads * random.randint(1, 3)}
    return list(attention_heads(random, arguments, kind))


def dot_attention(random: Random, arguments: Arguments, kind: type[Layer]) -> Sequence[Given]:
    rows, to, source, features = batch(random), size(random, 1, 5), size(random, 1, 5), random.randint(1, 4)
    inputs = [
        Given("inputs", (rows, to, features), (1,), _maybe((rows, to), True, random)),
        Given("inputs", (rows, source, features), (1,), _maybe((rows, source), True, random)),
    ]
    if random.random() < 0.5:
        inputs.append(Given("inputs", (rows, source, features), (1,)))
    return inputs
