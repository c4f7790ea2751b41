"""Run a plan: the one hot loop, without decisions."""

from collections.abc import Sequence

import numpy as np

from specmodel.kernels import Array, Bound
from specmodel.kernels.dtypes import delivered
from specmodel.plan.plan import Plan
from specmodel.types.fault import Fault


def execute(plan: Plan, inputs: Sequence[Array]) -> list[Array]:
    """The outputs of one run, in arrays of the caller's own. Raises `Fault` for values the model cannot take."""
    for buffer, given in zip(plan.inputs, inputs, strict=True):
        np.copyto(buffer, given, casting="unsafe")
    _run(plan.calls)
    return [array.astype(delivered(dtype)) for array, dtype in zip(plan.outputs, plan.output_dtypes, strict=True)]


@np.errstate(all="ignore")
def _run(calls: Sequence[Bound]) -> None:
    for call in calls:
        call()


@np.errstate(all="ignore")
def blame(plan: Plan, inputs: Sequence[Array]) -> tuple[str, Fault] | None:
    """The layer whose step raises a `Fault` on these inputs, and the fault: a slow second run that finds the place."""
    for buffer, given in zip(plan.inputs, inputs, strict=True):
        np.copyto(buffer, given, casting="unsafe")
    for step in plan.steps:
        try:
            for call in step.bound:
                call()
        except Fault as fault:
            return step.path, fault
    return None
