"""Check, summarise and run neural networks written as YAML in Keras' vocabulary.

The public names are imported when first used, so that importing a submodule costs nothing else (PEP 562).
"""

from typing import TYPE_CHECKING, Any

from specmodel.version import __version__

if TYPE_CHECKING:
    from specmodel import layers
    from specmodel.checking.checks import check
    from specmodel.diagnostics import Diagnostic, SpecError
    from specmodel.model import Input, Model, Sequential, load, loads

__all__ = [
    "Diagnostic",
    "Input",
    "Model",
    "Sequential",
    "SpecError",
    "__version__",
    "check",
    "layers",
    "load",
    "loads",
]

_HOME = {
    "Diagnostic": "specmodel.diagnostics",
    "SpecError": "specmodel.diagnostics",
    "check": "specmodel.checking.checks",
    **dict.fromkeys(["Input", "Model", "Sequential", "load", "loads"], "specmodel.model"),
}


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name == "layers":
        return import_module("specmodel.layers")
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'specmodel' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
