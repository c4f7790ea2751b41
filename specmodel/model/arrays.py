"""What callers hand in becomes the arrays of a model's inputs."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from specmodel.data.fit import casts
from specmodel.diagnostics import Diagnostics, SpecError, codes, did_you_mean
from specmodel.diagnostics.diagnostic import failure
from specmodel.kernels import Array
from specmodel.spec.model import InputSpec
from specmodel.types.tensor import DTYPES
from specmodel.weights.store import held_dtype

_KINDS = {"b": "bool", "i": "integers", "u": "integers", "f": "floats", "U": "text", "S": "text", "O": "objects"}


def by_name(x: Any, inputs: Sequence[InputSpec]) -> dict[str, Array]:
    """The arrays of a model's inputs by name, each of its declared dtype.

    One input is an array or nested lists; several are a list in the inputs' order, or a dict by their names. Raises
    `SpecError` for what does not fit; shapes are checked where they are bound.
    """
    if len(inputs) == 1 and isinstance(x, np.ndarray):
        (spec,) = inputs
        return {spec.name: as_dtype(array_of(x, spec.name), spec.name, spec.type.dtype)}
    diagnostics = Diagnostics()
    given = _named(x, inputs)
    arrays = {}
    for spec in inputs:
        try:
            arrays[spec.name] = as_dtype(array_of(given[spec.name], spec.name), spec.name, spec.type.dtype)
        except SpecError as error:
            diagnostics.extend(error.diagnostics)
    diagnostics.raise_errors()
    return arrays


def _named(x: Any, inputs: Sequence[InputSpec]) -> Mapping[str, Any]:
    names = [spec.name for spec in inputs]
    if isinstance(x, Mapping):
        _refuse_other_names(x, names)
        return x
    if len(names) == 1:
        return {names[0]: x}
    listed = f"the model has the inputs {_listed(names)}" if names else "the model has no inputs"
    if not isinstance(x, list | tuple):
        message = f"{listed}: give a list in this order or a dict by these names, found {_found(x)}"
        raise failure(codes.DATA_MISMATCH, message)
    if len(x) != len(names):
        raise failure(codes.DATA_MISMATCH, f"{listed}; found a list of {len(x)}")
    return dict(zip(names, x, strict=True))


def _refuse_other_names(x: Mapping[Any, Any], names: Sequence[str]) -> None:
    diagnostics = Diagnostics()
    missing = [name for name in names if name not in x]
    for name in x:
        if name not in names:
            near = did_you_mean(name, missing) if isinstance(name, str) else None
            help = f"did you mean `{near}`?" if near is not None else f"the inputs are {_listed(names)}"
            diagnostics.add(codes.DATA_MISMATCH, f"the model has no input `{name}`", help=help)
    for name in missing if len(x) < len(names) or not diagnostics.failed else ():
        diagnostics.add(codes.DATA_MISMATCH, f"the input `{name}` is missing")
    diagnostics.raise_errors()


def array_of(x: Any, name: str) -> Array:
    """Data as an array of numbers, truth values or text, with at least one element."""
    try:
        array = np.asarray(x)
    except (ValueError, TypeError, OverflowError) as error:
        why = "its nested lists differ in length" if "inhomogeneous" in str(error) else str(error)
        raise failure(codes.DATA_MISMATCH, f"the data for `{name}` is no array: {why}") from None
    if array.dtype.kind not in "biufU" or (array.dtype.itemsize > 8 and array.dtype.kind == "f"):
        message = f"the data for `{name}` must be numbers, truth values or text, found {_found(x)}, dtype {array.dtype}"
        raise failure(codes.DATA_MISMATCH, message)
    if array.ndim == 0:
        raise failure(codes.DATA_MISMATCH, f"the data for `{name}` has no axes, and the first is the batch")
    if array.size == 0:
        raise failure(codes.DATA_SIZE, f"the data for `{name}` is empty: its shape is {array.shape}")
    return array


def as_dtype(array: Array, name: str, dtype: str) -> Array:
    """The array in an input's declared dtype, cast by the rules of `specmodel run`."""
    wanted = held_dtype(dtype)
    if array.dtype == wanted:
        return array
    kind = array.dtype.kind
    found = "string" if kind == "U" else array.dtype.name
    if found == dtype:
        return array
    if not casts(found, dtype):
        message = f"input `{name}` must be {dtype}, found {_KINDS[kind]} of dtype {array.dtype}"
        raise failure(codes.DATA_MISMATCH, message, help=f"cast it, if that is what you mean: `x.astype({dtype!r})`")
    if kind in "iu" and DTYPES[dtype].is_integer:
        limits = np.iinfo(wanted)
        if int(array.min()) < limits.min or int(array.max()) > limits.max:
            ends = f"found {array.min()} to {array.max()}"
            raise failure(codes.DATA_VALUE, f"input `{name}` is {dtype}, from {limits.min} to {limits.max}; {ends}")
    with np.errstate(over="ignore"):
        return array.astype(wanted)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _found(x: Any) -> str:
    return f"an array of shape {x.shape}" if isinstance(x, np.ndarray) else f"a {type(x).__name__}"
