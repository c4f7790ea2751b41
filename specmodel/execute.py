"""Run a plan: the one hot loop, without decisions."""

from collections.abc import Sequence
from time import perf_counter

import numpy as np

from specmodel.kernels import Array, Bound
from specmodel.kernels.dtypes import delivered
from specmodel.plan.plan import Plan
from specmodel.types.fault import Fault


def execute(plan: Plan, inputs: Sequence[Array]) -> list[Array]:
    """The outputs of one run, in arrays of the caller's own. Raises `Fault` for values the model cannot take."""
    _feed(plan, inputs)
    _run(plan.calls)
    return results(plan)


def results(plan: Plan) -> list[Array]:
    """The outputs of the run before, in arrays of the caller's own."""
    return [array.astype(delivered(dtype)) for array, dtype in zip(plan.outputs, plan.output_dtypes, strict=True)]


@np.errstate(all="ignore")
def layer_seconds(plan: Plan, inputs: Sequence[Array]) -> dict[str, float]:
    """Run a plan step by step: what the steps of each layer took, by its path."""
    _feed(plan, inputs)
    found: dict[str, float] = {}
    for step in plan.steps:
        start = perf_counter()
        for call in step.bound:
            call()
        found[step.path] = found.get(step.path, 0.0) + perf_counter() - start
    return found


def _feed(plan: Plan, inputs: Sequence[Array]) -> None:
    for buffer, given in zip(plan.inputs, inputs, strict=True):
        np.copyto(buffer, given, casting="unsafe")


@np.errstate(all="ignore")
def _run(calls: Sequence[Bound]) -> None:
    for call in calls:
        call()


@np.errstate(all="ignore")
def blame(plan: Plan, inputs: Sequence[Array]) -> tuple[str, Fault] | None:
    """The layer whose step raises a `Fault` on these inputs, and the fault: a slow second run that finds the place."""
    _feed(plan, inputs)
    for step in plan.steps:
        try:
            for call in step.bound:
                call()
        except Fault as fault:
            return step.path, fault
    return None
