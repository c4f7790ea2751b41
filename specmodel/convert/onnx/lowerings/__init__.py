"""Lowerings. That of an op stands in the file of the same name, under the op's name in snake case.

A lowering is `lowering(op, inputs, outputs, b)`: it reads the inputs, which are held by then, and holds the outputs.
`InexpressibleError` is raised where ONNX has no way to say the op.
"""

from collections.abc import Callable, Sequence
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any

from specmodel.convert.onnx.builder import Builder
from specmodel.layers.naming import snake_case
from specmodel.ops.value import Op, Value

Lowering = Callable[[Any, Sequence[Value], Sequence[Value], Builder], None]


def lowering_of(kind: type[Op]) -> Lowering:
    """The lowering of an op's class."""
    found: Lowering = getattr(_module(kind.__module__), snake_case(kind.__name__))
    return found


@cache
def _module(of_ops: str) -> ModuleType:
    """The module of lowerings beside a module of ops."""
    return import_module(of_ops.replace(".ops.", ".convert.onnx.lowerings."))
