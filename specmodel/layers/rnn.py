"""RNN: any cell, run over the steps of a sequence."""

from typing import Annotated

from pydantic import Field, PlainValidator

from specmodel.layers.base import Example
from specmodel.layers.cells import Cell
from specmodel.layers.recurrence import (
    GO_BACKWARDS,
    RETURN_SEQUENCES,
    STATEFUL,
    UNROLL,
    ZERO_OUTPUT,
    Recurrent,
)
from specmodel.layers.stacked_cells import StackedRNNCells, cell_argument
from specmodel.layers.validation import ArgumentError, refuse_all


def _cell_or_cells(value: object) -> Cell:
    """A cell, or the stack that a list of cells means."""
    if not isinstance(value, list | tuple):
        return cell_argument(value)
    try:
        return StackedRNNCells.declare({"cells": value})
    except ArgumentError as error:
        raise refuse_all([fault.replace(location=fault.location[1:]) for fault in error.faults]) from None


class RNN(Recurrent):
    """A cell run over the steps of a sequence; a list of cells is a stack of them.

    Input (batch, steps, features), features known; output (batch, units) of the cell, or (batch, steps, units).
    With `return_state` the last states follow: of a stack, those of its cells in order.
    """

    cell: Annotated[Cell, PlainValidator(_cell_or_cells), "cell or list of cells"] = Field(
        description="What one step does; a list means StackedRNNCells."
    )
    return_sequences: bool = Field(False, description=RETURN_SEQUENCES)
    return_state: bool = Field(False, description="Whether the last states follow as outputs.")
    go_backwards: bool = Field(False, description=GO_BACKWARDS)
    stateful: bool = Field(False, description=STATEFUL)
    unroll: bool = Field(False, description=UNROLL)
    zero_output_for_mask: bool = Field(False, description=ZERO_OUTPUT)

    examples = (
        Example({"cell": {"LSTMCell": 4}}, inputs=((None, 5, 3),), output=(None, 4), params=128),
        Example(
            {"cell": [{"GRUCell": 4}, {"SimpleRNNCell": 2}], "return_sequences": True, "return_state": True},
            inputs=((None, "seq", 3),),
            output=((None, "seq", 2), (None, 4), (None, 2)),
            params=108 + 14,
        ),
        Example(
            {"cell": {"GRUCell": 4}, "go_backwards": True},
            inputs=((None, "seq", 3), (None, 4)),
            call=("sequences", "initial_state"),
            output=(None, 4),
            params=108,
        ),
        Example({"cell": {"Dense": 4}}, error="`cell` of RNN must be a cell, found Dense"),
        Example({"cell": [{"LSTMCell": 4}, {"LSTMCell": 0}]}, error="`units` of LSTMCell must be greater than 0"),
        Example({"cell": {"GRUCell": 4}, "stateful": True}, inputs=((6, 5, 3),), output=(6, 4), params=108),
        Example({"cell": {"GRUCell": 4}}, inputs=((None, 5),), error="expected an input of rank 3"),
    )

    def made_cell(self) -> Cell:
        """The cell that was given."""
        return self.cell
