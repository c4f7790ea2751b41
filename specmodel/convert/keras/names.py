"""Names of a model in a file, and what they are called in a spec."""

import re
from collections.abc import Container, Sequence

from specmodel import layers
from specmodel.convert.keras.network import Network
from specmodel.convert.keras.reading import CHAINED, SEQUENTIAL
from specmodel.convert.keras.uses import Use
from specmodel.diagnostics import Diagnostics, codes
from specmodel.files.malformed import shown
from specmodel.layers.refused import reason
from specmodel.spec.model import UNBUILT_INPUT, Ref
from specmodel.spec.names import NameCounter, is_automatic, name_fault

_NO_NAME = re.compile(r"[^A-Za-z0-9_.-]+")
_LONGEST = 100
_TENSORFLOW = ("tf.", "tf_op_layer_")
"""How the names begin that tf.keras makes for functions."""


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
    if base in layers.NAMES or base in layers.ALIASES or reason(base) is not None:
        base = f"{base}Block"
    return _free(base, taken, "")


def _free(base: str, taken: Container[str], joint: str) -> str:
    name, count = base, 1
    while name in taken:
        name, count = f"{base}{joint}{count}", count + 1
    return name


class Names:
    """Names the parts of a model. One that cannot be kept is told, on the file `place`."""

    def __init__(self, place: str, diagnostics: Diagnostics) -> None:
        self._place = place
        self._diagnostics = diagnostics

    def inputs(self, network: Network) -> dict[str, str]:
        """What the model's inputs are called: a Sequential's only one, which has no name that anybody sees, `input`."""
        if network.inputs is None or network.kind == SEQUENTIAL:
            return {port.name: UNBUILT_INPUT for port in network.inputs or ()} or {CHAINED: UNBUILT_INPUT}
        names: dict[str, str] = {}
        for port in network.inputs:
            names[port.name] = self._name(port.name, set(names.values()), "input")
        return names

    def _name(self, name: str, taken: set[str], kind: str) -> str:
        """The name as a spec may have it; that it is another one is said."""
        found = spec_name(name, taken, kind)
        if found != name:
            message = f"the {kind} {shown(name)} is called `{found}` in the spec"
            help = "names there have letters, digits and `_ . -`, and each is there once"
            self._diagnostics.add(codes.RENAMED, message, place=self._place, help=help)
        return found

    def calls(self, uses: Sequence[Use], taken: set[str]) -> list[str]:
        """What each call is called: as its layer; later calls and unnamed operations have automatic names."""
        first = [use for use in uses if use.number == 0 and not _is_unnamed(use)]
        kept = {use.item.name for use in first if name_fault(use.item.name) is None} - taken
        own = kept | taken
        given: dict[tuple[str, int], str] = {}
        for use in first:
            name = use.item.name if use.item.name in kept else self._name(use.item.name, own, "layer")
            own.add(name)
            given[(use.item.name, 0)] = name
        counter = NameCounter(own)
        names = []
        for use in uses:
            name = given.get((use.item.name, use.number), "")
            if not name:
                owner = given.get((use.item.name, 0)) if use.number > 0 and not use.operation else None
                name = counter.name(owner if owner is not None else _kind(use))
            names.append(name)
        return names

    def outputs(self, network: Network, refs: Sequence[Ref]) -> list[str]:
        """The names of a model's outputs: the keys it has for them, or those of the layers that they come from."""
        names: list[str] = []
        for output, ref in zip(network.outputs, refs, strict=True):
            plain = str(ref)
            if output.key is not None:
                names.append(self._name(output.key, set(names), "output"))
            else:
                names.append(plain if plain not in names else spec_name(plain.replace("/", "_"), set(names), "output"))
        return names


def _is_unnamed(use: Use) -> bool:
    """Whether it is an operation that got its name from Keras or TensorFlow."""
    if not use.operation:
        return False
    return use.item.name.startswith(_TENSORFLOW) or is_automatic(use.item.name, use.item.kind)


def _kind(use: Use) -> str:
    return use.block.name if use.block is not None else type(use.layer).__name__
