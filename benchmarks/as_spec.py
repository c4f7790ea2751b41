"""A network as the text of a spec; values are the names of entries."""

from collections.abc import Callable

from benchmarks.networks import EPSILON

INPUT = "input"


class SpecText:
    """Collects entries; `inputs:` is written where the entry above is not meant."""

    def __init__(self) -> None:
        self.entries: list[str] = []
        self._above = INPUT

    def dense(self, x: str, name: str, units: int, activation: str = "linear") -> str:
        return self._entry(name, [x], f"Dense: {{units: {units}, activation: {activation}}}")

    def conv(
        self,
        x: str,
        name: str,
        filters: int,
        size: int,
        stride: int = 1,
        padding: str = "valid",
        activation: str = "linear",
    ) -> str:
        arguments = f"filters: {filters}, kernel_size: {size}, strides: {stride}, padding: {padding}"
        return self._entry(name, [x], f"Conv2D: {{{arguments}, activation: {activation}}}")

    def norm(self, x: str, name: str) -> str:
        return self._entry(name, [x], f"BatchNormalization: {{epsilon: {EPSILON}}}")

    def relu(self, x: str, name: str) -> str:
        return self._entry(name, [x], "Activation: relu")

    def pad(self, x: str, name: str, width: int) -> str:
        return self._entry(name, [x], f"ZeroPadding2D: {width}")

    def max_pool(self, x: str, name: str, size: int, stride: int) -> str:
        return self._entry(name, [x], f"MaxPooling2D: {{pool_size: {size}, strides: {stride}}}")

    def global_average(self, x: str, name: str) -> str:
        return self._entry(name, [x], "GlobalAveragePooling2D:")

    def flatten(self, x: str, name: str) -> str:
        return self._entry(name, [x], "Flatten:")

    def add(self, x: str, y: str, name: str) -> str:
        return self._entry(name, [x, y], "Add:")

    def lstm(self, x: str, name: str, units: int) -> str:
        return self._entry(name, [x], f"LSTM: {units}")

    def _entry(self, name: str, read: list[str], layer: str) -> str:
        wiring = "" if read == [self._above] else f"    inputs: [{', '.join(read)}]\n"
        self.entries.append(f"  - name: {name}\n{wiring}    {layer}\n")
        self._above = name
        return name


def spec_text(network: Callable[[SpecText, str], str], shape: tuple[int, ...]) -> str:
    """The spec of a network on an input of this shape, the batch left out."""
    text = SpecText()
    network(text, INPUT)
    return f"inputs: [{', '.join(map(str, shape))}]\nlayers:\n{''.join(text.entries)}"


def chain_text(layers: int) -> str:
    """The spec of so many Dense layers, one after the other."""
    text = SpecText()
    for number in range(layers):
        text.dense(text._above, f"hidden_{number}", 64, "relu")
    return f"inputs: [64]\nlayers:\n{''.join(text.entries)}"
