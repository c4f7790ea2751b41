"""Names of a model in a file, and what they are called in a spec."""

import re
from collections.abc import Container

from specmodel import layers
from specmodel.spec.names import name_fault

_NO_NAME = re.compile(r"[^A-Za-z0-9_.-]+")
_LONGEST = 100


def spec_name(name: str, taken: Container[str], otherwise: str) -> str:
    """The name itself where a spec may have it and nothing else does; one like it otherwise, always the same."""
    if name_fault(name) is None and name not in taken:
        return name
    base = re.sub(r"\.{2,}", ".", _NO_NAME.sub("_", name)).lstrip("-.")[:_LONGEST]
    if name_fault(base) is not None:
        base = f"{otherwise}_{base}"[:_LONGEST].rstrip("_.-")
    return _free(base, taken, "_")


def block_name(name: str, taken: Container[str]) -> str:
    """The name of a block for a nested model: `encoder_1` is `Encoder1`."""
    words = re.findall(r"[A-Za-z]+|[0-9]+", name)
    base = "".join(word[:1].upper() + word[1:] for word in words)[:_LONGEST] or "Block"
    base = base if base[0].isalpha() else f"Block{base}"
    if base in layers.NAMES or base in layers.ALIASES or base in layers.REFUSED:
        base = f"{base}Block"
    return _free(base, taken, "")


def _free(base: str, taken: Container[str], joint: str) -> str:
    name, count = base, 1
    while name in taken:
        name, count = f"{base}{joint}{count}", count + 1
    return name
