"""Models as Python programs and the command line use them."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from specmodel.model.loading import load, loads
    from specmodel.model.model import Model
    from specmodel.model.sequential import Input, Sequential

__all__ = ["Input", "Model", "Sequential", "load", "loads"]

_HOME = {
    "Model": "model",
    "Input": "sequential",
    "Sequential": "sequential",
    "load": "loading",
    "loads": "loading",
}


def __getattr__(name: str) -> Any:
    if name in _HOME:
        from importlib import import_module

        return getattr(import_module(f"specmodel.model.{_HOME[name]}"), name)
    raise AttributeError(f"module 'specmodel.model' has no attribute {name!r}")
