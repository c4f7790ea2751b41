"""StackedRNNCells, and how a cell is written as an argument."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, PlainValidator, model_validator

from specmodel.diagnostics import codes
from specmodel.layers.base import Example
from specmodel.layers.cells import Begun, Cell, States
from specmodel.layers.scope import Scope
from specmodel.layers.validation import refuse, shown
from specmodel.layers.written import layer_argument
from specmodel.ops.elementwise import cast
from specmodel.ops.source import Input
from specmodel.ops.value import Value
from specmodel.types.tensor import TensorType


def cell_argument(value: object) -> Cell:
    """The cell that an argument is, or is written as: `{LSTMCell: 64}`."""
    found = layer_argument(value)
    if not isinstance(found, Cell):
        message = f"must be a cell, found {type(found).__name__}"
        raise refuse(message, "LSTMCell, GRUCell, SimpleRNNCell, or StackedRNNCells of these")
    return found


def _as_cells(value: object) -> object:
    if not isinstance(value, list | tuple) or not value:
        raise refuse(f"must be a list of cells, found {shown(value)}", "for example `[{LSTMCell: 64}, {LSTMCell: 32}]`")
    return tuple(value)


CellArgument = Annotated[Cell, PlainValidator(cell_argument), "cell"]


class StackedRNNCells(Cell):
    """Cells one above the other as one cell: each reads the output of the one below.

    Input (batch, features), features known, and the states of all cells in order; outputs the last cell's output and
    the new states.
    """

    cells: Annotated[tuple[CellArgument, ...], BeforeValidator(_as_cells), "list of cells"] = Field(
        description="The cells, from the one that reads the input."
    )

    examples = (
        Example(
            {"cells": [{"LSTMCell": 4}, {"GRUCell": 2}]},
            inputs=((None, 3), (None, 4), (None, 4), (None, 2)),
            call=("inputs", "states", "states", "states"),
            output=((None, 2), (None, 4), (None, 4), (None, 2)),
            params=128 + 48,
        ),
        Example({"cells": []}, error="`cells` of StackedRNNCells must be a list of cells, found an empty list"),
        Example({"cells": [{"LSTM": 4}]}, error="`cells[0]` of StackedRNNCells must be a cell, found LSTM"),
        Example(
            {"cells": [{"GRUCell": 4, "name": "a"}, {"GRUCell": 2, "name": "a"}]},
            error="two of the `cells` have the name `a`",
        ),
    )

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        names = self._names()
        twice = [name for name in names if names.count(name) > 1]
        if twice:
            raise refuse(f"two of the `cells` have the name `{twice[0]}`", None, ("cells",), codes.DUPLICATE_NAME)
        return self

    @property
    def state_names(self) -> tuple[str, ...]:  # type: ignore[override]  # those of the cells
        """The states of all cells, in order."""
        pairs = zip(self._names(), self.cells, strict=True)
        return tuple(f"{state} (`{name}`)" for name, cell in pairs for state in cell.state_names)

    def begin(self, b: Scope, inputs: Value) -> Begun:
        """The first cell on the inputs; the others begin on what a step brings them."""
        scopes = [b.inside(cell, name) for cell, name in zip(self.cells, self._names(), strict=True)]
        begun: list[Begun] = []
        reads = inputs
        for cell, inner in zip(self.cells, scopes, strict=True):
            begun.append(_begun(cell, inner, reads))
            reads = Input("step", TensorType((inputs.shape[0], *begun[-1].output_shape), inputs.dtype))()

        last = begun[-1]
        apart = last.output >= len(last.shapes)

        def step(x: Value, states: States) -> tuple[Value, ...]:
            new: list[Value] = []
            output = x
            for number, (cell, inner, own) in enumerate(zip(self.cells, scopes, _parts(states, begun), strict=True)):
                now = _begun(cell, inner, output) if number else begun[0]
                made = now.step(now.sequence if number else x, [cast(state, inner.policy.compute) for state in own])
                output = made[now.output]
                new.extend(made[: len(now.shapes)])
            return (*new, output) if apart else tuple(new)

        shapes = tuple(shape for one in begun for shape in one.shapes)
        place = len(shapes) - len(last.shapes) + last.output
        return Begun(begun[0].sequence, shapes, step, place, last.shape)

    def _names(self) -> list[str]:
        """The names of the cells below this one: automatic ones are numbered where they repeat."""
        names: list[str] = []
        for cell in self.cells:
            base, number = cell.declared_name, 0
            name = base
            while cell.own_name is None and name in names:
                number += 1
                name = f"{base}_{number}"
            names.append(name)
        return names


def _begun(cell: Cell, inner: Scope, inputs: Value) -> Begun:
    return cell.begin(inner, cast(inputs, inner.policy.compute))


def _parts(states: States, begun: Sequence[Begun]) -> Iterator[Sequence[Any]]:
    """The states of each cell."""
    start = 0
    for one in begun:
        yield states[start : start + len(one.shapes)]
        start += len(one.shapes)
