"""A block as an argument: a layer that is made of layers."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from pydantic import PrivateAttr

from specmodel.diagnostics import Frame, codes
from specmodel.layers.base import Layer
from specmodel.layers.call import call_layer
from specmodel.layers.scope import Masked, Scope
from specmodel.ops.value import Value
from specmodel.spec.calls import Inside, Outputs, PoisonedError, call_arguments, origins, value_of, values_read
from specmodel.spec.contracts import check_contract, note_of
from specmodel.spec.model import Entry, InputSpec, OutputSpec, Place
from specmodel.types.fault import Fault


class Body:
    """The entries of a block that is an argument, known when all names are.

    Their paths stand below the layer that the block is; `order` is the order to build them in. `declared` is what a
    spec in another file says of its inputs. `broken` tells that something in it is wrong, which has been reported.
    """

    def __init__(self, inputs: Sequence[str], declared: Mapping[str, InputSpec], place: Place) -> None:
        self.inputs = tuple(inputs)
        self.declared = declared
        self.place = place
        self.frame: Frame | None = None
        self.entries: tuple[Entry, ...] = ()
        self.order: tuple[int, ...] = ()
        self.outputs: tuple[OutputSpec, ...] = ()
        self.broken = False

    @property
    def layers(self) -> dict[str, Layer]:
        """The layers by path."""
        return {entry.path: entry.layer for entry in self.entries}


class Composite(Layer):
    """A block as a layer. Each block is a class of its own, of the block's name."""

    autocast = False
    _body: Body = PrivateAttr()

    @property
    def body(self) -> Body:
        """What it is made of."""
        return self._body

    def held(self) -> Iterator[Layer]:
        """The layers of the block."""
        yield from self._body.layers.values()


class OfOne(Composite):
    """A block of one input."""

    def build(self, b: Scope, inputs: Value, mask: Value | None = None) -> Any:
        """The entries, one after the other; masks travel between them as in a model. Raises `PoisonedError` too."""
        body, made = self._body, dict[str, Outputs]()
        if body.broken:
            raise PoisonedError
        for declared in body.declared.values():
            self._check(b, declared, inputs)
        made[body.inputs[0]] = (Masked(inputs, mask),)
        for index in body.order:
            entry = body.entries[index]
            scope = b.inside(body.layers[entry.owner], entry.owner)
            scope.warnings = {}
            try:
                made[entry.path] = call_layer(scope, entry.layer, call_arguments(entry, made))
            except Fault as fault:
                if fault.inside is None:
                    with_dtype = fault.code == codes.WRONG_DTYPE
                    fault.inside = self._inside(b, entry, entry.place_of(fault.field), made, with_dtype)
                raise
            for code, warned in scope.warnings.items():
                inside = warned.inside or self._inside(b, entry, entry.place, made)
                b.warnings[f"{code} {inside.path}"] = warned.replace(inside=inside)
        outputs = tuple(self._output(b, output, made) for output in body.outputs)
        return outputs if len(outputs) > 1 else outputs[0]

    def _check(self, b: Scope, declared: InputSpec, inputs: Value) -> None:
        body, kind = self._body, type(self).__name__
        try:
            check_contract(kind, declared, inputs.type, {})
        except Fault as fault:
            frame = body.frame.parent if body.frame is not None else None
            fault.inside = Inside(kind, b.path, body.place, frame, (inputs,), (note_of(declared),))
            raise

    def _output(self, b: Scope, output: OutputSpec, made: dict[str, Outputs]) -> Masked:
        try:
            return value_of(output.ref, made)
        except Fault as fault:
            fault.inside = Inside(type(self).__name__, b.path, output.place, self._body.frame)
            raise

    def _inside(
        self, b: Scope, entry: Entry, place: Place, made: dict[str, Outputs], with_dtype: bool = False
    ) -> Inside:
        places = {one.path: one.place for one in self._body.entries}

        def source(name: str) -> tuple[str, Place]:
            layer = self._body.layers.get(name)
            return ("the block's input", Place()) if layer is None else (type(layer).__name__, places[name])

        read = list(values_read(entry, made))
        notes, values = tuple(origins(read, source, with_dtype)), tuple(value for _, value in read)
        return Inside(type(entry.layer).__name__, f"{b.path}/{entry.path}", place, entry.frame, values, notes)


class OfSeveral(Composite):
    """A block with several inputs, or with none: as an argument it is refused."""

    def build(self, b: Scope, *inputs: Value) -> Any:
        """Nothing calls it."""
        raise NotImplementedError(type(self).__name__)


@cache
def _kind(name: str, several: bool) -> type[Composite]:
    base = OfSeveral if several else OfOne
    return type(name, (base,), {"__module__": __name__, "__doc__": base.__doc__})


def composite(name: str, body: Body, own_name: str | None, trainable: bool, dtype: str | None) -> Composite:
    """The layer that a block is; the last three stand beside it."""
    layer = _kind(name, len(body.inputs) != 1).model_construct()
    layer._body, layer._name, layer._trainable, layer._dtype = body, own_name, trainable, dtype
    return layer
