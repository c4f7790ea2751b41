"""Random uses of each layer: arguments that fit together, and inputs that they fit."""

from random import Random

from specmodel import layers
from specmodel.layers.base import Example, Layer, call_parameters
from specmodel.record import Record
from tests.keras import draws
from tests.keras.inputs import Given, Json
from tests.keras.rules import RULES, SKIPPED


class Use(Record):
    """One use of a layer: its arguments as a spec writes them, what stands beside it, and its inputs."""

    layer: str
    number: int
    arguments: dict[str, Json]
    beside: dict[str, Json]
    inputs: tuple[Given, ...]

    @property
    def policy(self) -> str:
        """The dtype policy."""
        return str(self.beside.get("dtype", "float32"))

    def __str__(self) -> str:
        return f"{self.layer} case {self.number}: {self.arguments} {self.beside}\n  on {self.inputs}"


EMPTY = {"layers": []}
"""What Keras' Pipeline fails on."""

POLICIES = ("float16", "bfloat16", "float64", "mixed_float16", "mixed_bfloat16")


def use_of(name: str, number: int, attempt: int = 0) -> Use:
    """The use of a layer with a number; `attempt` gives another where Keras refuses it too."""
    random = Random(f"{name} {number} {attempt}")
    kind = layers.find(name)
    assert kind is not None
    beside: dict[str, Json] = {}
    if random.random() < 0.3:
        beside["dtype"] = random.choice(POLICIES)
    if random.random() < 0.1:
        beside["trainable"] = False
    rule = RULES.get(name)
    if rule is None:
        given, inputs = _like_an_example(random, kind)
    else:
        given = draws.arguments(random, kind, skip=SKIPPED.get(name, ()))
        first = call_parameters(kind)[0]
        inputs = tuple(one.replace(call=first) if one.call == "inputs" else one for one in rule(random, given, kind))
    if "16" in beside.get("dtype", ""):
        given = {key: "tanh" if value in draws.JUMPING else value for key, value in given.items()}
    return Use(name, number, given, beside, inputs)


def _like_an_example(random: Random, kind: type[Layer]) -> tuple[dict[str, Json], tuple[Given, ...]]:
    """A good example of the layer, with some of the other arguments changed where that cannot break it."""
    example: Example = random.choice([one for one in kind.examples if one.error is None and one.arguments != EMPTY])
    harmless = {
        name: value
        for name, value in draws.arguments(random, kind, skip=tuple(example.arguments)).items()
        if name.endswith(("_initializer", "_regularizer", "_constraint", "activation", "use_bias", "epsilon"))
    }
    names = example.call or (
        call_parameters(kind)[:1] * len(example.inputs) if kind.takes_list else call_parameters(kind)
    )
    sizes: dict[str, int] = {}
    inputs = []
    for name, shape, dtype in zip(names, example.inputs, example.dtypes or ("float32",) * 9, strict=False):
        known = tuple(
            size if isinstance(size, int) else 3 if axis == 0 else sizes.setdefault(str(size), random.randint(5, 8))
            for axis, size in enumerate(shape)
        )
        unknown = tuple(axis for axis, size in enumerate(shape) if axis > 0 and not isinstance(size, int))
        inputs.append(Given(name, known, unknown, None, "float" if dtype.startswith("float") else dtype))
    return {**harmless, **example.arguments}, tuple(inputs)
