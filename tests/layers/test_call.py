"""Which call argument a travelling mask reaches, as in Keras' `Layer.__call__`."""

from specmodel.layers import find
from specmodel.layers.base import Layer
from specmodel.layers.call import call_layer
from specmodel.layers.scope import POLICIES, Masked, Scope
from specmodel.ops.source import Input
from specmodel.ops.value import Value
from specmodel.types.tensor import TensorType

MASK = Input("mask", TensorType((2, 5), "bool"))()
SEQUENCES = Masked(Input("x", TensorType((2, 5, 3), "float32"))(), MASK)
STATE = Masked(Input("h", TensorType((2, 4), "float32"))())


def declared(name: str, **arguments: object) -> Layer:
    kind = find(name)
    assert kind is not None
    return kind.declare(arguments)


def reads_mask(made: tuple[Masked, ...]) -> bool:
    found: set[Value] = set()
    left = [output.value for output in made]
    while left:
        value = left.pop()
        if value not in found:
            found.add(value)
            left.extend(value.call.inputs)
    return MASK in found


def called(layer: Layer, **arguments: Masked) -> tuple[Masked, ...]:
    return call_layer(Scope("layer", POLICIES["float32"], {}), layer, arguments)


def test_a_mask_reaches_the_only_argument() -> None:
    assert reads_mask(called(declared("GRU", units=4), sequences=SEQUENCES))


def test_beside_other_arguments_a_mask_is_not_read_but_travels_on() -> None:
    made = called(declared("GRU", units=4, return_sequences=True), sequences=SEQUENCES, initial_state=STATE)
    assert not reads_mask(made)
    assert made[0].mask is MASK


def test_a_mask_that_is_given_is_read_beside_other_arguments() -> None:
    made = called(declared("GRU", units=4), sequences=SEQUENCES, initial_state=STATE, mask=Masked(MASK))
    assert reads_mask(made)


def test_a_mask_for_one_argument_by_name_is_read_beside_others() -> None:
    layer = declared("MultiHeadAttention", num_heads=1, key_dim=2)
    assert reads_mask(called(layer, query=STATE.replace(value=SEQUENCES.value), value=SEQUENCES))
